"""Attractors compared: between temperatures, and between a base model and its instructed one.

After the figures of temperature and fine-tuning in "When LLMs Play the Telephone Game" (arXiv
2407.04503), which have no uncertainty. Here initial texts are drawn again with replacement, the
same for all that is compared: the bootstrap of whole clusters (Davison and Hinkley, 1997,
section 3.8), paired, as texts are shared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from simulator.analysis.culture.attractors import Attractor, attractor_of
from simulator.analysis.culture.estimates import Estimate
from simulator.analysis.culture.groups import Ends, last_generation
from simulator.analysis.culture.lines import (
    interval_of,
    line_of,
    lines_of_draws,
    text_draws,
    why_no_line,
)
from simulator.analysis.culture.records import Chain, Floats, MeasuredChains

RESAMPLES = 2000
_BASE = re.compile(r"[-_.:/ ](base|pt|pretrained)$", re.IGNORECASE)
_INSTRUCT = re.compile(r"[-_.:/ ](instruct|chat|it)$", re.IGNORECASE)
_TEMPERATURE = re.compile(r"_Temp(\d+(?:\.\d+)?)$")


@dataclass(frozen=True, slots=True)
class TemperatureEffect:
    """How the attractor of one model, task and measure depends on the temperature."""

    model: str
    task: str
    measure: str
    generation: int
    """The last one that the longest chains of all these temperatures share."""
    temperatures: tuple[float, ...] = ()
    """Rising."""
    attractors: tuple[Attractor, ...] = ()
    """For each temperature, with intervals."""
    texts: int = 0
    """Initial texts that count at all temperatures; the trends rest on them."""
    left_out: int = 0
    """Chains whose temperature is not known."""
    dropped: int = 0
    """Other chains that the trends do not rest on: without values, or of texts that are not there
    at all temperatures."""
    strength_trend: Estimate | None = None
    """Change of strength for each unit of temperature, by the line of least squares."""
    position_trend: Estimate | None = None
    """Change of position for each unit of temperature, in units of the measure."""
    strength_difference: Estimate | None = None
    """At the highest temperature less at the lowest."""
    position_difference: Estimate | None = None
    """At the highest temperature less at the lowest, in units of the measure."""
    reason: str = ""
    """Why there is no trend; empty where there is one."""


@dataclass(frozen=True, slots=True)
class PairEffect:
    """What instruction does to the attractor of a base model."""

    base: str
    instruct: str
    task: str
    temperature: float | None
    """Of both; None where it is not known, or where each has one of its own."""
    measure: str
    generation: int
    """The last one that the longest chains of both models share."""
    before: Attractor
    """Of the base model."""
    after: Attractor
    """Of the instructed one."""
    texts: int = 0
    """Initial texts that count with both."""
    dropped: int = 0
    """Chains that the differences do not rest on."""
    strength: Estimate | None = None
    """After less before."""
    position: Estimate | None = None
    """After less before, in units of the measure."""
    reason: str = ""
    """Why there is no difference; empty where there is one."""


@dataclass(frozen=True, slots=True)
class _Side:
    position: float
    strength: float
    positions: Floats
    """Of resamples; not a number without an attractor."""
    strengths: Floats


@dataclass(frozen=True, slots=True)
class _Compared:
    attractors: tuple[Attractor, ...]
    sides: tuple[_Side, ...]
    texts: int
    dropped: int
    reason: str


def temperature_effects(
    measured: MeasuredChains,
    measures: Sequence[str] | None = None,
    *,
    generation: int | None = None,
    resamples: int = RESAMPLES,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[TemperatureEffect, ...]:
    """For each model, task and measure, how attractors depend on the temperature.

    Args:
        measured: Chains with temperatures. Where a chain has none, a name of a model such as
            `NAME_Temp0.4` says it, as the originals name their folders.
        measures: Which ones; None for all.
        generation: From 1; None for the last one that all temperatures reach.
        resamples: Of initial texts.
        level: Of the intervals, between 0 and 1.
        seed: Of the resamples.
    """
    places: dict[tuple[str, str], dict[float | None, list[int]]] = {}
    for place, chain in enumerate(measured.chains):
        model, temperature = _temperature_of(chain)
        places.setdefault((model, chain.task), {}).setdefault(temperature, []).append(place)
    found = []
    for (model, task), by_temperature in places.items():
        unknown = len(by_temperature.pop(None, []))
        known = sorted((one, those) for one, those in by_temperature.items() if one is not None)
        sides = [measured.at(those) for _, those in known]
        temperatures = tuple(one for one, _ in known)
        end = min((last_generation(side) for side in sides), default=0)
        last = end if generation is None else generation
        for measure in measured.values if measures is None else measures:
            one = _compare(sides, measure, last, resamples, level, seed)
            reason = one.reason if len(sides) > 1 else "fewer than two temperatures that are known"
            trend = reason == ""
            found.append(
                TemperatureEffect(
                    model, task, measure, last, temperatures, one.attractors,
                    texts=one.texts,
                    left_out=unknown,
                    dropped=one.dropped,
                    strength_trend=_trend(
                        temperatures,
                        [side.strength for side in one.sides],
                        [side.strengths for side in one.sides],
                        level,
                    ) if trend else None,
                    position_trend=_trend(
                        temperatures,
                        [side.position for side in one.sides],
                        [side.positions for side in one.sides],
                        level,
                    ) if trend else None,
                    strength_difference=_less(
                        one.sides[-1], one.sides[0], "strength", level
                    ) if trend else None,
                    position_difference=_less(
                        one.sides[-1], one.sides[0], "position", level
                    ) if trend else None,
                    reason=reason,
                )
            )  # fmt: skip
    return tuple(found)


def pair_effects(
    measured: MeasuredChains,
    pairs: Mapping[str, str] | None = None,
    measures: Sequence[str] | None = None,
    *,
    generation: int | None = None,
    resamples: int = RESAMPLES,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[PairEffect, ...]:
    """For each pair, task and measure, what instruction does to the attractor.

    Args:
        measured: Chains of both models. Those of several temperatures are compared at each one
            that both have; where both have a single one, with each other in any case.
        pairs: The instructed model by the base model; None for those that names tell.
        measures: Which ones; None for all.
        generation: From 1; None for the last one that both reach.
        resamples: Of initial texts.
        level: Of the intervals, between 0 and 1.
        seed: Of the resamples.
    """
    found = []
    for base, instruct in (pairs_of(measured.models) if pairs is None else pairs).items():
        for task in measured.tasks:
            for temperature, sides in _sides_of(measured, (base, instruct), task):
                end = min(last_generation(side) for side in sides)
                last = end if generation is None else generation
                for measure in measured.values if measures is None else measures:
                    one = _compare(sides, measure, last, resamples, level, seed)
                    before, after = one.attractors
                    effect = PairEffect(
                        base, instruct, task, temperature, measure, last, before, after,
                        texts=one.texts,
                        dropped=one.dropped,
                        reason=one.reason,
                    )  # fmt: skip
                    if not one.reason:
                        first, second = one.sides
                        effect = replace(
                            effect,
                            strength=_less(second, first, "strength", level),
                            position=_less(second, first, "position", level),
                        )
                    found.append(effect)
    return tuple(found)


def pairs_of(models: Sequence[str]) -> Mapping[str, str]:
    """Instructed models by their base models, as far as names tell.

    Such as `M-Base` or `M` with `M-Instruct`, `M-Chat` or `M-it`.
    """
    bases = {_BASE.sub("", model): model for model in models if not _INSTRUCT.search(model)}
    stems = ((_INSTRUCT.sub("", model), model) for model in models if _INSTRUCT.search(model))
    found: dict[str, str] = {}
    for stem, model in stems:
        if stem in bases:
            found.setdefault(bases[stem], model)
    return found


def _sides_of(
    measured: MeasuredChains, models: Sequence[str], task: str
) -> Iterator[tuple[float | None, list[MeasuredChains]]]:
    """Chains of each model, by the temperatures that they share."""
    places: list[dict[float | None, list[int]]] = [{} for _ in models]
    for place, chain in enumerate(measured.chains):
        if chain.task == task and chain.model in models:
            at = places[models.index(chain.model)]
            at.setdefault(chain.temperature, []).append(place)
    if not any(places):
        return
    if all(len(those) <= 1 for those in places):
        alone = {temperature for those in places for temperature in those}
        sides = [measured.at([at for those in one.values() for at in those]) for one in places]
        yield (alone.pop() if len(alone) == 1 else None), sides
        return
    for temperature in dict.fromkeys(one for those in places for one in those):
        if all(temperature in those for those in places):
            yield temperature, [measured.at(those[temperature]) for those in places]


def _temperature_of(chain: Chain) -> tuple[str, float | None]:
    named = _TEMPERATURE.search(chain.model)
    if chain.temperature is None and named:
        return chain.model[: named.start()], float(named[1])
    return chain.model, chain.temperature


def _compare(
    sides: Sequence[MeasuredChains],
    measure: str,
    last: int,
    resamples: int,
    level: float,
    seed: int,
) -> _Compared:
    """Attractors of several sides, and what they are in the same resamples of shared texts."""
    attractors, values = [], []
    for side in sides:
        array = side.values[measure]
        there = 0 < last < array.shape[1]
        first = array[:, 0]
        final = array[:, last] if there else np.full(len(side.chains), np.nan)
        names = np.array([chain.text for chain in side.chains], dtype=object)
        known = np.isfinite(first) & np.isfinite(final)
        values.append((first[known], final[known], names[known]))
        numbers = np.unique(names.astype(str), return_inverse=True)[1].astype(np.int64)
        one = attractor_of(first, final, numbers, resamples=resamples, level=level, seed=seed)
        sample = side.chains[0] if side.chains else Chain("", "", "", 0, ())
        attractors.append(
            replace(
                one,
                model=sample.model,
                task=sample.task,
                temperature=sample.temperature,
                measure=measure,
                generation=last,
            )
        )
    shared = set.intersection(*(set(names) for _, _, names in values)) if values else set()
    place = {text: number for number, text in enumerate(sorted(shared))}
    total = sum(len(side.chains) for side in sides)
    draws = text_draws(max(1, len(place)), resamples, seed)
    found: list[_Side] = []
    used, reason = 0, ""
    for first, final, names in values:
        kept = np.array([text in place for text in names], dtype=np.bool_)
        numbers = np.array([place[text] for text in names[kept]], dtype=np.int64)
        ends = Ends(first[kept], final[kept], numbers, 0)
        used += numbers.size
        if len(place) < 3:
            reason = f"{len(place)} initial texts are shared; a comparison needs 3"
            continue
        if why := why_no_line(ends):
            reason = reason or why
            continue
        line = line_of(ends)
        if not -1 < line.slope < 1:
            reason = reason or f"no attractor: the slope, {line.slope:.3g}, is not within -1 to 1"
            continue
        slopes, intercepts = lines_of_draws(ends, draws)
        slopes = np.where(np.abs(slopes) < 1, slopes, np.nan)
        found.append(
            _Side(
                line.intercept / (1 - line.slope),
                1 - abs(line.slope),
                intercepts / (1 - slopes),
                1 - np.abs(slopes),
            )
        )
    return _Compared(tuple(attractors), tuple(found), len(place), total - used, reason)


def _less(
    one: _Side, other: _Side, half: Literal["position", "strength"], level: float
) -> Estimate:
    draws = getattr(one, f"{half}s") - getattr(other, f"{half}s")
    return Estimate(getattr(one, half) - getattr(other, half), interval_of(draws, level))


def _trend(
    at: Sequence[float], values: Sequence[float], draws: Sequence[Floats], level: float
) -> Estimate:
    x = np.array(at) - np.mean(at)
    weights = x / (x @ x)
    return Estimate(
        float(weights @ np.array(values)), interval_of(weights @ np.stack(draws), level)
    )
