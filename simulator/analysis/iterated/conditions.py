"""Lineages by what varies between them, and what is the mean of each condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.analysis.debates.proportions import LEVEL
from simulator.analysis.iterated.intervals import Mean, mean_of
from simulator.analysis.iterated.measured import (
    ALL_MEASURES,
    MeasuredLineage,
    beside_biases,
    greatest,
)
from simulator.analysis.iterated.parts import parts_of, parts_text

ALL = "all"
"""Name of the condition where nothing varies."""
USUAL = "usual"
"""Of what a condition does not tell, as it is not set."""
_OF_SOME = frozenset(("position", "direction", "interaction", "easy share", "filter"))
"""What some conditions do not have at all, such as those without a bias a position."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Lineages that differ in their seeds only, or in nothing."""

    name: str
    """What sets it apart from the others, such as `bias strong, interaction none`."""
    values: Mapping[str, str]
    """All that is known of it."""
    lineages: tuple[MeasuredLineage, ...]

    @property
    def seeds(self) -> tuple[int, ...]:
        """One of each lineage; those of one seed count once in means and intervals."""
        return tuple(one.lineage.seed for one in self.lineages)

    @property
    def last(self) -> int:
        """The last generation that any lineage reached."""
        return max((one.last for one in self.lineages), default=0)


@dataclass(frozen=True, slots=True)
class GenerationMean:
    """A measure of a condition in one generation, over its runs."""

    condition: str
    measure: str
    generation: int
    mean: Mean


@dataclass(frozen=True, slots=True)
class StatusShare:
    """How probable a status of the part that a bias is about is, over runs."""

    condition: str
    part: str
    """Such as `screen`."""
    status: str
    """Such as `off`."""
    generation: int
    """0 is before any data, where all are equally probable."""
    mean: Mean
    of_rules: bool
    """Whether it is the share of the rules that were kept, P(h) not being taken."""


def conditions_of(measured: Sequence[MeasuredLineage]) -> tuple[Condition, ...]:
    """The conditions in order of appearance; a bias that none of them has is left out."""
    found: dict[tuple[tuple[str, str], ...], list[MeasuredLineage]] = {}
    for one in beside_biases(measured):
        known = {"world": one.lineage.world} | dict(one.lineage.condition)
        found.setdefault(tuple(known.items()), []).append(one)
    keys = [dict(key) for key in found]
    return tuple(
        Condition(name, key, tuple(own))
        for name, key, own in zip(_names(keys), keys, found.values(), strict=True)
    )


def wishes_of(conditions: Sequence[Condition]) -> dict[str, str]:
    """What biases want of rules, such as `screen off`, by condition; not where that is nothing."""
    return {
        condition.name: "; or ".join(dict.fromkeys(map(parts_text, wanted)))
        for condition in conditions
        if (wanted := [one.lineage.wanted for one in condition.lineages if one.lineage.wanted])
    }


def means_of(
    conditions: Sequence[Condition],
    names: Sequence[str] = (),
    *,
    level: float = LEVEL,
) -> tuple[GenerationMean, ...]:
    """Means of measures by generation; a measure that no lineage of a condition has is left out.

    Args:
        conditions: Any.
        names: Of measures; none for all.
        level: Of the intervals, between 0 and 1.
    """
    found: list[GenerationMean] = []
    for condition in conditions:
        for name in names or ALL_MEASURES:
            own = [one.values.get(name, {}) for one in condition.lineages]
            measure, high = ALL_MEASURES[name], greatest(name, condition.lineages)
            generations = sorted({number for values in own for number in values})
            found += [
                GenerationMean(
                    condition.name, name, number,
                    mean_of(
                        [values.get(number) for values in own], seeds=condition.seeds, level=level,
                        yes_or_no=measure.yes_or_no, low=measure.low, high=high,
                    ),
                )
                for number in generations
            ]  # fmt: skip
    return tuple(found)


def status_shares(
    conditions: Sequence[Condition], *, level: float = LEVEL
) -> tuple[StatusShare, ...]:
    """How probable each status is of the parts that biases are about, generation by generation.

    By P(h) where it was taken, summed over the hypotheses with the status; else by the share of
    runs whose rule has it. Conditions without a bias or without parts are left out.
    """
    found: list[StatusShare] = []
    for condition in conditions:
        parts = dict.fromkeys(
            part for one in condition.lineages for part in one.lineage.wanted if part
        )
        for part in parts:
            found += _shares(condition, part, level)
    return tuple(found)


def _shares(condition: Condition, part: str, level: float) -> list[StatusShare]:
    by_lineage = [_distributions(one, part) for one in condition.lineages]
    statuses = list(dict.fromkeys(name for one in by_lineage for name in one[0]))
    of_rules = not any(one[1] for one in by_lineage)
    generations = sorted(
        {number for one in by_lineage for own in one[0].values() for number in own}
    )
    found: list[StatusShare] = []
    for status in statuses if generations else ():
        count = len(set(condition.seeds))
        start = Mean(1 / len(statuses), None, count, repeated=len(by_lineage) - count)
        found.append(StatusShare(condition.name, part, status, 0, start, of_rules))
        for number in generations:
            values = [one[0].get(status, {}).get(number) for one in by_lineage]
            mean = mean_of(
                values, seeds=condition.seeds, level=level, yes_or_no=of_rules, low=0.0, high=1.0
            )
            found.append(StatusShare(condition.name, part, status, number, mean, of_rules))
    return found


def _distributions(one: MeasuredLineage, part: str) -> tuple[dict[str, dict[int, float]], bool]:
    """P of each status by generation, and whether any of it is from P(h)."""
    world = one.world
    if world is None:
        return {}, False
    own = [parts_of(world, hypothesis).get(part, "") for hypothesis in world.hypotheses]
    found: dict[str, dict[int, float]] = {status: {} for status in dict.fromkeys(own)}
    is_measured = any(generation.probabilities for generation in one.lineage.generations)
    for generation in one.lineage.generations:
        if is_measured and generation.probabilities is not None:
            for values in found.values():
                values[generation.number] = 0.0
            for status, p in zip(own, generation.probabilities, strict=True):
                found[status][generation.number] += p
        elif not is_measured and generation.kept is not None:
            kept = parts_of(world, generation.kept).get(part)
            for status, values in found.items():
                values[generation.number] = float(status == kept)
    return found, is_measured


def _names(keys: Sequence[Mapping[str, str]]) -> list[str]:
    """What sets each condition apart; what only some have is told where nothing else does."""
    there = list(dict.fromkeys(name for key in keys for name in key))
    full = [{name: USUAL for name in there if name not in _OF_SOME} | dict(key) for key in keys]
    varied = [name for name in there if len({key[name] for key in full if name in key}) > 1]
    found = [_name({name: key[name] for name in varied if name in key}) for key in full]
    if len(set(found)) == len(found):
        return found
    told = [name for name in there if len({key.get(name) for key in full}) > 1]
    return [_name({name: key.get(name, "–") for name in told}) for key in full]


def _name(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items()) or ALL
