"""Lists which steps a measure leaves out, and why."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Static

from screens.dialogs.dialog import Dialog, StylePaths
from simulator.analysis.gathering import Gathered, left_out
from simulator.analysis.sheet import Sheet
from simulator.presentation.notices import short_id
from simulator.presentation.safe_text import one_line

MOST_ROWS = 200
"""The exported list has all."""


class LeftOutDialog(Dialog[None]):
    """The reasons with their numbers, and the steps one by one."""

    CSS_PATH: ClassVar[StylePaths] = [
        "../dialogs/dialog.tcss",
        "left_out.tcss",
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "cancel", "Close", id="left_out.close"),
    ]

    def __init__(self, sheets: Sequence[Sheet], found: Gathered) -> None:
        super().__init__(f"Left out of {found.measure.name}: {found.measure.meaning}")
        self._sheets = sheets
        self._found = found

    def compose_question(self) -> ComposeResult:
        """How many for each reason; then which."""
        reasons = self._found.left_out.most_common()
        lines = [f"{number:>9,}  {why}" for why, number in reasons]
        if self._found.empty_runs:
            lines.append(f"{self._found.empty_runs:>9,}  runs without any step")
        if sum(self._found.left_out.values()) > MOST_ROWS:
            lines.append(f"The first {MOST_ROWS} are listed; x exports all.")
        yield Static("\n".join(lines) or "Nothing.", classes="dialog-detail", markup=False)
        yield DataTable[Text](id="steps", cursor_type="row")

    def on_mount(self) -> None:
        """Fill the list."""
        table: DataTable[Text] = self.query_one("#steps", DataTable)
        for name in ("run", "step", "speaker", "why"):
            table.add_column(name)
        for row in islice(left_out(self._sheets, self._found.measure), MOST_ROWS):
            table.add_row(
                Text(short_id(row.run_id)), Text(str(row.position)), Text(one_line(row.speaker)),
                Text(row.why),
            )  # fmt: skip
        table.focus()
