"""Rows of many heights, of which only the lines on the screen are drawn."""

from __future__ import annotations

import time
from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence
from itertools import accumulate
from typing import ClassVar, Generic, Protocol, TypeVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.widgets.slices import Slices
from screens.widgets.wrapping import WrappedText

FIRST_SLICE_S = 0.03
IN_VIEW_S = 0.04
"""Longest time to find the lines that are on the screen; the rest of them follows."""
LINES_AT_ONCE = 250


class Row(Protocol):
    """What stands in a list of rows."""

    def wrap(self, columns: Hashable) -> None:
        """Be as wide as that; does nothing if it is already."""
        ...

    def find(self, most: int | None) -> bool:
        """Find at most so many more lines; whether all are known."""
        ...

    @property
    def height(self) -> int:
        """Lines; a guess while not all are known."""
        ...

    def place(self, line: int) -> int:
        """What stands on a line, whatever the width."""
        ...

    def line_at(self, place: int) -> int:
        """Where that stands at the present width."""
        ...


R = TypeVar("R", bound=Row)


class RowList(ScrollView, Generic[R], can_focus=True, inherit_bindings=False):
    """A list with a cursor.

    Memory is in proportion to the rows. Their heights are found in slices, those on the screen
    first; what is on top of the screen stays there meanwhile, and when the width changes.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"row-list--hint", "row-list--empty"}
    DEFAULT_CSS = """
    RowList { overflow-y: scroll; overflow-x: hidden; scrollbar-size-vertical: 1; }
    RowList > .row-list--hint { background: $primary; color: $text; text-style: bold; }
    RowList > .row-list--empty { color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown,space", "page(1)", "Page down", show=False),
        Binding("home,g", "first", "First", show=False),
        Binding("end,G", "last", "Last", show=False),
        Binding("enter", "choose", "Choose", show=False),
    ]

    class Moved(Message):
        """The cursor is on another row."""

    class Chosen(Message):
        """Enter or a double click on the row under the cursor."""

    def __init__(self, *, empty: str = "", id: str | None = None, classes: str = "") -> None:  # noqa: A002
        """Make an empty list.

        Args:
            empty: Shown while there are no rows.
            id: Of the widget.
            classes: Of the widget.
        """
        super().__init__(id=id, classes=classes)
        self.empty = empty
        self.rows: list[R] = []
        self.cursor = 0
        """The row that keys act on."""
        self.is_following = False
        """Whether new rows are scrolled to."""
        self.added = 0
        """Rows that came since the list was last at its end."""
        self._heights: list[int] = []
        self._tops: list[int] = [0]
        self._found = bytearray()
        self._columns: Hashable = None
        self._anchor = (0, 0)
        self._is_scrolling = False
        self._finding = Slices(self, self._settle)

    # ------------------------------------------------------------ what a list says of its rows

    @abstractmethod
    def columns_of(self, width: int) -> Hashable:
        """How rows are divided at a width."""

    @abstractmethod
    def draw(self, number: int, line: int, width: int) -> list[Segment]:
        """A line of a row; it is padded or cropped to the width."""

    def hint(self) -> str:
        """What stands at the end of the last line on the screen."""
        return f" ↓ {self.added:,} new " if self.added else ""

    # ------------------------------------------------------------ rows

    def show_rows(self, rows: Sequence[R], *, cursor: int = 0, follow: bool = False) -> None:
        """Show other rows, from the cursor's, or the end."""
        self.rows = list(rows)
        self.added = 0
        self.cursor = max(0, min(cursor, len(self.rows) - 1))
        self.is_following = follow
        self._anchor = (self.cursor, -(2**31) if self.cursor == 0 else 0)
        self._heights = [row.height for row in self.rows]
        self._found = bytearray(len(self.rows))
        self._arrange()

    def insert_row(self, place: int, row: R, *, is_new: bool = True) -> None:
        """Put a row before that place, or at the end; one that is new counts as such."""
        was_last = self.cursor >= len(self.rows) - 1
        self.rows.insert(place, row)
        self._heights.insert(place, row.height)
        self._found.insert(place, 0)
        if not self.is_following:
            self.added += is_new and place == len(self.rows) - 1
        anchored, at = self._anchor
        if place <= anchored and len(self.rows) > 1:
            self._anchor = (anchored + 1, at)
        if place <= self.cursor and len(self.rows) > 1:
            self.cursor += 1
        elif self.is_following and was_last:
            self.cursor = len(self.rows) - 1
        self.refresh_row(place)

    def remove_rows(self, first: int, last: int) -> None:
        """Take rows away, `last` not included."""
        gone = last - first
        del self.rows[first:last], self._heights[first:last], self._found[first:last]
        if self.cursor >= last:
            self.cursor -= gone
        self.cursor = max(0, min(self.cursor, len(self.rows) - 1))
        row, place = self._anchor
        self._anchor = (row - gone, place) if row >= last else (min(row, first), place)
        self._settle()

    def refresh_row(self, number: int) -> None:
        """A row has other words."""
        if self._columns is None:
            return
        self._find(number, time.perf_counter() + IN_VIEW_S)
        self._settle()

    # ------------------------------------------------------------ heights

    def on_resize(self, event: events.Resize) -> None:
        """Find the lines anew if the width is another."""
        if self.columns_of(self._width) != self._columns:
            self._arrange()
        else:
            self._settle()

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    def _arrange(self) -> None:
        """Find all heights, those on the screen first."""
        if not self._width:
            return
        self._columns = self.columns_of(self._width)
        self._found = bytearray(len(self.rows))
        self._finding.start(self._find_all(), FIRST_SLICE_S)

    def _find_all(self) -> Iterator[None]:
        yield from self._find_in_view()
        yield
        first, number = self._anchor[0], 0
        while number < len(self.rows):
            place = (first + number) % len(self.rows)
            if self._found[place]:
                number += 1
            else:
                self._find(place, 0.0)
                yield

    def _find_in_view(self) -> Iterator[None]:
        """Find the lines that fill the screen, down from the anchor or up from the end."""
        room = self.size.height
        if self.is_following:
            numbers = range(len(self.rows) - 1, -1, -1)
        else:
            numbers = range(min(self._anchor[0], len(self.rows)), len(self.rows))
            room += self._anchored_line()
        for number in numbers:
            if room <= 0:
                return
            if not self._found[number]:
                self._find(number, time.perf_counter() + IN_VIEW_S)
                yield
            room -= self._heights[number]

    def _find(self, number: int, until: float) -> None:
        row = self.rows[number]
        row.wrap(self._columns)
        while not (is_whole := row.find(LINES_AT_ONCE)) and time.perf_counter() < until:
            pass
        self._found[number] = is_whole
        self._heights[number] = row.height

    def _anchored_line(self) -> int:
        number, place = self._anchor
        if number >= len(self.rows):
            return 0
        return min(self.rows[number].line_at(place), max(0, self._heights[number] - 1))

    def _settle(self) -> None:
        """Scroll to where the reader was, or to the end, after heights have changed."""
        self._tops = list(accumulate(self._heights, initial=0))
        size = Size(self._width, self._tops[-1])
        if size != self.virtual_size:
            # The list's own size stays, so that the screen need not be laid out again.
            self.set_reactive(RowList.virtual_size, size)
            self._scroll_update(size)
        if self.is_following:
            line = self._tops[-1] - self.size.height
        else:
            line = self._tops[min(self._anchor[0], len(self.rows))] + self._anchored_line()
        self._scroll(line)
        self.refresh()

    # ------------------------------------------------------------ scrolling

    def _scroll(self, line: int) -> None:
        """Scroll without taking it for the user's wish."""
        self._is_scrolling = True
        self.scroll_to(y=max(0, line), animate=False, force=True)
        self._is_scrolling = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """See whether the user left the end, or came back to it."""
        super().watch_scroll_y(old_value, new_value)
        if self._is_scrolling:
            return
        is_at_end = new_value >= self.max_scroll_y
        if new_value < old_value and not is_at_end:
            self.is_following = False
        elif new_value > old_value and is_at_end:
            self.follow()
        self._drop_anchor(round(new_value))

    def follow(self) -> None:
        """Keep to the end."""
        self.is_following = True
        self.added = 0
        self.refresh()

    def _drop_anchor(self, line: int) -> None:
        """Remember what stands on top of the screen; see that all on it is known."""
        if not self.rows or self._columns is None:
            return
        number = self.row_at(line)
        row = self.rows[number]
        row.wrap(self._columns)
        self._anchor = (number, row.place(line - self._tops[number]))
        if self._finding.is_busy:
            self._finding.start(self._find_all(), FIRST_SLICE_S)

    def row_at(self, line: int) -> int:
        """The row that has a line of the whole list."""
        return max(0, min(bisect_right(self._tops, line) - 1, len(self.rows) - 1))

    def scroll_lines(self, line: int) -> None:
        """Scroll to a line of the whole list, as the user wishes."""
        line = max(0, min(line, self.max_scroll_y))
        if line < self.scroll_offset.y:
            self.is_following = False
        self._scroll(line)
        if line >= self.max_scroll_y:
            self.follow()
        self._drop_anchor(line)

    def reveal(self, number: int, place: int | None = None) -> None:
        """Scroll as little as needed to see a row, or one place in it."""
        self._find(number, time.perf_counter() + 10 * IN_VIEW_S)
        self._tops = list(accumulate(self._heights, initial=0))
        top, bottom = self._tops[number], self._tops[number + 1]
        if place is not None:
            top += self.rows[number].line_at(place)
            bottom = top + 1
        first, room = self.scroll_offset.y, self.size.height
        if top < first or (place is not None and top >= first + room):
            self.scroll_lines(top if place is None else top - room // 2)
        elif bottom > first + room:
            self.scroll_lines(min(top, bottom - room))

    # ------------------------------------------------------------ the cursor

    def move_to(self, number: int) -> None:
        """Put the cursor on a row and see it."""
        if not self.rows:
            return
        number = max(0, min(number, len(self.rows) - 1))
        if number != self.cursor:
            self.cursor = number
            self.post_message(self.Moved())
        self.reveal(number)
        self.refresh()

    def action_move(self, by: int) -> None:
        """The next row; within one that does not fit on the screen, the next line."""
        if not self.rows:
            return
        top, bottom = self._tops[self.cursor], self._tops[self.cursor + 1]
        first, last = self.scroll_offset.y, self.scroll_offset.y + self.size.height
        is_cut = top < last and bottom > first and (bottom > last if by > 0 else top < first)
        if is_cut and bottom - top > 1:
            self.scroll_lines(first + by)
        else:
            self.move_to(self.cursor + by)

    def action_page(self, by: int) -> None:
        """A screen on; the cursor goes to the row at its edge."""
        if not self.rows:
            return
        first, room = self.scroll_offset.y, self.size.height
        self.scroll_lines(first + by * max(1, room - 1))
        now = self.scroll_offset.y
        if now == first:
            self.move_to(0 if by < 0 else len(self.rows) - 1)
            return
        number = self.row_at(now if by < 0 else now + room - 1)
        if number != self.cursor:
            self.cursor = number
            self.post_message(self.Moved())
        self.refresh()

    def action_first(self) -> None:
        """The first row."""
        self.move_to(0)
        self.scroll_lines(0)

    def action_last(self) -> None:
        """The last row; new ones are followed from there."""
        self.move_to(len(self.rows) - 1)
        self.scroll_lines(self._tops[-1])
        self.follow()

    def action_choose(self) -> None:
        """Say that the row under the cursor is chosen."""
        if self.rows:
            self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is."""
        line = self.scroll_offset.y + event.get_content_offset_capture(self).y
        if event.y == self.size.height - 1 and self.hint() and event.x > self._width // 2:
            self.action_last()
        elif self.rows and line < self._tops[-1]:
            self.move_to(self.row_at(line))
            if event.chain == 2:
                self.action_choose()

    # ------------------------------------------------------------ drawing

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width, style = self._width, self.rich_style
        if not self.rows:
            return Strip(self._empty_line(y, width)).adjust_cell_length(width, style)
        line = self.scroll_offset.y + y
        if line >= self._tops[-1]:
            return Strip.blank(width, style)
        number = self.row_at(line)
        segments = self.draw(number, line - self._tops[number], width)
        strip = Strip(segments).adjust_cell_length(width).apply_style(style)
        hint = self.hint() if y == self.size.height - 1 else ""
        if hint and len(hint) < width:
            shown = Segment(hint, self.get_component_rich_style("row-list--hint"))
            strip = Strip.join([strip.crop(0, width - len(hint)), Strip([shown])])
        return strip

    def _empty_line(self, y: int, width: int) -> list[Segment]:
        text = WrappedText(self.empty)
        text.wrap(max(2, width - 2))
        text.find()
        if not 1 <= y <= text.height:
            return []
        style = self.get_component_rich_style("row-list--empty")
        return [Segment(f" {self.empty[slice(*text.line(y - 1))]}", style)]
