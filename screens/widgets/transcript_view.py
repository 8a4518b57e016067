"""The messages of a run as they come, turns in progress included."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort_right
from collections.abc import Collection, Iterable, Sequence

from textual.timer import Timer

from screens.widgets.message_list import MessageList
from screens.widgets.message_row import LiveRow, MessageRow, shown_name
from simulator.domain.journal import Step
from simulator.domain.records import Agent
from simulator.presentation.ordering import Key, Ordering

FRAME_S = 0.06
"""Between two drawings of words that stream."""
MANY = 20
"""Messages among others that are put in their places together."""


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
        self,
        steps: Iterable[Step],
        agents: Sequence[Agent] | None = None,
        *,
        at_end: bool = False,
        ordering: Ordering | None = None,
    ) -> None:
        """See `MessageList`; the turn in progress goes."""
        self.ordering = ordering or self.ordering
        ordered = sorted(steps, key=self.ordering.key)
        kept = ordered if self._keep is None else ordered[-self._keep :]
        self._is_cut = len(kept) < len(ordered)
        self._known = {step.position for step in kept}
        self._live = None
        self._pieces.clear()
        super().show(kept, agents, at_end=at_end)

    def commit(self, step: Step, *, is_new: bool = True) -> None:
        """Add a message, in place of its turn in progress; one that is known changes nothing."""
        if step.position in self._known:
            return
        self._known.add(step.position)
        live = self._live
        if live is not None and (live.scope or step.scope, live.speaker) == (
            step.scope, shown_name(step.speaker),
        ):  # fmt: skip
            self.end_turn()
        self._insert(self._row(step), is_new=is_new)
        self._prune()

    def extend(self, steps: Sequence[Step], *, are_new: bool = True) -> None:
        """Add messages, many at once; those that are new count as such."""
        new = sorted(
            (step for step in steps if step.position not in self._known), key=self.ordering.key
        )
        if not new:
            return
        is_later = not self._all or self._all[-1].key < self.ordering.key(new[0])
        if self._keep is not None or (not is_later and len(new) < MANY):
            for step in new:
                self.commit(step, is_new=are_new)
            return
        self._known.update(step.position for step in new)
        rows = [self._row(step) for step in new]
        if not is_later:
            self._all = sorted([*self._all, *rows], key=_key)
            self._show_anew()
            return
        self._all += rows
        shown = [row for row in rows if self._is_shown(row)]
        before = self.rows[-1] if self.rows else None
        for row in shown:
            self._head(row, before)
            before = row
        self.extend_rows(shown, are_new=are_new)
        self._divide_anew()

    def head_again(self, sections: Collection[int]) -> None:
        """The headings of these parts say something else now."""
        for section in sections:
            first: Key = (section,)
            place = bisect_left(self.rows, first, key=_key)
            if place < len(self.rows) and self.rows[place].section == section:
                self._head(self.rows[place], self.rows[place - 1] if place else None)
                self.refresh_row(place)

    def begin_turn(self, speaker: str, role: str, day: int | None = None, scope: str = "") -> None:
        """Somebody begins to speak, or begins anew; what they said so far is void."""
        self.end_turn()
        is_helper = self._voices.is_helper(speaker)
        live = LiveRow(speaker, role, day, is_helper=is_helper)
        live.scope = scope
        live.key = self.ordering.turn_key(scope, day)
        live.section = self.ordering.section(scope, day)
        self._live = live
        self._insert(live, is_new=False)

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
        if live is None:
            return
        self._all.remove(live)
        place = self._shown_at(live)
        if place is not None:
            self.remove_rows(place, place + 1)
            self._head_after(place)

    def _shown_at(self, row: MessageRow) -> int | None:
        """Where a row stands among those that are shown."""
        place = bisect_left(self.rows, row.key, key=_key)
        return place if place < len(self.rows) and self.rows[place] is row else None

    def _head_after(self, place: int) -> None:
        """What stands above a row depends on the one before, which is another one now."""
        if place < len(self.rows):
            self._head(self.rows[place], self.rows[place - 1] if place else None)
            self.refresh_row(place)

    def _draw_pieces(self) -> None:
        self._frame = None
        if self._live is not None and self._pieces:
            self._live.stream("".join(self._pieces))
            place = self._shown_at(self._live)
            if place is not None:
                self.refresh_row(place)
        self._pieces.clear()

    def _insert(self, row: MessageRow, *, is_new: bool) -> None:
        insort_right(self._all, row, key=_key)
        if not self._is_shown(row):
            return
        place = bisect_right(self.rows, row.key, key=_key)
        self._head(row, self.rows[place - 1] if place else None)
        self.insert_row(place, row, is_new=is_new)
        self._head_after(place + 1)
        self._divide_anew()

    def _show_anew(self) -> None:
        """Show what is kept, with what is on top of the screen where it is."""
        top, line = self._anchor
        anchored = self.rows[top] if top < len(self.rows) else None
        self._show_filtered(at_end=self.is_following)
        place = self._shown_at(anchored) if anchored is not None else None
        if place is not None and not self.is_following:
            self._anchor = (place, line)
            self.divide()

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


def _key(row: MessageRow) -> Key:
    return row.key
