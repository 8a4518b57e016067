"""Whether a line, and one attractor, are a fair account of values.

Values may gather in several places, or depend on where they began otherwise than by a line; then
position and strength of an attractor say little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log, pi

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.culture.attractors import columns_of
from simulator.analysis.culture.groups import (
    Ends,
    ends_of,
    groups_of,
    labelled,
    last_generation,
    text_numbers,
)
from simulator.analysis.culture.lines import line_of, why_no_line
from simulator.analysis.culture.records import Floats, MeasuredChains
from simulator.analysis.culture.scientific import scipy_module

BIMODAL = 5 / 9
"""The bimodality coefficient of a uniform distribution; above it two modes are suspected."""

RESAMPLES = 500
_GRID = 256


@dataclass(frozen=True, slots=True)
class Shape:
    """How final values are distributed, and how they depend on the initial ones."""

    model: str = ""
    task: str = ""
    temperature: float | None = None
    measure: str = ""
    generation: int | None = None
    """None of bare arrays."""
    chains: int = 0
    texts: int = 0
    dropped: int = 0
    """Chains without a value at either end."""
    misfit_p: float | None = None
    """Of a line through all against a mean for each text, by how chains of one text differ; None
    of fewer than 3 texts, or fewer than two chains of each.

    The F test of lack of fit: Draper and Smith (1998), Applied Regression Analysis, section 2.1.
    """
    curve_p: float | None = None
    """Of a term with the square of the initial value, by leaving out one text after another; None
    of fewer than 4 texts. Student's t with a degree of freedom less than there are texts."""
    coefficient: float | None = None
    """Bimodality coefficient of the final values, from 0 to 1; above 5/9 two modes are suspected,
    but a long tail does it too. Pfister et al. (2013), Front. Psychol. 4:700; from 4 values."""
    mixture_gain: float | None = None
    """How much two normal distributions are better than one by the Bayesian information criterion
    (Schwarz, 1978, Ann. Stat. 6:461); above 10 is strong (Kass and Raftery, 1995, J. Am. Stat.
    Assoc. 90:773), but a long tail does it too. From 6 values."""
    modes_p: float | None = None
    """Of one mode against several. From 6 values.

    Silverman (1981), J. R. Stat. Soc. B 43:97: the bootstrap of the narrowest bandwidth that has
    one mode; rather careful. A smooth tail is no mode, but a few values far off may pass for one.
    Chains count as independent.
    """
    reason: str = ""
    """Why nothing is known; empty where something is."""

    def several_modes(self, alpha: float = 0.05) -> bool | None:
        """Whether more than one mode is found; None where not known."""
        return None if self.modes_p is None else self.modes_p < alpha


def shape_of(
    initial: Floats,
    final: Floats,
    texts: NDArray[np.int64] | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Shape:
    """How final values are distributed, and how they depend on the initial ones.

    Args:
        initial: Of the initial texts, shape (chains,).
        final: Of a later generation, shape (chains,).
        texts: Which initial text a chain has, shape (chains,); None where each has its own.
        resamples: For `modes_p`; 0 for none.
        seed: Of the resamples.

    Raises:
        ValueError: The shapes differ.
    """
    ends = ends_of(initial, final, texts)
    y = ends.last
    found = Shape(chains=y.size, texts=np.unique(ends.texts).size, dropped=ends.dropped)
    if y.size < 4:
        chains = "chain" if y.size == 1 else "chains"
        return replace(found, reason=f"only {y.size} {chains} with both values; a shape needs 4")
    if np.ptp(y) <= 1e-12 * float(np.abs(y).max()):
        return replace(found, reason="all final values are equal")
    if not why_no_line(ends):
        found = replace(found, misfit_p=_misfit(ends), curve_p=_curve(ends))
    y = (y - y.mean()) / y.std()
    return replace(
        found,
        coefficient=bimodality_coefficient(y),
        mixture_gain=_mixture_gain(y) if y.size >= 6 else None,
        modes_p=_modes(y, resamples, seed) if y.size >= 6 and resamples else None,
    )


def shapes_of(
    measured: MeasuredChains,
    measures: Sequence[str] | None = None,
    *,
    generation: int | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[Shape, ...]:
    """For each group of chains (model, task, temperature) and measure.

    Args:
        measured: With values by measure.
        measures: Which ones; None for all.
        generation: From 1; None for the last one of the longest chain of the group.
        resamples: For `modes_p`; 0 for none.
        seed: Of the resamples.
    """
    found = []
    for group, chains in groups_of(measured).items():
        texts = text_numbers(chains)
        for measure in measured.values if measures is None else measures:
            values = chains.values[measure]
            first, last = columns_of(chains, measure, generation, False)
            if first < last < values.shape[1]:
                one = shape_of(
                    values[:, first], values[:, last], texts, resamples=resamples, seed=seed
                )
            else:
                one = Shape(dropped=len(texts), reason=f"no chain has {last} generations")
            found.append(
                labelled(
                    one,
                    group,
                    measure,
                    generation=last_generation(chains) if generation is None else generation,
                )
            )
    return tuple(found)


def bimodality_coefficient(values: Floats) -> float:
    """(g² + 1) / (k + 3 (n - 1)² / ((n - 2) (n - 3))), with unbiased skewness g and kurtosis k.

    Args:
        values: At least 4, not all equal.
    """
    n = values.size
    centred = values - values.mean()
    second, third, fourth = (float((centred**power).mean()) for power in (2, 3, 4))
    skewness = third / second**1.5 * np.sqrt(n * (n - 1)) / (n - 2)
    excess = fourth / second**2 - 3
    kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6)
    return float((skewness**2 + 1) / (kurtosis + 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))))


