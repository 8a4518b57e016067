"""What a launch may set over a lineage's design, for forms."""

from __future__ import annotations

from dataclasses import replace
from json import dumps, loads

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
_DRAWN = "drawn"
_BETWEEN = "|"
_SEVERAL = f"Several stand between {_BETWEEN}."


def launchable(design: IteratedDesign) -> tuple[Parameter, ...]:
    """What a launch may set, in the order of a form."""
    plain = {one.name: one for one in parameters_of(IteratedParameters, _usual(design))}
    everybody = replace(
        plain.pop("model"), type="model", group="models", label="everybody",
        usual="" if design.models else design.model,
    )  # fmt: skip
    turns = Parameter(
        "models", "in turn", "text", _set_models, _checked, group="models",
        usual=",".join(design.models), separator=_BETWEEN,
        meaning=f"Two models with a comma between them, which take turns. {_SEVERAL}",
    )  # fmt: skip
    heats = Parameter(
        "temperatures", "temperatures in turn", "text", _set_heats, _checked_heats,
        usual=",".join(f"{one:g}" for one in design.temperatures), separator=_BETWEEN,
        meaning="Two temperatures with a comma between them, of two who take turns. " + _SEVERAL,
    )  # fmt: skip
    truth = Parameter(
        "world.truth", "truth", "count", _set_truth, _checked_place, group="world",
        usual=str(design.world.truth), words=(_DRAWN,),
        meaning="Place of the rule that the first data come from, from 0, or `drawn` by the seed.",
    )  # fmt: skip
    ambiguous = _yes_no(
        "world", "ambiguous", design.world.ambiguous,
        "Whether first data cannot tell truth and alternative apart.",
    )  # fmt: skip
    settings = Parameter(
        "world.settings", "settings", "text", _set_settings, _checked_settings, group="world",
        usual=dumps(design.world.settings, ensure_ascii=False) if design.world.settings else "",
        separator=_BETWEEN,
        meaning='Others of the world, as JSON, such as {"objects": ["A", "B", "screen"]}. '
        + _SEVERAL,
    )  # fmt: skip
    classic = _yes_no(
        "interaction", "classic", design.interaction.classic,
        "As in the original: show what is wrong alone, ask also where nothing is, and keep the "
        "rule then whatever is replied.",
    )  # fmt: skip
    del plain["sampling.seed"]  # a sampler that repeats itself; designs may ask for one
    direction = plain["bias.direction"]
    plain["bias.direction"] = replace(
        direction, check=_checked, separator=_BETWEEN, meaning=f"{direction.meaning} {_SEVERAL}"
    )  # fmt: skip
    words = plain["bias.text"]
    plain["bias.text"] = replace(
        words, label="own words", separator=_BETWEEN, meaning=f"{words.meaning} {_SEVERAL}"
    )
    named = plain.pop("world.name")
    groups = {
        group: [one for one in plain.values() if one.group == group]
        for group in ("world", "bias", "interaction", "probabilities", "acronyms", "sampling")
    }
    rest = [one for one in plain.values() if not one.group]
    world = (named, truth, *groups["world"], settings, ambiguous)
    first = (*world, *groups["bias"], *groups["interaction"], classic)
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
            text=bias.text or None,
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


def _yes_no(group: str, name: str, usual: bool, meaning: str) -> Parameter:
    def setting(value: JsonValue) -> dict[str, JsonValue]:
        return {group: {name: value == _YES_NO[0]}}

    return Parameter(
        f"{group}.{name}", name, "choice", setting, group=group, usual=_YES_NO[not usual],
        choices=_YES_NO, meaning=meaning,
    )  # fmt: skip


def _set_settings(value: JsonValue) -> dict[str, JsonValue]:
    return {"world": {"settings": loads(str(value))}}


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
    if value != _DRAWN and (not isinstance(value, int) or value < 0):
        raise ValueError(f"{value!r} is no place; they count from 0.")
    return value


def _checked_settings(value: JsonValue) -> JsonValue:
    try:
        found = loads(str(value))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ValueError(
            f"{value!r} is no JSON object; write such as {{}} or "
            '{"objects": ["A", "B", "screen"]}.'
        )
    return value


def _named(value: JsonValue) -> tuple[str, ...]:
    return tuple(filter(None, (piece.strip() for piece in str(value).split(","))))
