"""Asks which runs to look at."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, SelectionList
from textual.widgets.selection_list import Selection

from screens.dialogs.dialog import Dialog, StylePaths
from simulator.analysis.grouping import condition_text
from simulator.domain.records import Run
from simulator.presentation.moments import stamp
from simulator.presentation.notices import short_id
from simulator.presentation.plans import models_text
from simulator.presentation.safe_text import one_line


class RunPicker(Dialog[tuple[str, ...]]):
    """A list of runs to tick; the answer is the ids of those that are ticked."""

    CSS_PATH: ClassVar[StylePaths] = [
        "../dialogs/dialog.tcss",
        "run_picker.tcss",
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "tick('all')", "All", id="runs.all"),
        Binding("n", "tick('none')", "None", id="runs.none"),
        Binding("c", "tick('completed')", "Completed", id="runs.completed"),
        Binding("ctrl+s", "accept", "OK", id="runs.accept"),
    ]

    def __init__(self, runs: Sequence[tuple[Run, dict[str, str]]], chosen: Collection[str]) -> None:
        """Ask.

        Args:
            runs: Each with its level of each factor.
            chosen: Ids that are ticked at first.
        """
        super().__init__("Which runs?")
        self._runs = runs
        self._chosen = frozenset(chosen)

    def compose_question(self) -> ComposeResult:
        """The list and the buttons."""
        yield SelectionList(
            *(
                Selection(_name(run, condition), run.id, run.id in self._chosen)
                for run, condition in self._runs
            )
        )
        with Horizontal(classes="dialog-buttons"):
            yield Button("All (a)", id="all", compact=True)
            yield Button("None (n)", id="none", compact=True)
            yield Button("Completed (c)", id="completed", compact=True)
            yield Button("OK (ctrl+s)", id="ok", compact=True, variant="primary")

    def on_mount(self) -> None:
        """Tick at once."""
        self.query_one(SelectionList).focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "ok":
            self.action_accept()
        else:
            self.action_tick(str(event.button.id))

    def action_tick(self, which: str) -> None:
        """Tick all, none, or the completed ones only."""
        ticks = self.query_one(SelectionList)
        ticks.deselect_all()
        if which == "all":
            ticks.select_all()
        elif which == "completed":
            for run, _ in self._runs:
                if run.status == "completed":
                    ticks.select(run.id)

    def action_accept(self) -> None:
        """Look at the ticked ones."""
        ticked = set(self.query_one(SelectionList).selected)
        self.dismiss(tuple(run.id for run, _ in self._runs if run.id in ticked))


def _name(run: Run, condition: dict[str, str]) -> Text:
    facts = (
        short_id(run.id), run.status, condition_text(condition) or "",
        stamp(run.created_at)[:16], models_text(run.agents),
    )  # fmt: skip
    return Text(one_line(" · ".join(filter(None, facts))))
