"""Replays a run against its record, in front of the screen."""

from __future__ import annotations

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, ProgressBar, Static

from screens.dialogs.dialog import Dialog
from simulator.domain.records import Run
from simulator.errors import SimulatorError
from simulator.presentation.notices import short_id
from simulator.presentation.safe_text import visible
from simulator.services import Services


class VerifyDialog(Dialog[None]):
    """First from the record alone; then, if the user wants, every reply is asked for again."""

    CSS_PATH = "../dialogs/dialog.tcss"

    def __init__(self, services: Services, run: Run) -> None:
        super().__init__(f"Does run {short_id(run.id)} follow from its design?")
        self._services = services
        self._run = run

    def compose_question(self) -> ComposeResult:
        """How far it is, what was found."""
        yield ProgressBar(total=1.0, show_eta=False, id="progress")
        with VerticalScroll(id="found"):
            yield Static("Replaying …", id="verdict", markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield Button("Close (esc)", id="no")
            yield Button("Ask the models again", id="yes")

    def on_mount(self) -> None:
        """Replay at once."""
        self.verify(ask_models=False)

    @on(Button.Pressed, "#yes")
    def _ask_models(self) -> None:
        self.query_one("#verdict", Static).update("Asking for every reply again …")
        self.verify(ask_models=True)

    @on(Button.Pressed, "#no")
    def _close(self) -> None:
        self.dismiss(None)

    @work(exclusive=True, exit_on_error=False)
    async def verify(self, *, ask_models: bool) -> None:
        """Replay the run; leaving the dialog ends it."""
        bar = self.query_one(ProgressBar)
        again = self.query_one("#yes", Button)
        again.disabled = True
        bar.update(total=1.0, progress=0.0)

        def hear(share: float) -> None:
            bar.update(progress=share)

        try:
            found = await self._services.verify(self._run, ask_models=ask_models, hear=hear)
        except SimulatorError as error:
            self._say(f"✗ {error.message}\n{error.remedy or ''}")
            return
        finally:
            again.disabled = False
        if found.problems:
            self._say("\n".join(["✗ It does not hold:", *found.problems]))
            return
        asked = f", {found.regenerated} replies given again word for word" if ask_models else ""
        text = f"✓ It holds: {found.replayed} of {found.steps} steps replayed{asked}."
        if ask_models and self._services.settings.cache:
            text += (
                "\nReplies that are in the request cache agree with themselves; turn it off to ask."
            )
        self._say(text)

    def _say(self, text: str) -> None:
        self.query_one("#verdict", Static).update(visible(text))
