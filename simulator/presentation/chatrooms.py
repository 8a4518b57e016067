"""How the messages of a chatroom are like those before them."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.domain.journal import Step

REACH = 200
"""Messages back that a message is compared with."""
LONGEST = 20_000
"""Characters of texts that are compared by distance; longer ones are the same or not."""


class Likenesses:
    """Says of each message which earlier one it is most like."""

    def __init__(self) -> None:
        self._positions: list[int] = []
        self._texts: dict[int, str] = {}
        self._known: dict[int, str] = {}

    def add(self, step: Step) -> None:
        """Take a message in; what is known already is left."""
        if step.in_transcript and step.position not in self._texts:
            insort(self._positions, step.position)
            self._texts[step.position] = step.content

    def of(self, step: Step) -> str:
        """Such as `same as 3` or `87 % like 3`; 3 is the number of a message.

        That is the normalised Levenshtein similarity, 1 - distance / length of the longer text. Of
        several alike, the latest is named. Empty for the first message.
        """
        self.add(step)
        if step.position not in self._known:
            self._known[step.position] = self._found(step)
        return self._known[step.position]

    def _found(self, step: Step) -> str:
        from rapidfuzz.distance import Levenshtein

        text, best, like = step.content, -1.0, None
        before = self._positions[: bisect_left(self._positions, step.position)]
        for position in reversed(before[-REACH:]):
            other = self._texts[position]
            if other == text:
                return f"same as {position}"
            if max(len(other), len(text)) <= LONGEST:
                found = Levenshtein.normalized_similarity(text, other, score_cutoff=max(best, 0.0))
                if found > best:
                    best, like = found, position
        if like is None:
            return ""
        # What is not the same is never told as 100 %.
        return f"{min(99, round(100 * best))} % like {like}"
