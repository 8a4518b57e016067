"""Yes or no, told apart by a mark and a word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static


class Toggle(Static, can_focus=True):
    """`[x] yes` or `[ ] no`; Enter, space or a click changes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "change", "Yes/no", id="editor.yes_no"),
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("up", "app.focus_previous", "Previous", show=False),
    ]

    @dataclass
    class Changed(Message):
        """The user changed it."""

        toggle: Toggle

    def __init__(self) -> None:
        super().__init__("[ ] no", markup=False)
        self.value = False

    def show(self, value: bool) -> None:
        """Stand at a value, without telling anybody."""
        self.value = value
        self.update("[x] yes" if value else "[ ] no")

    def action_change(self) -> None:
        """Change it."""
        self.show(not self.value)
        self.post_message(self.Changed(self))

    def on_click(self) -> None:
        """As the key does."""
        self.action_change()
