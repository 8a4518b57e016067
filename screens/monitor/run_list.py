"""The runs, a line for each; lines change in place while the runs go on."""

from __future__ import annotations

from collections.abc import Container, Hashable, Mapping, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from screens.monitor.rows import RunRow, levels_in_all
from screens.widgets.columns import GAP, Titles, line_of
from screens.widgets.row_list import RowList

AGENTS = "agents"
WIDTHS = {
    "": 1, "run": 9, AGENTS: 6, "done": 6, "turn": 7, "day": 4, "tok/s": 5, "cost": 7,
    "experiment": 14, "model": 18,
}  # fmt: skip
"""Cells of each column, in their order; more for agents whose conditions are told."""
GOING = ("model", "experiment", "cost", "tok/s", "done", "day")
"""Columns that give way where there is little room, the first one first."""
TO_RIGHT = ("turn", "day", "tok/s", "cost")
WIDEST_AGENTS = 40
SHORT = {"generation": "gen."}
"""Words that are too long for the title of a column."""


def widths(room: int, needed: Mapping[str, int]) -> dict[str, int]:
    """The columns that are shown in so many cells, with their widths; the last has what is left.

    Args:
        room: In cells.
        needed: Cells that columns need by their titles, if they are known.
    """
    shown = {title: max(width, needed.get(title, 0)) for title, width in WIDTHS.items()}
    for title in GOING:
        if _taken(shown) > room:
            del shown[title]
    last = next(reversed(shown))
    if last not in TO_RIGHT:
        shown[last] += max(0, room - _taken(shown))
    return shown


def _needed(rows: Sequence[RunRow], same: Container[str]) -> dict[str, int]:
    """Cells for all that will ever stand in the columns whose widths differ."""
    agents = max((cell_len(row.cells(same)[AGENTS]) for row in rows), default=0)
    most = {
        "turn": max((row.planned or 0 for row in rows), default=0),
        "day": max((row.days or 0 for row in rows), default=0),
    }
    wide = {title: 2 * len(str(number)) + 1 for title, number in most.items()}
    return {AGENTS: min(agents, WIDEST_AGENTS), **wide}


def _taken(shown: Mapping[str, int]) -> int:
    return sum(width + GAP for width in shown.values()) - GAP


class RunList(RowList[RunRow]):
    """Runs, with the cursor on one."""

    DEFAULT_CSS = "RunList { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Transcript", id="monitor.read", tooltip="Read the run"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._same: set[str] = set()
        """Levels of factors that all runs have, so that no line needs them."""
        self._needed: dict[str, int] = {}
        """Cells that the widest agents, turns and days take."""
        self._day = "day"
        """What people call a day of all these runs."""

    @property
    def selected(self) -> str | None:
        """The run under the cursor."""
        return self.rows[self.cursor].run_id if self.rows else None

    def select(self, run_id: str) -> bool:
        """Put the cursor on a run; whether it is there."""
        for number, row in enumerate(self.rows):
            if row.run_id == run_id:
                self.move_to(number)
                return True
        return False

    def cells_of(self, run_id: str) -> dict[str, str]:
        """What the line of a run says. Raises KeyError."""
        return {row.run_id: row for row in self.rows}[run_id].cells(self._same)

    def show(self, rows: Sequence[RunRow]) -> bool:
        """Show these runs, and draw what changed; whether columns may have other widths now."""
        same = levels_in_all(rows)
        if [row.run_id for row in rows] != [row.run_id for row in self.rows] or same != self._same:
            self._same = same
            self._show_others(rows)
            words = {row.day_word for row in rows}
            day = words.pop() if len(words) == 1 else "day"
            before = (self._day, self._needed)
            self._day, self._needed = SHORT.get(day, day), _needed(rows, same)
            self._needed["day"] = max(self._needed["day"], len(self._day))
            return (self._day, self._needed) != before
        for number, row in enumerate(rows):
            if row != self.rows[number]:
                self.stack.rows[number] = row
                self.refresh_row(number)
        return False

    def _show_others(self, rows: Sequence[RunRow]) -> None:
        ids = [row.run_id for row in rows]
        before, top = self.cursor, self.scroll_offset.y
        cursor = ids.index(self.selected) if self.selected in ids else 0
        self.show_rows(rows, cursor=cursor)
        self.scroll_lines(max(0, top + cursor - before))
        self.is_following = False

    def columns_of(self, width: int) -> Hashable:
        """See `RowScroll`."""
        return width

    def draw(self, number: int, line: int, width: int) -> list[Segment]:
        """See `RowScroll`."""
        return self._line(self.rows[number].cells(self._same), width, self.style_of(number))

    def titles(self, width: int, style: Style) -> list[Segment]:
        """The titles of the columns, as they are now."""
        return self._line({title: title for title in WIDTHS} | {"day": self._day}, width, style)

    def _line(self, cells: Mapping[str, str], width: int, style: Style) -> list[Segment]:
        return line_of(cells, widths(width, self._needed), TO_RIGHT, style)


class RunPane(Vertical):
    """The list of runs with its titles."""

    def __init__(self) -> None:
        super().__init__(id="runs", classes="pane")
        self.border_title = "Runs"
        self.list = RunList()

    def compose(self) -> ComposeResult:
        """Titles above lines."""
        yield Titles(self.list.titles)
        yield self.list

    def show(self, rows: Sequence[RunRow]) -> None:
        """Show these runs."""
        if self.list.show(rows):
            self.query_one(Titles).refresh()
