"""The text being edited, its history, and the edits that wait to be worked into it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from screens.editor.differences import rebased
from screens.editor.history import History
from simulator.domain.designs import Design
from simulator.domain.ports import Kind
from simulator.errors import SimulatorError
from simulator.files.design_text import DesignFault, DesignText, Place

Heard = Callable[["Edit", SimulatorError | None], Awaitable[None]]
"""Is told of an edit, and why it could not be made."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of the text, asked for by the form or the file's pane."""

    place: Place
    """What it changes; () is the text as a whole."""
    make: Callable[[DesignText], DesignText]
    """Raises UsageError where it cannot be made."""
    label: str = ""
    """What it changes, in words."""
    is_typed: bool = False
    """Whether it goes on while somebody types: a later one of the same place replaces it."""
    focus: Place | None = None
    """What is to be in focus once it is made."""
    step: Literal[0, -1, 1] = 0
    """Back or forth in the history instead of a new change."""


class Session:
    """Edits are made one after the other, in a thread, so that large texts freeze nothing."""

    def __init__(
        self, text: str, kinds: Mapping[str, Kind], monotonic: Callable[[], float]
    ) -> None:
        """Begin with a text.

        Args:
            text: YAML, sound or not.
            kinds: The kinds of design by name.
            monotonic: Seconds from any start.
        """
        self.kinds = kinds
        self.text = DesignText(text, kinds)
        self.readable = self.text if self.text.is_readable else DesignText("", kinds)
        """The last text that could be read; what the form shows."""
        self.kind = self.text.kind
        """The last kind that was named."""
        self.sound = self.text.design
        """The last design without faults, and with it the preview."""
        self.refused: dict[Place, SimulatorError] = {}
        """What was typed and cannot be taken over, until something else is typed there."""
        self.history = History(text)
        self._monotonic = monotonic
        self._waiting: list[Edit] = []
        self._in_hand: _Hand | None = None
        self._lock = asyncio.Lock()

    @property
    def waits(self) -> bool:
        """Whether edits are not made yet."""
        return bool(self._waiting) or self._in_hand is not None

    @property
    def faults(self) -> tuple[DesignFault, ...]:
        """What is wrong: edits that could not be made, then the text's faults."""
        refused = (
            DesignFault(place, self.text.line(place) or 1, 1, error.message)
            for place, error in self.refused.items()
        )
        return (*refused, *self.text.faults)

    @property
    def design(self) -> Design | None:
        """The design, if nothing is wrong with it or with what was typed."""
        return None if self.refused else self.text.design

    def waits_at(self, place: Place) -> bool:
        """Whether an edit of this place is not made yet."""
        hand = [self._in_hand.edit] if self._in_hand is not None else []
        return any(edit.place == place and not edit.step for edit in (*hand, *self._waiting))

    def add(self, edit: Edit) -> None:
        """Queue an edit."""
        last = self._waiting[-1] if self._waiting else None
        if last is not None and edit.is_typed and last.is_typed and last.place == edit.place:
            self._waiting.pop()
        self._waiting.append(edit)

    def typed(self, base: str, text: str) -> Edit:
        """The edit that makes the text what the file's pane has, which began from `base`."""

        def make(current: DesignText) -> DesignText:
            return DesignText(rebased(base, text, current.text), self.kinds)

        return Edit((), make, "the file", is_typed=True)

    async def settle(self, heard: Heard) -> None:
        """Make all edits that wait; `heard` is told of each once it is made, or cannot be."""
        async with self._lock:
            while self._waiting:
                self._in_hand = hand = self._taken_up(self._waiting.pop(0))
                try:
                    made = await asyncio.to_thread(_made, hand, self.text)
                    if self._in_hand is not hand:
                        return
                finally:
                    if self._in_hand is hand:
                        self._in_hand = None
                self._take(hand.edit, made)
                await heard(hand.edit, made if isinstance(made, SimulatorError) else None)

    def settle_now(self) -> None:
        """Make all edits that wait, before anything else happens; for the moment of leaving."""
        hand, self._in_hand = self._in_hand, None
        if hand is not None:
            self._take(hand.edit, _made(hand, self.text))
        while self._waiting:
            hand = self._taken_up(self._waiting.pop(0))
            self._take(hand.edit, _made(hand, self.text))

    def _taken_up(self, edit: Edit) -> _Hand:
        if not edit.step:
            return _Hand(edit, edit.make)
        moved = self.history.back() if edit.step < 0 else self.history.forth()
        text = self.history.text
        return _Hand(edit, lambda now: DesignText(text, self.kinds) if moved else now)

    def _take(self, edit: Edit, made: DesignText | SimulatorError) -> None:
        if not edit.is_typed:
            self.refused.clear()
        if isinstance(made, SimulatorError):
            if edit.is_typed:
                self.refused[edit.place] = made
            return
        self.refused.pop(edit.place, None)
        if not edit.step:
            typed_at = edit.place if edit.is_typed else None
            self.history.record(made.text, edit.label, self._monotonic(), typed_at)
        self.text = made
        if made.is_readable:
            self.readable = made
        self.kind = made.kind or self.kind
        self.sound = made.design or self.sound


@dataclass(frozen=True, slots=True)
class _Hand:
    """An edit that is being made."""

    edit: Edit
    make: Callable[[DesignText], DesignText]


def _made(hand: _Hand, text: DesignText) -> DesignText | SimulatorError:
    try:
        return hand.make(text)
    except SimulatorError as error:
        return error
