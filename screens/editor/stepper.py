"""One of several values, changed with the arrows or by a click on either side of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static

from simulator.presentation.safe_text import one_line, shortened

_LONGEST_LABEL = 14
_LONGEST_VALUE = 22


class Stepper(Static, can_focus=True):
    """`guard ‹ 2 ›`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,plus,enter,space", "step(1)", "Next value", id="editor.next_value"),
        Binding("left,minus", "step(-1)", "Value before", id="editor.value_before"),
        Binding("down", "app.focus_next", "Next", show=False),
        Binding("up", "app.focus_previous", "Previous", show=False),
    ]

    @dataclass
    class Changed(Message):
        """Another value was chosen."""

        stepper: Stepper

        @property
        def control(self) -> Stepper:
            """Who sends it."""
            return self.stepper

    def __init__(self, key: str, label: str, values: Sequence[str], value: str) -> None:
        """Make it.

        Args:
            key: What it is for.
            label: What it is called.
            values: All of them, in order.
            value: The one to begin with.
        """
        super().__init__("", markup=False, classes="stepper")
        self.key = key
        self._label = shortened(one_line(label), _LONGEST_LABEL)
        self._values = values
        self._place = values.index(value) if value in values else 0

    @property
    def value(self) -> str:
        """The one that is chosen."""
        return self._values[self._place]

    def render(self) -> Text:
        """The label and the value."""
        value = shortened(one_line(self.value), _LONGEST_VALUE)
        return Text.assemble(f"{self._label} ‹ ", (value, "bold"), " ›", no_wrap=True)

    def action_step(self, by: int) -> None:
        """Choose a value before or after, round and round."""
        self._place = (self._place + by) % len(self._values)
        self.refresh(layout=True)
        self.post_message(self.Changed(self))

    def on_click(self, event: events.Click) -> None:
        """Back on the left of the value, else forth."""
        self.action_step(-1 if event.x <= cell_len(self._label) + 1 else 1)
