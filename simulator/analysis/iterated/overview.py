"""What lineages there are of each condition, and what they hold most probable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulator.analysis.iterated.conditions import Condition
from simulator.analysis.iterated.intervals import column_means, mean_of


@dataclass(frozen=True, slots=True)
class LineageCounts:
    """What there is of a condition."""

    condition: str
    runs: int
    generations: int
    """Of the run that came furthest."""
    incomplete: int
    """Runs with fewer generations than they should have."""
    learners: int
    without_rule: int
    """Learners whose reply held no rule, of games with rules."""
    wrong: int
    """Examples that break the rules of the world."""
    asked_again: int
    measured: int
    """Learners whose P(h) was taken."""


def counts_of(conditions: Sequence[Condition]) -> tuple[LineageCounts, ...]:
    """What there is of each condition, and what is missing."""
    return tuple(_counts(one) for one in conditions)


def _counts(condition: Condition) -> LineageCounts:
    learners = [
        (one, generation) for one in condition.lineages for generation in one.lineage.generations
    ]
    return LineageCounts(
        condition.name, len(condition.lineages), condition.last,
        sum(
            one.lineage.expected is not None and one.last < one.lineage.expected
            for one in condition.lineages
        ),
        len(learners),
        sum(one.world is not None and generation.said is None for one, generation in learners),
        sum(generation.wrong for _, generation in learners),
        sum(generation.asked_again for _, generation in learners),
        sum(generation.probabilities is not None for _, generation in learners),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class TopHypothesis:
    """The hypothesis of the largest mean P(h) in a generation."""

    condition: str
    generation: int
    hypothesis: str
    probability: float
    of_truth: float | None
    """Mean P of the truth, each run's own."""


def tops_of(conditions: Sequence[Condition]) -> tuple[TopHypothesis, ...]:
    """The most probable hypotheses of each generation; none where P(h) was not taken.

    Runs of one seed count once.
    """
    return tuple(top for condition in conditions for top in _tops(condition))


def _tops(condition: Condition) -> Iterator[TopHypothesis]:
    found: dict[int, list[tuple[float, ...]]] = {}
    seeds: dict[int, list[int]] = {}
    truths: dict[int, list[float | None]] = {}
    for one in condition.lineages:
        for generation in one.lineage.generations:
            if generation.probabilities is not None:
                found.setdefault(generation.number, []).append(generation.probabilities)
                seeds.setdefault(generation.number, []).append(one.lineage.seed)
                of_truth = one.values.get("truth_probability", {}).get(generation.number)
                truths.setdefault(generation.number, []).append(of_truth)
    world = next((one.world for one in condition.lineages if one.world is not None), None)
    for number in sorted(found):
        assert world is not None
        means = column_means(found[number], seeds[number])
        place = max(range(len(means)), key=means.__getitem__)
        true = mean_of(truths[number], seeds=seeds[number])
        yield TopHypothesis(
            condition.name, number, world.hypotheses[place], means[place],
            true.value if true.runs else None,
        )  # fmt: skip
