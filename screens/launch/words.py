"""The launch in words to be copied."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, TextArea

from screens.dialogs.dialog import Dialog
from simulator.presentation.launches import Launch, commands_text, yaml_text
from simulator.presentation.safe_text import visible


class LaunchWords(Dialog[None]):
    """Commands that do the same, and the launch as YAML."""

    CSS_PATH = "../dialogs/dialog.tcss"
    CSS = """
    LaunchWords .dialog { width: 90%; max-width: 100%; height: 80%; max-height: 100%; }
    LaunchWords .dialog TextArea { height: 1fr !important; min-height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", "Copy", id="launch.copy"),
        Binding("y", "other", "YAML or commands", id="launch.other"),
    ]

    def __init__(self, launch: Launch) -> None:
        super().__init__("The same on the command line")
        self._texts = [commands_text(launch), yaml_text(launch)]
        self._shown = 0

    def compose_question(self) -> ComposeResult:
        """The text, and buttons."""
        yield TextArea(visible(self._texts[0]), read_only=True, soft_wrap=True)
        with Horizontal(classes="dialog-buttons"):
            yield Button("Copy (c)", id="copy", variant="primary")
            yield Button("YAML or commands (y)", id="other")
            yield Button("Close (esc)", id="close")

    def on_mount(self) -> None:
        """Scroll with the keys."""
        self.query_one(TextArea).focus()

    @on(Button.Pressed, "#copy")
    def action_copy(self) -> None:
        """Copy what is shown."""
        self.app.copy_to_clipboard(self._texts[self._shown])
        self.notify("Copied.", markup=False)

    @on(Button.Pressed, "#other")
    def action_other(self) -> None:
        """Commands instead of YAML, or the other way round."""
        self._shown = 1 - self._shown
        self.query_one(TextArea).load_text(visible(self._texts[self._shown]))

    @on(Button.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss(None)
