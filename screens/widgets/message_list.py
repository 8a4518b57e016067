"""Messages to read: with their days and speakers, filtered and searched."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
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
from simulator.presentation.safe_text import one_line

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
        self.search: Search | None = None
        """What is looked for."""
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
        self, steps: Iterable[Step], agents: Sequence[Agent] | None = None, *, at_end: bool = False
    ) -> None:
        """Show these messages instead, from the first or the last one on.

        Args:
            steps: In any order.
            agents: The run's, if it is another one.
            at_end: Whether to begin at the end, and keep to it.
        """
        if agents is not None:
            self._voices, self._painter = Voices(agents), None
            self._longest = _longest(agents)
        self._all = [self._row(step) for step in sorted(steps, key=lambda step: step.position)]
        self.search, self._match = None, None
        self._show_filtered(at_end=at_end)

    def filter(self, *, speaker: str | None = None, day: int | None = None) -> None:
        """Show only the messages of a speaker, or of a day; None shows all."""
        self.speaker, self.day = speaker, day
        self._show_filtered(at_end=self.is_following)

    def go_to(self, position: int) -> None:
        """Put the cursor on the message of that number, or the next one that is shown."""
        for number, row in enumerate(self.rows):
            if row.step is not None and row.step.position >= position:
                self.move_to(number)
                return
        self.move_to(len(self.rows) - 1)

    def _row(self, step: Step) -> MessageRow:
        is_summary = step.in_transcript and self._voices.is_helper(step.speaker)
        row = MessageRow(step, step.speaker, step.role, step.day, is_helper=is_summary)
        self._digits = max(self._digits, len(str(step.position)))
        self._longest = max(self._longest, cell_len(row.speaker))
        return row

    def _is_shown(self, row: MessageRow) -> bool:
        return (self.speaker is None or row.speaker == shown_name(self.speaker)) and (
            self.day is None or row.day == self.day
        )

    def _head(self, row: MessageRow, before: MessageRow | None) -> None:
        """Put the day above the first message of it, and a word above the first one of all."""
        is_new = row.day is not None and (before is None or row.day != before.day)
        row.heading = f"Day {row.day}" if is_new else None
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
        return self.search is not None if action == "next_match" else True

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


def _longest(agents: Sequence[Agent]) -> int:
    return max((cell_len(one_line(agent.name)) for agent in agents), default=0)
