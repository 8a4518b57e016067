"""Lineages with all that is measured of them, those of games without rules too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import cast

from simulator.analysis.iterated.acronyms.measures import Leaning, leanings_of
from simulator.analysis.iterated.measures import MEASURES, OF_BIASES, GenerationMeasure, Moment
from simulator.analysis.iterated.records import Lineage
from simulator.analysis.iterated.worlds.base import World


@dataclass(frozen=True, slots=True)
class MeasuredLineage:
    """A lineage with a number of every measure and generation."""

    lineage: Lineage
    world: World | None
    """None where there are no rules."""
    values: Mapping[str, Mapping[int, float]]
    """By measure and generation, only where there is a number; 0 is the first data."""

    @property
    def last(self) -> int:
        """The last generation that was played; 0 where none was."""
        return max((one.number for one in self.lineage.generations), default=0)


def _unknown(moment: Moment) -> None:
    """What is found for all generations together."""


ACRONYM_MEASURES: Mapping[str, GenerationMeasure] = {
    one.name: one
    for one in (
        GenerationMeasure(
            "easy_ratio", "Share of outputs that are listed words.", _unknown, high=1,
            of_rules=False,
        ),
        GenerationMeasure(
            "cumulative_ratio", "The same of all different outputs so far.", _unknown, high=1,
            of_rules=False,
        ),
        GenerationMeasure(
            "mean_rank", "Mean rank of outputs; words that are not listed come last.", _unknown,
            "rank", of_rules=False,
        ),
        GenerationMeasure(
            "mean_rank_of_easy", "Mean rank of listed outputs.", _unknown, "rank", of_rules=False
        ),
        GenerationMeasure(
            "mean_length", "Mean length of outputs.", _unknown, "letters", of_rules=False
        ),
        GenerationMeasure(
            "correct_share", "Share of the examples written that spell their output.", _unknown,
            high=1, of_rules=False,
        ),
        GenerationMeasure(
            "repeated_share", "Share of outputs that stood before.", _unknown, high=1,
            of_rules=False,
        ),
    )
}  # fmt: skip
"""Of the acronym game, by name."""
ALL_MEASURES: Mapping[str, GenerationMeasure] = {**MEASURES, **ACRONYM_MEASURES}
"""In the order in which tables have them."""


def measure_lineage(lineage: Lineage, world: World | None) -> MeasuredLineage:
    """Take all measures of a lineage, as far as it was played.

    Args:
        lineage: Finished or not.
        world: That it is about; None where there are no rules.
    """
    values: dict[str, dict[int, float]] = {}
    for name, measure in MEASURES.items():
        if measure.of_rules and world is None:
            continue
        found = {
            generation.number: value
            for generation in lineage.generations
            if (value := measure.of(Moment(lineage, cast("World", world), generation))) is not None
        }
        if found:
            values[name] = found
    if lineage.world == "acronyms":
        values |= _of_leanings(leanings_of(lineage))
    return MeasuredLineage(lineage, world, values)


def beside_biases(measured: Sequence[MeasuredLineage]) -> tuple[MeasuredLineage, ...]:
    """The same without what says nothing: a bias that none of them has.

    A control, to which nothing leads, keeps what other lineages of its world are led to.

    Args:
        measured: All that are shown together.
    """
    led = [_wish(one.lineage) for one in measured if not one.lineage.is_control]
    return tuple(one if _wish(one.lineage) in led else _unbiased(one) for one in measured)


def greatest(name: str, measured: Sequence[MeasuredLineage]) -> float | None:
    """The greatest possible value of a measure in lineages; None where there is none."""
    measure = ALL_MEASURES[name]
    if measure.high_in is None:
        return measure.high
    found = [measure.high_in(one.lineage, one.world) for one in measured if one.world is not None]
    return max(found, default=measure.high)


def _wish(lineage: Lineage) -> tuple[str, dict[str, str]]:
    return lineage.world, dict(lineage.wanted)


def _unbiased(one: MeasuredLineage) -> MeasuredLineage:
    lineage = replace(one.lineage, wanted={}, alternative=None)
    values = {name: own for name, own in one.values.items() if name not in OF_BIASES}
    return replace(one, lineage=lineage, values=values)


def _of_leanings(found: tuple[Leaning, ...]) -> dict[str, dict[int, float]]:
    names = [field.name for field in fields(Leaning) if field.name in ACRONYM_MEASURES]
    values = {
        name: {
            one.generation: float(value)
            for one in found
            if (value := getattr(one, name)) is not None
        }
        for name in names
    }
    return {name: own for name, own in values.items() if own}
