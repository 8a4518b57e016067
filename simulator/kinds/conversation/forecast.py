"""How much context the models of a conversation will need, before anybody speaks."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulator.domain.records import Agent
from simulator.domain.tokens import MESSAGE_TOKENS, estimated_tokens, text_bytes
from simulator.kinds.conversation.design import SUMMARIZER, ConversationDesign
from simulator.kinds.conversation.parameters import SELECTOR
from simulator.kinds.conversation.turns import day_shares

USUAL_REPLY_TOKENS = 500
"""Taken for a reply whose length nothing limits."""
QUESTION_MESSAGES = 4
"""As long as so many empty messages is a question for the next speaker, without the names."""
REMINDERS = 3
"""How often a selector that names nobody is asked again, at most."""
STEP_TOKENS = 1024
"""Forecasts are multiples of this, so that small differences do not make a server load a model
again."""
_MARGIN = 1.1
"""For words of the researcher, and for readers that count more tokens than the writer did."""


def with_context(
    design: ConversationDesign, agents: Sequence[Agent], opening: str
) -> tuple[Agent, ...]:
    """The agents, each asking for as much context as the conversation may need.

    Agents of one model ask for the same, the most that one of them needs: a server that loads its
    model for a length of context would load it anew at every change. What a design sets stays.
    """
    forecast = _Forecast(design, agents, opening)
    needed: dict[str, int] = {}
    for agent in agents:
        needed[agent.model] = max(forecast.tokens(agent), needed.get(agent.model, 0))
    return tuple(_with_context(agent, needed[agent.model]) for agent in agents)


def _with_context(agent: Agent, tokens: int) -> Agent:
    if agent.sampling.context_length is not None:
        return agent
    sampling = agent.sampling.model_copy(update={"context_length": tokens})
    return agent.model_copy(update={"sampling": sampling})


class _Forecast:
    """Lengths of one conversation, every reply taken to be as long as it may be."""

    def __init__(self, design: ConversationDesign, agents: Sequence[Agent], opening: str) -> None:
        speakers = [agent for agent in agents if agent.number]
        summarizers = [agent for agent in agents if agent.role == SUMMARIZER]
        self._design = design
        self._shares = day_shares(design.messages, design.days, classic=design.classic)
        self._turn_tokens = max(
            estimated_tokens(text_bytes(f"{speaker.name}: ")) + _reply_tokens(speaker)
            for speaker in speakers
        )
        self._opening_tokens = estimated_tokens(text_bytes(opening))
        if design.memory == "summaries":
            summary_tokens = max(map(_reply_tokens, summarizers), default=0)
            self._opening_tokens += (design.days - 1) * (summary_tokens + MESSAGE_TOKENS)
        names = ", ".join(speaker.name for speaker in speakers)
        self._question_tokens = estimated_tokens(text_bytes(names), QUESTION_MESSAGES)

    def tokens(self, agent: Agent) -> int:
        """An agent's longest prompt and its reply: a multiple of `STEP_TOKENS`."""
        turns, openings = max(self._shares), 1
        if agent.number and self._design.visible_messages is not None:
            turns = min(sum(self._shares), self._design.visible_messages)
        elif self._design.memory == "full" and agent.role != SUMMARIZER:
            turns, openings = sum(self._shares), self._design.days
        prompt_tokens = (
            estimated_tokens(text_bytes(agent.system_prompt))
            + openings * self._opening_tokens
            + turns * self._turn_tokens
        )
        if agent.role == SELECTOR:
            asked = self._question_tokens + _reply_tokens(agent)
            prompt_tokens += self._question_tokens + REMINDERS * asked
        needed = math.ceil((prompt_tokens + _reply_tokens(agent)) * _MARGIN)
        return math.ceil(needed / STEP_TOKENS) * STEP_TOKENS


def _reply_tokens(agent: Agent) -> int:
    return agent.sampling.max_tokens or USUAL_REPLY_TOKENS
