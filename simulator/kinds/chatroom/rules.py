"""What makes a chatroom's design one that can be run."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.domain.designs import DesignProblem
from simulator.kinds.chatroom.design import ChatroomDesign

Place = tuple[str | int, ...]


def problems(design: ChatroomDesign) -> tuple[DesignProblem, ...]:
    """Everything that is wrong, in reading order; empty when the design can be run."""
    return tuple(
        DesignProblem(place, message)
        for rule in (_models, _prompts, _weights)
        for place, message in rule(design)
    )


def _models(design: ChatroomDesign) -> Iterator[tuple[Place, str]]:
    for number, model in enumerate(design.models):
        if not model.strip():
            yield ("models", number), "it names no model; write such as ollama/llama3.1:8b"


def _prompts(design: ChatroomDesign) -> Iterator[tuple[Place, str]]:
    count, models = len(design.system_prompts), len(design.models)
    if count > 1 and count != models:
        yield (
            ("system_prompts",),
            f"{count} system prompts for {models} models; give one for all, or one for each",
        )
    elif not design.initial_prompts and design.replication is None:
        silent = [place for place in range(models) if not design.system_prompt(place)]
        if silent:
            yield (
                ("initial_prompts",),
                "nothing is said first, and without a system prompt a model has nothing to answer",
            )


def _weights(design: ChatroomDesign) -> Iterator[tuple[Place, str]]:
    given, models = len(design.weights), len(design.models)
    if design.speakers != "weighted":
        if given:
            yield ("weights",), f"with `speakers: {design.speakers}` nobody has a weight"
    elif given != models:
        yield ("weights",), f"{given} weights for {models} models; give one for each"
    elif not any(design.weights):
        yield ("weights",), "all are 0, so nobody would speak"
