"""What a conversation will ask of its models: `play` once more, with lengths instead of words."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.domain.records import Agent
from simulator.domain.tokens import text_bytes
from simulator.domain.workloads import USUAL_HABITS, Habits, ReplyLength, Workload
from simulator.kinds.conversation.casting import (
    RESEARCHER,
    SELECTOR_NAME,
    SUMMARIZER_NAME,
    opening_message,
)
from simulator.kinds.conversation.design import SUMMARIZER, ConversationDesign
from simulator.kinds.conversation.parameters import SELECTOR
from simulator.kinds.conversation.play import NUDGE
from simulator.kinds.conversation.stops import first_met, watch
from simulator.kinds.conversation.turns import Rota, day_shares

_QUESTION = "Who speaks next? Choose one of: . Answer with the name alone."
_SUMMARIZE = "Summarize day 1."
_HEADING = "\nDay 1 summary:\n"


def workload(
    design: ConversationDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
) -> tuple[Workload, ...]:
    """What each model will have to do, every turn being taken.

    Who speaks when is exact for methods that go by a list; for the others everybody gets the
    share that is expected.

    Args:
        design: Resolved.
        agents: As it is cast.
        habits: How the models reply, by `provider/model`; those left out as `USUAL_HABITS`.
    """
    rehearsal = _Rehearsal(design, agents, habits)
    rehearsal.play()
    return rehearsal.workloads()


class _Tally:
    """Counts the calls of one model."""

    def __init__(self) -> None:
        self.calls = 0
        self.prompt_tokens = 0.0
        self.completion_tokens = 0.0
        self.context_tokens = 0.0
        self.limits: list[int] = []


@dataclass(slots=True)
class _Text:
    """How long several entries of a prompt are together."""

    size_bytes: float = 0.0
    entries: int = 0

    def add(self, size_bytes: float) -> None:
        """Another entry."""
        self.size_bytes += size_bytes
        self.entries += 1


class _Heard:
    """What everybody has heard since the opening, or the latest of it."""

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._lines: deque[tuple[str, float]] = deque()
        self._size_bytes = 0.0
        self._own: Counter[str] = Counter()
        """Lines of each speaker among them."""

    def add(self, speaker: str, size_bytes: float) -> None:
        """A line, label included."""
        self._lines.append((speaker, size_bytes))
        self._size_bytes += size_bytes
        self._own[speaker] += 1
        if self._most is not None and len(self._lines) > self._most:
            gone, size = self._lines.popleft()
            self._size_bytes -= size
            self._own[gone] -= 1

    def seen_by(self, name: str, label_bytes: int) -> _Text:
        """What an agent is shown, whose own words have no labels and are never the last ones."""
        seen = _Text(self._size_bytes - self._own[name] * label_bytes, len(self._lines))
        if self._lines and self._lines[-1][0] == name:
            seen.add(text_bytes(NUDGE))
        return seen


class _Rehearsal:
    """One conversation, all replies of the usual length."""

    def __init__(
        self, design: ConversationDesign, agents: Sequence[Agent], habits: Mapping[str, Habits]
    ) -> None:
        self._design = design
        self._agents = [agent for agent in agents if agent.number]
        self._helpers = {agent.name: agent for agent in agents if not agent.number}
        self._habits = {agent.model: habits.get(agent.model, USUAL_HABITS) for agent in agents}
        self._rota = Rota(self._agents)
        self._weights = {weight.role: weight.weight for weight in design.speaker.weights}
        self._system = {agent.name: text_bytes(agent.system_prompt) for agent in agents}
        self._labels = {name: self._label_bytes(name) for name in (RESEARCHER, *self._system)}
        self._replies = {agent.name: self._reply(agent) for agent in agents}
        self._opening_bytes: float = text_bytes(opening_message(design, agents))
        names = [text_bytes(agent.name) for agent in self._agents]
        self._name = sum(names) / len(names)
        self._question = text_bytes(_QUESTION) + sum(names) + 2 * len(names)
        self._spoken: dict[str, int] = {}
        self._last: Agent | None = None
        self._progress = watch(design.stop)
        self._tallies: dict[str, _Tally] = {agent.model: _Tally() for agent in agents}
        for agent in agents:
            limit = self._set_limit(agent)
            if limit is not None:
                self._tallies[agent.model].limits.append(limit)

    def _label_bytes(self, name: str) -> int:
        return text_bytes(f"{name}: ") if self._design.labels_words else 0

    def _reply(self, agent: Agent) -> ReplyLength:
        return self._habits[agent.model].reply_length(
            is_helper=not agent.number, max_tokens=agent.sampling.max_tokens
        )

    def play(self) -> None:
        """Go through all days, as `play.play` does."""
        design = self._design
        for day, turns in enumerate(
            day_shares(design.messages, design.days, classic=design.classic), 1
        ):
            if self._hold_day(day, turns):
                return
            if day <= design.summarized_days:
                summary_bytes = self._summarize()
                if design.memory == "summaries":
                    self._opening_bytes += text_bytes(_HEADING) + summary_bytes

    def _hold_day(self, day: int, turns: int) -> bool:
        """Whether a stop condition is met, as far as lengths can meet one."""
        opening_bytes = self._labels[RESEARCHER] + self._opening_bytes
        if day == 1 or self._design.memory != "full":
            self._first_bytes = opening_bytes
            self._heard = _Heard(self._design.visible_messages)
            self._selector_heard = _Text()
        else:
            self._heard.add(RESEARCHER, opening_bytes)
        self._selector_heard.add(opening_bytes)
        self._day = _Text()
        if self._design.classic:
            self._last = None
        for _ in range(turns):
            self._take_turn()
            if first_met(self._design.stop, self._progress):
                return True
        self._progress.days = day
        return first_met(self._design.stop, self._progress) is not None

    def _take_turn(self) -> None:
        speaker = self._next_speaker()
        name = speaker.name
        seen = self._heard.seen_by(name, self._labels[name])
        seen.add(self._first_bytes)
        self._ask(speaker, seen, self._replies[name].tokens)
        line_bytes = self._labels[name] + self._replies[name].size_bytes
        self._heard.add(name, line_bytes)
        self._day.add(line_bytes)
        self._selector_heard.add(line_bytes)
        self._spoken[name] = self._spoken.get(name, 0) + 1
        self._last = speaker
        self._progress.messages += 1

    def _next_speaker(self) -> Agent:
        method, last = self._design.speaker.method, self._last
        free = self._rota.candidates(last)
        if len(free) == 1:
            return free[0]
        if method == "auto":
            self._choose(len(free))
        if method in ("role_alternating", "addressed"):
            return self._rota.next_in_roles(last, self._spoken)
        if method == "weighted":
            return min(free, key=self._lateness)
        return self._rota.next_in_list(last)

    def _lateness(self, agent: Agent) -> float:
        return (self._spoken.get(agent.name, 0) + 1) / self._weights.get(agent.role, 1.0)

    def _choose(self, candidates: int) -> None:
        selector = self._helpers[SELECTOR_NAME]
        habits = self._habits[selector.model]
        if habits.scores_choices:
            return
        left_out = (len(self._agents) - candidates) * (self._name + 2)
        shown = _Text(self._selector_heard.size_bytes, self._selector_heard.entries)
        shown.add(self._question - left_out)
        self._ask(selector, shown, self._name / habits.bytes_per_token)

    def _summarize(self) -> float:
        summarizer = self._helpers[SUMMARIZER_NAME]
        if not self._design.classic:
            self._day.add(text_bytes(_SUMMARIZE))
        reply = self._replies[SUMMARIZER_NAME]
        self._ask(summarizer, self._day, reply.tokens)
        return reply.size_bytes

    def _ask(self, agent: Agent, shown: _Text, reply_tokens: float) -> None:
        habits, tally = self._habits[agent.model], self._tallies[agent.model]
        size_bytes = shown.size_bytes + self._system[agent.name]
        prompt_tokens = habits.prompt_tokens(size_bytes, shown.entries + 1)
        tally.calls += 1
        tally.prompt_tokens += prompt_tokens
        tally.completion_tokens += reply_tokens
        room = max(agent.sampling.max_tokens or 0, reply_tokens)
        tally.context_tokens = max(tally.context_tokens, prompt_tokens + room)
        self._progress.tokens += round(prompt_tokens + reply_tokens)

    def _set_limit(self, agent: Agent) -> int | None:
        """How much context the design itself asks for."""
        design = self._design
        if agent.role == SELECTOR:
            return design.selector.sampling.context_length
        part = design.summarizer if agent.role == SUMMARIZER else design.role(agent.role)
        assert part is not None
        return design.sampling.updated(part.sampling).context_length

    def workloads(self) -> tuple[Workload, ...]:
        """What was counted, models without a call left out."""
        return tuple(
            Workload(
                model,
                tally.calls,
                round(tally.prompt_tokens),
                round(tally.completion_tokens),
                math.ceil(tally.context_tokens),
                min(tally.limits, default=None),
            )
            for model, tally in self._tallies.items()
            if tally.calls
        )
