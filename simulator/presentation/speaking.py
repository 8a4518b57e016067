"""The turns in progress of a run, one of which is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Speaking:
    """A turn in progress; a turn that is begun anew is another one."""

    speaker: str
    role: str
    day: int | None
    scope: str = ""
    pieces: list[str] = field(default_factory=list)
    """Of the reply so far, raw."""

    @property
    def text(self) -> str:
        """The reply so far."""
        return "".join(self.pieces)


class Turns:
    """Turns side by side, by scope and speaker.

    One of them is in focus until it is over: words of several at once could not be read.
    """

    def __init__(self) -> None:
        self._turns: dict[tuple[str, str], Speaking] = {}
        self._focus: tuple[str, str] | None = None

    def __len__(self) -> int:
        return len(self._turns)

    def __iter__(self) -> Iterator[Speaking]:
        return iter(self._turns.values())

    @property
    def in_focus(self) -> Speaking | None:
        """The turn to show; None while nobody speaks."""
        return None if self._focus is None else self._turns.get(self._focus)

    def begin(self, scope: str, speaker: str, role: str, day: int | None) -> None:
        """Somebody begins to speak."""
        turn = (scope, speaker)
        self._turns[turn] = Speaking(speaker, role, day, scope)
        if self.in_focus is None:
            self._focus = turn

    def begin_again(self, scope: str, speaker: str) -> None:
        """What somebody said so far is void."""
        known = self._turns.get((scope, speaker))
        if known is not None:
            self._turns[scope, speaker] = Speaking(speaker, known.role, known.day, scope)

    def stream(self, scope: str, speaker: str, text: str) -> bool:
        """Take a piece of somebody's words; whether it belongs to the turn in focus.

        The focus goes to whoever speaks while the one that has it is silent.
        """
        turn = (scope, speaker)
        speaking = self._turns.get(turn)
        if speaking is None:
            return False
        speaking.pieces.append(text)
        focus = self.in_focus
        if focus is None or not focus.pieces:
            self._focus = turn
        return turn == self._focus

    def end(self, scope: str, speaker: str) -> bool:
        """Somebody's turn is over; whether it was in focus."""
        turn = (scope, speaker)
        self._turns.pop(turn, None)
        if turn != self._focus:
            return False
        speaking = (one for one, words in self._turns.items() if words.pieces)
        self._focus = next(speaking, None) or next(iter(self._turns), None)
        return True

    def clear(self) -> None:
        """Nobody speaks."""
        self._turns.clear()
        self._focus = None
