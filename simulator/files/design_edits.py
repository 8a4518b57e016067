"""Edits of a design's text at places of its model, whatever short forms the text uses.

Each works on the file's own pairs and entries; see `yaml_editing`. Whether the values are as they
should be afterwards is for the caller to check.
"""

from __future__ import annotations

from typing import Any

from pydantic import JsonValue

from simulator.domain.designs import place_name
from simulator.errors import UsageError
from simulator.files.faults import described, listed
from simulator.files.outline import Outline, Part
from simulator.files.places import Place
from simulator.files.shapes import Model, fields_of, has_short_form, item_type, models, record
from simulator.files.short_forms import complete, nested, shortened
from simulator.files.yaml_editing import YamlText
from simulator.files.yaml_nodes import Address


class DesignEdits:
    """The edits of one text; each gives a new one, or raises UsageError."""

    def __init__(self, yaml: YamlText, outline: Outline) -> None:
        self._yaml = yaml
        self._outline = outline

    def put(self, place: Place, value: JsonValue) -> str:
        """Set what is at a place that is no record of nested mappings.

        It may be not written yet, but what holds it is.
        """
        part = self._outline.part(place)
        if part is None:
            return self._put_new(place, value)
        above = self._outline.part(place[:-1])
        if place and above is not None and above.form == "first" and not isinstance(value, str):
            return self._put(above, {str(place[-1]): value})
        return self._put(part, value)

    def renamed(self, place: Place, key: str) -> str:
        """Set what is written as a key; see `key_is_free`."""
        return self._yaml.renamed(_address(self._part(place)), key)

    def key_is_free(self, place: Place, key: str) -> bool:
        """Whether the key at a place is one record's alone, and another can stand there."""
        address = _address(self._part(place))
        records = self._part(place[:-2]).content
        assert isinstance(records, list)
        with_key = [one for one in records if (one.address or ())[: len(address)] == address]
        return len(with_key) == 1 and key not in self._yaml.keys(address[:-1])

    def removed(self, place: Place) -> str:
        """Remove what is written at a place."""
        part, above = self._part(place), self._part(place[:-1])
        if above.form == "first":
            return self._yaml.put(_address(above), {})
        if above.form == "record":
            raise UsageError(
                f"{place_name(place)} cannot be removed by itself.",
                remedy=f"Remove {place_name(place[:-1])} as a whole.",
            )
        address = _address(part)
        if part.form == "record":
            top = len(_address(above)) + 1
            while len(address) > top and len(self._yaml.keys(address[:-1])) == 1:
                address = address[:-1]
        return self._yaml.removed(address)

    def inserted(self, place: Place, index: int, value: JsonValue) -> str:
        """Put an entry into the list at a place, which has some already."""
        part, records = self._part(place), self._records(place)
        if part.form == "nested":
            return self._with_record(part, records, index, value)
        written = shortened(value, item_type(part.annotation))
        return self._yaml.inserted(_address(part), index, written)

    def moved(self, place: Place, old: int, new: int) -> str:
        """Move an entry of the list at a place."""
        part, records = self._part(place), self._records(place)
        if part.form != "nested":
            return self._yaml.moved(_address(part), old, new)
        moving, target = _address(records[old]), _address(records[new])
        common = _common(moving, target)
        heads = [_address(one)[: common + 1] for one in records]
        beyond = heads[new + 1 :] if new > old else heads[:new]
        if heads.count(heads[old]) > 1 or heads[new] in beyond:
            raise _apart(records[old])
        return self._yaml.moved(moving[:common], moving[common], target[common])

    def lines(self, place: Place) -> list[str] | None:
        """The lines of an entry of a list; None where it has none of its own."""
        return self._yaml.lines(_address(self._part(place)))

    def with_lines(self, place: Place, lines: list[str]) -> str:
        """Write an entry of a list in other lines."""
        return self._yaml.with_lines(_address(self._part(place)), lines)

    def address(self, place: Place) -> Address | None:
        """Where the innermost written part around a place stands; None when `<<` brought it."""
        while (part := self._outline.part(place)) is None:
            place = place[:-1]
        return part.address

    def list_length(self, place: Place) -> int:
        """How many entries the list at a place has; 0 when it is not written."""
        part = self._outline.part(place)
        return 0 if part is None or part.content is None else len(self._records(place))

    # ------------------------------------------------------------ parts

    def _part(self, place: Place) -> Part:
        part = self._outline.part(place)
        if part is None:
            raise UsageError(
                f"{place_name(place)} is not written.", remedy="Choose something that is."
            )
        return part

    def _records(self, place: Place) -> list[Part]:
        part = self._part(place)
        if not isinstance(part.content, list):
            raise _misfit(place, part, "a list")
        return part.content

    def _put(self, part: Part, value: JsonValue) -> str:
        written = shortened(value, part.annotation, short=part.short)
        model = record(part.annotation) if part.inner else None
        if model and isinstance(value, list):
            written = nested([_completed(one, model) for one in value])
            if written is None:
                raise UsageError(
                    "These cannot stand in one mapping.", remedy="Give each a name of its own."
                )
        return self._yaml.put(_address(part), written)

    def _put_new(self, place: Place, value: JsonValue) -> str:
        above, name = self._outline.part(place[:-1]), place[-1]
        if not isinstance(name, str):
            raise UsageError(
                f"There is no {place_name(place)}.", remedy="Insert it before it is changed."
            )
        assert above is not None
        content = above.content
        if above.form == "first":
            return self._put(above, {**_mapping(above), name: value})
        if content is None or content == {}:
            return self._put(above, {name: value})
        if not isinstance(content, dict) or above.form == "record":
            raise _misfit(place[:-1], above, "a mapping with a place for it")
        fields = fields_of(models(above.annotation))
        field = fields.get(name)
        type_ = field.annotation if field else item_type(above.annotation)
        written = shortened(value, type_, short=field is not None and has_short_form(field))
        position = _position(content, list(fields), name)
        return self._yaml.inserted(_address(above), position, written, name)

    def _with_record(self, part: Part, records: list[Part], index: int, value: JsonValue) -> str:
        """Put a record among others that are written as nested mappings.

        It joins the mappings of the neighbour that it has more keys in common with.
        """
        model = record(part.annotation)
        assert model is not None
        new = _completed(value, model)
        before = records[index - 1] if index > 0 else None
        after = records[index] if index < len(records) else None
        with_before, with_after = _shared(before, new), _shared(after, new)
        depth = max(with_before, with_after)
        top = len(_address(part))
        if before and after and _common(_address(before), _address(after)) > top + depth:
            raise _apart(after)
        names = list(new)
        key = new[names[depth]]
        neighbour, step = (before, 1) if before and with_before == depth else (after, 0)
        assert neighbour is not None
        address = _address(neighbour)
        holder = address[: top + depth]
        if depth == len(names) - 1 or key in self._yaml.keys(holder):
            raise _twice(str(new[names[min(depth, len(names) - 2)]]))
        written = nested([{name: new[name] for name in names[depth:]}])
        if written is None:
            raise _unfit(model)
        return self._yaml.inserted(holder, address[top + depth] + step, written[key], key)


