"""Who speaks next, by the design's method."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.domain.ports import Stage
from simulator.domain.prompts import ChatMessage, View
from simulator.domain.records import Agent
from simulator.kinds.conversation.casting import SELECTOR_NAME
from simulator.kinds.conversation.design import ConversationDesign
from simulator.kinds.conversation.stops import Progress
from simulator.kinds.conversation.turns import Rota


class SpeakerChoice:
    """Finds the next speaker; a single candidate is taken without asking anybody."""

    def __init__(self, design: ConversationDesign, agents: Sequence[Agent], stage: Stage) -> None:
        participants = [agent for agent in agents if agent.number]
        self._design = design
        self._stage = stage
        self._rota = Rota(participants)
        self._by_name = {agent.name: agent for agent in participants}
        self._selector = next((a for a in agents if a.name == SELECTOR_NAME), None)
        self._selector_view = View()
        self._rng = stage.rng("speakers")
        self._last: Agent | None = None
        self._last_words: list[str] = []
        """The last agent's, and what others than agents have said since."""
        self._spoken: dict[str, int] = {}

    def new_day(self, day: int) -> None:
        """Nobody has spoken yet today; classic order starts over with the first agent."""
        if self._design.classic:
            self._last = None
        self._last_words = []
        if self._selector is not None and (day == 1 or self._design.memory != "full"):
            self._selector_view = View()
            self._selector_view.append(ChatMessage("system", self._selector.system_prompt))

    def heard(self, line: str, words: str = "") -> None:
        """Words that whoever chooses should know of.

        Args:
            line: As the selector is shown them.
            words: Those that may address an agent, when they are no agent's own turn.
        """
        self._last_words.append(words)
        if self._selector is not None:
            self._selector_view.append(ChatMessage("user", line))

    def spoke(self, agent: Agent, words: str) -> None:
        """An agent has had its turn."""
        self._last = agent
        self._last_words = [words]
        self._spoken[agent.name] = self._spoken.get(agent.name, 0) + 1

    async def next(self, day: int, progress: Progress) -> Agent:
        """Who speaks now. A choice by a model or a person is a step of its own."""
        method, last = self._design.speaker.method, self._last
        free = self._rota.candidates(last)
        if len(free) == 1:
            return free[0]
        match method:
            case "round_robin":
                return self._rota.next_in_list(last)
            case "random":
                return self._rota.drawn(last, self._rng)
            case "weighted":
                return self._rota.drawn(last, self._rng, self._design.speaker.weights)
            case "role_alternating":
                return self._rota.next_in_roles(last, self._spoken)
            case "addressed":
                for words in reversed(self._last_words):
                    named = self._rota.addressed(words, last, self._spoken)
                    if named is not None:
                        return named
                return self._rota.next_in_roles(last, self._spoken)
            case "manual":
                names = [agent.name for agent in free]
                step = await self._stage.choose_by_person("Who speaks next?", names, day=day)
                return self._by_name[step.content]
            case "auto":
                return await self._chosen_by_model(free, day, progress)

    async def _chosen_by_model(self, free: Sequence[Agent], day: int, progress: Progress) -> Agent:
        assert self._selector is not None
        names = [agent.name for agent in free]
        question = (
            f"Who speaks next? Choose one of: {', '.join(names)}. Answer with the name alone."
        )
        prompt = self._selector_view.prompt().extended(ChatMessage("user", question))
        fallback = self._rota.next_in_list(self._last).name
        step = await self._stage.choose(self._selector, prompt, names, fallback=fallback, day=day)
        progress.count(step, spoken=False)
        return self._by_name[step.content]
