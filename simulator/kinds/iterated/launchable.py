"""What a launch may set over a lineage's design, for forms."""

from __future__ import annotations

from dataclasses import replace

from pydantic import JsonValue

from simulator.domain.parameters import Parameter, parameters_of
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.iterated.parameters import (
    AcronymParameters,
    BiasParameters,
    InteractionParameters,
    IteratedParameters,
    ProbabilityParameters,
    WorldParameters,
)

_YES_NO = ("yes", "no")


def launchable(design: IteratedDesign) -> tuple[Parameter, ...]:
    """What a launch may set, in the order of a form."""
    plain = {one.name: one for one in parameters_of(IteratedParameters, _usual(design))}
    everybody = replace(
        plain.pop("model"), type="model", group="models", label="everybody",
        usual="" if design.models else design.model,
    )  # fmt: skip
    turns = Parameter(
        "models", "in turn", "text", _set_models, _checked, group="models",
        usual=",".join(design.models), meaning="Two models with a comma between them, which take "
        "turns.",
    )  # fmt: skip
    heats = Parameter(
        "temperatures", "temperatures in turn", "text", _set_heats, _checked_heats,
        usual=",".join(f"{one:g}" for one in design.temperatures),
        meaning="Two temperatures with a comma between them, of two who take turns.",
    )  # fmt: skip
    truth = Parameter(
        "world.truth", "truth", "count", _set_truth, _checked_place, group="world",
        usual="" if design.world.truth == "drawn" else str(design.world.truth),
        meaning="Place of the rule that the first data come from, from 0.",
    )  # fmt: skip
    ambiguous = Parameter(
        "world.ambiguous", "ambiguous", "choice", _set_ambiguous, group="world",
        usual=_YES_NO[not design.world.ambiguous], choices=_YES_NO,
        meaning="Whether first data cannot tell truth and alternative apart.",
    )  # fmt: skip
    del plain["sampling.seed"]  # a sampler that repeats itself; designs may ask for one
    direction = plain["bias.direction"]
    plain["bias.direction"] = replace(direction, check=_checked)
    named = plain.pop("world.name")
    groups = {
        group: [one for one in plain.values() if one.group == group]
        for group in ("world", "bias", "interaction", "probabilities", "acronyms", "sampling")
    }
    rest = [one for one in plain.values() if not one.group]
    first = (named, truth, *groups["world"], ambiguous, *groups["bias"], *groups["interaction"])
    ways = (*groups["probabilities"], *groups["acronyms"])
    return (*first, *rest, heats, everybody, turns, *groups["sampling"], *ways)


def _usual(design: IteratedDesign) -> IteratedParameters:
    world, bias, done = design.world, design.bias, design.interaction
    return IteratedParameters(
        generations=design.generations, passed_on=design.passed_on, attempts=design.attempts,
        look_back=design.look_back, answers=design.answers, sampling=design.sampling,
        world=WorldParameters(
            name=world.name, examples=world.examples, noise=world.noise, draws=world.draws,
        ),
        bias=BiasParameters(
            strength=bias.strength, position=bias.position, direction=bias.direction or None,
        ),
        interaction=InteractionParameters(kind=done.kind),
        probabilities=ProbabilityParameters(
            by=design.probabilities.by, samples=design.probabilities.samples,
        ),
        acronyms=AcronymParameters(
            easy_share=design.acronyms.easy_share, filter=design.acronyms.filter,
        ),
    )  # fmt: skip


def _set_models(value: JsonValue) -> dict[str, JsonValue]:
    return {"models": [*_named(value)]}


def _set_heats(value: JsonValue) -> dict[str, JsonValue]:
    return {"temperatures": [float(one) for one in _named(value)]}


def _set_ambiguous(value: JsonValue) -> dict[str, JsonValue]:
    return {"world": {"ambiguous": value == _YES_NO[0]}}


def _set_truth(value: JsonValue) -> dict[str, JsonValue]:
    return {"world": {"truth": value}}


def _checked(value: JsonValue) -> JsonValue:
    if not _named(value):
        raise ValueError(f"{value!r}: there is no name between the commas.")
    return value


def _checked_heats(value: JsonValue) -> JsonValue:
    try:
        heats = [float(one) for one in _named(value)]
    except ValueError:
        raise ValueError(f"{value!r} is no list of numbers; write such as 1, 0.5.") from None
    if len(heats) != 2 or not all(0 <= heat <= 2 for heat in heats):
        raise ValueError(f"{value!r}: two temperatures from 0 to 2 are wanted.")
    return value


def _checked_place(value: JsonValue) -> JsonValue:
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is no place; they count from 0.")
    return value


def _named(value: JsonValue) -> tuple[str, ...]:
    return tuple(filter(None, (piece.strip() for piece in str(value).split(","))))
