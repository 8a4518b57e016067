"""The text of a design as somebody writes it: checked, looked up by place, and edited."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import Enum

from pydantic import JsonValue

from simulator.domain.designs import Design, place_name
from simulator.domain.ports import Kind
from simulator.errors import UsageError
from simulator.files import value_edits
from simulator.files.checking import check
from simulator.files.design_edits import DesignEdits, check_index
from simulator.files.faults import DesignFault
from simulator.files.outline import Outline
from simulator.files.places import Place
from simulator.files.shapes import default_of
from simulator.files.styles import needs_lines
from simulator.files.yaml_editing import YamlText

__all__ = ["MISSING", "DesignFault", "DesignText", "Missing", "Place"]


class Missing(Enum):
    """What stands where nothing is written."""

    MISSING = "missing"


MISSING = Missing.MISSING


class DesignText:
    """A text that is to describe a design; it never changes, its edits are other texts.

    Places are in the terms of the design's model, whatever short form the text uses. An edit
    changes what its place says and nothing else, or raises UsageError. Comments, blank lines,
    quotes and the order of everything else stay.
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

    # ------------------------------------------------------------ looking up

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

    # ------------------------------------------------------------ edits

    def with_text(self, text: str) -> DesignText:
        """Another text, read in the same way."""
        return self if text == self.text else DesignText(text, self._kinds)

    def with_value(self, place: Place, value: JsonValue) -> DesignText:
        """The text with a value at a place, written there already or not.

        A title that is the key of a mapping keeps its place in it. Where what holds the place is
        not written either, it is written with what it said by default.

        Raises:
            UsageError: The edit cannot be made, such as for a title that stands there already.
        """
        outline = self._outline()
        part = outline.part(place)
        if part is not None and _is_same(part.value(), value):
            return self
        if part is not None and part.form == "record":
            return self._with_record(place, value)
        if part is not None and part.form == "key":
            return self._with_key(place, value)
        if place and outline.part(place[:-1]) is None:
            return self.with_value(place[:-1], self._default(place) | {str(place[-1]): value})
        if (opened := self._in_lines(place, value)) is not self:
            return opened.with_value(place, value)
        return self._edited(
            lambda edits: edits.put(place, value),
            lambda values: value_edits.with_value(values, place, value),
        )

    def without(self, place: Place) -> DesignText:
        """The text without a key or an entry; the same text when it is not written.

        Raises:
            UsageError: The edit cannot be made, such as for a title without its section.
        """
        outline = self._outline()
        if not place or outline.part(place) is None:
            return self
        return self._edited(
            lambda edits: edits.removed(place), lambda values: value_edits.without(values, place)
        )

    def inserted(self, place: Place, index: int, value: JsonValue) -> DesignText:
        """The text with an entry more in the list at a place, written already or not.

        Args:
            place: Of the list.
            index: The entry's position in it afterwards.
            value: The entry.

        Raises:
            UsageError: The edit cannot be made, such as for a title that stands there already.
        """
        check_index(index, self._length(place) + 1)
        if self._length(place) == 0:
            return self.with_value(place, [value])
        if (opened := self._in_lines(place, value)) is not self:
            return opened.inserted(place, index, value)
        return self._edited(
            lambda edits: edits.inserted(place, index, value),
            lambda values: value_edits.inserted(values, place, index, value),
        )

    def moved(self, place: Place, old: int, new: int) -> DesignText:
        """The text with an entry of the list at a place in another position.

        Args:
            place: Of the list.
            old: Position of the entry.
            new: Its position afterwards.

        Raises:
            UsageError: The edit cannot be made.
        """
        for index in (old, new):
            check_index(index, self._length(place))
        if old == new:
            return self
        return self._edited(
            lambda edits: edits.moved(place, old, new),
            lambda values: value_edits.moved(values, place, old, new),
        )

    def transferred(self, place: Place, to: Place, index: int) -> DesignText:
        """The text with an entry of one list in another, such as a section that others get too.

        Args:
            place: Of the entry.
            to: The other list's place, written already or not.
            index: The entry's position in it afterwards.

        Raises:
            UsageError: The edit cannot be made, such as for a title that stands there already.
        """
        *above, last = place
        value = self.value(place)
        if to == tuple(above) and isinstance(last, int):
            return self.moved(to, last, index)
        if isinstance(value, Missing) or not isinstance(last, int) or to[: len(above)] == (*above,):
            raise UsageError(
                f"{place_name(place)} cannot be put into {place_name(to)}.",
                remedy="Choose an entry of one list, and another list.",
            )
        lines = self._edits().lines(place)
        return self.without(place).inserted(to, index, value)._as_written((*to, index), lines)

    # ------------------------------------------------------------ how

    def _outline(self) -> Outline:
        if self._checked.outline is None:
            raise UsageError(
                f"The YAML has a fault on line {self.faults[0].line}.",
                remedy="Mend it in the YAML, or undo, before you edit the form.",
            )
        return self._checked.outline

    def _edits(self, *, in_quotes: bool = False) -> DesignEdits:
        yaml = YamlText(self.text, self._checked.node, in_quotes=in_quotes)
        return DesignEdits(yaml, self._outline())

    def _default(self, place: Place) -> dict[str, JsonValue]:
        """What is around a place that is not written, by default."""
        if isinstance(place[-1], int):
            raise UsageError(f"There is no {place_name(place)}.", remedy="Insert it first.")
        return default_of(self.kind.design_type, place[:-1]) if self.kind else {}

    def _length(self, place: Place) -> int:
        return self._edits().list_length(place)

    def _edited(
        self, edit: Callable[[DesignEdits], str], meant: Callable[[JsonValue], JsonValue]
    ) -> DesignText:
        """The edited text, seen to say what it should: in blocks, or else with texts in quotes."""
        design_type = self.kind.design_type if self.kind else None
        values = self._outline().top.value()
        for in_quotes in (False, True):
            found = DesignText(edit(self._edits(in_quotes=in_quotes)), self._kinds)
            outline = found._checked.outline
            if outline and found.kind is not self.kind:
                outline = outline.by(design_type)
            if outline and _says(outline.top.value(), meant(values)):
                return found
        raise UsageError(
            "The form cannot make this edit without changing something else.",
            remedy="Make it in the YAML.",
        )

    def _with_key(self, place: Place, value: JsonValue) -> DesignText:
        if not isinstance(value, str):
            raise UsageError(f"The {place[-1]} must be a text.", remedy="Write one.")
        if self._edits().key_is_free(place, value):
            return self._edited(
                lambda edits: edits.renamed(place, value),
                lambda values: value_edits.with_value(values, place, value),
            )
        record = self.value(place[:-1])
        assert isinstance(record, dict)
        return self._reinserted(place[:-1], {**record, str(place[-1]): value})

    def _with_record(self, place: Place, value: JsonValue) -> DesignText:
        """Set a whole record of nested mappings; where only a field differs, that alone."""
        record = self.value(place)
        if isinstance(record, dict) and isinstance(value, dict) and set(record) == set(value):
            other = [name for name in record if not _is_same(record[name], value[name])]
            if len(other) == 1:
                return self.with_value((*place, other[0]), value[other[0]])
        return self._reinserted(place, value)

    def _reinserted(self, place: Place, value: JsonValue) -> DesignText:
        *above, index = place
        assert isinstance(index, int)
        lines = self._edits().lines(place)
        return self.without(place).inserted(tuple(above), index, value)._as_written(place, lines)

    def _as_written(self, place: Place, lines: list[str] | None) -> DesignText:
        """The same with an entry of a list in these lines, if they say the same there."""
        if lines is None or self._edits().lines(place) is None:
            return self
        found = DesignText(self._edits().with_lines(place, lines), self._kinds)
        return found if found.value(()) == self.value(()) else self

    def _in_lines(self, place: Place, value: JsonValue) -> DesignText:
        """The same, without the brackets around a place that a value is too long for."""
        if not needs_lines(value):
            return self
        yaml = YamlText(self.text, self._checked.node)
        around = self._edits().address(place)
        brackets = None if around is None else yaml.brackets(around)
        tree = self._checked.tree
        if brackets is None or tree is None:
            return self
        opened = DesignText(yaml.put(brackets, tree.at(brackets).plain()), self._kinds)
        values = self._outline().top.value()
        return opened if opened.is_readable and opened.value(()) == values else self


def _is_same(value: JsonValue, other: JsonValue) -> bool:
    return json.dumps(value) == json.dumps(other)


def _says(value: JsonValue, expected: JsonValue) -> bool:
    """Whether values are equal, but for lists that a short form says are empty."""
    if isinstance(value, dict) and isinstance(expected, dict):
        wanted: dict[str, JsonValue] = {name: [] for name, item in value.items() if item == []}
        wanted |= expected
        return set(wanted) == set(value) and all(_says(value[n], wanted[n]) for n in value)
    if isinstance(value, list) and isinstance(expected, list):
        pairs = zip(value, expected, strict=False)
        return len(value) == len(expected) and all(_says(a, b) for a, b in pairs)
    return _is_same(value, expected)
