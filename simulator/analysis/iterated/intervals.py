"""Means over runs, and the intervals that they may lie in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, nan, sqrt

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
    """With a number."""
    missing: int = 0
    """Runs that should have one and have none."""


def mean_of(
    values: Sequence[float | None],
    *,
    level: float = LEVEL,
    yes_or_no: bool = False,
    low: float | None = None,
    high: float | None = None,
) -> Mean:
    """The mean over runs with its interval.

    Runs of other seeds are independent, so the interval is that of a mean by Student's t, cut to
    what is possible; of numbers that are 0 or 1 it is the score interval of Wilson, which holds
    where all runs agree too.

    Args:
        values: One of each run; None where it has none.
        level: Of the interval, between 0 and 1.
        yes_or_no: Whether all numbers are 0 or 1.
        low: Least possible number.
        high: Greatest possible number.
    """
    known = [value for value in values if value is not None]
    count, missing = len(known), len(values) - len(known)
    if not known:
        return Mean(nan, None, 0, missing)
    mean = fsum(known) / count
    if count < 2:
        return Mean(mean, None, count, missing)
    if yes_or_no:
        found = Proportion(round(fsum(known)), count).interval(level)
        return Mean(mean, Interval(found.low, found.high), count, missing)
    variance = fsum((value - mean) ** 2 for value in known) / (count - 1)
    half = student_t(count - 1, level) * sqrt(variance / count)
    least = mean - half if low is None else max(low, mean - half)
    most = mean + half if high is None else min(high, mean + half)
    return Mean(mean, Interval(min(least, mean), max(most, mean)), count, missing)
