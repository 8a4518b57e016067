"""What happens in a chatroom: a talk until texts repeat themselves, or a test of one text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from pydantic import JsonValue

from simulator.analysis.culture.cycles import Cycle, find_cycle, first_cycle
from simulator.domain.ports import Stage
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.records import Agent, Outcome, Run
from simulator.kinds.chatroom.design import ChatroomDesign, Replication
from simulator.kinds.chatroom.replicating import counted, counts_values
from simulator.kinds.chatroom.showing import Said, shown
from simulator.kinds.debate.side_by_side import side_by_side

OPENER = "Initial prompt"
"""Speaker of what is said first."""
AT_ONCE = 64
"""Copies under way at the same time."""


async def play(run: Run, design: ChatroomDesign, stage: Stage) -> Outcome:
    """Play a chatroom from the top."""
    if design.replication is not None:
        return await _replicate(run, design, design.replication, stage)
    return await _talk(run, design, stage)


async def _talk(run: Run, design: ChatroomDesign, stage: Stage) -> Outcome:
    history: list[Said] = []
    for text in design.initial_prompts:
        step = await stage.say(OPENER, text, role="prompt")
        history.append(Said(step.speaker, step.content))
    next_speaker = speakers(design, run.agents, stage.rng("speakers"))
    rule = design.cycle.rule
    turns = 0
    while turns < design.max_iterations:
        while (words := await stage.interjection()) is not None:
            history.append(Said(words.speaker, words.content))
        if design.stop_on_convergence and find_cycle([said.text for said in history], rule):
            break
        agent = next_speaker()
        prompt = shown(
            agent.system_prompt, history, agent.name, roles=design.roles, window=design.window
        )
        step = await stage.ask(agent, prompt)
        history.append(Said(step.speaker, step.content))
        turns += 1
    return outcome_of(design, [said.text for said in history], turns)


def outcome_of(design: ChatroomDesign, texts: Sequence[str], turns: int | None = None) -> Outcome:
    """What a talk came to.

    A talk whose last possible message completes a cycle has converged, though nobody would have
    been asked again.

    Args:
        design: Resolved.
        texts: All messages, initial prompts included.
        turns: Of models; None takes all messages but the initial prompts.
    """
    if turns is None:
        turns = max(0, len(texts) - len(design.initial_prompts))
    rule = design.cycle.rule
    first = first_cycle(texts, rule)
    last = find_cycle(texts, rule)
    values: dict[str, JsonValue] = {
        "converged": first is not None, "turns": turns, "messages": len(texts),
    }  # fmt: skip
    if first is None:
        detail = f"no text repeats itself in {turns} turns"
        return Outcome(reason="iterations", detail=detail, values=values)
    told = last or first
    values |= cycle_values(told)
    values["converged_after"] = first.end
    detail = cycle_text(told)
    if not design.stop_on_convergence:
        values["broken"] = last is None or last.onset != first.onset
        values["ends_in_cycle"] = last is not None
        if last is None:
            detail = f"{detail}; broken again"
        elif last.onset != first.onset:
            detail = f"{detail}, after another one broke"
    reason = "converged" if design.stop_on_convergence else "iterations"
    return Outcome(reason=reason, detail=detail, values=values)


def cycle_values(cycle: Cycle) -> dict[str, JsonValue]:
    """A cycle as outcomes keep it; places of messages count from 0."""
    return {
        "period": cycle.period,
        "onset": cycle.onset,
        "end": cycle.end,
        "repetitions": cycle.repetitions,
        "texts": list(cycle.texts),
        "is_trivial": cycle.trivial is not None,
        "why_trivial": cycle.trivial,
        "is_drifting": cycle.drifting,
    }


def cycle_text(cycle: Cycle) -> str:
    """Such as `period 2 from message 4, repeated 3 times`; messages count from 0, as in `show`."""
    trivial = f" ({cycle.trivial})" if cycle.trivial else ""
    return (
        f"period {cycle.period} from message {cycle.onset}, repeated "
        f"{cycle.repetitions} times{trivial}"
    )


def speakers(design: ChatroomDesign, agents: Sequence[Agent], rng: Random) -> Callable[[], Agent]:
    """Says, each time it is called, who speaks next."""
    if design.speakers == "alternating":
        place = -1

        def in_turn() -> Agent:
            nonlocal place
            place = (place + 1) % len(agents)
            return agents[place]

        return in_turn
    if design.speakers == "weighted":
        return lambda: rng.choices(agents, design.weights)[0]
    return lambda: rng.choice(agents)


async def _replicate(
    run: Run, design: ChatroomDesign, wanted: Replication, stage: Stage
) -> Outcome:
    text = (await stage.say(OPENER, wanted.text, role="prompt")).content
    prompt = Prompt.of(ChatMessage("user", text))
    works = [
        partial(_copy, stage.branch(copy_scope(agent.number, number)), agent, prompt)
        for agent in run.agents
        for number in range(1, wanted.copies + 1)
    ]
    replies = await side_by_side(works, at_once=AT_ONCE)
    found = counted(
        text,
        {
            agent.model: replies[place * wanted.copies : (place + 1) * wanted.copies]
            for place, agent in enumerate(run.agents)
        },
        design.cycle.rule,
    )
    copies, given = sum(one.copies for one in found), sum(one.given for one in found)
    return Outcome(
        reason="replication",
        detail=f"{copies} of {given} replies are copies",
        values=counts_values(text, found),
    )


async def _copy(stage: Stage, agent: Agent, prompt: Prompt) -> str:
    return (await stage.ask(agent, prompt)).content


def copy_scope(model: int, copy: int) -> str:
    """Name of the scope of a reply to a found text; both count from 1."""
    return f"model-{model}-copy-{copy:04d}"
