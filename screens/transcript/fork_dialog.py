"""Asks how a run is to go on from one of its messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Input, Static, TextArea

from screens.dialogs.dialog import Dialog
from screens.editor.areas import ProseArea
from simulator.domain.journal import Step
from simulator.presentation.safe_text import one_line

LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Fork:
    """What was decided."""

    replace: str | None
    """Other words for the message; None leaves them."""
    seed: int | None
    """Of what follows; None goes on with the run's."""


class ForkDialog(Dialog[Fork]):
    """The words of the message to edit, and a seed."""

    CSS_PATH = "../dialogs/dialog.tcss"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "accept", "Fork", id="dialog.accept"),
    ]

    def __init__(self, step: Step) -> None:
        super().__init__(f"Fork after message {step.position}, by {one_line(step.speaker)}")
        self._step = step
        self._words = step.content

    def compose_question(self) -> ComposeResult:
        """Words, seed, and what comes of them."""
        if self._step.in_transcript:
            yield Static("Its words, to be changed or left as they are:", classes="dialog-detail")
            yield ProseArea(self._words, id="answer")
        yield Input(
            id="seed",
            type="integer",
            placeholder="Seed of what follows; empty goes on with the run's",
        )
        yield Static(
            "A new run takes over everything up to this message and is played from there. "
            "This run stays as it is.",
            classes="dialog-detail",
        )
        yield Static("", id="fault", classes="dialog-fault", markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield Button("Cancel (esc)", id="no")
            yield Button("Fork (ctrl+s)", id="yes", variant="primary")

    def on_mount(self) -> None:
        """Type at once."""
        field = self.query("TextArea").first() if self._step.in_transcript else None
        (field or self.query_one("#seed")).focus()

    @on(Button.Pressed, "#yes")
    @on(Input.Submitted)
    def action_accept(self) -> None:
        """Give the answer, unless something is wrong with it."""
        words = self.query_one(TextArea).text if self._step.in_transcript else self._words
        typed = self.query_one("#seed", Input).value
        seed = int(typed) if typed.lstrip("+-").isdecimal() else None
        if not words.strip():
            self._fault("A message cannot be replaced with nothing.")
        elif typed and (seed is None or not 0 <= seed <= LARGEST_SEED):
            self._fault(f"The seed must be a whole number from 0 to {LARGEST_SEED:,}.")
        else:
            self.dismiss(Fork(None if words == self._words else words, seed))

    def _fault(self, text: str) -> None:
        self.query_one("#fault", Static).update(text)

    @on(Button.Pressed, "#no")
    def _cancelled(self) -> None:
        self.dismiss(None)
