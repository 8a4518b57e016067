"""What a launch may set over a chatroom's design."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from simulator.domain.sampling import Sampling
from simulator.errors import DesignInvalidError
from simulator.kinds.chatroom.design import (
    LONGEST_PERIOD,
    MOST_COPIES,
    MOST_MODELS,
    ChatroomDesign,
    Check,
    Roles,
    Speakers,
)


class ChatroomParameters(BaseModel):
    """Each None leaves the design's value."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    model: str | None = None
    """`provider/model` of everybody, as many as the design has."""
    models: tuple[Annotated[str, Field(min_length=1)], ...] | None = Field(
        default=None, min_length=1, max_length=MOST_MODELS
    )
    """Of those who talk, instead of the design's; goes before `model`."""
    initial_prompt: str | None = None
    """Said first, instead of all initial prompts of the design."""
    system_prompt: str | None = None
    """Of everybody, instead of the design's."""
    max_iterations: int | None = Field(default=None, ge=1, le=1_000_000)
    """Turns of models after the initial prompts, at most."""
    window: int | None = Field(default=None, ge=0)
    """Latest messages that a model is shown; 0 shows all."""
    speakers: Speakers | None = None
    """Who speaks next."""
    roles: Roles | None = None
    """As what messages are shown: by who said them, or by place as in the original."""
    check: Check | None = None
    """How texts are compared."""
    threshold: float | None = Field(default=None, gt=0.0, le=1.0)
    """Of `fuzzy`: the similarity from which two texts are the same."""
    min_repetitions: int | None = Field(default=None, ge=2, le=1000)
    """How often each text of a cycle must have been said."""
    max_period: int | None = Field(default=None, ge=1, le=LONGEST_PERIOD)
    """Longest cycle that is looked for, in messages."""
    copies: int | None = Field(default=None, ge=1, le=MOST_COPIES)
    """Of a replication test: how often each model is given the text."""
    sampling: Sampling = Sampling()
    """Options over everybody's."""


OF_CYCLES = ("check", "threshold", "min_repetitions", "max_period")
_OF_DESIGN = ("models", "max_iterations", "window", "speakers", "roles")


def resolve(design: ChatroomDesign, parameters: Mapping[str, JsonValue]) -> ChatroomDesign:
    """The design of one run.

    Raises:
        DesignInvalidError: A parameter is unknown or no good, or does not fit the design.
    """
    try:
        given = ChatroomParameters.model_validate(parameters)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise DesignInvalidError(f"parameter {place}: {fault['msg']}") from error
    update: dict[str, object] = _set(given, _OF_DESIGN)
    if given.model is not None and given.models is None:
        update["models"] = (given.model,) * len(design.models)
    if given.initial_prompt is not None:
        update["initial_prompts"] = (given.initial_prompt,)
    if given.system_prompt is not None:
        update["system_prompts"] = (given.system_prompt,)
    if given.speakers not in (None, "weighted"):
        update["weights"] = ()
    update["cycle"] = design.cycle.model_copy(update=_set(given, OF_CYCLES))
    update["sampling"] = design.sampling.updated(given.sampling)
    if given.copies is not None:
        if design.replication is None:
            raise DesignInvalidError(
                "parameter copies: the design tests no text.",
                remedy="Leave it out, or give the design a `replication`.",
            )
        update["replication"] = design.replication.model_copy(update={"copies": given.copies})
    resolved = design.model_copy(update=update)
    _check_counts(resolved)
    return resolved


def _set(given: ChatroomParameters, names: tuple[str, ...]) -> dict[str, object]:
    return {name: value for name in names if (value := getattr(given, name)) is not None}


def _check_counts(design: ChatroomDesign) -> None:
    """Raises DesignInvalidError where another number of models leaves prompts or weights over."""
    models = len(design.models)
    for name, count in (
        ("system_prompts", len(design.system_prompts)),
        ("weights", len(design.weights)),
    ):
        if count != models and count > (name == "system_prompts"):
            raise DesignInvalidError(
                f"parameter models: {models} are given, but the design has {count} {name}.",
                remedy=f"Give as many models as the design has {name}.",
            )
    if design.speakers == "weighted" and not design.weights:
        raise DesignInvalidError(
            "parameter speakers: the design has no weights.",
            remedy="Choose random or alternating, or give the design weights.",
        )
