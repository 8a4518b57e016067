"""One experiment beside the list: facts and prompts, and its runs."""

from __future__ import annotations

from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from screens.home.details import Details, detail_rows
from screens.home.run_table import RunTable
from screens.widgets.text_list import TextList
from simulator.presentation.safe_text import one_line


class DetailPane(Vertical):
    """Texts above, runs below."""

    def __init__(self) -> None:
        super().__init__(id="pane")
        self.details: Details | None = None
        """What is shown."""

    def compose(self) -> ComposeResult:
        """Both, and what stands where there are no runs."""
        texts = TextList(id="texts", classes="pane", empty="No experiment is chosen.")
        texts.border_title = "Design"
        yield texts
        yield RunTable()
        yield Static("", id="no-runs", classes="empty", markup=False)

    def show(self, details: Details, user: str, now: datetime) -> None:
        """Show an experiment; texts that are the same stay where they are scrolled to."""
        texts = self.query_one(TextList)
        rows = detail_rows(details)
        if [(row.title, row.text) for row in rows] != [(row.title, row.text) for row in texts.rows]:
            texts.show_rows(rows)
        runs = self.query_one(RunTable)
        runs.show(details, user, now)
        more = details.runs_total > len(details.runs)
        listed = f"{len(details.runs):,} of {details.runs_total:,}" if more else details.runs_total
        runs.border_title = f"Runs: {listed}"
        self._offer(details.runs_total > 0, "It has no runs yet: l launches it, e edits it.")
        self.details = details

    def show_nothing(self, why: str = "") -> None:
        """There is no experiment to show, or it cannot be read."""
        self.details = None
        self.query_one(TextList).show_rows([])
        self._offer(False, one_line(why))

    def _offer(self, has_runs: bool, else_say: str) -> None:
        self.query_one(RunTable).display = has_runs
        note = self.query_one("#no-runs", Static)
        note.update(else_say)
        note.display = bool(else_say) and not has_runs
