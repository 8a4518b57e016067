"""Fields for the parameters of a launch: a line to type in, or boxes to tick."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import JsonValue
from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, ItemGrid, Vertical
from textual.content import Content
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Checkbox, Input, Static

from screens.launch.tick import Tick
from simulator.domain.parameters import Parameter
from simulator.presentation.safe_text import one_line, shortened

LONGEST_CHOICE = 40
"""Columns of a choice's name."""


class Field(Vertical):
    """A parameter, what is set for it, and what is wrong with that."""

    class Changed(Message):
        """Something else is set now."""

    class Done(Message):
        """Enter was pressed in it."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(classes="field")
        self.parameter = parameter
        self.counting_up = False
        """Whether a number stands for every number up to it."""
        self._told: str | None = None
        self.tooltip = Content(one_line(parameter.meaning)) if parameter.meaning else None

    def compose(self) -> ComposeResult:
        """The name, what is set, and a line for what is wrong."""
        with Horizontal(classes="field-line"):
            yield Static(one_line(self.parameter.label), classes="field-name", markup=False)
            yield from self.compose_value()
        yield Static("", classes="fault field-fault", markup=False)

    def on_mount(self) -> None:
        """There is nothing wrong yet."""
        self.tell("")

    def compose_value(self) -> ComposeResult:
        """What it is set with."""
        raise NotImplementedError

    def values(self) -> tuple[JsonValue, ...]:
        """What is set; none where it is left as the design has it.

        Raises ValueError with what is wrong, in a sentence.
        """
        raise NotImplementedError

    def tell(self, fault: str) -> None:
        """Show what is wrong; nothing when nothing is."""
        if fault == self._told:
            return
        self._told = fault
        line = self.query_one(".field-fault", Static)
        line.update(f"✗ {one_line(fault)}")
        line.display = bool(fault)
        self.set_class(bool(fault), "-wrong")
        if fault and self.has_focus_within:
            self.call_after_refresh(self.scroll_visible, animate=False)

    def go_to(self) -> None:
        """Put the cursor into it."""
        raise NotImplementedError


class TypedField(Field):
    """A line to type in; empty leaves the design's value, which it shows."""

    def __init__(self, parameter: Parameter, *, is_single: bool = False) -> None:
        """Make one.

        Args:
            parameter: What is typed.
            is_single: Whether it can have one value only.
        """
        super().__init__(parameter)
        self._is_single = is_single

    def compose_value(self) -> ComposeResult:
        """The line."""
        placeholder = one_line(self.parameter.usual) or "as it is"
        yield Input(placeholder=placeholder, compact=True, select_on_focus=False)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.query_one(Input).value

    def suggest(self, words: Sequence[str]) -> None:
        """Complete what is typed to one of these."""
        self.query_one(Input).suggester = SuggestFromList(words, case_sensitive=False)

    def values(self) -> tuple[JsonValue, ...]:
        """See the base."""
        found = self.parameter.read(self.text, counting_up=self.counting_up)
        if self._is_single and len(found) > 1:
            raise ValueError("This takes one value only.")
        return found

    def go_to(self) -> None:
        """See the base."""
        self.screen.set_focus(self.query_one(Input))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Done())


class ChoiceField(Field):
    """Boxes to tick; the design's own choice is ticked at first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "tick_all", "All", id="launch.all", show=False,
                tooltip="Tick every value, or the design's own again"),
    ]  # fmt: skip

    def compose_value(self) -> ComposeResult:
        """The boxes, in columns."""
        names = [shortened(one_line(name), LONGEST_CHOICE) for name in self.parameter.choices]
        width = max(map(cell_len, names)) + 6
        with ItemGrid(min_column_width=width, classes="choices"):
            for name, choice in zip(names, self.parameter.choices, strict=True):
                is_usual = choice == self.parameter.usual
                yield Tick(name, is_usual)

    @property
    def ticked(self) -> tuple[str, ...]:
        """The choices that are ticked."""
        boxes = self.query(Tick)
        return tuple(
            choice for choice, box in zip(self.parameter.choices, boxes, strict=True) if box.value
        )

    def values(self) -> tuple[JsonValue, ...]:
        """See the base."""
        ticked = self.ticked
        if not ticked and self.parameter.usual:
            raise ValueError("Tick one at least.")
        return () if ticked == (self.parameter.usual,) else ticked

    def tick(self, *choices: str) -> None:
        """Tick these and no others."""
        for choice, box in zip(self.parameter.choices, self.query(Tick), strict=True):
            box.value = choice in choices

    def action_tick_all(self) -> None:
        """All, or back to the design's own."""
        is_all = len(self.ticked) == len(self.parameter.choices)
        self.tick(*([self.parameter.usual] if is_all else self.parameter.choices))

    def go_to(self) -> None:
        """See the base."""
        self.screen.set_focus(self.query(Tick).first())

    @on(Checkbox.Changed)
    def _changed(self, event: Checkbox.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())


class CountUp(Tick):
    """Whether the numbers beside it are maxima."""

    def __init__(self, fields: Sequence[Field]) -> None:
        text = "each combination up to these" if len(fields) > 1 else "each of 1..N"
        super().__init__(text)
        self._fields = fields
        self.tooltip = "Take every number from 1 up to the one that is typed"

    @on(Checkbox.Changed)
    def _changed(self, event: Checkbox.Changed) -> None:
        event.stop()
        for field in self._fields:
            field.counting_up = self.value
        self.post_message(Field.Changed())
