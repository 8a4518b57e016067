"""Whether all is well: the checks of `doctor`."""

from __future__ import annotations

import asyncio

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Button, LoadingIndicator, Static

from screens.laboratory import Laboratory
from simulator import diagnosis
from simulator.diagnosis import Check
from simulator.model_diagnosis import check_models
from simulator.presentation.safe_text import one_line, visible

MODEL_PATIENCE_S = 5.0
_MARKS = {"ok": "✓", "warning": "!", "failure": "✗"}


class DoctorPane(VerticalScroll):
    """Looks when it is asked to; what is wrong comes with what to do."""

    def __init__(self, laboratory: Laboratory) -> None:
        super().__init__(id="doctor")
        self._laboratory = laboratory

    def compose(self) -> ComposeResult:
        """A button and what was found."""
        yield Button("Look whether all is well", id="examine", variant="primary")
        yield LoadingIndicator()
        yield Static("", id="found")

    def on_mount(self) -> None:
        """Nothing was looked at yet."""
        self.query_one(LoadingIndicator).display = False

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Look."""
        event.stop()
        self.examine()

    @work(exclusive=True, group="doctor")
    async def examine(self) -> None:
        """Check everything, side by side."""
        self.query_one(LoadingIndicator).display = True
        settings, catalogue = self._laboratory.services.settings, self._laboratory.catalogue
        try:
            reports = catalogue.reports(catalogue.providers(), patience_s=MODEL_PATIENCE_S)
            of_store, of_models = await asyncio.gather(
                diagnosis.check_store(settings), check_models(settings, reports)
            )
        finally:
            self.query_one(LoadingIndicator).display = False
        checks = [
            diagnosis.check_python(), diagnosis.check_packages(), *diagnosis.check_settings(),
            *of_store, diagnosis.check_disk(settings), diagnosis.check_log(settings), *of_models,
        ]  # fmt: skip
        self.query_one("#found", Static).update(_told(checks))


def _told(checks: list[Check]) -> Text:
    text = Text()
    for check in checks:
        text.append(f"{_MARKS[check.state]} {one_line(check.name):<12}", "bold")
        text.append(f"{visible(check.found)}\n")
        if check.remedy and check.state != "ok":
            text.append(f"  {'':<12}→ {visible(check.remedy)}\n", "italic")
    return text
