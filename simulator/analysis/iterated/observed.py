"""The claims of theory, held against runs of models: the same curves, from what they learnt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from simulator.analysis.iterated.bayes.curves import Curve
from simulator.analysis.iterated.bayes.fitting import FittedPrior, bias_of, fitted_prior
from simulator.analysis.iterated.bayes.learners import entropy
from simulator.analysis.iterated.bayes.tables import Floats
from simulator.analysis.iterated.bayes.theory import Claim
from simulator.analysis.iterated.conditions import Condition
from simulator.analysis.iterated.courses import coming
from simulator.analysis.iterated.intervals import Mean, column_means, mean_of
from simulator.analysis.iterated.measured import MeasuredLineage
from simulator.errors import UsageError

MOST_TOLD = 3
"""Conditions whose numbers are told; of more, how many there are."""
_INTERACTIONS = {
    "none": "no interaction", "self_refine": "self-refine",
    "hypothesis_search": "hypothesis search",
}  # fmt: skip
_ELSEWHERE = ("bias", "position", "interaction", "classic")
"""Of conditions, what has words of its own."""
_Values: TypeAlias = Mapping[int, Floats]
"""By generation: how probable each hypothesis is, or a one at the rule that is kept."""


@dataclass(frozen=True, slots=True)
class _Followed:
    """A condition by generation."""

    condition: Condition
    curve: Curve
    band: tuple[Floats, Floats]
    biased: tuple[tuple[int, Mapping[int, float]], ...]
    """Seed of each lineage, and its P(bias) by generation."""
    numbers: tuple[int, ...]
    """Generations of the curve."""
    fitted: FittedPrior | None
    """None where first answers show none."""

    @property
    def is_biased(self) -> bool:
        """Whether its learners have a bias."""
        return self.condition.values.get("bias", "none") != "none"


def observed_claims(conditions: Sequence[Condition], level: float) -> tuple[Claim, Claim, Claim]:
    """What runs say of each claim; a claim without curves is one that they say nothing of.

    Args:
        conditions: Of measured lineages.
        level: Of the intervals, between 0 and 1.
    """
    known = [one for one in conditions if any(own.world for own in one.lineages)]
    free = [one for one in known if one.values.get("interaction", "none") == "none"]
    return _convergence(free, level), _amplification(free, level), _blocking(known, level)


def _convergence(conditions: Sequence[Condition], level: float) -> Claim:
    followed = _all_followed(conditions, level, kept=False)
    if not followed:
        return _missing("convergence", "No run is without an interaction", "interaction.kind=none")
    found = [_coming(one) for one in followed]
    come = [one for one, _ in found]
    told = [
        f"{_name(one)}distance {_change(one.curve.distance)}{beside}, P(h of the largest prior) "
        f"{_change(_of_best(one.curve))}, entropy over runs {_change(one.curve.entropy_of_chains)}"
        for one, (_, beside) in zip(followed, found, strict=True)
    ]
    holds = False if False in come else True if all(come) else None
    return _claim(
        "convergence", followed, holds,
        "From the first generation to the last, and to the prior that first answers show: "
        f"{_some(told)}. {_runs(followed)}",
    )  # fmt: skip


def _amplification(conditions: Sequence[Condition], level: float) -> Claim:
    followed = _all_followed(conditions, level, kept=False)
    led = [one for one in followed if one.is_biased]
    if not led:
        return _missing(
            "amplification", "No run without an interaction has a bias",
            "interaction.kind=none --set bias.strength=none,strong",
        )  # fmt: skip
    grown = [_growth(one, level) for one in led]
    told = [f"{_name(one)}{_interval(mean)}" for one, mean in zip(led, grown, strict=True)]
    return _claim(
        "amplification",
        followed,
        _verdict(grown, 1),
        f"From the first generation to the last P(bias) grows by {_some(told)}. {_runs(followed)}",
    )


def _blocking(conditions: Sequence[Condition], level: float) -> Claim:
    groups: dict[tuple[tuple[str, str], ...], dict[str, Condition]] = {}
    for one in conditions:
        values = {name: own for name, own in one.values.items() if name not in _ELSEWHERE[2:]}
        kind = one.values.get("interaction", "none")
        groups.setdefault(tuple(sorted(values.items())), {})[kind] = one
    pairs = [own for own in groups.values() if "none" in own and len(own) > 1]
    chosen = [one for own in pairs for one in own.values()]
    followed = _all_followed(chosen, level, kept=True, interactions=True)
    by_name = {one.condition.name: one for one in followed}
    less, told = [], []
    for own in pairs:
        plain = by_name.get(own["none"].name)
        held = by_name.get(own["hypothesis_search"].name) if "hypothesis_search" in own else None
        if plain is None or held is None or not plain.is_biased:
            continue
        less.append(_between(plain, held, level))
        told.append(f"{_name(plain, beside='interaction')}{_interval(less[-1])}")
    if not less:
        return _missing(
            "effective set", "No biased runs differ in whether there is a hypothesis search",
            "bias.strength=strong --set interaction.kind=none,hypothesis_search",
        )  # fmt: skip
    return _claim(
        "effective set",
        followed,
        _verdict(less, -1),
        "In the last generation, the share of kept rules with the bias after a hypothesis search "
        f"less that without one: {_some(told)}. {_runs(followed)}",
    )


# ---------------------------------------------------------------- curves of runs


def _all_followed(
    conditions: Sequence[Condition],
    level: float,
    *,
    kept: bool,
    interactions: bool = False,
) -> list[_Followed]:
    names = list(dict.fromkeys(name for one in conditions for name in one.values))
    varied = [
        name
        for name in names
        if name not in _ELSEWHERE and len({one.values.get(name) for one in conditions}) > 1
    ]
    positions = {one.values["position"] for one in conditions if "position" in one.values}
    found = []
    for one in conditions:
        told = {"bias": _bias_words(one, with_position=len(positions) > 1)}
        if interactions:
            told["interaction"] = _INTERACTIONS.get(
                one.values.get("interaction", "none"), one.values.get("interaction", "none")
            )
        told |= {name: f"{name} {one.values.get(name, '–')}" for name in varied}
        followed = _followed(one, told, level, kept=kept)
        if followed is not None:
            found.append(followed)
    return found


def _followed(
    condition: Condition, told: Mapping[str, str], level: float, *, kept: bool
) -> _Followed | None:
    lineages = [one for one in condition.lineages if one.world is not None]
    measured = not kept and any(
        own.probabilities is not None for one in lineages for own in one.lineage.generations
    )
    values = [_values(one, measured=measured) for one in lineages]
    numbers = sorted({number for own in values for number in own})
    if not numbers:
        return None
    shares, own_entropy, biased = [], [], []
    for one, own in zip(lineages, values, strict=True):
        assert one.world is not None
        wanted = bias_of(one.world, one.lineage)
        shown = {} if wanted is None else {n: float(row @ wanted) for n, row in own.items()}
        biased.append((one.lineage.seed, shown))
    for number in numbers:
        rows = [own[number] for own in values if number in own]
        seeds = [one.lineage.seed for one, own in zip(lineages, values, strict=True)
                 if number in own]  # fmt: skip
        shares.append(column_means([tuple(row) for row in rows], seeds))
        own_entropy.append(mean_of([float(entropy(row)) for row in rows], seeds=seeds).value)
    by_generation = np.array(shares)
    means = [
        mean_of([own.get(number) for _, own in biased], seeds=[seed for seed, _ in biased],
                level=level, yes_or_no=not measured, low=0.0, high=1.0)
        for number in numbers
    ]  # fmt: skip
    bias = np.array([one.value for one in means])
    unknown = np.full(len(numbers), np.nan)
    fitted, prior, doubts = _prior(lineages, by_generation.shape[1])
    curve = Curve(
        label=condition.name, prior=prior, shares=by_generation, notes=doubts,
        stopped=np.zeros(len(numbers)), entropy=np.array(own_entropy),
        entropy_of_chains=entropy(by_generation), consistency=unknown, consistent=unknown,
        bias_probability=bias if np.isfinite(bias).any() else None, condition=dict(told),
    )  # fmt: skip
    intervals = [one.interval for one in means]
    band = (
        np.array([np.nan if one is None else one.low for one in intervals]),
        np.array([np.nan if one is None else one.high for one in intervals]),
    )
    return _Followed(condition, curve, band, tuple(biased), tuple(numbers), fitted)


def _values(one: MeasuredLineage, *, measured: bool) -> _Values:
    world = one.world
    assert world is not None
    found: dict[int, Floats] = {}
    for own in one.lineage.generations:
        if measured:
            if own.probabilities is not None:
                found[own.number] = np.array(own.probabilities)
        elif own.kept in world.hypotheses:
            found[own.number] = np.eye(len(world.hypotheses))[world.hypotheses.index(own.kept)]
    return found


def _prior(
    lineages: Sequence[MeasuredLineage], count: int
) -> tuple[FittedPrior | None, Floats, tuple[str, ...]]:
    """That first answers show, not numbers where none can be fitted; and why it is not sure."""
    world = lineages[0].world
    assert world is not None
    try:
        found = fitted_prior(world, [one.lineage for one in lineages])
    except UsageError as error:
        return None, np.full(count, np.nan), (error.message,)
    return found, found.prior, found.doubts


# ---------------------------------------------------------------- what they come to


def _coming(one: _Followed) -> tuple[bool | None, str]:
    """Whether chains come to the prior or to its maximum, and what exact learners would show."""
    curve, fitted = one.curve, one.fitted
    world = one.condition.lineages[0].world
    if fitted is None or world is None or len(one.numbers) < 2:
        return None, ""
    seen = np.array([curve.distance[0], curve.distance[-1]])
    best = _of_best(curve)[[0, -1]]
    lineages = [own.lineage for own in one.condition.lineages if own.world is not None]
    ends = one.numbers[0], one.numbers[-1]
    return coming(world, lineages, fitted, ends, seen, best)


def _of_best(curve: Curve) -> Floats:
    """How often the hypothesis of the largest prior is held, by generation."""
    found: Floats = curve.shares[:, int(curve.prior.argmax())]
    return found if np.isfinite(curve.prior).all() else np.full(len(found), np.nan)


def _change(values: Floats) -> str:
    return f"{values[0]:.2f} to {values[-1]:.2f}"


def _growth(one: _Followed, level: float) -> Mean:
    """Of P(bias), each run's last generation less its first."""
    seeds, grown = [], []
    for seed, values in one.biased:
        if len(values) > 1:
            seeds.append(seed)
            grown.append(values[max(values)] - values[min(values)])
    return mean_of(grown, seeds=seeds, level=level, low=-1.0, high=1.0)


