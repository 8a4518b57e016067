"""Messages to read: with their days and speakers, filtered and searched."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from screens.voices import Voices
from screens.widgets.message_painter import STYLES, Painter
from screens.widgets.message_row import Columns, MessageRow, shown_name
from screens.widgets.row_list import RowList
from screens.widgets.searching import Search
from screens.widgets.slices import Slices
from simulator.domain.journal import Step
from simulator.domain.records import Agent
from simulator.presentation.ordering import Key, Ordering
from simulator.presentation.safe_text import one_line
from simulator.presentation.wording import counted

EARLIER = "… earlier messages are in the transcript"
FEWEST_DIGITS = 3


class MessageList(RowList[MessageRow]):
    """Messages, shown literally; the cursor is on one of them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"transcript--{name}" for name in STYLES}
    DEFAULT_CSS = """
    MessageList > .transcript--cursor { color: $primary; }
    MessageList > .transcript--match { text-style: underline bold; color: $warning; }
    MessageList > .transcript--match-here { text-style: reverse bold; }
    MessageList > .transcript--muted { color: $text-muted; }
    MessageList > .transcript--heading { color: $text-muted; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next_match(1)", "Next match", show=False),
        Binding("N", "next_match(-1)", "Match before", show=False),
        Binding(
            "t",
            "tokens",
            "Soft tokens",
            id="messages.tokens",
            tooltip="Show what was likely at each soft token of the message, or no longer",
        ),
        Binding(
            "T",
            "all_tokens",
            "All soft tokens",
            show=False,
            id="messages.all_tokens",
            tooltip="The same for all messages",
        ),
    ]

    class Searched(Message):
        """A search found places, or is on another of them."""

    def __init__(
        self,
        agents: Sequence[Agent] = (),
        *,
        numbered: bool = True,
        empty: str = "Nothing was said yet.",
        id: str | None = None,  # noqa: A002
        classes: str = "",
    ) -> None:
        """Make a list without messages.

        Args:
            agents: The run's.
            numbered: Whether messages show their numbers, as `fork` takes them.
            empty: Shown while there are none.
            id: Of the widget.
            classes: Of the widget.
        """
        super().__init__(empty=empty, id=id, classes=classes)
        self.speaker: str | None = None
        """Whose messages are shown; None shows everybody's."""
        self.day: int | None = None
        """Of which day; None shows all."""
        self.sections: Collection[int] | None = None
        """Numbers of the parts that are shown; None shows all."""
        self.search: Search | None = None
        """What is looked for."""
        self.ordering = Ordering()
        """In which order messages are read."""
        self._has_tokens = False
        self.has_soft_tokens = False
        """Whether a message is one of vectors."""
        self._voices = Voices(agents)
        self._painter: Painter | None = None
        self._numbered = numbered
        self._longest = _longest(agents)
        self._digits = FEWEST_DIGITS
        self._all: list[MessageRow] = []
        self._is_cut = False
        self._match: tuple[int, int] | None = None
        self._searching = Slices(self, self._tell_search)

    # ------------------------------------------------------------ messages

    @property
    def current(self) -> Step | None:
        """The message under the cursor; None where there is none yet."""
        return self.rows[self.cursor].step if self.rows else None

    @property
    def steps(self) -> list[Step]:
        """Those that are kept, filtered out or not."""
        return [row.step for row in self._all if row.step is not None]

    def show(
        self,
        steps: Iterable[Step],
        agents: Sequence[Agent] | None = None,
        *,
        at_end: bool = False,
        ordering: Ordering | None = None,
    ) -> None:
        """Show these messages instead, from the first or the last one on.

        Args:
            steps: In any order.
            agents: The run's, if it is another one.
            at_end: Whether to begin at the end, and keep to it.
            ordering: How the run is read, if it is another one.
        """
        self.ordering = ordering or self.ordering
        if agents is not None:
            self._voices, self._painter = Voices(agents), None
            self._longest = _longest(agents)
        self._all = [self._row(step) for step in sorted(steps, key=self.ordering.key)]
        self.search, self._match = None, None
        self._show_filtered(at_end=at_end)

    def filter(
        self,
        *,
        speaker: str | None = None,
        day: int | None = None,
        sections: Collection[int] | None = None,
    ) -> None:
        """Show only the messages of a speaker, of a day, or of some parts; None shows all."""
        self.speaker, self.day, self.sections = speaker, day, sections
        self._show_filtered(at_end=self.is_following)

    @property
    def is_filtered(self) -> bool:
        """Whether some messages may not be shown."""
        return any(one is not None for one in (self.speaker, self.day, self.sections))

    def go_to(self, step: Step) -> None:
        """Put the cursor on a message, or the next one that is shown."""
        if self.rows:
            self.move_to(bisect_left(self.rows, self.ordering.key(step), key=_key))

    def go_to_section(self, by: int) -> None:
        """Put the cursor where the next part begins, or with -1 where this one or the last does."""
        rows = self.rows
        starts = [n for n, row in enumerate(rows) if not n or row.section != rows[n - 1].section]
        here = bisect_right(starts, self.cursor) - 1
        if by < 0 and rows and self.cursor > starts[here]:
            by = 0
        if 0 <= here + by < len(starts):
            self._go_to_top(starts[here + by])

    def go_to_part(self, number: int) -> bool:
        """Put the cursor where a part begins; whether any of it is shown."""
        first: Key = (number,)
        place = bisect_left(self.rows, first, key=_key)
        if place == len(self.rows) or self.rows[place].section != number:
            return False
        self._go_to_top(place)
        return True

    def _go_to_top(self, place: int) -> None:
        self.move_to(place)
        # Above a heading that is not the first one stands an empty line.
        self.scroll_lines(self.stack.top(place) + (not self.rows[place].is_top))

    def _row(self, step: Step) -> MessageRow:
        is_summary = step.in_transcript and self._voices.is_helper(step.speaker)
        notes = self.ordering.notes(step)
        if step.soft_tokens:
            notes = (*notes, f"{counted(len(step.soft_tokens), 'soft token')}: t")
        row = MessageRow(step, step.speaker, step.role, step.day, is_helper=is_summary,
                         notes=notes)  # fmt: skip
        row.key = self.ordering.key(step)
        row.section = self.ordering.section(step.scope, step.day)
        row.has_tokens = self._has_tokens and bool(step.soft_tokens)
        self._digits = max(self._digits, len(str(step.position)))
        self._longest = max(self._longest, cell_len(row.speaker))
        if step.soft_tokens and not self.has_soft_tokens:
            self.has_soft_tokens = True
            self.refresh_bindings()
        return row

    def _is_shown(self, row: MessageRow) -> bool:
        return (
            (self.speaker is None or row.speaker == shown_name(self.speaker))
            and (self.day is None or row.day == self.day)
            and (self.sections is None or row.section in self.sections)
        )

    def _head(self, row: MessageRow, before: MessageRow | None) -> None:
        """Put the day above the first message of it, and a word above the first one of all."""
        last = None if before is None else (before.scope, before.day)
        row.heading = self.ordering.heading(row.scope, row.day, last) or None
        row.is_part = row.section is not None and (before is None or before.section != row.section)
        row.notice = EARLIER if before is None and self._is_cut else None
        row.is_top = before is None and row.notice is None

    def _show_filtered(self, *, at_end: bool) -> None:
        current = self.rows[self.cursor] if self.rows else None
        rows = [row for row in self._all if self._is_shown(row)]
        before: MessageRow | None = None
        for row in rows:
            self._head(row, before)
            before = row
        cursor = len(rows) - 1 if at_end else rows.index(current) if current in rows else 0
        self.show_rows(rows, cursor=cursor, follow=at_end)
        if self.search is not None:
            self.look_for(self.search.words)

    # ------------------------------------------------------------ soft tokens

    def action_tokens(self) -> None:
        """Show or hide the soft tokens of the message under the cursor."""
        if self.rows:
            self._toggle_tokens(self.cursor)

    def action_all_tokens(self) -> None:
        """Show or hide the soft tokens of all messages."""
        self._has_tokens = not self._has_tokens
        if any([row.show_tokens(self._has_tokens) for row in self._all]):
            self.divide()

    def on_click(self, event: events.Click) -> None:
        """Show or hide the soft tokens where the mouse is on what tells of them."""
        at = event.get_content_offset_capture(self)
        line = self.scroll_offset.y + at.y
        if event.chain == 1 and self.rows and line < self.stack.height:
            number = self.stack.at(line)
            row = self.rows[number]
            if row.place(line - self.stack.top(number)) > row.body[1] > 0:
                self._toggle_tokens(number)

    def _toggle_tokens(self, number: int) -> None:
        row = self.rows[number]
        if row.show_tokens(not row.has_tokens):
            self.refresh_row(number)
            self.reveal(number)

    # ------------------------------------------------------------ search

    def look_for(self, words: str) -> None:
        """Find words and go to the first place from the cursor on; no words end the search."""
        self._match = None
        self.search = Search(words) if words else None
        if self.search is not None:
            self._searching.start(self._looking(self.search))
        else:
            self._searching.stop()
            self._tell_search()

    @property
    def match_number(self) -> int:
        """Which of the places that were found the search is on, from 1; 0 for none."""
        if self.search is None or self._match is None:
            return 0
        return self.search.number(self._match)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of the search belong to the screen while nothing is looked for."""
        if action == "next_match":
            return self.search is not None
        if action in ("tokens", "all_tokens"):
            return self.has_soft_tokens
        return True

    def action_next_match(self, by: int) -> None:
        """The next place where the words stand, or with -1 the one before."""
        if self.search is not None:
            is_near = self._match is not None and self._match[0] == self.cursor
            at = self._match if self._match is not None and is_near else (self.cursor, -1)
            self._go_to_match(self.search.next(at, by))
            self._tell_search()

    def _looking(self, search: Search) -> Iterator[None]:
        start = (self.cursor, -1)
        for _ in search.look_through(self.rows):
            if self._match is None and search.found and search.found[-1] > start:
                self._go_to_match(search.next(start, 1))
            yield
        if self._match is None:
            self._go_to_match(search.next(start, 1))

    def _go_to_match(self, found: tuple[int, int] | None) -> None:
        self._match = found
        if found is not None:
            self.move_to(found[0])
            self.reveal(*found)

    def _tell_search(self) -> None:
        self.post_message(self.Searched())
        self.refresh()

    # ------------------------------------------------------------ drawing

    def columns_of(self, width: int) -> Hashable:
        """See `RowScroll`."""
        return Columns.of(width, self._digits if self._numbered else 0, self._longest)

    def notify_style_update(self) -> None:
        """Take other colours, as of another theme."""
        super().notify_style_update()
        self._painter = None

    def draw(self, number: int, line: int, width: int) -> list[Segment]:
        """See `RowScroll`."""
        if self._painter is None:
            styles = {
                name: self.get_component_rich_style(f"transcript--{name}", partial=True)
                for name in STYLES
            }
            self._painter = Painter(self._voices, styles, is_dark=self.app.current_theme.dark)
        assert isinstance(self.columns, Columns)
        is_here = number == self.cursor and (self.has_focus or not self.is_following)
        match = self._match[1] if self._match is not None and self._match[0] == number else None
        return self._painter.draw(
            self.rows[number], line, self.columns, is_here=is_here, search=self.search, match=match
        )


def _key(row: MessageRow) -> Key:
    return row.key


def _longest(agents: Sequence[Agent]) -> int:
    return max((cell_len(one_line(agent.name)) for agent in agents), default=0)
