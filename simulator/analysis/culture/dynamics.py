"""How values of a chain change: when, how suddenly, and whether towards their end.

After the analysis of "When LLMs Play the Telephone Game" (arXiv 2407.04503) and the library it
grew from (arXiv 2403.08882).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.culture.groups import groups_of, labelled, last_generation, text_numbers
from simulator.analysis.culture.lines import interval_of, text_draws
from simulator.analysis.culture.records import Floats, MeasuredChains
from simulator.analysis.summary import Interval


@dataclass(frozen=True, slots=True)
class Course:
    """How one series of values changes from generation 0 to n, in n steps."""

    shares: tuple[float, ...]
    """Of each step in the total of absolute changes; they add up to 1."""
    progress: tuple[float, ...] | None
    """How much nearer each step comes to the final value, as a share of the whole way; below 0
    where it leads away. They add up to 1. None where the series ends where it began."""
    curve: tuple[float, ...]
    """Shares cumulated, from 0 at generation 0 to 1 at generation n."""
    area: float
    """Under the curve, from 0 (all change in the last step) to 1 (nearly all in the first); 0.5
    for even change."""
    punctuatedness: float
    """Area between the curve and the diagonal over that of half the square: 0 for even change, near
    1 for one sudden step at either end."""
    directness: float
    """Net change over total change, from 0 to 1."""
    cumulativeness: float
    """Range of generations 1 to n over that of 0 to n, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over initial texts, each the mean of its chains."""

    value: float
    error: float | None
    """Standard error over texts; None of one text."""
    texts: int
    interval: Interval | None = None
    """Of resamples of texts; None of fewer than 3."""


@dataclass(frozen=True, slots=True)
class Resampling:
    """How initial texts are drawn again, with all their chains, for the intervals of means.

    The bootstrap of whole clusters: Davison and Hinkley (1997), Bootstrap Methods, section 3.8.
    """

    draws: int = 2000
    """0 for no intervals."""
    level: float = 0.95
    """Of the intervals, between 0 and 1."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Dynamics:
    """How one measure changes along the chains of a group."""

    model: str = ""
    task: str = ""
    temperature: float | None = None
    measure: str = ""
    chains: int = 0
    """That count here."""
    texts: int = 0
    dropped: int = 0
    """Chains that stopped before the last generation, or have no value at one of them."""
    flat: int = 0
    """Of the chains, those that never change; they have no course and are not in the means."""
    shares: tuple[float, ...] = ()
    """Mean share of each step in all change, generation 1 first."""
    curve: tuple[float, ...] = ()
    """Mean cumulated share, generation 0 first."""
    progress: tuple[float, ...] = ()
    """Mean progress of each step; of chains that do not end where they began."""
    area: Mean | None = None
    punctuatedness: Mean | None = None
    directness: Mean | None = None
    cumulativeness: Mean | None = None
    """Here chains that never change count as 0, as in the original."""
    reason: str = ""
    """Why there is nothing; empty where there is."""


@dataclass(frozen=True, slots=True)
class Change:
    """Change from generation 1 to the last, in terms of how far values spread at all."""

    model: str = ""
    task: str = ""
    temperature: float | None = None
    measure: str = ""
    generation: int = 0
    """The last one, which differs between groups of other lengths."""
    chains: int = 0
    dropped: int = 0
    """Chains without a value at generation 1 or the last."""
    scale: float | None = None
    """What differences are divided by, in units of the measure; the same for all groups."""
    difference: Mean | None = None
    """Of absolute differences over the scale; not below 0."""
    reason: str = ""
    """Why there is no difference; empty where there is one."""


def course_of(series: Floats) -> Course | None:
    """How a series changes; None where it never does.

    Args:
        series: Generation 0 first, finite, at least two.

    Raises:
        ValueError: The series is shorter, or has gaps.
    """
    series = np.asarray(series, dtype=np.float64)
    if series.ndim != 1 or series.size < 2 or not np.isfinite(series).all():
        raise ValueError("A course needs two or more values without gaps.")
    moves = np.abs(np.diff(series))
    total = float(moves.sum())
    if total == 0 or not np.isfinite(total):
        return None
    steps = moves.size
    shares = moves / total
    curve = np.append(0.0, np.cumsum(shares))
    off = np.abs(curve - np.linspace(0, 1, steps + 1))
    way = float(abs(series[-1] - series[0]))
    nearer = -np.diff(np.abs(series - series[-1]))
    return Course(
        shares=_plain(shares),
        progress=_plain(nearer / way) if way > 1e-12 * total else None,
        curve=_plain(curve),
        area=float(np.trapezoid(curve)) / steps,
        punctuatedness=float(np.trapezoid(off)) / (steps / 2),
        directness=way / total,
        cumulativeness=cumulativeness_of(series),
    )


def cumulativeness_of(series: Floats) -> float:
    """Range of generations 1 to n over that of 0 to n; 0 where the series is flat.

    Near 1 where the first generation adds little to what later ones change; near 0 where it changes
    nearly all that ever changes.
    """
    whole = float(np.ptp(series))
    return float(np.ptp(series[1:])) / whole if whole > 0 else 0.0


