"""How speakers look: a colour and a mark for each role, in the order of the roles.

The colours are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), which people with any
kind of colour vision can tell apart; on light backgrounds they are darkened until they can be read.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulator.domain.records import Agent

_ON_DARK = ("#56B4E9", "#E69F00", "#2DC79B", "#F0E442", "#E08BBE", "#FF8A4C", "#8AB6FF", "#D0D0D0")
_ON_LIGHT = ("#00577F", "#7A4F00", "#00614A", "#605800", "#8A2D66", "#9C3D00", "#1B4BA0", "#444444")
_MARKS = ("●", "▲", "■", "◆", "○", "△", "□", "◇")
RESEARCHER_MARK = "»"
HELPER_MARK = "∑"


class Voices:
    """The style and the mark of each speaker of a run."""

    def __init__(self, agents: Sequence[Agent]) -> None:
        roles = list(dict.fromkeys(agent.role for agent in agents if agent.number))
        self._places = {role: place % len(_MARKS) for place, role in enumerate(roles)}
        # What some say has a role of its own, such as the rule of a learner.
        self._roles = {agent.name: agent.role for agent in agents if agent.number}
        self._helpers = {agent.name for agent in agents if not agent.number}

    def is_helper(self, speaker: str) -> bool:
        """Whether they write about the conversation instead of speaking in it."""
        return speaker in self._helpers

    def style(self, speaker: str, role: str, *, is_dark: bool) -> str:
        """A style for rich."""
        if speaker in self._helpers:
            return "italic"
        place = self._place(speaker, role)
        if place is None:
            return "bold"
        return (_ON_DARK if is_dark else _ON_LIGHT)[place]

    def mark(self, speaker: str, role: str) -> str:
        """One character that tells roles apart where colours do not."""
        if speaker in self._helpers:
            return HELPER_MARK
        place = self._place(speaker, role)
        return RESEARCHER_MARK if place is None else _MARKS[place]

    def _place(self, speaker: str, role: str) -> int | None:
        return self._places.get(role, self._places.get(self._roles.get(speaker, "")))
