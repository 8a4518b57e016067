"""Lists whose rows are one line of columns, with titles above."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Mapping

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from screens.widgets.segments import cell

GAP = 2
"""Cells between two columns."""


def line_of(
    cells: Mapping[str, str], widths: Mapping[str, int], to_right: Container[str], style: Style
) -> list[Segment]:
    """One line of columns.

    Args:
        cells: What stands in each, by its title.
        widths: Of those that are shown, in their order.
        to_right: Titles of columns whose text ends at their right edge.
        style: Of all of it.
    """
    segments: list[Segment] = []
    for title, width in widths.items():
        text = cells.get(title, "")
        segments.append(cell(text, width, style, to_right=title in to_right))
        segments.append(Segment(" " * GAP, style))
    return segments


class OneLine:
    """What `screens.widgets.rows.Row` asks of a row that has one line at any width."""

    __slots__ = ()

    @property
    def height(self) -> int:
        """One line."""
        return 1

    def wrap(self, columns: Hashable) -> None:
        """The same at any width."""

    def find(self, most: int | None) -> bool:
        """Nothing to find."""
        return True

    def place(self, line: int) -> int:
        """There is one."""
        return 0

    def line_at(self, place: int) -> int:
        """There is one."""
        return 0


class Titles(Widget):
    """The titles above a list."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Titles { height: 1; background: $panel; text-style: bold; padding-right: 1; }"

    def __init__(self, draw: Callable[[int, Style], list[Segment]]) -> None:
        """Make them.

        Args:
            draw: The line in so many cells, as the list draws its own.
        """
        super().__init__()
        self._draw = draw

    def render_line(self, y: int) -> Strip:
        """They are where the columns are."""
        style = self.rich_style
        strip = Strip(self._draw(self.content_size.width, style))
        return strip.adjust_cell_length(self.size.width, style)
