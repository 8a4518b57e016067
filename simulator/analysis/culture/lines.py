"""A straight line through values of chains, where chains of one initial text are no strangers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.culture.groups import Ends
from simulator.analysis.culture.records import Floats
from simulator.analysis.summary import Interval


@dataclass(frozen=True, slots=True)
class Line:
    """Least squares: `last = intercept + slope * first`."""

    slope: float
    intercept: float
    slope_error: float
    """Standard error of the slope as if all chains were independent; as `scipy.stats.linregress`
    gives it."""
    text_error: float | None
    """Standard error of the slope from leaving out one initial text after another; None of fewer
    than 3 texts, or where the others do not differ.

    The jackknife of clusters, CR3: Bell and McCaffrey (2002), Surv. Methodol. 28:169; MacKinnon,
    Nielsen and Webb (2023), J. Econom. 232:272.
    """


def why_no_line(ends: Ends) -> str:
    """Why no line can be laid through values; empty where one can."""
    chains = ends.first.size
    without = f" ({ends.dropped:,} without)" if ends.dropped else ""
    if chains < 3:
        noun = "chain" if chains == 1 else "chains"
        return f"only {chains} {noun} with both values{without}; a line needs 3"
    if not ends.texts.any():
        those = f" in the {chains:,} chains with both values{without}" if ends.dropped else ""
        return f"one initial text only{those}; a line needs texts that differ"
    if np.ptp(ends.first) <= 1e-12 * float(np.abs(ends.first).max()):
        return "all initial values are equal"
    return ""


def line_of(ends: Ends) -> Line:
    """The line of least squares; `why_no_line` must be empty."""
    x, y = ends.first - ends.first.mean(), ends.last - ends.last.mean()
    square = float(x @ x)
    slope = float(x @ y) / square
    intercept = float(ends.last.mean() - slope * ends.first.mean())
    rest = y - slope * x
    error = float(np.sqrt((rest @ rest) / (ends.first.size - 2) / square))
    sums = _sums(ends)
    texts = sums.shape[0]
    without, _ = _lines(1.0 - np.eye(texts), sums)
    usable = texts >= 3 and bool(np.isfinite(without).all())
    spread = (texts - 1) / texts * float(((without - slope) ** 2).sum())
    return Line(slope, intercept, error, float(np.sqrt(spread)) if usable else None)


def resampled_lines(ends: Ends, resamples: int, seed: int) -> tuple[Floats, Floats]:
    """Slopes and intercepts where initial texts are drawn again with replacement.

    The bootstrap of whole clusters: Davison and Hinkley (1997), Bootstrap Methods, section 3.8;
    Cameron, Gelbach and Miller (2008), Rev. Econ. Stat. 90:414.

    Args:
        ends: With all chains of a text drawn or left together.
        resamples: How many.
        seed: The same seed, the same result.

    Returns:
        Two arrays of shape (resamples,); not a number where all drawn texts start from one value.
    """
    texts = int(ends.texts.max()) + 1
    return lines_of_draws(ends, text_draws(texts, resamples, seed))


def text_draws(texts: int, resamples: int, seed: int) -> Floats:
    """How often each text is drawn when as many as there are are drawn with replacement.

    Returns:
        Shape (resamples, texts); each row adds up to `texts`.
    """
    rng = np.random.default_rng(seed)
    return rng.multinomial(texts, np.full(texts, 1 / texts), resamples).astype(np.float64)


def lines_of_draws(ends: Ends, draws: Floats) -> tuple[Floats, Floats]:
    """Slopes and intercepts for each row of draws of texts; see `resampled_lines`."""
    slopes, intercepts = _lines(draws, _sums(ends))
    centre, level = float(ends.first.mean()), float(ends.last.mean())
    return slopes, intercepts + level - slopes * centre


def interval_of(draws: Floats, level: float) -> Interval | None:
    """The middle of draws, such as 0.95 of them; None of fewer than 20 finite ones."""
    draws = draws[np.isfinite(draws)]
    if draws.size < 20:
        return None
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))


def _sums(ends: Ends) -> Floats:
    """Shape (texts, 5): n, Σx, Σy, Σxx, Σxy of each text, about the mean of all."""
    x, y = ends.first - ends.first.mean(), ends.last - ends.last.mean()
    columns = (np.ones_like(x), x, y, x * x, x * y)
    return np.stack([np.bincount(ends.texts, weights=column) for column in columns], axis=1)


def _lines(counts: NDArray[np.float64], sums: Floats) -> tuple[Floats, Floats]:
    """Slope and intercept of each row of counts of texts, in values about the mean of all."""
    n, x, y, xx, xy = (counts @ sums).T
    with np.errstate(divide="ignore", invalid="ignore"):
        square = xx - x * x / n
        flat = ~(square > 1e-12 * np.maximum(xx, 1e-300))
        slope = np.where(flat, np.nan, (xy - x * y / n) / square)
        return slope, y / n - slope * x / n
