"""Everything that is wrong with the text, to go to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from simulator.domain.designs import place_name
from simulator.files.design_text import DesignFault
from simulator.presentation.safe_text import one_line

MOST_SHOWN = 200


class ProblemList(OptionList):
    """A line for each; Enter goes to its field, `y` to its line in the file."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Go to field", id="editor.to_field"),
        Binding("y", "go_to_line", "Go to line", id="editor.to_line"),
    ]

    @dataclass
    class Chosen(Message):
        """The user wants to go to a fault."""

        fault: DesignFault
        in_file: bool
        """To its line rather than to its field."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._faults: Sequence[DesignFault] = ()

    def show(self, faults: Sequence[DesignFault]) -> None:
        """List these."""
        faults = faults[:MOST_SHOWN]
        if faults == self._faults:
            return
        self._faults = faults
        kept = self.highlighted
        self.clear_options()
        self.add_options([Option(_row(fault)) for fault in faults])
        if not faults:
            self.add_option(Option(Text("No problems: the design can be run."), disabled=True))
        elif kept is not None:
            self.highlighted = min(kept, len(faults) - 1)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to its field."""
        event.stop()
        if event.option_index < len(self._faults):
            self.post_message(self.Chosen(self._faults[event.option_index], in_file=False))

    def action_go_to_line(self) -> None:
        """Go to its line."""
        if self.highlighted is not None and self.highlighted < len(self._faults):
            self.post_message(self.Chosen(self._faults[self.highlighted], in_file=True))


def _row(fault: DesignFault) -> Text:
    text = Text.assemble(("✗ ", "bold"), f"line {fault.line} ", overflow="fold")
    if fault.place:
        text.append(f"{one_line(place_name(fault.place))}: ", "bold")
    return text.append(one_line(fault.message))