def _between(plain: _Followed, held: _Followed, level: float) -> Mean:
    """Of P(bias) in the last generation that all have, by seed: with a search less without."""
    last = min(plain.condition.last, held.condition.last)
    own = dict(_at(plain, last))
    other = dict(_at(held, last))
    return mean_of(
        [other[seed] - own[seed] for seed in own if seed in other], level=level, low=-1.0, high=1.0
    )


def _at(one: _Followed, number: int) -> Iterator[tuple[int, float]]:
    for seed in dict.fromkeys(seed for seed, _ in one.biased):
        found = [own[number] for other, own in one.biased if other == seed and number in own]
        if found:
            yield seed, sum(found) / len(found)


def _verdict(means: Sequence[Mean], sign: int) -> bool | None:
    """Whether all are on one side of 0; False where one is on the other, None where it is open."""
    found: list[bool | None] = []
    for one in means:
        interval = one.interval
        ends = () if interval is None else (sign * interval.low, sign * interval.high)
        found.append(True if ends and min(ends) > 0 else False if ends and max(ends) < 0 else None)
    return False if False in found else True if all(found) else None


def _claim(name: str, followed: Sequence[_Followed], holds: bool | None, found: str) -> Claim:
    references: dict[str, float] = {}
    bias = [one.curve.shares.shape[1] for one in followed]
    world = followed[0].condition.lineages[0].world
    wanted = None if world is None else bias_of(world, followed[0].condition.lineages[0].lineage)
    if wanted is not None and len(set(bias)) == 1:
        references["all hypotheses alike"] = float(wanted.mean())
    return Claim(
        name=name, found=found, holds=holds, curves=tuple(one.curve for one in followed),
        references=references, of="runs", bands={one.curve.label: one.band for one in followed},
    )  # fmt: skip


