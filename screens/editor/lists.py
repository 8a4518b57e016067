"""Lists of plain texts in the form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import JsonValue
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static

from screens.editor.entries import DOWN, REMOVE, UP, Entries
from screens.editor.fields import Field, shown
from screens.editor.folds import Deed
from screens.editor.nodes import Node
from screens.editor.rows import LineRow
from screens.editor.sheet import Sheet


class Deeds(Static):
    """What can be done with an entry, to click on."""

    class Chosen(Message):
        """One was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, deeds: Sequence[Deed]) -> None:
        super().__init__(Text(" ".join(deed.symbol for deed in deeds)), classes="deeds")
        self._deeds = deeds

    def on_click(self, event: events.Click) -> None:
        """Every deed is a character with a space after it."""
        place = event.x // 2
        if event.x % 2 == 0 and place < len(self._deeds):
            self.post_message(self.Chosen(self._deeds[place].name))


class StringEntry(LineRow):
    """One text of a list."""

    LOOK = "row -entry"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+up", "do('up')", "Move up", id="editor.move_up"),
        Binding("alt+down", "do('down')", "Move down", id="editor.move_down"),
        Binding("ctrl+delete", "do('remove')", "Remove", id="editor.remove_text"),
    ]

    def __init__(self, sheet: Sheet, above: StringList, position: int) -> None:
        field = Field(
            name="", label="", help=above.field.help, control="line", default=None,
            is_required=True, is_nullable=False,
        )  # fmt: skip
        super().__init__(sheet, above, field)
        self.part = position
        self._list = above

    def compose(self) -> ComposeResult:
        """The text, and what can be done with it."""
        yield self.control()
        yield Deeds((UP, DOWN, REMOVE))

    def on_deeds_chosen(self, event: Deeds.Chosen) -> None:
        """Do what was clicked."""
        event.stop()
        self.action_do(event.name)

    def action_do(self, name: str) -> None:
        """Do a deed."""
        position = int(self.part)
        if name == "remove":
            self._list.remove_entry(position)
        else:
            self._list.move(position, -1 if name == "up" else 1)


class StringList(Entries):
    """A list of texts."""

    @property
    def what(self) -> str:
        """What an entry is called in general."""
        return "entry"

    def called(self, value: JsonValue) -> str:
        """The text itself."""
        return shown(value)

    def entry(self, position: int) -> Node:
        """A line to type in."""
        return StringEntry(self.sheet, self, position)

    def add(self, position: int) -> None:
        """An empty line."""
        self.insert(position, "")
