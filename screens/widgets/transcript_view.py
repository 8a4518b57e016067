"""The messages of a run: to read, to search, and as they come."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import partial
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer

from screens.voices import Voices
from screens.widgets.message_row import Columns, LiveRow, MessageRow
from screens.widgets.row_list import RowList
from screens.widgets.searching import Search
from screens.widgets.segments import Span, cell, marked
from screens.widgets.slices import Slices
from simulator.domain.journal import Step
from simulator.domain.records import Agent
from simulator.presentation.safe_text import one_line

FRAME_S = 0.06
"""Between two drawings of words that stream."""
CURSOR_BAR = "▌"
HELPER_BAR = "│ "
SPEAKING = "▍"
EARLIER = "… earlier messages are in the transcript"
FEWEST_DIGITS = 3


class TranscriptView(RowList[MessageRow]):
    """Messages with their days and speakers; the cursor is on one of them.

    What was written by others is shown literally. New messages are scrolled to while the end is
    on the screen.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "transcript--cursor", "transcript--match", "transcript--match-here", "transcript--muted",
        "transcript--heading",
    }  # fmt: skip
    DEFAULT_CSS = """
    TranscriptView > .transcript--cursor { background: $boost; color: $primary; }
    TranscriptView > .transcript--match { text-style: underline bold; color: $warning; }
    TranscriptView > .transcript--match-here { text-style: reverse bold; }
    TranscriptView > .transcript--muted { color: $text-muted; }
    TranscriptView > .transcript--heading { color: $text-muted; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next_match(1)", "Next match", show=False),
        Binding("N", "next_match(-1)", "Match before", show=False),
    ]

    class Searched(Message):
        """A search is done, or on another of its places."""

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
        super().__init__(empty=empty, id=id, classes=classes)
        self._voices = Voices(agents)
        self._numbered = numbered
        self._keep = keep
        self._all: list[MessageRow] = []
        self._known: set[int] = set()
        self._dropped = False
        self._live: LiveRow | None = None
        self._pieces: list[str] = []
        self._frame: Timer | None = None
        self._longest = max((cell_len(one_line(agent.name)) for agent in agents), default=0)
        self._digits = FEWEST_DIGITS
        self.speaker: str | None = None
        """Whose messages are shown; None shows everybody's."""
        self.day: int | None = None
        """Of which day; None shows all."""
        self.search: Search | None = None
        self._match: tuple[int, int] | None = None
        self._searching = Slices(self, self._searched)

    # ------------------------------------------------------------ messages

    @property
    def current(self) -> Step | None:
        """The message under the cursor."""
        return self.rows[self.cursor].step if self.rows else None

    @property
    def steps(self) -> list[Step]:
        """Those that are kept, in their order."""
        return [row.step for row in self._all if row.step is not None]

    def show(
        self, steps: Iterable[Step], agents: Sequence[Agent] | None = None, *, at_end: bool = False
    ) -> None:
        """Show these messages instead, from the first or the last one on."""
        if agents is not None:
            self._voices = Voices(agents)
            self._longest = max((cell_len(one_line(agent.name)) for agent in agents), default=0)
        ordered = sorted(steps, key=lambda step: step.position)
        self._dropped = self._keep is not None and len(ordered) > self._keep
        if self._keep is not None:
            ordered = ordered[-self._keep :]
        self._known = {step.position for step in ordered}
        self._all = [self._row(step) for step in ordered]
        self._live, self.search, self._match = None, None, None
        self._pieces.clear()
        self._show_filtered(at_end=at_end)

    def commit(self, step: Step) -> None:
        """Add a message; it takes the place of its turn in progress. Known ones are left out."""
        if step.position in self._known:
            return
        self._known.add(step.position)
        live = self._live
        if live is not None and live.speaker == one_line(step.speaker):
            self.end_turn()
        place = len(self._all) - (self._live is not None)
        while place > 0 and (before := self._all[place - 1].step) is not None:
            if before.position < step.position:
                break
            place -= 1
        self._insert(place, self._row(step))
        self._prune()

    def begin_turn(self, speaker: str, role: str, day: int | None = None) -> None:
        """Somebody begins to speak, or begins anew; what they said so far is void."""
        self.end_turn()
        is_helper = self._voices.is_helper(speaker)
        self._live = LiveRow(speaker, role, day, is_helper=is_helper)
        self._insert(len(self._all), self._live)

    def stream(self, text: str) -> None:
        """More of the turn in progress; drawn with what else comes in the same moment."""
        self._pieces.append(text)
        if self._frame is None and self._live is not None:
            self._frame = self.set_timer(FRAME_S, self._draw_pieces)

    def end_turn(self) -> None:
        """Nobody speaks any more; what was not committed goes."""
        self._pieces.clear()
        live, self._live = self._live, None
        if live is not None:
            self._all.remove(live)
            if live in self.rows:
                place = self.rows.index(live)
                self.remove_rows(place, place + 1)

    def _draw_pieces(self) -> None:
        self._frame = None
        if self._live is None or not self._pieces:
            return
        self._live.stream("".join(self._pieces))
        self._pieces.clear()
        if self.rows and self.rows[-1] is self._live:
            self.refresh_row(len(self.rows) - 1)

    # ------------------------------------------------------------ rows

    def _row(self, step: Step) -> MessageRow:
        self._digits = max(self._digits, len(str(step.position)))
        is_summary = step.in_transcript and self._voices.is_helper(step.speaker)
        row = MessageRow(step, step.speaker, step.role, step.day, is_helper=is_summary)
        self._longest = max(self._longest, cell_len(row.speaker))
        return row

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
        if self._columns is not None and self._columns != self.columns_of(self._width):
            self._arrange()

    def _prune(self) -> None:
        """Leave the earliest messages to the store; a tenth at a time, as it takes a while."""
        if self._keep is None or len(self._all) <= self._keep + self._keep // 10:
            return
        gone = set(map(id, self._all[: -self._keep]))
        self._known -= {row.step.position for row in self._all[: -self._keep] if row.step}
        del self._all[: -self._keep]
        self._dropped = True
        self.remove_rows(0, sum(id(row) in gone for row in self.rows))
        if self.rows:
            self._head(self.rows[0], None)
            self.refresh_row(0)

    def _is_shown(self, row: MessageRow) -> bool:
        day = (
            row.step.day if row.step is not None else row.day if isinstance(row, LiveRow) else None
        )
        return (self.speaker is None or row.speaker == one_line(self.speaker)) and (
            self.day is None or day == self.day
        )

    def _head(self, row: MessageRow, before: MessageRow | None) -> None:
        """Put the day above the first message of it, and a word above the first one of all."""
        is_new = row.day is not None and (before is None or row.day != before.day)
        row.heading = f"Day {row.day}" if is_new else None
        row.notice = EARLIER if before is None and self._dropped else None
        row.is_top = before is None and row.notice is None

    def filter(self, *, speaker: str | None = None, day: int | None = None) -> None:
        """Show only the messages of a speaker, or of a day; None shows all."""
        self.speaker, self.day = speaker, day
        self._show_filtered()

    def _show_filtered(self, *, at_end: bool = False) -> None:
        current = self.rows[self.cursor] if self.rows else None
        rows = [row for row in self._all if self._is_shown(row)]
        before: MessageRow | None = None
        for row in rows:
            self._head(row, before)
            before = row
        cursor = rows.index(current) if current in rows else 0
        is_followed = at_end or (self.is_following and self._live is not None)
        self.show_rows(rows, cursor=len(rows) - 1 if is_followed else cursor, follow=is_followed)
        if self.search is not None:
            self.look_for(self.search.words)

    def go_to(self, position: int) -> None:
        """Put the cursor on the message of that number, or the next one shown."""
        for number, row in enumerate(self.rows):
            if row.step is not None and row.step.position >= position:
                self.move_to(number)
                return
        self.move_to(len(self.rows) - 1)

    # ------------------------------------------------------------ search

    def look_for(self, words: str) -> None:
        """Find words and go to the first place from the cursor on; no words end the search."""
        self._searching.stop()
        self._match = None
        self.search = Search(words) if words else None
        if self.search is not None:
            self._searching.start(self._looking(self.search))
        else:
            self._searched()

    def _looking(self, search: Search) -> Iterator[None]:
        for _ in search.look_through(self.rows):
            if self._match is None and search.found and search.found[-1][0] >= self.cursor:
                self._go_to_match(search.next((self.cursor, -1), 1))
            yield
        if self._match is None:
            self._go_to_match(search.next((self.cursor, -1), 1))

    def _searched(self) -> None:
        self.post_message(self.Searched())
        self.refresh()

    def action_next_match(self, by: int) -> None:
        """The next place where the words stand, or with -1 the one before."""
        if self.search is None:
            return
        here = self._match
        at = here if here is not None and here[0] == self.cursor else (self.cursor, -1)
        self._go_to_match(self.search.next(at, by))
        self._searched()

    def _go_to_match(self, found: tuple[int, int] | None) -> None:
        self._match = found
        if found is not None:
            number, start = found
            self.move_to(number)
            self.reveal(number, start)

    @property
    def match_number(self) -> int:
        """Which of the places the cursor is on, from 1; 0 for none."""
        if self.search is None or self._match is None:
            return 0
        return self.search.found.index(self._match) + 1

    # ------------------------------------------------------------ drawing

    def columns_of(self, width: int) -> Hashable:
        """See `RowList`."""
        return Columns.of(width, self._digits if self._numbered else 0, self._longest)

    def draw(self, number: int, line: int, width: int) -> list[Segment]:
        """See `RowList`."""
        row, columns = self.rows[number], self._columns
        assert isinstance(columns, Columns)
        line -= row.before
        is_stacked = not columns.name
        if line < -is_stacked:
            return self._above(row, line + is_stacked, width)
        part = self.get_component_rich_style
        muted = part("transcript--muted", partial=True)
        is_here = number == self.cursor and (self.has_focus or not self.is_following)
        bar = CURSOR_BAR if is_here else " "
        head = [Segment(bar, part("transcript--cursor", partial=True))]
        is_first = line == (-1 if is_stacked else 0)
        if columns.number and (is_first or not is_stacked):
            digits = str(row.step.position) if is_first and row.step is not None else ""
            head += [cell(digits, columns.number - 1, muted, to_right=True), Segment(" ")]
        if is_first:
            head += self._name_of(row, columns)
        elif not is_stacked:
            head.append(Segment(" " * columns.name))
        if line >= 0:
            if is_stacked:
                head.append(Segment("  "))
            head += self._words_of(number, row, line, muted)
        return head

    def _name_of(self, row: MessageRow, columns: Columns) -> list[Segment]:
        style = Style.parse(
            self._voices.style(row.speaker, row.role, is_dark=self.app.current_theme.dark)
        )
        name = f"{self._voices.mark(row.speaker, row.role)} {row.speaker}"
        bold = style + Style(bold=True)
        if not columns.name:
            return [Segment(name, bold)]
        return [cell(name, columns.name - 1, bold), Segment(" ")]

    def _words_of(self, number: int, row: MessageRow, line: int, muted: Style) -> list[Segment]:
        segments = [Segment(HELPER_BAR, muted)] if row.is_helper else []
        text, (start, stop) = row.words.text, row.words.line(line)
        first, last = row.body
        is_words = row.is_live or (first <= start < last)
        style = (Style(italic=True) if row.is_helper else Style()) if is_words else muted
        spans = self.search.spans(row) if self.search is not None and is_words else ()
        segments += marked(text, start, stop, style, spans, partial(self._mark, number))
        if row.is_live and line == row.words.height - 1:
            segments.append(Segment(SPEAKING, muted))
        return segments

    def _mark(self, number: int, span: Span) -> Style:
        is_here = self._match == (number, span[0])
        name = "transcript--match-here" if is_here else "transcript--match"
        return self.get_component_rich_style(name, partial=True)

    def _above(self, row: MessageRow, line: int, width: int) -> list[Segment]:
        """A line above the words, counted from them: -1 is the last one."""
        style = self.get_component_rich_style("transcript--heading", partial=True)
        if row.heading is not None:
            if line == -1:
                rule = f" ── {row.heading} "
                return [Segment(rule + "─" * max(0, width - cell_len(rule) - 1), style)]
            if line == -2:
                return []
        return [Segment(f" {row.notice or ''}", style)]
