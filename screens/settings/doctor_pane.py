"""Whether all is well: the checks of `doctor`."""

from __future__ import annotations

import asyncio

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Button, LoadingIndicator, Static

from screens.laboratory import Laboratory
from screens.told import Told
from simulator import diagnosis
from simulator.adapters import load_clients
from simulator.diagnosis import Check
from simulator.model_diagnosis import check_models
from simulator.presentation.safe_text import one_line, visible

MODEL_PATIENCE_S = 5.0
_MARKS = {"ok": "✓", "warning": "!", "failure": "✗"}


class DoctorPane(VerticalScroll):
    """Looks when it is asked to; what is wrong comes with what to do."""

    def __init__(self, laboratory: Laboratory, told: Told) -> None:
        """Make one.

        Args:
            laboratory: What is looked at.
            told: Tells faults that happen in its block.
        """
        super().__init__(id="doctor")
        self._laboratory = laboratory
        self._told = told

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
        with self._told():
            try:
                self.query_one("#found", Static).update(_text(await self._checks()))
            finally:
                self.query_one(LoadingIndicator).display = False

    async def _checks(self) -> list[Check]:
        settings, catalogue = self._laboratory.services.settings, self._laboratory.catalogue
        await asyncio.to_thread(load_clients)
        reports = catalogue.reports(catalogue.providers(), patience_s=MODEL_PATIENCE_S)
        of_store, of_models, packages = await asyncio.gather(
            diagnosis.check_store(settings), check_models(settings, reports),
            asyncio.to_thread(diagnosis.check_packages),
        )  # fmt: skip
        return [
            diagnosis.check_python(), packages, *diagnosis.check_settings(), *of_store,
            diagnosis.check_disk(settings), diagnosis.check_log(settings), *of_models,
        ]  # fmt: skip


def _text(checks: list[Check]) -> Text:
    text = Text()
    for check in checks:
        text.append(f"{_MARKS[check.state]} {one_line(check.name):<12}", "bold")
        text.append(f"{visible(check.found)}\n")
        if check.remedy and check.state != "ok":
            text.append(f"  {'':<12}→ {visible(check.remedy)}\n", "italic")
    return text
