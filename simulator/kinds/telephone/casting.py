"""From a resolved design to agents: the seats that take turns, or the nodes of a network."""

from __future__ import annotations

import math
from random import Random

from simulator.domain.records import Agent
from simulator.domain.sampling import Sampling
from simulator.domain.tokens import estimated_tokens, text_bytes
from simulator.kinds.telephone.design import Network, TelephoneDesign
from simulator.kinds.telephone.networks import pairs_of, readings
from simulator.kinds.telephone.prompts import most_prompt_bytes
from simulator.kinds.telephone.tasks import stops_of

AGENT = "agent"
NETWORK = "network"
"""Purpose of what draws the pairs of a random network."""
USUAL_REPLY_TOKENS = 1024
"""Taken for a text whose length nothing limits."""
USUAL_TEXT_BYTES = 2500
"""Taken for texts that are not read yet."""
MOST_ROOM_TOKENS = 32_768
"""Room that is asked for, at most, unless a design says more."""
STEP_TOKENS = 1024
"""Room is asked for in multiples of this, so that servers need not load a model again."""
_MARGIN = 1.1


def cast(design: TelephoneDesign) -> tuple[Agent, ...]:
    """Those who speak: in a network all agents; in a chain as many as differ, which take turns."""
    sampling = _sampling(design)
    models, told = design.all_models, design.personalities or ("",)
    return tuple(
        Agent(
            name=f"Agent {number}", role=AGENT, number=number,
            model=models[(number - 1) % len(models)], sampling=sampling,
            system_prompt=told[(number - 1) % len(told)],
        )
        for number in range(1, seats(design) + 1)
    )  # fmt: skip


def seats(design: TelephoneDesign) -> int:
    """How many agents there are."""
    if not design.is_sequence:
        return design.network.agents
    differing = math.lcm(len(design.all_models), len(design.personalities) or 1)
    return min(differing, design.generations)


def speakers(design: TelephoneDesign, generation: int) -> tuple[int, ...]:
    """The numbers of those who speak in a generation, both from 1."""
    count = seats(design)
    if design.is_sequence:
        return ((generation - 1) % count + 1,)
    return tuple(range(1, count + 1))


def readers(design: TelephoneDesign, rng: Random) -> tuple[tuple[int, ...], ...]:
    """Whom each agent of a network reads, itself included, from 1; of a chain nothing.

    Args:
        design: Resolved.
        rng: Of the run, for `NETWORK`; it draws random networks.
    """
    return () if design.is_sequence else readers_in(design.network, rng)


def readers_in(network: Network, rng: Random) -> tuple[tuple[int, ...], ...]:
    """As `readers`, of a network that is no chain."""
    pairs = pairs_of(
        network.structure, network.agents, cliques=network.cliques, edges=network.edges,
        own=network.own, rng=rng,
    )  # fmt: skip
    return readings(pairs, network.agents, both_ways=network.structure != "own")


def _sampling(design: TelephoneDesign) -> Sampling:
    update: dict[str, object] = {}
    if design.prompt_style == "base":
        ends = stops_of(design.task, reads_several=not design.is_sequence)
        update["stop"] = tuple(dict.fromkeys((*design.sampling.stop, *ends)))
    if design.sampling.context_length is None:
        update["context_length"] = needed_tokens(design)
    return design.sampling.model_copy(update=update)


def needed_tokens(design: TelephoneDesign) -> int:
    """The longest prompt and the reply to it: a multiple of `STEP_TOKENS`."""
    reply = design.sampling.max_tokens or USUAL_REPLY_TOKENS
    texts = [text_bytes(text.text) for text in design.texts]
    longest = max(texts, default=USUAL_TEXT_BYTES)
    read = 1 if design.is_sequence else design.network.agents
    first = estimated_tokens(most_prompt_bytes(design) + longest, 2)
    later = estimated_tokens(most_prompt_bytes(design), 2) + read * reply
    needed = math.ceil((max(first, later) + reply) * _MARGIN / STEP_TOKENS) * STEP_TOKENS
    return max(min(MOST_ROOM_TOKENS, needed), STEP_TOKENS)
