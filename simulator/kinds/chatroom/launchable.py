"""What a launch may set over a chatroom's design, for forms."""

from __future__ import annotations

from dataclasses import replace

from pydantic import JsonValue

from simulator.domain.parameters import Parameter, parameters_of
from simulator.kinds.chatroom.design import MOST_MODELS, ChatroomDesign
from simulator.kinds.chatroom.parameters import OF_CYCLES, ChatroomParameters


def launchable(design: ChatroomDesign) -> tuple[Parameter, ...]:
    """What a launch may set, in the order of a form."""
    plain = {one.name: one for one in parameters_of(ChatroomParameters, _usual(design))}
    same = len(set(design.models)) == 1
    everybody = replace(
        plain.pop("model"), type="model", group="models", label="everybody",
        usual=design.models[0] if same else "",
    )  # fmt: skip
    each = Parameter(
        "models", "one by one", "text", _set_models, _checked, group="models",
        usual=",".join(design.models),
        meaning="Models between commas, one for each who talks; a model may be named again.",
    )  # fmt: skip
    del plain["sampling.seed"]  # a sampler that repeats itself; designs may ask for one
    if design.replication is None:
        del plain["copies"]
    else:
        talk = ("initial_prompt", "system_prompt", "max_iterations", "window", "speakers", "roles")
        for name in (*talk, "min_repetitions", "max_period"):
            del plain[name]
    if not design.weights:
        plain = {name: _unweighted(one) for name, one in plain.items()}
    sampling = [one for one in plain.values() if one.group == "sampling"]
    rest = [one for one in plain.values() if one.group != "sampling"]
    cycles = [one for one in rest if one.name in OF_CYCLES]
    first = [one for one in rest if one not in cycles]
    return (*first, everybody, each, *sampling, *cycles)


def _usual(design: ChatroomDesign) -> ChatroomParameters:
    cycle, prompts = design.cycle, design.initial_prompts
    return ChatroomParameters(
        initial_prompt=prompts[0] if len(prompts) == 1 else None,
        system_prompt=design.system_prompts[0] if len(design.system_prompts) == 1 else None,
        max_iterations=design.max_iterations, window=design.window, speakers=design.speakers,
        roles=design.roles, check=cycle.check, threshold=cycle.threshold,
        min_repetitions=cycle.min_repetitions, max_period=cycle.max_period,
        copies=None if design.replication is None else design.replication.copies,
        sampling=design.sampling,
    )  # fmt: skip


def _unweighted(parameter: Parameter) -> Parameter:
    if parameter.name != "speakers":
        return parameter
    return replace(parameter, choices=tuple(one for one in parameter.choices if one != "weighted"))


def _set_models(value: JsonValue) -> dict[str, JsonValue]:
    return {"models": [*models_named(str(value))]}


def _checked(value: JsonValue) -> JsonValue:
    if not 0 < len(models_named(str(value))) <= MOST_MODELS:
        raise ValueError(f"{value!r}: there are 1 to {MOST_MODELS} models, between commas.")
    return value


def models_named(text: str) -> tuple[str, ...]:
    """The models between the commas of a text."""
    return tuple(filter(None, (piece.strip() for piece in text.split(","))))
