"""Two records compared on the questions that were put to both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from simulator.analysis.debates.proportions import LEVEL, Interval, Pairs, holm
from simulator.analysis.debates.records import Debated, DebateRecord
from simulator.analysis.debates.summary import Spent, spent

_Key = tuple[str, int]
"""A question's words, and how often they stood before in the record."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two records differ on the questions that they share."""

    first: str
    """Names of the records; the first is the baseline."""
    second: str
    pairs: Pairs
    """By whose final answers are right."""
    unshared_first: int
    """Questions that only the first was asked."""
    unshared_second: int
    disputed: int
    """Questions for which the two have different right answers; they are left out."""
    interval: Interval | None
    """Of the difference, the second's accuracy less the first's; None of no questions."""
    p_value: float
    """Of McNemar's exact test, or of its mid-p variant."""
    adjusted_p: float
    """Holm's, for all comparisons that were made together."""
    extra: Spent
    """What the second took more for a question; negative where it took less."""

    @property
    def per_point(self) -> Spent | None:
        """What a percentage point gained takes more for a question.

        None where nothing was gained.
        """
        points = 100 * self.pairs.difference
        return self.extra.per(points) if points > 0 else None


def compare(
    first: DebateRecord, second: DebateRecord, *, level: float = LEVEL, mid_p: bool = False
) -> Comparison:
    """Compare the final answers to the questions that two records share.

    Questions are the same if their words are, white space aside; of one that is asked several
    times, each time is one question.

    Args:
        first: The baseline.
        second: What is held against it.
        level: Of the interval, between 0 and 1.
        mid_p: Whether to use the mid-p variant of McNemar's test, which is less conservative.
    """
    one, two = _by_question(first.debated), _by_question(second.debated)
    both = [(one[key], two[key]) for key in one if key in two]
    shared = [(a, b) for a, b in both if a.gold == b.gold]
    split = Counter((a.is_right, b.is_right) for a, b in shared)
    pairs = Pairs(
        both=split[True, True],
        only_first=split[True, False],
        only_second=split[False, True],
        neither=split[False, False],
    )
    p_value = pairs.mcnemar(mid_p=mid_p)
    more = spent(b for _, b in shared).less(spent(a for a, _ in shared))
    return Comparison(
        first=first.name,
        second=second.name,
        pairs=pairs,
        unshared_first=len(one) - len(both),
        unshared_second=len(two) - len(both),
        disputed=len(both) - len(shared),
        interval=pairs.difference_interval(level),
        p_value=p_value,
        adjusted_p=p_value,
        extra=more.per(max(1, len(shared))),
    )


def pairs_of(count: int, *, baseline_only: bool = False) -> list[tuple[int, int]]:
    """Which of so many records are compared: each two, or the first one with each other one."""
    if baseline_only:
        return [(0, place) for place in range(1, count)]
    return list(combinations(range(count), 2))


def compare_all(
    records: Sequence[DebateRecord],
    *,
    level: float = LEVEL,
    mid_p: bool = False,
    baseline_only: bool = False,
) -> list[Comparison]:
    """Compare records two by two, in the order of `pairs_of`, the earlier one as the baseline.

    The p-values are adjusted for the number of tests; the other options are those of `compare`.
    """
    every = [
        compare(records[a], records[b], level=level, mid_p=mid_p)
        for a, b in pairs_of(len(records), baseline_only=baseline_only)
    ]
    # Those that share no question test nothing.
    adjusted = iter(holm([one.p_value for one in every if one.pairs.n]))
    return [replace(one, adjusted_p=next(adjusted)) if one.pairs.n else one for one in every]


def _by_question(debated: Iterable[Debated]) -> dict[_Key, Debated]:
    found: dict[_Key, Debated] = {}
    times: Counter[str] = Counter()
    for one in debated:
        words = " ".join(one.question.split())
        found[words, times[words]] = one
        times[words] += 1
    return found
