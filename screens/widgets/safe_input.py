"""Text that is being edited, shown so that nothing in it can steer a terminal."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import Input

from simulator.presentation.safe_text import visible

_STAND_IN = "\ufffd"


def one_for_one(text: str) -> str:
    """A line as it may be drawn: as long as the line itself, so that the cursor finds its place."""
    line = text.expandtabs(1)
    if visible(line) == line:
        return text
    return "".join(character if character == "\t" else _shown(character) for character in text)


def _shown(character: str) -> str:
    shown = visible(character)
    return shown if len(shown) == 1 else _STAND_IN


class SafeInput(Input):
    """A line to type in that shows control characters instead of sending them.

    ctrl+a selects everything, as it does in other programs.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+a", "select_all", "Select all", show=False, id="input.select_all"),
    ]

    @property
    def _value(self) -> Text:
        return Text(one_for_one(self.value), no_wrap=True, overflow="ignore", end="")
