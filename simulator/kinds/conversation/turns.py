"""How many turns a day has, and who takes the next one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from simulator.domain.records import Agent
from simulator.kinds.conversation.design import Weight


def day_shares(messages: int, days: int, *, classic: bool) -> list[int]:
    """Agent turns of each day.

    All messages are shared out as evenly as they can be, earlier days first. Classic: each day
    has `messages // days` messages with the researcher's among them, and the remainder is lost.
    """
    share, rest = divmod(messages, days)
    if classic:
        return [share - 1] * days
    return [share + (day < rest) for day in range(days)]


class Rota:
    """Who may speak next and in which order, for one conversation.

    Nobody speaks twice in a row unless alone.
    """

    def __init__(self, agents: Sequence[Agent]) -> None:
        self._agents = tuple(agents)
        self._by_role: dict[str, list[Agent]] = {}
        for agent in agents:
            self._by_role.setdefault(agent.role, []).append(agent)
        self._places = {agent.name: place for place, agent in enumerate(agents)}

    def candidates(self, last: Agent | None) -> tuple[Agent, ...]:
        """Everybody but the one who spoke last; the only agent there is may always speak."""
        return tuple(_without(last, self._agents)) or self._agents

    def next_in_list(self, last: Agent | None) -> Agent:
        """Round robin: the agent after the last one."""
        if last is None:
            return self._agents[0]
        return self._agents[(self._places[last.name] + 1) % len(self._agents)]

    def next_in_roles(self, last: Agent | None, spoken: dict[str, int]) -> Agent:
        """Role by role; within a role, whoever has spoken least, the earlier one first.

        Args:
            last: Who spoke last.
            spoken: Turns taken so far by name.
        """
        roles = list(self._by_role)
        role = roles[0] if last is None else roles[(roles.index(last.role) + 1) % len(roles)]
        free = _without(last, self._by_role[role]) or self._by_role[role]
        return min(free, key=lambda agent: (spoken.get(agent.name, 0), self._places[agent.name]))

    def drawn(self, last: Agent | None, rng: Random, weights: Sequence[Weight] = ()) -> Agent:
        """A candidate at random; an agent weighs as much as its role, 1 unless given."""
        by_role = {weight.role: weight.weight for weight in weights}
        free = self.candidates(last)
        return rng.choices(free, [by_role.get(agent.role, 1.0) for agent in free])[0]

    def addressed(self, text: str, last: Agent | None, spoken: dict[str, int]) -> Agent | None:
        """Whom a message speaks to: the candidate named last in it, by full name or by role.

        A role stands for its agent who has spoken least. None when nobody is named.
        """
        free = self.candidates(last)
        hits: list[tuple[int, int, Agent]] = []
        for place, agent in enumerate(free):
            at = _last_mention(text, agent.name)
            if at >= 0:
                hits.append((at, -place, agent))
        if hits:
            return max(hits, key=lambda hit: hit[:2])[2]
        for agent in sorted(free, key=lambda one: spoken.get(one.name, 0)):
            at = _last_mention(text, agent.role.replace("_", " "))
            if at >= 0:
                hits.append((at, -spoken.get(agent.name, 0), agent))
        return max(hits, key=lambda hit: hit[:2])[2] if hits else None


def _without(one: Agent | None, agents: Sequence[Agent]) -> list[Agent]:
    return [agent for agent in agents if one is None or agent.name != one.name]


def _last_mention(text: str, name: str) -> int:
    """Where a name stands last as a whole word, in any case; -1 when nowhere."""
    found = -1
    for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
        found = match.start()
    return found
