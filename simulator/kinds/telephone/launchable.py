"""What a launch may set over a game of telephone's design, for forms."""

from __future__ import annotations

from dataclasses import replace

from pydantic import JsonValue

from simulator.domain.parameters import Parameter, parameters_of
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.kinds.telephone.parameters import TelephoneParameters

_OF_NETWORKS = ("structure", "agents", "cliques", "edges")


def launchable(design: TelephoneDesign) -> tuple[Parameter, ...]:
    """What a launch may set, in the order of a form."""
    plain = {one.name: one for one in parameters_of(TelephoneParameters, _usual(design))}
    everybody = replace(
        plain.pop("model"), type="model", group="models", label="everybody",
        usual="" if design.models else design.model,
    )  # fmt: skip
    turns = Parameter(
        "models", "in turn", "text", _set_models, _checked, group="models",
        usual=",".join(design.models),
        meaning="Models between commas, which take turns along a chain.",
    )  # fmt: skip
    del plain["sampling.seed"]  # a sampler that repeats itself; designs may ask for one
    texts = Parameter(
        "texts", "texts", "text", _set_texts, _checked, usual="",
        meaning="Names of initial texts between commas; all without any.",
    )  # fmt: skip
    if design.task != "own" and not design.prompts.first:
        plain["task"] = _without_own(plain["task"])
    if not design.network.own:
        plain["structure"] = _without_own(plain["structure"])
    sampling = [one for one in plain.values() if one.group == "sampling"]
    rest = [one for one in plain.values() if one.group != "sampling"]
    networks = [one for one in rest if one.name in _OF_NETWORKS]
    first = [one for one in rest if one not in networks]
    return (*first, texts, everybody, turns, *sampling, *networks)


def _usual(design: TelephoneDesign) -> TelephoneParameters:
    network = design.network
    return TelephoneParameters(
        task=design.task, chains=design.chains, generations=design.generations,
        prompt_style=design.prompt_style,
        personality=design.personalities[0] if len(design.personalities) == 1 else None,
        structure=network.structure, agents=network.agents, cliques=network.cliques,
        edges=network.edges, sampling=design.sampling,
    )  # fmt: skip


def _without_own(parameter: Parameter) -> Parameter:
    return replace(parameter, choices=tuple(one for one in parameter.choices if one != "own"))


def _set_models(value: JsonValue) -> dict[str, JsonValue]:
    return {"models": [*_named(value)]}


def _set_texts(value: JsonValue) -> dict[str, JsonValue]:
    return {"texts": [*_named(value)]}


def _checked(value: JsonValue) -> JsonValue:
    if not _named(value):
        raise ValueError(f"{value!r}: there is no name between the commas.")
    return value


def _named(value: JsonValue) -> tuple[str, ...]:
    return tuple(filter(None, (piece.strip() for piece in str(value).split(","))))
