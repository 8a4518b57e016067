"""What stands in the place of the list while there are no experiments."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.home.offers import Offers

WELCOME = (
    "There are no experiments in this store yet.\n\n"
    "Begin with one of these, or press i to import a design, or what the original program stored."
)


class EmptyShelf(Vertical):
    """A word of welcome, and what to begin with."""

    @dataclass
    class Chosen(Message):
        """The user begins with this."""

        offer: str

    def __init__(self) -> None:
        super().__init__(id="empty")
        self._offers: Offers = []

    def compose(self) -> ComposeResult:
        """The word and the list."""
        yield Static(WELCOME, classes="empty", markup=False)
        yield OptionList()

    def offer(self, offers: Offers) -> None:
        """Let the user choose among these."""
        self._offers = offers
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(Text(shown)) for shown, _ in offers])
        options.highlighted = 0 if offers else None

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self._offers[event.option_index][1]))
