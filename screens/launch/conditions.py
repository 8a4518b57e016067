"""The conditions of a grid, one a line; lines are made when they are seen."""

from __future__ import annotations

from collections.abc import Collection

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from simulator.domain.grids import Axis, Grid
from simulator.presentation.safe_text import one_line, shortened
from simulator.presentation.wording import counted

WIDEST_COLUMN = 24


class ConditionList(ScrollView, can_focus=True):
    """What every run of a repetition will be."""

    COMPONENT_CLASSES = {"conditions--head", "conditions--bad"}  # noqa: RUF012 - as Textual has it
    DEFAULT_CSS = """
    ConditionList { background: $background; }
    ConditionList .conditions--head { text-style: bold; color: $text-muted; }
    ConditionList .conditions--bad { color: $text-error; }
    """

    def __init__(self) -> None:
        super().__init__(classes="pane", id="conditions")
        self._grid: Grid | None = None
        self._columns: list[tuple[Axis, int]] = []
        self._bad: Collection[int] = ()
        self._number_width = 1
        self.border_title = "Conditions"

    def show(self, grid: Grid, bad: Collection[int] = ()) -> None:
        """List these.

        Args:
            grid: Whose cells.
            bad: Places of those that cannot be run.
        """
        self._grid, self._bad = grid, bad
        self._columns = [(axis, _width(axis)) for axis in grid.axes if axis.varies]
        self._number_width = len(f"{grid.size}")
        width = self._number_width + 4 + sum(width + 2 for _, width in self._columns)
        self.virtual_size = Size(width, grid.size + 1)
        self.border_title = counted(grid.size, "condition")
        self.refresh()

    def clear(self) -> None:
        """List nothing, while there is no grid."""
        self._grid = None
        self.virtual_size = Size(0, 0)
        self.border_title = "Conditions"
        self.refresh()

    @property
    def grid(self) -> Grid | None:
        """What is listed."""
        return self._grid

    def line(self, place: int) -> str:
        """A condition as it is shown; the head for -1."""
        if self._grid is None:
            return ""
        if place < 0:
            cells = [one_line(axis.title) for axis, _ in self._columns]
            number, mark = "", " "
        else:
            labels = self._grid.cell(place).labels
            cells = [one_line(labels[axis.name]) for axis, _ in self._columns]
            number, mark = f"{place + 1}", "✗" if place in self._bad else " "
        if not cells and place >= 0:
            cells, columns = ["as designed, or as set for all"], [WIDEST_COLUMN + 8]
        else:
            columns = [width for _, width in self._columns]
        shown = "  ".join(
            set_cell_size(shortened(text, width), width)
            for text, width in zip(cells, columns, strict=True)
        )
        return f"{number:>{self._number_width}} {mark} {shown}"

    def render_line(self, y: int) -> Strip:
        """The head stays; the rest scrolls."""
        width = self.size.width
        place = -1 if y == 0 else self.scroll_offset.y + y - 1
        if self._grid is None or place >= self._grid.size:
            return Strip.blank(width, self.rich_style)
        style = self.rich_style
        if place < 0:
            style = self.get_component_rich_style("conditions--head")
        elif place in self._bad:
            style = self.get_component_rich_style("conditions--bad")
        strip = Strip([Segment(self.line(place), style)])
        left = self.scroll_offset.x
        return strip.crop_extend(left, left + width, style)


def _width(axis: Axis) -> int:
    labels = [axis.title, *(option.label for option in axis.options)]
    return min(WIDEST_COLUMN, max(cell_len(one_line(label)) for label in labels))