def _missing(name: str, reason: str, settings: str) -> Claim:
    return Claim(
        name=name, holds=None, curves=(), of="runs",
        found=f"{reason}. Launch some: `run DESIGN --set {settings}`.",
    )  # fmt: skip


def _bias_words(condition: Condition, *, with_position: bool) -> str:
    strength = condition.values.get("bias", "none")
    if strength == "none":
        return "no bias"
    place = f" at the {condition.values.get('position')}" if with_position else ""
    return f"{strength} bias{place}"


def _name(one: _Followed, beside: str = "") -> str:
    """What sets a condition apart, besides one thing."""
    told = ", ".join(value for name, value in one.curve.condition.items() if name != beside)
    return f"{told}: " if told else ""


def _interval(mean: Mean) -> str:
    if mean.interval is None:
        return f"{mean.value:.3f}"
    return f"{mean.value:.3f} [{mean.interval.low:.3f}, {mean.interval.high:.3f}]"


def _some(told: Sequence[str]) -> str:
    more = len(told) - MOST_TOLD
    return "; ".join(told[:MOST_TOLD]) + (f"; and {more} more" if more > 0 else "")


def _runs(followed: Sequence[_Followed]) -> str:
    counts = [len(set(one.condition.seeds)) for one in followed]
    many = f"{min(counts)}" if len(set(counts)) == 1 else f"{min(counts)} to {max(counts)}"
    return f"Seeds of each condition: {many}."
