"""The list of models, and the titles of its columns."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType

from screens.models.listing import ModelRow
from screens.widgets.columns import GAP, line_of
from screens.widgets.row_list import RowList
from screens.widgets.segments import cell

WIDTHS = {"context": 9, "weights": 12, "size": 8, "$/M in/out": 10, "can": 22}
"""Cells of each column; the name has what they leave."""
GOING = ("can", "weights", "$/M in/out")
"""Columns that give way to the name where there is little room, the first one first."""
TO_RIGHT = ("context", "size", "$/M in/out")
NAME = "model"
LEAST_NAME = 30
INDENT = 2


def widths(room: int) -> dict[str, int]:
    """The columns that are shown in so many cells, with their widths."""
    shown = dict(WIDTHS)
    for title in GOING:
        if room - _taken(shown) < LEAST_NAME:
            del shown[title]
    return {NAME: max(LEAST_NAME, room - _taken(shown)), **shown}


def _taken(shown: dict[str, int]) -> int:
    return INDENT + sum(width + GAP for width in shown.values())


def line_in(cells: Mapping[str, str], room: int, style: Style) -> list[Segment]:
    """One line of the columns, below the name of a provider."""
    return [Segment(" " * INDENT, style), *line_of(cells, widths(room), TO_RIGHT, style)]


def titles_in(room: int, style: Style) -> list[Segment]:
    """The titles of the columns."""
    return line_in({title: title for title in (NAME, *WIDTHS)}, room, style)


class ModelList(RowList[ModelRow]):
    """Providers and models with a cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"model-list--provider", "model-list--away"}
    DEFAULT_CSS = """
    ModelList {
        & > .model-list--provider { text-style: bold; }
        & > .model-list--away { color: $text-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Make usual", id="models.usual",
                tooltip="Use the model for designs that name none"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__(id="models", empty="No model is like that. Escape clears the search.")

    @property
    def selected(self) -> ModelRow | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.rows else None

    def show(self, rows: Sequence[ModelRow]) -> None:
        """List these; the cursor stays on its row, as far down the screen as it was."""
        if list(self.rows) == list(rows):
            return
        key = self.selected.key if self.selected is not None else ""
        before, top = self.cursor, self.scroll_offset.y
        keys = [row.key for row in rows]
        cursor = keys.index(key) if key in keys else min(before, max(0, len(rows) - 1))
        self.show_rows(rows, cursor=cursor)
        self.scroll_lines(max(0, top + cursor - before))
        self.is_following = False

    def put_cursor_on_a_model(self) -> None:
        """Put the cursor on the first model, without a word."""
        models = (number for number, row in enumerate(self.rows) if row.card is not None)
        self.cursor = next(models, self.cursor)

    def columns_of(self, width: int) -> Hashable:
        """See `RowScroll`."""
        return width

    def draw(self, number: int, line: int, width: int) -> list[Segment]:
        """See `RowScroll`."""
        row, style = self.rows[number], self.style_of(number)
        if row.card is not None:
            return line_in(row.cells(), width, style)
        is_away = row.report is None or not row.report.reachable
        kind = "away" if is_away else "provider"
        heading = self.get_component_rich_style(f"model-list--{kind}", partial=True)
        return [cell(row.heading, width, heading + style)]
