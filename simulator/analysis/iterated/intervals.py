"""Means over runs, and the intervals that they may lie in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, fsum, nan, sqrt
from operator import mul

from simulator.analysis.debates.proportions import LEVEL, Proportion
from simulator.analysis.summary import Interval, student_t


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of one number of each run."""

    value: float
    """Not a number of no run."""
    interval: Interval | None
    """None of fewer than two runs, which say nothing of others."""
    runs: int
    """With a number; those of one seed count once."""
    missing: int = 0
    """Runs that should have one and have none, counted alike."""
    repeated: int = 0
    """Runs beside these whose seed one of them has."""


def mean_of(
    values: Sequence[float | None],
    *,
    seeds: Sequence[int] = (),
    level: float = LEVEL,
    yes_or_no: bool = False,
    low: float | None = None,
    high: float | None = None,
) -> Mean:
    """The mean over runs with its interval.

    Runs of other seeds are independent, so the interval is that of a mean by Student's t, cut to
    what is possible; of numbers that are 0 or 1 it is the score interval of Wilson, which holds
    where all runs agree too. Runs of one seed are not independent: their mean counts as one run.

    Args:
        values: One of each run; None where it has none.
        seeds: As many, of the runs; none where no two are the same.
        level: Of the interval, between 0 and 1.
        yes_or_no: Whether all numbers are 0 or 1.
        low: Least possible number.
        high: Greatest possible number.
    """
    own = _by_seed(values, seeds) if seeds else list(values)
    known = [value for value in own if value is not None]
    count, missing, repeated = len(known), len(own) - len(known), len(values) - len(own)
    if not known:
        return Mean(nan, None, 0, missing, repeated)
    mean = fsum(known) / count
    if count < 2:
        return Mean(mean, None, count, missing, repeated)
    if yes_or_no:
        # Whole but where runs of one seed disagree; then the interval holds both neighbours'.
        total = round(fsum(known), 9)
        least = Proportion(floor(total), count).interval(level).low
        most = Proportion(ceil(total), count).interval(level).high
        return Mean(mean, Interval(least, most), count, missing, repeated)
    variance = fsum((value - mean) ** 2 for value in known) / (count - 1)
    half = student_t(count - 1, level) * sqrt(variance / count)
    least = mean - half if low is None else max(low, mean - half)
    most = mean + half if high is None else min(high, mean + half)
    interval = Interval(min(least, mean), max(most, mean))
    return Mean(mean, interval, count, missing, repeated)


def seed_weights(seeds: Sequence[int]) -> list[float]:
    """What each run counts, so that those of one seed, which are not independent, count as one."""
    times = Counter(seeds)
    return [1 / times[seed] for seed in seeds]


def column_means(rows: Sequence[Sequence[float]], seeds: Sequence[int]) -> list[float]:
    """Means of numbers that runs have at the same places, such as P(h) of all hypotheses.

    Args:
        rows: One of each run, as long as the others; at least one.
        seeds: As many; runs of one seed count as one.
    """
    weights = seed_weights(seeds)
    total = fsum(weights)
    return [fsum(map(mul, weights, column)) / total for column in zip(*rows, strict=True)]


def _by_seed(values: Sequence[float | None], seeds: Sequence[int]) -> list[float | None]:
    """One of each seed, in order of appearance: the mean of its runs that have a number."""
    found: dict[int, list[float]] = {}
    for seed, value in zip(seeds, values, strict=True):
        found.setdefault(seed, []).extend([] if value is None else [value])
    return [fsum(own) / len(own) if own else None for own in found.values()]
