"""Asks for a file or a folder, and completes what is typed."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.suggester import Suggester
from textual.widgets import Button, Input, Static

from screens.dialogs.dialog import Dialog
from simulator.presentation.safe_text import visible


class PathSuggester(Suggester):
    """The first entry of the folder that begins like what is typed."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """What the path becomes; folders end with a slash."""
        return await asyncio.to_thread(completed, value) if value else None


def completed(path: str) -> str | None:
    """The path with the rest of the first name that it can be the beginning of."""
    folder, begun = os.path.split(path)
    try:
        with os.scandir(Path(folder or ".").expanduser()) as entries:
            fitting = [
                f"{entry.name}/" if entry.is_dir() else entry.name
                for entry in entries
                if entry.name.startswith(begun) and (begun or not entry.name.startswith("."))
            ]
    except OSError:
        return None
    best = min(fitting, default=None)
    return None if best is None else path + best[len(begun) :]


class PathInput(Input):
    """A field in which Tab accepts what is suggested."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", show=False, id="path.complete"),
    ]

    def action_complete(self) -> None:
        """Accept the suggestion; without one, go to the next field."""
        if self._suggestion and self._suggestion != self.value:
            self.action_cursor_right()
        else:
            self.screen.focus_next()


class PathDialog(Dialog[str]):
    """One path, or the address of a database; Escape answers None."""

    CSS_PATH = "../dialogs/dialog.tcss"

    def __init__(self, title: str, hint: str, *, yes: str) -> None:
        super().__init__(title)
        self._hint = hint
        self._yes = yes

    def compose_question(self) -> ComposeResult:
        """The field, the hint, and two buttons."""
        yield PathInput(suggester=PathSuggester(), id="answer")
        yield Static(visible(self._hint), classes="dialog-detail", markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield Button("Cancel (esc)", id="no")
            yield Button(self._yes, id="yes", variant="primary")

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(PathInput).focus()

    @on(Input.Submitted)
    @on(Button.Pressed, "#yes")
    def _accepted(self) -> None:
        path = self.query_one(PathInput).value.strip()
        if path:
            self.dismiss(path)

    @on(Button.Pressed, "#no")
    def _cancelled(self) -> None:
        self.dismiss(None)
