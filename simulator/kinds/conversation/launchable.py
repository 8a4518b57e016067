"""What a launch may set over a conversation's design, for forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from pydantic import JsonValue, ValidationError

from simulator.domain.parameters import Parameter, parameters_of
from simulator.kinds.conversation.design import SUMMARIZER, ConversationDesign
from simulator.kinds.conversation.parameters import SELECTOR, ConversationParameters, Counted


def launchable(design: ConversationDesign) -> tuple[Parameter, ...]:
    """What a launch may set, in the order of a form."""
    plain = {one.name: one for one in parameters_of(ConversationParameters, design)}
    speaker = replace(plain.pop("speaker"), usual=design.speaker.method)
    everybody = replace(
        plain.pop("model"), type="model", group="models", label="everybody", usual=design.model
    )
    days = replace(plain.pop("days"), may_count_up=True)
    del plain["sampling.seed"]  # a sampler that repeats itself; designs may ask for one
    first = plain.pop("first_role")
    sampling = [one for one in plain.values() if one.group == "sampling"]
    messages = replace(plain["messages"], label="messages in all")
    return (
        messages, days, *_counts(design), *_factor_levels(design), everybody,
        *_role_models(design), *sampling, speaker, plain["memory"], *_first_role(design, first),
    )  # fmt: skip


def _first_role(design: ConversationDesign, plain: Parameter) -> Iterator[Parameter]:
    names = tuple(role.name for role in design.roles)
    if len(names) > 1:
        yield replace(plain, type="choice", usual=names[0], choices=names, rotates=True)


def _role_models(design: ConversationDesign) -> Iterator[Parameter]:
    own = {role.name: role.model for role in design.roles}
    if design.summarizer is not None:
        own[SUMMARIZER] = design.summarizer.model
    own[SELECTOR] = design.selector.model
    for name, model in own.items():
        yield Parameter(
            f"models.{name}", name, "model", partial(_assigned, "models", name), group="models",
            usual=model or "", meaning=f"The model of {name}; it goes before everybody's.",
        )  # fmt: skip


def _counts(design: ConversationDesign) -> Iterator[Parameter]:
    for role in design.roles:
        yield Parameter(
            f"agents.{role.name}", role.name, "count", partial(_counted, role.name),
            partial(_checked_count, role.name), "agents", str(role.count),
            f"How many agents play {role.name}.", may_count_up=True,
        )  # fmt: skip


def _factor_levels(design: ConversationDesign) -> Iterator[Parameter]:
    for factor in design.factors:
        levels = tuple(level.name for level in factor.levels)
        yield Parameter(
            f"levels.{factor.name}", factor.name, "choice",
            partial(_assigned, "levels", factor.name), group="factors", usual=levels[0],
            meaning=f"Levels of {factor.name}.", choices=levels,
        )  # fmt: skip


def _assigned(key: str, name: str, value: JsonValue) -> dict[str, JsonValue]:
    return {key: [{"name": name, "value": value}]}


def _counted(role: str, value: JsonValue) -> dict[str, JsonValue]:
    return {"agents": [{"role": role, "count": value}]}


def _checked_count(role: str, value: JsonValue) -> JsonValue:
    try:
        return Counted.model_validate({"role": role, "count": value}).count
    except ValidationError as error:
        raise ValueError(f"{value}: {error.errors()[0]['msg']}.") from None
