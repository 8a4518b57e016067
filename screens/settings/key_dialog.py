"""Asks for a key by letting it be pressed."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.widgets import Static

from screens.dialogs.dialog import Dialog

RESET = "backspace"


class KeyDialog(Dialog[str]):
    """The answer is the key that was pressed, empty for the usual one, None for Escape."""

    CSS_PATH = "../dialogs/dialog.tcss"

    def __init__(self, what: str, usual: str) -> None:
        """Ask for the key of an action.

        Args:
            what: The action.
            usual: The key that it has otherwise.
        """
        super().__init__(f"Press the key for: {what}")
        self._usual = usual

    def compose_question(self) -> ComposeResult:
        """How to take it back."""
        yield Static(
            f"Backspace gives it its usual key, {self._usual}. Escape leaves all as it is.",
            classes="dialog-detail", markup=False,
        )  # fmt: skip

    def on_key(self, event: events.Key) -> None:
        """Take the key, whatever it does elsewhere."""
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self.dismiss(None)
        else:
            self.dismiss("" if event.key == RESET else event.key)
