"""The tree that the form is: every part knows where it stands in the design."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue
from textual.message import Message
from textual.widget import Widget

from screens.editor.fields import Field
from screens.editor.session import Edit
from screens.editor.sheet import Sheet, Written
from simulator.files.design_text import MISSING, DesignText, Place


@dataclass
class Edited(Message):
    """An edit waits in the session to be made."""

    edit: Edit


class Node:
    """A part of the form; mixed into widgets."""

    above: Node | None
    part: str | int
    """Key or position under what is above; it changes when entries are moved."""
    sheet: Sheet

    @property
    def place(self) -> Place:
        """From the top of the design."""
        return () if self.above is None else (*self.above.place, self.part)

    @property
    def inner(self) -> Mapping[str | int, Node]:
        """The parts that are shown, by key or position."""
        return {}

    @property
    def value(self) -> Written:
        """What is written here."""
        return self.sheet.value(self.place)

    def update_from_sheet(self) -> None:
        """Show what the sheet has now."""
        raise NotImplementedError

    async def unfold(self) -> None:
        """Show the parts."""

    def take_focus(self) -> None:
        """Put the focus on the first thing to type in or press."""
        raise NotImplementedError

    def ask(self, edit: Edit) -> None:
        """Have the text changed; the edit waits in the session from now on."""
        assert isinstance(self, Widget)
        self.sheet.session.add(edit)
        self.post_message(Edited(edit))

    def default_of(self, field: Field) -> JsonValue:
        """What holds for a field of this part while nothing is written for it."""
        return field.default

    def complete(self, part: str | int, value: JsonValue) -> tuple[Place, JsonValue]:
        """The place to write, and what, so that a part gets a value and nothing else changes."""
        return (*self.place, part), value


def written(node: Node, value: Written) -> Edit:
    """The edit that gives a node a value, or removes what is written there."""
    place = node.place
    label = ".".join(str(part) for part in place)
    if value is MISSING:
        return Edit(place, lambda text: text.without(place), label, is_typed=True)
    assert node.above is not None
    target, whole = node.above.complete(node.part, value)

    def make(text: DesignText) -> DesignText:
        return text.with_value(target, whole)

    return Edit(place, make, label, is_typed=True)
