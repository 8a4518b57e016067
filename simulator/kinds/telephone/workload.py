"""What a game of telephone will ask of its models: `play` with lengths instead of words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from random import Random

from simulator.domain.records import Agent
from simulator.domain.tokens import text_bytes
from simulator.domain.workloads import USUAL_HABITS, Habits, Workload
from simulator.kinds.telephone.casting import USUAL_TEXT_BYTES, readers_in, seats
from simulator.kinds.telephone.design import Network, TelephoneDesign
from simulator.kinds.telephone.networks import most_edges
from simulator.kinds.telephone.prompts import template
from simulator.kinds.telephone.tasks import filled

_LABEL_BYTES = len("Text of Agent 1:\n\n\n")
USUAL_TEXTS = 20
"""While texts are not read: those that come along."""


def chains_of_design(design: TelephoneDesign) -> int:
    """How many chains there will be."""
    texts = len(design.texts) or len(design.data.names) or USUAL_TEXTS
    return texts * design.chains


def turns_of(design: TelephoneDesign) -> int | None:
    """How many times models are asked; None while it is not known how many texts there are."""
    if not design.texts and not design.data.names and design.data.path is not None:
        return None
    each = 1 if design.is_sequence else design.network.agents
    return chains_of_design(design) * design.generations * each


def workload(
    design: TelephoneDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
) -> tuple[Workload, ...]:
    """What each model will have to do, every reply having the form that is asked for.

    Args:
        design: Resolved. While its texts are not read, usual ones are taken for them.
        agents: As it is cast.
        habits: How the models reply, by `provider/model`; those left out as `USUAL_HABITS`.
    """
    return Workload.total(_calls(design, agents, habits))


def _calls(
    design: TelephoneDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
) -> Iterator[Workload]:
    sizes = [text_bytes(text.text) for text in design.texts] or [USUAL_TEXT_BYTES]
    chains, limit = chains_of_design(design), design.sampling.max_tokens

    def passed_on(agent: Agent) -> float:
        """Length of what an agent writes, in bytes."""
        own = habits.get(agent.model, USUAL_HABITS)
        return own.reply_length(is_helper=False, max_tokens=limit).size_bytes

    heard = sum(map(passed_on, agents)) / max(1, len(agents))
    turns: Counter[int] = Counter()
    first: Counter[int] = Counter()
    if design.is_sequence:
        count = seats(design)
        for place in range(count):
            turns[place] = len(range(place, design.generations, count))
        first[0] = 1
    else:
        for place in range(len(agents)):
            turns[place], first[place] = design.generations, 1
    for place, agent in enumerate(agents):
        own = habits.get(agent.model, USUAL_HABITS)
        reply = own.reply_length(is_helper=False, max_tokens=limit)
        read = 1.0 if design.is_sequence else _reads(design.network)[place]
        told, opening = _told_bytes(design, agent), _opening_bytes(design, agent)
        going_on = told + text_bytes(filled(template(design, 2, is_single=read <= 1), ""))
        if read > 1:
            going_on += round(read * _LABEL_BYTES)
        entries = _entries(agent)
        once, later = first[place], turns[place] - first[place]
        usual = once * own.prompt_tokens(opening + sum(sizes) / len(sizes), entries)
        usual += later * own.prompt_tokens(going_on + read * heard, entries)
        most = max(
            own.prompt_tokens(opening + max(sizes), entries) if once else 0,
            own.prompt_tokens(going_on + read * heard, entries) if later else 0,
        )
        yield Workload(
            agent.model, chains * turns[place], round(chains * usual),
            round(chains * turns[place] * reply.tokens),
            math.ceil(most + _reply_room(own, limit)), design.sampling.context_length,
        )  # fmt: skip


def texts_too_long(
    design: TelephoneDesign,
    agents: Sequence[Agent],
    habits: Mapping[str, Habits],
    contexts: Mapping[str, int],
) -> dict[str, tuple[str, ...]]:
    """The names of initial texts that leave no room for a usual reply, by model.

    Args:
        design: Resolved, with its texts.
        agents: As it is cast.
        habits: As of `workload`.
        contexts: Tokens of prompt and reply that models can take; those left out take all.
    """
    found: dict[str, tuple[str, ...]] = {}
    limit = design.sampling.max_tokens
    for agent in agents[:1] if design.is_sequence else agents:
        context = contexts.get(agent.model)
        if context is None:
            continue
        own = habits.get(agent.model, USUAL_HABITS)
        opening, entries = _opening_bytes(design, agent), _entries(agent)
        names = tuple(
            text.name
            for text in design.texts
            if own.prompt_tokens(opening + text_bytes(text.text), entries)
            + _reply_room(own, limit) > context
        )  # fmt: skip
        if len(names) > len(found.get(agent.model, ())):
            found[agent.model] = names
    return found


def _reply_room(own: Habits, limit: int | None) -> float:
    """Tokens that a context must have for a reply."""
    reply = own.reply_length(is_helper=False, max_tokens=limit)
    return max(limit or 0, reply.tokens) if own.keeps_room else reply.tokens


def _told_bytes(design: TelephoneDesign, agent: Agent) -> int:
    return text_bytes(agent.system_prompt) + text_bytes(design.format.prompt)


def _opening_bytes(design: TelephoneDesign, agent: Agent) -> int:
    """What is asked in the first generation, without the text."""
    asked = filled(template(design, 1, is_single=True), "")
    return _told_bytes(design, agent) + text_bytes(asked)


def _entries(agent: Agent) -> int:
    return 1 + bool(agent.system_prompt)


@lru_cache(maxsize=64)
def _reads(network: Network) -> tuple[float, ...]:
    """How many texts each agent reads after the first generation; in random networks on average."""
    if network.structure in ("fully_connected", "random"):
        pairs = most_edges(network.agents)
        if network.structure == "random":
            pairs = network.edges
        return (1 + 2 * pairs / network.agents,) * network.agents
    return tuple(map(float, map(len, readers_in(network, Random(0)))))  # which draws nothing
