"""What a chatroom will ask of its models, unless it converges."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from simulator.domain.records import Agent
from simulator.domain.tokens import text_bytes
from simulator.domain.workloads import USUAL_HABITS, Habits, ReplyLength, Workload
from simulator.kinds.chatroom.design import ChatroomDesign


def workload(
    design: ChatroomDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
) -> tuple[Workload, ...]:
    """What each model will have to do, all turns being taken.

    Everybody gets the share of the turns that is expected, and hears messages of the length that
    is usual among all.

    Args:
        design: Resolved.
        agents: As it is cast.
        habits: How the models reply, by `provider/model`; those left out as `USUAL_HABITS`.
    """
    works = _copies if design.replication is not None else _turns
    return Workload.total(works(design, agents, habits))


def _copies(
    design: ChatroomDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
) -> Iterator[Workload]:
    assert design.replication is not None
    size = text_bytes(design.replication.text)
    for agent in agents:
        yield _work(design, agent, habits, design.replication.copies, size, size, 1)


def _turns(
    design: ChatroomDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
) -> Iterator[Workload]:
    shares = _shares(design, len(agents))
    heard = sum(
        share * _reply(design, agent, habits).size_bytes
        for share, agent in zip(shares, agents, strict=True)
    )
    sizes: list[float] = [text_bytes(text) for text in design.initial_prompts]
    total = most = entries = 0.0
    first, turns = len(sizes), design.max_iterations
    window = design.window or first + turns
    opening = 0
    # Only the first turns still see initial prompts; later ones all see as much.
    while opening < turns and (design.window == 0 or opening < window):
        seen = min(first + opening, window)
        own = min(opening, seen)
        size = own * heard + sum(sizes[first - (seen - own) :] if seen > own else ())
        total, entries, most = total + size, entries + seen, max(most, size)
        opening += 1
        if design.window == 0:
            rest = turns - opening
            total += rest * size + heard * rest * (rest + 1) / 2
            entries += rest * seen + rest * (rest + 1) / 2
            most = size + rest * heard
            opening = turns
    total += (turns - opening) * window * heard
    entries += (turns - opening) * window
    most = max(most, window * heard if turns > opening else 0.0)
    for share, agent in zip(shares, agents, strict=True):
        calls = round(turns * share)
        yield _work(design, agent, habits, calls, total / turns, most, entries / turns)


def _shares(design: ChatroomDesign, count: int) -> list[float]:
    if design.speakers == "weighted" and any(design.weights):
        return [weight / sum(design.weights) for weight in design.weights]
    if design.speakers == "alternating":
        turns = design.max_iterations
        return [(turns // count + (place < turns % count)) / turns for place in range(count)]
    return [1 / count] * count


def _reply(design: ChatroomDesign, agent: Agent, habits: Mapping[str, Habits]) -> ReplyLength:
    own = habits.get(agent.model, USUAL_HABITS)
    return own.reply_length(is_helper=False, max_tokens=design.sampling.max_tokens)


def _work(
    design: ChatroomDesign,
    agent: Agent,
    habits: Mapping[str, Habits],
    calls: int,
    mean_bytes: float,
    most_bytes: float,
    entries: float,
) -> Workload:
    own, reply = habits.get(agent.model, USUAL_HABITS), _reply(design, agent, habits)
    fixed, more = text_bytes(agent.system_prompt), entries + bool(agent.system_prompt)
    usual = own.prompt_tokens(fixed + mean_bytes, more)
    room = max(design.sampling.max_tokens or 0, reply.tokens)
    return Workload(
        agent.model, calls, round(calls * usual), round(calls * reply.tokens),
        math.ceil(own.prompt_tokens(fixed + most_bytes, more) + room),
        design.sampling.context_length,
    )  # fmt: skip
