"""From a resolved design to agents: one for each model that talks or is tested."""

from __future__ import annotations

import math

from simulator.domain.records import Agent
from simulator.domain.tokens import estimated_tokens, text_bytes
from simulator.kinds.chatroom.design import ChatroomDesign

SPEAKER = "speaker"
FRESH = "fresh model"
"""Role of those whom a found text is given to."""
USUAL_REPLY_TOKENS = 500
"""Taken for a message whose length nothing limits."""
MOST_ROOM_TOKENS = 32_768
"""Room that is asked for where models are shown all messages, at most."""
STEP_TOKENS = 1024
"""Room is asked for in multiples of this, so that servers need not load a model again."""


def cast(design: ChatroomDesign) -> tuple[Agent, ...]:
    """The models in their order; of a replication test each model once.

    All ask for the same context, unless the design says how much.
    """
    sampling = design.sampling
    if sampling.context_length is None:
        sampling = sampling.model_copy(update={"context_length": needed_tokens(design)})
    if design.replication is not None:
        plain = design.model_copy(update={"models": design.fresh_models})
        return tuple(
            Agent(name=name, role=FRESH, number=number, model=model, sampling=sampling)
            for number, (name, model) in enumerate(zip(plain.names, plain.models, strict=True), 1)
        )
    return tuple(
        Agent(
            name=name, role=SPEAKER, number=place + 1, model=model, sampling=sampling,
            system_prompt=design.system_prompt(place),
        )
        for place, (name, model) in enumerate(zip(design.names, design.models, strict=True))
    )  # fmt: skip


def needed_tokens(design: ChatroomDesign) -> int:
    """The longest prompt and the reply to it: a multiple of `STEP_TOKENS`."""
    reply = design.sampling.max_tokens or USUAL_REPLY_TOKENS
    if design.replication is not None:
        prompt = estimated_tokens(text_bytes(design.replication.text))
    else:
        prompts = [text_bytes(text) for text in design.initial_prompts]
        system = max(map(text_bytes, design.system_prompts), default=0)
        most = len(prompts) + design.max_iterations
        shown = min(design.window or most, most)
        said = max(0, shown - len(prompts))
        prompt = estimated_tokens(sum(prompts) + system, len(prompts) + 1)
        prompt += said * (reply + estimated_tokens(0))
    return min(MOST_ROOM_TOKENS, math.ceil((prompt + reply) / STEP_TOKENS) * STEP_TOKENS)
