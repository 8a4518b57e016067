"""Shares of questions, their uncertainty, and shares of the same questions compared.

The formulas are closed and short; they are those of scipy and statsmodels, which they are tested
against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from statistics import NormalDist

LEVEL = 0.95
"""How often intervals made like these hold the true share, unless another level is asked for."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a share, or a difference of shares, may lie."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Proportion:
    """So many of so many."""

    count: int
    of: int
    """At least 1."""

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.count / self.of

    def interval(self, level: float = LEVEL) -> Interval:
        """The score interval of Wilson, without correction for continuity.

        Wilson (1927), J. Am. Stat. Assoc. 22:209, solved for the bounds as in Newcombe (1998),
        Stat. Med. 17:857, method 3. It holds the share itself and stays within 0 and 1.

        Args:
            level: Between 0 and 1, such as 0.95.
        """
        n, p, z = self.of, self.share, _z(level)
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        low = 0.0 if self.count == 0 else max(0.0, min(p, middle - half))
        high = 1.0 if self.count == n else min(1.0, max(p, middle + half))
        return Interval(low, high)


def proportion(count: int, of: int) -> Proportion | None:
    """So many of so many; None of none."""
    return Proportion(count, of) if of else None


@dataclass(frozen=True, slots=True)
class Pairs:
    """Questions that were put to two, by who was right."""

    both: int
    only_first: int
    only_second: int
    neither: int

    @property
    def n(self) -> int:
        """How many questions."""
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def first(self) -> Proportion | None:
        """What the first had right; None of no questions."""
        return proportion(self.both + self.only_first, self.n)

    @property
    def second(self) -> Proportion | None:
        """What the second had right; None of no questions."""
        return proportion(self.both + self.only_second, self.n)

    @property
    def difference(self) -> float:
        """The second's share less the first's, from -1 to 1; 0 of no questions."""
        return (self.only_second - self.only_first) / self.n if self.n else 0.0

    def difference_interval(self, level: float = LEVEL) -> Interval | None:
        """Where the difference may lie; None of no questions.

        Newcombe (1998), Stat. Med. 17:2635, method 10: the distances to the bounds of the two
        Wilson intervals, squared and added, less what the correlation of the pairs explains.

        Args:
            level: Between 0 and 1, such as 0.95.
        """
        first, second = self.first, self.second
        if first is None or second is None:
            return None
        one, two = first.interval(level), second.interval(level)
        below, above = second.share - two.low, two.high - second.share
        first_below, first_above = first.share - one.low, one.high - first.share
        phi, difference = self._correlation(), self.difference
        down = below**2 - 2 * phi * below * first_above + first_above**2
        up = above**2 - 2 * phi * above * first_below + first_below**2
        return Interval(
            max(-1.0, difference - sqrt(max(0.0, down))),
            min(1.0, difference + sqrt(max(0.0, up))),
        )

    def _correlation(self) -> float:
        """Newcombe's corrected phi coefficient of the pairs, from -1 to 1."""
        a, b, c, d = self.both, self.only_first, self.only_second, self.neither
        margins = (a + b) * (c + d) * (a + c) * (b + d)
        if not margins:
            return 0.0
        excess = float(a * d - b * c)
        return (max(0.0, excess - self.n / 2) if excess > 0 else excess) / sqrt(margins)

    def mcnemar(self, *, mid_p: bool = False) -> float:
        """How probable so uneven a split of the discordant pairs is where neither is better.

        The exact test of McNemar, two-sided: under a binomial distribution with probability 1/2,
        twice the tail up to the smaller count, at most 1. It is conservative; the mid-p variant
        counts only half of the observed split in each tail (Lancaster 1961; Fagerland, Lydersen
        and Laake 2013, BMC Med. Res. Methodol. 13:91).

        Args:
            mid_p: Whether to use the mid-p variant.

        Returns:
            The p-value, above 0 and at most 1; 1 without discordant pairs.
        """
        n, least = self.only_first + self.only_second, min(self.only_first, self.only_second)
        term, tail = 1, 0
        for k in range(least):
            tail += term
            term = term * (n - k) // (k + 1)
        # Whole numbers, so that the sum is exact however many pairs there are.
        doubled = 2 * tail + (term if mid_p else 2 * term)
        return min(1.0, doubled / (1 << n))


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values of several tests, adjusted so that the risk of any false alarm stays that of one.

    Holm (1979), Scand. J. Stat. 6:65: step down from the smallest.

    Args:
        p_values: From 0 to 1, in any order.

    Returns:
        The adjusted ones in the same order, none smaller than it was, at most 1.
    """
    count, adjusted, highest = len(p_values), [0.0] * len(p_values), 0.0
    for place, index in enumerate(sorted(range(count), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (count - place) * p_values[index]))
        adjusted[index] = highest
    return adjusted


@lru_cache
def _z(level: float) -> float:
    """Half the width of the central interval of a standard normal distribution."""
    return NormalDist().inv_cdf((1 + level) / 2)
