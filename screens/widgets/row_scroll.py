"""Rows of many heights, of which only the lines on the screen are drawn."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Iterator, Sequence
from typing import ClassVar, Generic

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.widgets.rows import R, Rows
from screens.widgets.slices import Slices
from screens.widgets.wrapping import WrappedText

FIRST_SLICE_S = 0.016
IN_VIEW_S = 0.04
"""Longest time to find the lines of one row that is on the screen; the rest follows."""
JUMP_S = 0.4
"""The same for a row that is jumped into."""


class RowScroll(ScrollView, Generic[R], can_focus=True, inherit_bindings=False):
    """A list without end, as far as the screen is concerned.

    Memory is in proportion to the rows. Their heights are found in slices, those on the screen
    first; what is on top of the screen stays there meanwhile, and when the width changes.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"row-scroll--hint", "row-scroll--empty"}
    DEFAULT_CSS = """
    RowScroll { overflow-y: scroll; overflow-x: hidden; scrollbar-size-vertical: 1; }
    RowScroll > .row-scroll--hint { background: $primary; color: $text; text-style: bold; }
    RowScroll > .row-scroll--empty { color: $text-muted; }
    """

    def __init__(self, *, empty: str = "", id: str | None = None, classes: str = "") -> None:  # noqa: A002
        """Make an empty list.

        Args:
            empty: Shown while there are no rows.
            id: Of the widget.
            classes: Of the widget.
        """
        super().__init__(id=id, classes=classes)
        self.empty = empty
        self.cursor = 0
        """The row that is marked."""
        self.is_following = False
        """Whether new rows are scrolled to."""
        self.added = 0
        """Rows that came since the list was last at its end."""
        self.stack: Rows[R] = Rows()
        """Where the rows are."""
        self._anchor = (0, 0)
        self._is_scrolling = False
        self._seen: tuple[int, ...] | None = None
        """Where the rows on the screen stood; None while not all their lines were known."""
        self._finding = Slices(self, self._settle_found)

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

    @property
    def rows(self) -> Sequence[R]:
        """From top to bottom."""
        return self.stack.rows

    @property
    def is_settled(self) -> bool:
        """Whether all heights are known."""
        return not self._finding.is_busy

    def show_rows(self, rows: Sequence[R], *, cursor: int = 0, follow: bool = False) -> None:
        """Show other rows, from the cursor's, or the end."""
        self.stack = Rows(rows)
        self.added = 0
        self.cursor = max(0, min(cursor, len(rows) - 1))
        self.is_following = follow
        self._anchor = (self.cursor, -(2**31))
        self._seen = None
        self.divide()

    def extend_rows(self, rows: Sequence[R], *, are_new: bool = True) -> None:
        """Put many rows at the end; those that are new count as such."""
        was_last = self.cursor >= len(self.rows) - 1
        self.stack.extend(rows)
        if not self.is_following:
            self.added += len(rows) if are_new else 0
        elif was_last:
            self.cursor = len(self.rows) - 1
        if self.columns is not None:
            self._finding.start(self._find_all())

    def insert_row(self, place: int, row: R, *, is_new: bool = True) -> None:
        """Put a row before that place, or at the end; one that is new counts as such."""
        was_last = self.cursor >= len(self.rows) - 1
        is_end = place == len(self.rows)
        self.stack.insert(place, row)
        if is_end:
            self.added += is_new and not self.is_following
            if self.is_following and was_last:
                self.cursor = place
        else:
            self.cursor += place <= self.cursor
            anchored, at = self._anchor
            self._anchor = (anchored + (place <= anchored), at)
        self.refresh_row(place)

    def remove_rows(self, first: int, last: int) -> None:
        """Take rows away, `last` not included."""
        self.stack.remove(first, last)
        gone = last - first
        if self.cursor >= last:
            self.cursor -= gone
        self.cursor = max(0, min(self.cursor, len(self.rows) - 1))
        row, place = self._anchor
        self._anchor = (row - gone, place) if row >= last else (min(row, first), place)
        self._settle()

    def refresh_row(self, number: int) -> None:
        """A row has other words."""
        if self.stack.columns is None:
            return
        top, bottom = self.stack.top(number), self.stack.top(number + 1)
        height = self.stack.find(number, IN_VIEW_S)
        if height != bottom - top:
            self._settle()
        else:
            lines = Region(0, top - self.scroll_offset.y, self.content_width, height)
            self.refresh(lines.intersection(self.size.region))

    # ------------------------------------------------------------ heights

    @property
    def columns(self) -> Hashable:
        """How rows are divided now."""
        return self.stack.columns

    def on_resize(self, event: events.Resize) -> None:
        """Find the lines anew if the width is another."""
        if self.columns_of(self.content_width) != self.columns:
            self.divide()
        else:
            self._settle()

    @property
    def content_width(self) -> int:
        """Cells of a line."""
        return self.scrollable_content_region.width

    def divide(self) -> None:
        """Find all heights, those on the screen first."""
        if self.content_width:
            self._seen = None
            self.stack.divide(self.columns_of(self.content_width))
            self._finding.start(self._find_all(), FIRST_SLICE_S)

    def _find_all(self) -> Iterator[None]:
        yield from self._find_in_view()
        first, number = self._anchor[0], 0
        while number < len(self.rows):
            place = (first + number) % len(self.rows)
            if self.stack.is_found(place):
                number += 1
            else:
                self.stack.find(place)
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
            room -= self.stack.find(number, IN_VIEW_S)
            yield

    def _anchored_line(self) -> int:
        number, place = self._anchor
        return self.rows[number].line_at(place) if number < len(self.rows) else 0

    def _settle(self) -> None:
        """Scroll to where the reader was, or to the end, and draw anew."""
        self._place()
        self.refresh()

    def _settle_found(self) -> None:
        """The same, but draw only if something on the screen stands otherwise or was not known."""
        before = self._seen
        self._place()
        if before is None or before != self._seen:
            self.refresh()

    def _place(self) -> None:
        self.stack.stack()
        size = Size(self.content_width, self.stack.height)
        if size != self.virtual_size:
            # The list's own size stays, so that the screen need not be laid out again.
            self.set_reactive(RowScroll.virtual_size, size)
            self._scroll_update(size)
        if self.is_following:
            self._scroll(self.stack.height - self.size.height)
        else:
            self._scroll(self.stack.top(self._anchor[0]) + self._anchored_line())
        first = self.scroll_offset.y
        numbers = range(self.stack.at(first), self.stack.at(first + self.size.height) + 1)
        is_known = bool(self.rows) and all(map(self.stack.is_found, numbers))
        tops = (self.stack.top(number) - first for number in numbers)
        self._seen = (numbers.start, *tops) if is_known else None

    # ------------------------------------------------------------ scrolling

    def _scroll(self, line: int) -> None:
        """Scroll without taking it for the user's wish."""
        self._is_scrolling = True
        self.scroll_to(y=max(0, line), animate=False, force=True)
        self._is_scrolling = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """See whether the user left the end, or came back to it."""
        super().watch_scroll_y(old_value, new_value)
        if not self._is_scrolling:
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
        if not self.rows or self.columns is None:
            return
        number = self.stack.at(line)
        row = self.rows[number]
        row.wrap(self.columns)
        self._anchor = (number, row.place(line - self.stack.top(number)))
        if self._finding.is_busy:
            self._finding.start(self._find_all())

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
        if self.columns is None:
            return
        self.stack.find(number, JUMP_S)
        self._settle_found()
        top, bottom = self.stack.top(number), self.stack.top(number + 1)
        first, room = self.scroll_offset.y, self.size.height
        if place is not None:
            line = top + self.rows[number].line_at(place)
            if not first <= line < first + room:
                self.scroll_lines(line - room // 2)
        elif top < first and (bottom <= first or bottom - top <= room):
            self.scroll_lines(top)
        elif bottom > first + room:
            self.scroll_lines(min(top, bottom - room))

    # ------------------------------------------------------------ drawing

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width, style = self.content_width, self.visual_style.rich_style
        if not self.rows:
            return _strip(self._empty_line(y, width), width, style)
        line = self.scroll_offset.y + y
        if line >= self.stack.height or self.columns is None:
            return Strip.blank(width, style)
        number = self.stack.at(line)
        strip = _strip(self.draw(number, line - self.stack.top(number), width), width, style)
        hint = self.hint() if y == self.size.height - 1 else ""
        if hint and len(hint) < width:
            shown = Segment(hint, self.get_component_rich_style("row-scroll--hint"))
            strip = Strip.join([strip.crop(0, width - len(hint)), Strip([shown])])
        return strip

    def _empty_line(self, y: int, width: int) -> list[Segment]:
        text = WrappedText(self.empty)
        text.wrap(width - 2)
        text.find()
        if not 1 <= y <= text.height:
            return []
        style = self.get_component_rich_style("row-scroll--empty", partial=True)
        return [Segment(f" {self.empty[slice(*text.line(y - 1))]}", style)]


def _strip(segments: Sequence[Segment], width: int, style: Style) -> Strip:
    """Segments on a background, in exactly so many cells."""
    styled = [Segment(text, style + more if more else style) for text, more, _ in segments]
    used = sum(segment.cell_length for segment in styled)
    if used > width:
        return Strip(styled, used).crop(0, width)
    return Strip([*styled, Segment(" " * (width - used), style)] if used < width else styled, width)
