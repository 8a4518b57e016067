"""The frame of a question."""

from __future__ import annotations

from pathlib import PurePath
from typing import ClassVar, TypeAlias, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from simulator.presentation.safe_text import visible

T = TypeVar("T")
StylePaths: TypeAlias = str | PurePath | list[str | PurePath] | None


class Dialog(ModalScreen[T | None]):
    """A box in the middle of the screen; Escape answers None."""

    CSS_PATH: ClassVar[StylePaths] = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="dialog.cancel"),
    ]

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        """The title with what asks below it."""
        with Vertical(classes="dialog"):
            yield Static(visible(self._title), classes="dialog-title", markup=False)
            yield from self.compose_question()

    def compose_question(self) -> ComposeResult:
        """What asks."""
        raise NotImplementedError

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
