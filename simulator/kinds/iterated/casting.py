"""From a resolved design to agents: the learners, which take turns where there are two."""

from __future__ import annotations

import math

from simulator.domain.records import Agent
from simulator.domain.sampling import Sampling
from simulator.kinds.iterated.biases import bias_text
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.iterated.games import game_of, world_of
from simulator.kinds.iterated.lengths import most_tokens
from simulator.kinds.iterated.places import LEARNER, learner_name

MOST_ROOM_TOKENS = 32_768
"""Room that is asked for, at most, unless a design says more."""
STEP_TOKENS = 1024
"""Room is asked for in multiples of this, so that servers need not load a model again."""
USUAL_REPLY_TOKENS = 1024
"""Taken for a reply whose length nothing limits."""
_MARGIN = 1.1


def cast(design: IteratedDesign) -> tuple[Agent, ...]:
    """The learners in the order of their turns; one where all are the same."""
    told = system_prompt(design)
    models = design.all_models
    return tuple(
        Agent(
            name=learner_name(number), role=LEARNER, number=number,
            model=models[(number - 1) % len(models)], sampling=_sampling(design, number, told),
            system_prompt=told,
        )
        for number in range(1, learners(design) + 1)
    )  # fmt: skip


def learners(design: IteratedDesign) -> int:
    """How many agents take turns."""
    return min(max(len(design.all_models), len(design.temperatures)), design.generations)


def system_prompt(design: IteratedDesign) -> str:
    """The game, and the bias where it stands at the start."""
    is_told = design.bias.position == "start"
    bias = bias_text(design.bias, world_of(design)) if is_told else ""
    return "\n\n".join(filter(None, (game_of(design).described(), bias)))


def _sampling(design: IteratedDesign, number: int, told: str) -> Sampling:
    update: dict[str, object] = {}
    if design.temperatures:
        update["temperature"] = design.temperatures[(number - 1) % len(design.temperatures)]
    if design.sampling.context_length is None:
        update["context_length"] = _needed_tokens(design, told)
    return design.sampling.model_copy(update=update)


def _needed_tokens(design: IteratedDesign, told: str) -> int:
    """The longest prompt and the reply to it: a multiple of `STEP_TOKENS`."""
    reply = design.sampling.max_tokens or USUAL_REPLY_TOKENS
    needed = (most_tokens(design, told) + reply) * _MARGIN
    needed = math.ceil(needed / STEP_TOKENS) * STEP_TOKENS
    return max(min(MOST_ROOM_TOKENS, needed), STEP_TOKENS)
