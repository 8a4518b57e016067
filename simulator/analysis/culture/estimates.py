"""Numbers with the intervals that they may lie in."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan

from simulator.analysis.summary import Interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and its interval, from resamples or of a posterior."""

    value: float
    """Not a number where it cannot be told."""
    interval: Interval | None = None
    """None where too little is known."""

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return not isnan(self.value)

    @property
    def low(self) -> float:
        """Lower end of the interval; not a number where there is none."""
        return nan if self.interval is None else self.interval.low

    @property
    def high(self) -> float:
        """Upper end of the interval; not a number where there is none."""
        return nan if self.interval is None else self.interval.high

    @property
    def stands_out(self) -> bool:
        """Whether there is an interval and it excludes 0; a star in tables and figures."""
        return self.interval is not None and not self.interval.low <= 0 <= self.interval.high
