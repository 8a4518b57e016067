"""The line in which words to find are typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static


class SearchBar(Horizontal):
    """Hidden while nothing is searched."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "End search", id="search.close"),
    ]

    @dataclass
    class Changed(Message):
        """Other words are to be found; none end the search."""

        words: str

    class Entered(Message):
        """Enter: go on to the next place."""

    class Closed(Message):
        """The search is over."""

    def compose(self) -> ComposeResult:
        """The words, and how many places were found."""
        yield Input(placeholder="Words to find", id="words", compact=True)
        yield Static("", id="found", markup=False)

    def on_mount(self) -> None:
        """Begin hidden."""
        self.display = False

    def open(self) -> None:
        """Type words to find."""
        self.display = True
        field = self.query_one(Input)
        field.focus()
        field.select_all()

    def tell(self, text: str) -> None:
        """Say what was found."""
        self.query_one("#found", Static).update(text)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Entered())

    def action_close(self) -> None:
        """End the search."""
        self.query_one(Input).value = ""
        self.display = False
        self.post_message(self.Closed())
