"""A list of rows with a cursor, for keys and mouse."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from screens.widgets.row_scroll import RowScroll
from screens.widgets.rows import R


class RowList(RowScroll[R]):
    """Rows, one of which is under the cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"row-list--cursor"}
    DEFAULT_CSS = """
    RowList {
        & > .row-list--cursor {
            color: $block-cursor-blurred-foreground;
            background: $block-cursor-blurred-background;
        }
        &:focus > .row-list--cursor {
            color: $block-cursor-foreground; background: $block-cursor-background;
            text-style: $block-cursor-text-style;
        }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "first", "First", show=False),
        Binding("end,G", "last", "Last", show=False),
        Binding("enter", "choose", "Choose", show=False),
    ]

    class Moved(Message):
        """The cursor is on another row."""

    class Chosen(Message):
        """Enter or a double click on the row under the cursor."""

    def style_of(self, number: int) -> Style:
        """Of a row that is marked as a whole where the cursor is on it."""
        if number != self.cursor:
            return Style()
        return self.get_component_rich_style("row-list--cursor")

    def put_cursor(self, number: int) -> None:
        """Put the cursor on a row, wherever it is."""
        if number != self.cursor:
            self.cursor = number
            self.post_message(self.Moved())
        self.refresh()

    def move_to(self, number: int) -> None:
        """Put the cursor on a row and see it."""
        if self.rows:
            number = max(0, min(number, len(self.rows) - 1))
            self.put_cursor(number)
            self.reveal(number)

    def action_move(self, by: int) -> None:
        """The next row; within one that does not fit on the screen, the next line."""
        if not self.rows:
            return
        top, bottom = self.stack.top(self.cursor), self.stack.top(self.cursor + 1)
        first, last = self.scroll_offset.y, self.scroll_offset.y + self.size.height
        is_seen = top < last and bottom > first and bottom - top > 1
        if is_seen and (bottom > last if by > 0 else top < first):
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
        else:
            self.put_cursor(self.stack.at(now if by < 0 else now + room - 1))

    def action_first(self) -> None:
        """The first row."""
        self.move_to(0)
        self.scroll_lines(0)

    def action_last(self) -> None:
        """The last row; new ones are followed from there."""
        self.move_to(len(self.rows) - 1)
        self.scroll_lines(self.stack.height)
        self.follow()

    def action_choose(self) -> None:
        """Say that the row under the cursor is chosen."""
        if self.rows:
            self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; on the hint, go to the end."""
        at = event.get_content_offset_capture(self)
        line = self.scroll_offset.y + at.y
        hint = self.hint() if at.y == self.size.height - 1 else ""
        if hint and at.x >= self.content_width - len(hint):
            self.action_last()
        elif self.rows and line < self.stack.height:
            self.move_to(self.stack.at(line))
            if event.chain == 2:
                self.action_choose()
