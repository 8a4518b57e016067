"""The table of experiments: thousands of rows, of which only those on the screen are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.home.columns import cells, column_at, laid_out, titles
from screens.home.listing import Line, Order

LINES_OF_HEADER = 1


class ExperimentTable(ScrollView, can_focus=True):
    """One line for each experiment, titles above, and a cursor."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "experiment-table--titles", "experiment-table--cursor",
    }  # fmt: skip
    DEFAULT_CSS = """
    ExperimentTable {
        overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1;
        & > .experiment-table--titles { color: $foreground; background: $panel; text-style: bold; }
        & > .experiment-table--cursor {
            color: $block-cursor-blurred-foreground;
            background: $block-cursor-blurred-background;
        }
        &:focus > .experiment-table--cursor {
            color: $block-cursor-foreground; background: $block-cursor-background;
            text-style: $block-cursor-text-style;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Runs", id="home.open", tooltip="Go to the runs"),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown,space", "page(1)", "Page down", show=False),
        Binding("home", "edge(0)", "First", show=False),
        Binding("end,G", "edge(-1)", "Last", show=False),
    ]

    class Moved(Message):
        """Another experiment is under the cursor, or none."""

    class Chosen(Message):
        """Enter, or a click on the experiment under the cursor."""

    @dataclass
    class TitleClicked(Message):
        """Another order is wanted."""

        order: Order

    def __init__(self) -> None:
        super().__init__(id="experiments")
        self.lines: Sequence[Line] = ()
        """What is listed."""
        self.cursor = 0
        """The place of the line that is marked."""
        self._places: Mapping[str, int] = {}
        self._now = datetime.now(UTC)
        self._titles = titles("newest", is_reversed=False)

    # ------------------------------------------------------------ what is listed

    @property
    def selected(self) -> str | None:
        """The experiment under the cursor."""
        return self.lines[self.cursor].entry.id if self.lines else None

    def select(self, experiment_id: str) -> bool:
        """Put the cursor on an experiment; whether it is listed."""
        place = self._places.get(experiment_id)
        if place is not None:
            self.move_to(place)
        return place is not None

    def entitle(self, order: Order, *, is_reversed: bool) -> None:
        """Mark the column that is sorted by."""
        self._titles = titles(order, is_reversed=is_reversed)

    def show(self, lines: Sequence[Line], now: datetime) -> None:
        """List these; the cursor stays on its experiment, as far down the screen as it was.

        Where that is not listed any more, it stays on its line.

        Args:
            lines: What is listed, from top to bottom.
            now: For their ages.
        """
        selected, before = self.selected, self.cursor
        self.lines, self._now = lines, now
        self._places = {line.entry.id: place for place, line in enumerate(lines)}
        self.cursor = self._places.get(selected or "", min(before, max(0, len(lines) - 1)))
        self.virtual_size = Size(self.size.width, len(lines) + LINES_OF_HEADER)
        self.scroll_to(
            y=max(0, self.scroll_offset.y + self.cursor - before), animate=False, force=True
        )
        self.refresh()
        if self.selected != selected:
            self.post_message(self.Moved())

    # ------------------------------------------------------------ the cursor

    def move_to(self, place: int) -> None:
        """Put the cursor on a line, and see it."""
        if not self.lines:
            return
        selected = self.selected
        self.cursor = max(0, min(place, len(self.lines) - 1))
        first, room = self.scroll_offset.y, self.size.height - LINES_OF_HEADER
        if not first <= self.cursor < first + room:
            edge = self.cursor if self.cursor < first else self.cursor - room + 1
            self.scroll_to(y=edge, animate=False, force=True)
        self.refresh()
        if self.selected != selected:
            self.post_message(self.Moved())

    def action_move(self, by: int) -> None:
        """The next line."""
        self.move_to(self.cursor + by)

    def action_page(self, by: int) -> None:
        """A screen on."""
        self.move_to(self.cursor + by * max(1, self.size.height - LINES_OF_HEADER - 1))

    def action_edge(self, place: int) -> None:
        """The first line, or the last."""
        self.move_to(place % max(1, len(self.lines)))

    def action_choose(self) -> None:
        """Choose the experiment under the cursor."""
        if self.lines:
            self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        """Go to a line, choose it, or sort by a column."""
        at = event.get_content_offset_capture(self)
        if at.y < LINES_OF_HEADER:
            column = column_at(at.x, self._room)
            if column is not None:
                self.post_message(self.TitleClicked(column.order))
            return
        place = self.scroll_offset.y + at.y - LINES_OF_HEADER
        if place == self.cursor:
            self.action_choose()
        elif place < len(self.lines):
            self.move_to(place)

    # ------------------------------------------------------------ drawing

    @property
    def _room(self) -> int:
        return self.scrollable_content_region.width

    def on_resize(self) -> None:
        """Keep the cursor on the screen."""
        self.move_to(self.cursor)

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        style = self.rich_style
        place = self.scroll_offset.y + y - LINES_OF_HEADER
        if y < LINES_OF_HEADER:
            text = laid_out(self._titles, self._room)
            style += self.get_component_rich_style("experiment-table--titles")
        elif place >= len(self.lines):
            return Strip.blank(self._room, style)
        else:
            text = laid_out(cells(self.lines[place], self._now), self._room)
            if place == self.cursor:
                style += self.get_component_rich_style("experiment-table--cursor")
        return Strip([Segment(text, style)], self._room)
