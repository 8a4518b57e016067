"""What a text was before, to go back to and forth from."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

PAUSE_S = 1.0
"""Seconds without typing after which a new step begins."""
LONGEST_STEP = 100
"""Characters that one step of typing takes at most."""
MOST_CHARACTERS = 20_000_000
"""Of all texts that are kept; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A text with what led to it."""

    text: str
    label: str
    """What was changed."""


class History:
    """The texts so far, one of which is the present."""

    def __init__(self, text: str) -> None:
        self._past: list[Moment] = [Moment(text, "")]
        self._future: list[Moment] = []
        self._typed_at: Hashable = None
        self._last_s = 0.0
        self._before = len(text)
        """Length of the text at the beginning of the step."""

    @property
    def text(self) -> str:
        """The present."""
        return self._past[-1].text

    def record(self, text: str, label: str, now_s: float, typed_at: Hashable = None) -> None:
        """Go on to a new text.

        Args:
            text: As it is now.
            label: What was changed.
            now_s: Seconds from any start.
            typed_at: Where it was typed, so that more typing there goes into the same step; None
                is a step of its own.
        """
        if text == self.text:
            return
        goes_on = (
            typed_at is not None
            and typed_at == self._typed_at
            and not self._future
            and now_s - self._last_s < PAUSE_S
            and abs(len(text) - self._before) <= LONGEST_STEP
        )
        if goes_on:
            self._past.pop()
        else:
            self._before = len(self.text)
        self._past.append(Moment(text, label))
        self._future.clear()
        self._typed_at, self._last_s = typed_at, now_s
        while len(self._past) > 2 and sum(len(m.text) for m in self._past) > MOST_CHARACTERS:
            del self._past[0]

    def back(self) -> Moment | None:
        """Undo: what was undone, now that the present is the text before; None at the beginning."""
        if len(self._past) < 2:
            return None
        self._future.append(self._past.pop())
        self._typed_at = None
        return self._future[-1]

    def forth(self) -> Moment | None:
        """Redo: what was done again; None when nothing was undone."""
        if not self._future:
            return None
        self._past.append(self._future.pop())
        self._typed_at = None
        return self._past[-1]
