"""From a resolved design to agents: whoever asks a model."""

from __future__ import annotations

import math

from simulator.domain.records import Agent
from simulator.domain.sampling import Sampling
from simulator.domain.tokens import estimated_tokens, text_bytes
from simulator.kinds.debate.asked import question_count, questions_asked
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.prompts import text_of
from simulator.kinds.debate.turns import is_asked, read_by, temperature, voters

JUDGE = "Judge"
CLASSIC_TOP_P = 0.85
"""Of words, where nothing else is asked for."""
USUAL_REPLY_TOKENS = 500
"""Taken for a message whose length nothing limits."""
USUAL_QUESTION_BYTES = 1000
"""Taken for questions that are not read yet."""
LABEL_BYTES = 40
"""Around each solution, at most."""
STEP_TOKENS = 1024
"""Room is asked for in multiples of this, so that servers need not load a model again."""
_MARGIN = 1.1


def cast(design: DebateDesign) -> tuple[Agent, ...]:
    """The debaters that ask a model, in their order, then the judge if there is one.

    Each has the temperature of the first round. Agents of one model ask for the same context, as
    much as one of them may need, unless the design says how much. Experts ask nobody and are no
    agents.
    """
    places = [p for p in range(len(design.debaters)) if is_asked(design, p)]
    numbers: dict[str, int] = {}
    agents: list[tuple[Agent, int]] = []
    for place in places if design.debates else voters(design):
        debater = design.debaters[place]
        role = "random" if debater.part == "random" else "debater"
        numbers[role] = numbers.get(role, 0) + 1
        agent = Agent(
            name=design.names[place], role=role, number=numbers[role],
            model=debater.model or design.model, sampling=sampling_in(design, place, 1),
            system_prompt=text_of(design, "system", place),
        )  # fmt: skip
        agents.append((agent, _needed_tokens(design, agent, place)))
    if has_judge(design):
        judge = Agent(
            name=JUDGE, role="judge", number=0, model=design.judge.model or design.model,
            sampling=design.sampling.updated(design.judge.sampling),
            system_prompt=text_of(design, "system"),
        )  # fmt: skip
        agents.append((judge, _needed_tokens(design, judge, None)))
    room: dict[str, int] = {}
    for agent, tokens in agents:
        room[agent.model] = max(tokens, room.get(agent.model, 0))
    return tuple(_with_context(agent, room[agent.model]) for agent, _ in agents)


def has_judge(design: DebateDesign) -> bool:
    """Whether a judge gives the final answer."""
    return design.debates and design.final == "judge"


def sampling_in(design: DebateDesign, place: int, round_: int) -> Sampling:
    """A debater's sampling in a round, from 1; of vectors, without what only words have."""
    update: dict[str, object] = {}
    degrees = temperature(design, place, round_)
    if design.speaks_words:
        update["temperature"] = degrees
        if design.classic and design.sampling.top_p is None:
            update["top_p"] = CLASSIC_TOP_P
    else:
        # Mixtures may be hotter than anything that words are drawn at.
        update["temperature"] = degrees if degrees <= 2.0 else None
    return design.sampling.model_copy(update=update)


def _with_context(agent: Agent, tokens: int) -> Agent:
    if agent.sampling.context_length is not None:
        return agent
    sampling = agent.sampling.model_copy(update={"context_length": tokens})
    return agent.model_copy(update={"sampling": sampling})


def _needed_tokens(design: DebateDesign, agent: Agent, place: int | None) -> int:
    """An agent's longest prompt and its reply: a multiple of `STEP_TOKENS`."""
    texts = [text_of(design, text, place) for text in ("initial", "debate", "judge")]
    solutions = 0
    if design.debates:
        solutions = len(design.debaters) if place is None else len(read_by(design, place)) + 1
        if design.memory == "full" and place is not None:
            solutions *= max(1, design.rounds - 1)
    label_tokens = estimated_tokens(LABEL_BYTES, 0)
    message_tokens = design.sampling.max_tokens or USUAL_REPLY_TOKENS
    size_bytes = text_bytes(agent.system_prompt) + max(map(text_bytes, texts))
    needed = (
        estimated_tokens(size_bytes + longest_question(design), 2)
        + solutions * (message_tokens + label_tokens)
        + (agent.sampling.max_tokens or USUAL_REPLY_TOKENS)
    ) * _MARGIN
    return math.ceil(needed / STEP_TOKENS) * STEP_TOKENS


def longest_question(design: DebateDesign) -> int:
    """UTF-8 bytes of the longest question; a usual size while they are not read."""
    if question_count(design) is None:
        return USUAL_QUESTION_BYTES
    return max(text_bytes(question.text) for question in questions_asked(design))
