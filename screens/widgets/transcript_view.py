"""The messages of a run as they come, turns in progress included."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.timer import Timer

from screens.widgets.message_list import MessageList
from screens.widgets.message_row import LiveRow, MessageRow, shown_name
from simulator.domain.journal import Step
from simulator.domain.records import Agent

FRAME_S = 0.06
"""Between two drawings of words that stream."""


class TranscriptView(MessageList):
    """Messages that are added at the end, which is scrolled to while it is on the screen."""

    def __init__(
        self,
        agents: Sequence[Agent] = (),
        *,
        numbered: bool = True,
        keep: int | None = None,
        empty: str = "Nothing was said yet.",
        id: str | None = None,  # noqa: A002
        classes: str = "",
    ) -> None:
        """Make a view without messages.

        Args:
            agents: The run's.
            numbered: Whether messages show their numbers, as `fork` takes them.
            keep: How many messages are kept at most, the latest ones; None keeps all.
            empty: Shown while there are none.
            id: Of the widget.
            classes: Of the widget.
        """
        super().__init__(agents, numbered=numbered, empty=empty, id=id, classes=classes)
        self._keep = keep
        self._known: set[int] = set()
        self._live: LiveRow | None = None
        self._pieces: list[str] = []
        self._frame: Timer | None = None

    def show(
        self, steps: Iterable[Step], agents: Sequence[Agent] | None = None, *, at_end: bool = False
    ) -> None:
        """See `MessageList`; the turn in progress goes."""
        ordered = sorted(steps, key=lambda step: step.position)
        kept = ordered if self._keep is None else ordered[-self._keep :]
        self._is_cut = len(kept) < len(ordered)
        self._known = {step.position for step in kept}
        self._live = None
        self._pieces.clear()
        super().show(kept, agents, at_end=at_end)

    def commit(self, step: Step) -> None:
        """Add a message, in place of its turn in progress; one that is known changes nothing."""
        if step.position in self._known:
            return
        self._known.add(step.position)
        if self._live is not None and self._live.speaker == shown_name(step.speaker):
            self.end_turn()
        place = len(self._all) - (self._live is not None)
        while place > 0 and (before := self._all[place - 1].step) is not None:
            if before.position < step.position:
                break
            place -= 1
        self._insert(place, self._row(step))
        self._prune()

    def extend(self, steps: Sequence[Step], *, are_new: bool = True) -> None:
        """Add messages, many at once; those that are new count as such."""
        new = sorted(
            (step for step in steps if step.position not in self._known),
            key=lambda step: step.position,
        )
        last = self._all[-1].step if self._all else None
        is_later = not self._all or (last is not None and new and last.position < new[0].position)
        if not is_later or self._keep is not None:
            for step in new:
                self.commit(step)
            return
        self._known.update(step.position for step in new)
        rows = [self._row(step) for step in new]
        self._all += rows
        shown = [row for row in rows if self._is_shown(row)]
        before = self.rows[-1] if self.rows else None
        for row in shown:
            self._head(row, before)
            before = row
        self.extend_rows(shown, are_new=are_new)
        self._divide_anew()

    def begin_turn(self, speaker: str, role: str, day: int | None = None) -> None:
        """Somebody begins to speak, or begins anew; what they said so far is void."""
        self.end_turn()
        is_helper = self._voices.is_helper(speaker)
        self._live = LiveRow(speaker, role, day, is_helper=is_helper)
        self._insert(len(self._all), self._live)

    def stream(self, text: str) -> None:
        """More of the turn in progress; drawn with what else comes in the same moment."""
        if self._live is None:
            return
        self._pieces.append(text)
        if self._frame is None:
            self._frame = self.set_timer(FRAME_S, self._draw_pieces)

    def end_turn(self) -> None:
        """Nobody speaks any more; what was not committed goes."""
        self._pieces.clear()
        live, self._live = self._live, None
        if live is not None:
            self._all.remove(live)
            if self.rows and self.rows[-1] is live:
                self.remove_rows(len(self.rows) - 1, len(self.rows))

    def _draw_pieces(self) -> None:
        self._frame = None
        if self._live is not None and self._pieces:
            self._live.stream("".join(self._pieces))
            if self.rows and self.rows[-1] is self._live:
                self.refresh_row(len(self.rows) - 1)
        self._pieces.clear()

    def _insert(self, place: int, row: MessageRow) -> None:
        self._all.insert(place, row)
        if not self._is_shown(row):
            return
        after = sum(self._is_shown(later) for later in self._all[place + 1 :])
        shown = len(self.rows) - after
        self._head(row, self.rows[shown - 1] if shown else None)
        self.insert_row(shown, row, is_new=not row.is_live)
        if after:
            self._head(self.rows[shown + 1], row)
            self.refresh_row(shown + 1)
        self._divide_anew()

    def _divide_anew(self) -> None:
        """Names or numbers may have become longer."""
        if self.columns is not None and self.columns != self.columns_of(self.content_width):
            self.divide()

    def _prune(self) -> None:
        """Leave the earliest messages to the store; some at a time, as it takes a while."""
        if self._keep is None or len(self._all) <= self._keep + self._keep // 10:
            return
        gone = self._all[: -self._keep]
        self._known -= {row.step.position for row in gone if row.step is not None}
        del self._all[: -self._keep]
        self._is_cut = True
        self.remove_rows(0, sum(map(self._is_shown, gone)))
        if self.rows:
            self._head(self.rows[0], None)
            self.refresh_row(0)
