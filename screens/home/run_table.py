"""The runs of an experiment, a row for each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from screens.home.details import Details
from screens.run_states import state_text
from simulator.domain.records import Lease, Run
from simulator.presentation.moments import age
from simulator.presentation.notices import short_id
from simulator.presentation.plans import parameters_text
from simulator.presentation.safe_text import one_line, shortened

COLUMNS = ("★", "run", "state", "right", "msgs", "age", "launched with", "note")
RIGHT = "right"
"""A column that only runs of debates have: their right answers."""
LONGEST = 60
"""Characters of a cell; the transcript has it all."""


class RunTable(DataTable[Text]):
    """What is done with the run under the cursor takes its keys from here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Transcript", id="home.read", tooltip="Read the run"),
        Binding("r", "screen.resume_run", "Resume", id="home.resume_run",
                tooltip="Play on a run that is not completed"),
        Binding("asterisk", "screen.star_run", "Star run", key_display="*", id="home.star_run",
                tooltip="Make the run a favourite, or no longer"),
        Binding("m", "screen.note_run", "Note on run", id="home.note_run",
                tooltip="Write something about the run"),
        Binding("x", "screen.export_run", "Export run", id="home.export_run",
                tooltip="Write its transcript to a file"),
        Binding("delete", "screen.delete_run", "Delete run", id="home.delete_run",
                tooltip="Delete the run with everything said in it"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__(id="runs", classes="pane", cursor_type="row", zebra_stripes=False)
        self._rows: dict[str, tuple[str, ...]] = {}

    def on_mount(self) -> None:
        """Name the columns."""
        self._name_columns(is_debate=False)

    def _name_columns(self, *, is_debate: bool) -> None:
        self._is_debate = is_debate
        self.clear(columns=True)
        for title in COLUMNS:
            if title != RIGHT or is_debate:
                self.add_column(Text(title), key=title)

    @property
    def selected(self) -> str | None:
        """The run under the cursor."""
        if not self.is_valid_row_index(self.cursor_row):
            return None
        return self.ordered_rows[self.cursor_row].key.value

    def show(self, details: Details | None, user: str, now: datetime) -> None:
        """Show the runs of an experiment; the cursor stays on its run."""
        runs = [] if details is None else details.runs
        rows = {
            run.id: _cells(run, details.messages[run.id], details.players, user, now)
            for run in runs
            if details is not None
        }
        if rows == self._rows:
            return
        selected = self.selected
        is_debate = any(run.kind == "debate" for run in runs)
        if is_debate != self._is_debate:
            self._name_columns(is_debate=is_debate)
        self.clear()
        for run_id, cells in rows.items():
            shown = [
                cell for title, cell in zip(COLUMNS, cells, strict=True)
                if title != RIGHT or is_debate
            ]  # fmt: skip
            self.add_row(*(Text(cell, no_wrap=True) for cell in shown), key=run_id)
        self._rows = rows
        if selected in rows and selected is not None:
            self.move_cursor(row=self.get_row_index(selected))


def state_of(run: Run, players: Mapping[str, Lease]) -> str:
    """The status of a run; `abandoned` where it runs on record only."""
    return "abandoned" if run.status == "running" and run.id not in players else run.status


def _right(run: Run) -> str:
    """Such as `15 of 20, 75.0 %`: the right answers of a debate that is over."""
    values = run.outcome.values if run.outcome is not None else {}
    right, questions = values.get("right"), values.get("questions")
    if not isinstance(right, int) or not isinstance(questions, int) or questions < 1:
        return ""
    return f"{right:,} of {questions:,}, {right / questions:.1%}".replace("%", " %")


def _cells(
    run: Run, messages: int, players: Mapping[str, Lease], user: str, now: datetime
) -> tuple[str, ...]:
    state = state_of(run, players)
    return (
        "★" if user in run.starred_by else "",
        short_id(run.id),
        state_text(state),
        _right(run),
        f"{messages:,}",
        age(run.created_at, now),
        shortened(parameters_text(run.parameters), LONGEST),
        shortened(one_line(run.note[: 2 * LONGEST]), LONGEST),
    )