def _misfit(ends: Ends) -> float | None:
    counts = np.bincount(ends.texts)
    free, spare = counts.size - 2, ends.last.size - counts.size
    if free < 1 or spare < 1:
        return None
    line = line_of(ends)
    means = (np.bincount(ends.texts, weights=ends.last) / counts)[ends.texts]
    lack = float(((means - line.intercept - line.slope * ends.first) ** 2).sum())
    pure = float(((ends.last - means) ** 2).sum())
    if pure <= 1e-20 * float(ends.last @ ends.last):
        return None
    tail = scipy_module("special").fdtrc
    return float(tail(free, spare, lack / free / (pure / spare)))


def _curve(ends: Ends) -> float | None:
    texts = int(ends.texts.max()) + 1
    if texts < 4:
        return None
    x = (ends.first - ends.first.mean()) / ends.first.std()
    columns = np.stack([np.ones_like(x), x, x * x], axis=1)

    def bend(kept: NDArray[np.bool_]) -> float:
        if np.linalg.matrix_rank(columns[kept]) < 3:
            return float("nan")
        return float(np.linalg.lstsq(columns[kept], ends.last[kept], rcond=None)[0][2])

    whole = bend(np.ones(x.size, dtype=np.bool_))
    without = np.array([bend(ends.texts != text) for text in range(texts)])
    error = float(np.sqrt((texts - 1) / texts * ((without - whole) ** 2).sum()))
    if not np.isfinite(error) or error <= 1e-9 * float(np.abs(ends.last).max()):
        return None
    return float(2 * scipy_module("special").stdtr(texts - 1, -abs(whole) / error))


def _mixture_gain(y: Floats) -> float:
    """BIC of one normal distribution less that of the best of two.

    By expectation maximisation, begun with cuts at the middle and both quartiles; no spread is
    narrower than a hundredth of that of all values.
    """
    one = y.size * (log(2 * pi) + 1) + 2 * log(y.size)
    best = -np.inf
    for cut in np.quantile(y, [0.25, 0.5, 0.75]):
        share = np.clip((y > cut).astype(np.float64), 0.01, 0.99)
        height = -np.inf
        for _ in range(200):
            weights = np.stack([1 - share, share])
            sizes = weights.sum(axis=1)
            means = weights @ y / sizes
            spreads = np.sqrt((weights * (y - means[:, None]) ** 2).sum(axis=1) / sizes)
            spreads = np.maximum(spreads, 0.01)
            apart = (y - means[:, None]) / spreads[:, None]
            logs = np.log(sizes / y.size / spreads)[:, None] - apart**2 / 2 - log(2 * pi) / 2
            whole = np.logaddexp(logs[0], logs[1])
            share = np.exp(logs[1] - whole)
            before, height = height, float(whole.sum())
            if height - before < 1e-6:
                break
        best = max(best, height)
    return float(one - (5 * log(y.size) - 2 * best))


def _modes(y: Floats, resamples: int, seed: int) -> float:
    low, high = 0.005, 4.0
    for _ in range(30):
        middle = float(np.sqrt(low * high))
        if _mode_counts(y[None, :], middle)[0] > 1:
            low = middle
        else:
            high = middle
    rng = np.random.default_rng(seed)
    drawn = y[rng.integers(y.size, size=(resamples, y.size))]
    noisy = drawn + high * rng.normal(size=drawn.shape)
    # Shrunk, so that the samples spread as the data do.
    smooth = noisy / np.sqrt(1 + high**2)
    return float((1 + (_mode_counts(smooth, high) > 1).sum()) / (1 + resamples))


def _mode_counts(samples: Floats, bandwidth: float) -> NDArray[np.int64]:
    """Modes of the kernel density of each row of samples, shape (rows,)."""
    low, high = samples.min() - 3 * bandwidth, samples.max() + 3 * bandwidth
    step = (high - low) / (_GRID - 1)
    places = (samples - low) / step
    cells = np.minimum(places.astype(np.int64), _GRID - 2)
    over = places - cells
    rows = np.arange(samples.shape[0])[:, None] * _GRID
    size = samples.shape[0] * _GRID
    binned = np.bincount((rows + cells).ravel(), weights=(1 - over).ravel(), minlength=size)
    binned += np.bincount((rows + cells + 1).ravel(), weights=over.ravel(), minlength=size)
    gaps = np.arange(_GRID) * step / bandwidth
    kernel = np.exp(-((gaps[:, None] - gaps) ** 2) / 2)
    density = binned.reshape(-1, _GRID) @ kernel
    density[density < 1e-9 * density.max(axis=1, keepdims=True)] = 0
    slopes = np.sign(np.diff(density, axis=1))
    return np.asarray(((slopes[:, :-1] > 0) & (slopes[:, 1:] <= 0)).sum(axis=1))