def check_index(index: int, count: int) -> None:
    """See that a list of so many entries has this position."""
    if not 0 <= index < count:
        raise UsageError(
            f"There is no entry {index} in a list of {count}.", remedy="Choose another."
        )


def _address(part: Part) -> Address:
    if part.address is None:
        raise UsageError(
            f"What is to be edited was taken over by `<<` from line {part.spot.line}.",
            remedy="Write it out in the YAML in place of `<<`, then edit it.",
        )
    return part.address


def _common(one: Address, other: Address) -> int:
    """How many steps two addresses have in common."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))


def _shared(part: Part | None, new: dict[str, Any]) -> int:
    """How many of the keys of a record a new one has too, from the first one on."""
    if part is None:
        return 0
    keys = [below.content for below in _fields(part) if below.form == "key"]
    mine = list(new.values())[: len(keys)]
    return next((n for n, (a, b) in enumerate(zip(keys, mine, strict=True)) if a != b), len(keys))


def _mapping(part: Part) -> dict[str, JsonValue]:
    value = part.value()
    return value if isinstance(value, dict) else {}


def _position(content: dict[str, Part], fields: list[str], name: str) -> int:
    """Where a new key belongs among those that are written: in the order of the model."""
    own = {key: part.address[-1] for key, part in content.items() if part.address}
    place = fields.index(name) if name in fields else len(fields)
    before = [own[key] for key in reversed(fields[:place]) if key in own]
    after = [own[key] for key in fields[place + 1 :] if key in own]
    if before and name in fields:
        return before[0] + 1
    return after[0] if after else max(own.values(), default=-1) + 1


def _completed(value: JsonValue, model: Model) -> dict[str, Any]:
    found = complete(value, model)
    if found is None:
        raise _unfit(model)
    return found


def _misfit(place: Place, part: Part, wanted: str) -> UsageError:
    return UsageError(
        f"{place_name(place)} is {described(part.value())}, not {wanted}.",
        remedy="Mend it in the YAML first.",
    )


def _unfit(model: Model) -> UsageError:
    return UsageError(
        f"In a mapping each of these has {listed(fields_of((model,)))} and nothing else.",
        remedy="Fill in all of them; what is a key must be a text.",
    )


def _twice(key: str) -> UsageError:
    return UsageError(
        f"`{key}` stands there already.",
        remedy="Choose another name, or put it beside what has the same name.",
    )


def _apart(part: Part) -> UsageError:
    keys = [str(below.content) for below in _fields(part) if below.form == "key"]
    return UsageError(
        f"What is written below `{keys[0]}` cannot be split up by something else.",
        remedy="Choose a position before or after all of it.",
    )


def _fields(part: Part) -> list[Part]:
    return list(part.content.values()) if isinstance(part.content, dict) else []