def dynamics_of(
    measured: MeasuredChains,
    measures: Sequence[str] | None = None,
    *,
    resampling: Resampling = Resampling(),
) -> tuple[Dynamics, ...]:
    """How each measure changes along the chains of each group (model, task, temperature)."""
    found = []
    for group, chains in groups_of(measured).items():
        texts, last = text_numbers(chains), last_generation(chains)
        for measure in measured.values if measures is None else measures:
            one = _dynamics(chains.values[measure][:, : last + 1], texts, resampling)
            found.append(
                labelled(
                    one,
                    group,
                    measure,
                )
            )
    return tuple(found)


def changes_of(
    measured: MeasuredChains,
    measures: Sequence[str] | None = None,
    *,
    classic: bool = False,
    resampling: Resampling = Resampling(),
) -> tuple[Change, ...]:
    """Normalised difference of generation 1 and the last, for each group and measure.

    Args:
        measured: The scale is that of all its values together, so that groups can be compared.
        measures: Which ones; None for all.
        classic: Divides by the whole range, 0 included, as published, which one outlier governs;
            else by the range of the middle 90 percent.
        resampling: For the intervals.
    """
    found = []
    groups = groups_of(measured)
    for measure in measured.values if measures is None else measures:
        scale = _scale(measured.values[measure], classic)
        for group, chains in groups.items():
            last = last_generation(chains)
            values, texts = chains.values[measure], text_numbers(chains)
            reason = "fewer than two generations" if last < 2 else ""
            gap = np.abs(values[:, last] - values[:, min(1, last)])
            known = np.isfinite(gap)
            if not known.any():
                reason = reason or "no chain has values at generation 1 and the last"
            elif scale is None:
                reason = reason or _why_no_scale(measured.values[measure])
            usable = not reason and scale is not None
            found.append(
                Change(
                    model=group.model,
                    task=group.task,
                    temperature=group.temperature,
                    measure=measure,
                    generation=last,
                    chains=int(known.sum()),
                    dropped=int((~known).sum()),
                    scale=scale,
                    difference=_mean(gap[known] / (scale or 1.0), texts[known], resampling)
                    if usable
                    else None,
                    reason=reason,
                )
            )
    return tuple(found)


def _dynamics(values: Floats, texts: NDArray[np.int64], resampling: Resampling) -> Dynamics:
    whole = np.isfinite(values).all(axis=1)
    found = Dynamics(
        chains=int(whole.sum()),
        texts=np.unique(texts[whole]).size,
        dropped=int((~whole).sum()),
    )
    if values.shape[1] < 2 or not whole.any():
        return replace(found, reason="no chain with a value at every generation")
    courses = [course_of(series) for series in values[whole]]
    moving = [(one, text) for one, text in zip(courses, texts[whole], strict=True) if one]
    cumulative = np.array([one.cumulativeness if one else 0.0 for one in courses])
    found = replace(
        found,
        flat=len(courses) - len(moving),
        cumulativeness=_mean(cumulative, texts[whole], resampling),
    )
    if not moving:
        return replace(found, reason="no chain ever changes")
    numbers = np.array([text for _, text in moving])

    def mean(number: Callable[[Course], float]) -> Mean:
        return _mean(np.array([number(one) for one, _ in moving]), numbers, resampling)

    directed = [one.progress for one, _ in moving if one.progress is not None]
    return replace(
        found,
        shares=_plain(np.mean([one.shares for one, _ in moving], axis=0)),
        curve=_plain(np.mean([one.curve for one, _ in moving], axis=0)),
        progress=_plain(np.mean(directed, axis=0)) if directed else (),
        area=mean(lambda one: one.area),
        punctuatedness=mean(lambda one: one.punctuatedness),
        directness=mean(lambda one: one.directness),
    )


def _scale(values: Floats, classic: bool) -> float | None:
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    if classic:
        spread = max(0.0, float(known.max())) - min(0.0, float(known.min()))
    else:
        low, high = np.quantile(known, [0.05, 0.95])
        spread = float(high - low)
    return spread if spread > 0 else None


def _why_no_scale(values: Floats) -> str:
    known = values[np.isfinite(values)]
    some = "" if np.ptp(known) == 0 else "the middle 90 % of "
    return f"{some or 'all '}values are equal"


def _mean(values: Floats, texts: NDArray[np.int64], resampling: Resampling) -> Mean:
    _, numbers = np.unique(texts, return_inverse=True)
    means = np.bincount(numbers, weights=values) / np.bincount(numbers)
    error = float(means.std(ddof=1) / np.sqrt(means.size)) if means.size > 1 else None
    interval = None
    if resampling.draws and means.size > 2:
        draws = text_draws(means.size, resampling.draws, resampling.seed)
        interval = interval_of(draws @ means / means.size, resampling.level)
    return Mean(float(means.mean()), error, means.size, interval)


def _plain(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
