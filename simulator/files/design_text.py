"""The text of a design as somebody writes it: checked, looked up by place, and edited."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from pydantic import JsonValue

from simulator.domain.designs import Design
from simulator.domain.ports import Kind
from simulator.errors import UsageError
from simulator.files import value_edits
from simulator.files.checking import check
from simulator.files.faults import DesignFault
from simulator.files.places import Place
from simulator.files.short_forms import shortened
from simulator.files.styles import dumped

__all__ = ["MISSING", "DesignFault", "DesignText", "Missing", "Place"]


class Missing(Enum):
    """What stands where nothing is written."""

    MISSING = "missing"


MISSING = Missing.MISSING


class DesignText:
    """A text that is to describe a design; it never changes, its edits are other texts.

    Places are in the terms of the design's model, whatever short form the text uses.
    """

    def __init__(self, text: str, kinds: Mapping[str, Kind]) -> None:
        self.text = text
        self._kinds = kinds
        self._checked = check(text, kinds)
        self.is_readable = self._checked.outline is not None
        """Whether it is YAML, so that values can be looked up and edited."""
        self.faults: tuple[DesignFault, ...] = self._checked.faults
        """Everything that is wrong, in reading order."""
        self.design: Design | None = self._checked.design
        """None when there are faults."""
        self.kind: Kind | None = self._checked.kind
        """None when `kind` does not name one."""

    def value(self, place: Place) -> JsonValue | Missing:
        """What is written at a place, in long form; `MISSING` when nothing is."""
        outline = self._checked.outline
        part = outline.part(place) if outline else None
        return MISSING if part is None else part.value()

    def line(self, place: Place) -> int | None:
        """The line (from 1) where a place begins; None when it is not written."""
        outline = self._checked.outline
        part = outline.part(place) if outline else None
        return None if part is None else part.spot.line

    def place_at(self, line: int) -> Place:
        """The innermost place that is written on a line (from 1), or around it.

        Of several values on one line it is what they have in common.
        """
        outline = self._checked.outline
        return outline.place_at(line) if outline else ()

    def with_value(self, place: Place, value: JsonValue) -> DesignText:
        """The text with a value at a place, written there already or not.

        Raises:
            UsageError: The edit cannot be made.
        """
        return self._rewritten(value_edits.with_value(self._values(), place, value))

    def without(self, place: Place) -> DesignText:
        """The text without a key or an entry; the same text when it is not written.

        Raises:
            UsageError: The edit cannot be made.
        """
        if self.value(place) is MISSING:
            return self
        return self._rewritten(value_edits.without(self._values(), place))

    def inserted(self, place: Place, index: int, value: JsonValue) -> DesignText:
        """The text with an entry more in the list at a place, written already or not.

        Raises:
            UsageError: The edit cannot be made, such as for a title that stands there already.
        """
        return self._rewritten(value_edits.inserted(self._values(), place, index, value))

    def moved(self, place: Place, old: int, new: int) -> DesignText:
        """The text with an entry of the list at a place in another position.

        Args:
            place: Of the list.
            old: Position of the entry.
            new: Its position afterwards.

        Raises:
            UsageError: The edit cannot be made.
        """
        return self._rewritten(value_edits.moved(self._values(), place, old, new))

    def transferred(self, place: Place, to: Place, index: int) -> DesignText:
        """The text with an entry of one list in another.

        Args:
            place: Of the entry.
            to: The other list's place before the edit.
            index: Position in it afterwards.

        Raises:
            UsageError: The edit cannot be made, such as for a title that stands there already.
        """
        value = self.value(place)
        assert not isinstance(value, Missing)
        values = value_edits.without(self._values(), place)
        return self._rewritten(value_edits.inserted(values, to, index, value))

    def _values(self) -> JsonValue:
        if self._checked.outline is None:
            raise UsageError("This is not YAML.", remedy="Mend the YAML first, or undo.")
        return self._checked.outline.top.value()

    def _rewritten(self, values: JsonValue) -> DesignText:
        type_ = self.kind.design_type if self.kind else None
        return DesignText(dumped(shortened(values, type_)), self._kinds)
