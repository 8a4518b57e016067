"""The different data that an exact transition goes through, as few as say all that data can say."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.analysis.iterated.bayes.enumeration import (
    LARGEST_CODE,
    MOST_EXAMPLES,
    consistency_sets,
    multiset_count,
    multisets,
    orbits,
)
from simulator.analysis.iterated.bayes.learners import SMALLEST
from simulator.analysis.iterated.bayes.symmetry import (
    MOST_SYMMETRIES,
    Symmetries,
    identity,
    symmetries,
)
from simulator.analysis.iterated.bayes.tables import Floats, LikelihoodTable, Places

MOST_SETS = 200_000
"""Sets of hypotheses that are held together in memory."""
_CHUNK = 2**17
"""Numbers held of one array at a time: small enough for a processor's cache."""
_WORTH = 2_000
"""Different data from which on symmetries are looked for."""


@dataclass(frozen=True, eq=False, slots=True)
class Cases:
    """Data, those together after which all learners believe the same."""

    parts: Iterator[tuple[Floats, Floats]]
    """Likelihoods up to a factor of each row, shape (cases, H), and what they weigh, shape
    (cases,): a likelihood times its weight is the chance of all data of the case."""
    symmetries: Symmetries | None = None
    """Where cases stand for what symmetries make of them: sums over cases are right once they are
    the mean over symmetries."""

    def summed(self, values: Floats) -> Floats:
        """Sums over the data from sums over the cases, of shape (H,) or (H, H)."""
        return values if self.symmetries is None else self.symmetries.mean(values)


def all_cases(table: LikelihoodTable, prior: Floats, examples: int, most: int) -> Cases | None:
    """All data of so many examples; None where their cases are more than `most`.

    Without noise data differ in which hypotheses they leave. With noise, examples are
    exchangeable, so that only how often each is there counts; items that tell hypotheses apart in
    the same way are one; and data that a symmetry makes of each other are gone through once.

    Args:
        table: Of the world.
        prior: Shape (H,).
        examples: 1 or more.
        most: Cases, 1 or more; without noise at most `MOST_SETS` as well.
    """
    rows = max(1, _CHUNK // len(table.hypotheses))
    levels = table.levels
    # Beyond that, powers of levels are too small for floats.
    if levels is not None and examples * math.log(levels.min()) > SMALLEST:
        found = consistency_sets(table, examples, min(most, MOST_SETS))
        if found is not None:
            sets, ways = found
            share = float(len(table.inputs)) ** -examples
            return Cases(
                (sets[at : at + rows] * levels**examples, ways[at : at + rows] * share)
                for at in range(0, len(sets), rows)
            )
    by_item = table.told_apart
    least = float(by_item[by_item > 0].min())
    if examples > MOST_EXAMPLES or examples * math.log(least) < SMALLEST:
        return None
    count = multiset_count(len(by_item), examples)
    group = identity(by_item)
    is_worth = _WORTH < count <= most * MOST_SYMMETRIES
    if is_worth and examples * math.log(len(by_item)) < LARGEST_CODE:
        group = symmetries(by_item, prior)
    if count > most * len(group):
        return None
    if len(group) == 1:
        return Cases(_joint(by_item, multisets(len(by_item), examples, rows)))
    return Cases(_joint(by_item, orbits(group.items, examples, rows)), group)


def _joint(
    by_item: Floats, data: Iterator[tuple[Places, Floats]]
) -> Iterator[tuple[Floats, Floats]]:
    for items, ways in data:
        found = by_item[items[:, 0]]
        for column in items.T[1:]:
            found *= by_item[column]
        yield found, ways
