"""Asks before something that cannot be taken back."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Static

from screens.dialogs.dialog import Dialog
from simulator.presentation.safe_text import visible


class Confirm(Dialog[bool]):
    """Yes or no; anything but the button, or `y`, is no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="dialog.yes"),
        Binding("n", "answer(False)", "No", id="dialog.no"),
    ]

    def __init__(
        self, question: str, detail: str = "", yes: str = "Delete", *, is_dangerous: bool = True
    ) -> None:
        """Ask.

        Args:
            question: One line.
            detail: What follows from yes.
            yes: On the button.
            is_dangerous: Whether no is what Enter answers.
        """
        super().__init__(question)
        self._detail = detail
        self._yes = yes
        self._is_dangerous = is_dangerous

    def compose_question(self) -> ComposeResult:
        """The detail and two buttons."""
        if self._detail:
            yield Static(visible(self._detail), classes="dialog-detail", markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield Button("Cancel (n)", id="no")
            yield Button(
                f"{self._yes} (y)", id="yes", variant="error" if self._is_dangerous else "primary"
            )

    def on_mount(self) -> None:
        """Enter answers what harms nothing."""
        self.query_one("#no" if self._is_dangerous else "#yes", Button).focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        """Answer with a key."""
        self.dismiss(answer)

    def action_cancel(self) -> None:
        """Escape is no."""
        self.dismiss(False)
