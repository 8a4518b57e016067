"""What a file says of a design, in the terms of its model, whatever short forms it uses.

See `simulator.files.shapes` for the short forms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import JsonValue

from simulator.files.malformed import Scalar, Spot
from simulator.files.places import Place
from simulator.files.shapes import Model, fields_of, has_short_form, item_type, models, record
from simulator.files.yaml_nodes import Address
from simulator.files.yaml_tree import Entry, Tree

Form = Literal["value", "key", "nested", "record", "first"]


@dataclass(frozen=True, slots=True)
class Part:
    """A value of the model that is written in a file."""

    spot: Spot
    """Where it begins: at its key, or at itself in a list."""
    last_line: int
    """From 1."""
    form: Form
    """How it is written: a `value` like its type; a `key` of a mapping; a list as `nested`
    mappings; a `record` in such; a record as the value of its `first` field."""
    address: Address | None
    """Where it stands: the value, the pair whose key it is, the innermost pair of a record; None
    when `<<` brought it."""
    annotation: Any
    """The type of the value; None where it is not known."""
    content: Scalar | list[Part] | dict[str, Part]
    short: bool = False
    """Whether it may be written shorter than its type says."""
    inner: bool = False
    """Whether it stands in nested mappings, where a list must be such a mapping too."""

    def value(self) -> JsonValue:
        """The value in long form."""
        if isinstance(self.content, dict):
            return {name: part.value() for name, part in self.content.items()}
        if isinstance(self.content, list):
            return [part.value() for part in self.content]
        return self.content


class Outline:
    """All that is written in a file."""

    def __init__(self, tree: Tree, design_type: Model | None) -> None:
        self._tree = tree
        self._places: dict[tuple[Scalar, ...], Place] = {(): ()}
        self.top = _Builder(self._places).part(_Site((), (), tree.spot, ()), tree, design_type)

    def by(self, design_type: Model | None) -> Outline:
        """The same file in the terms of another model."""
        return Outline(self._tree, design_type)

    def part(self, place: Place) -> Part | None:
        """What is written at a place; None when nothing is."""
        part = self.top
        for step in place:
            content = part.content
            if isinstance(content, dict) and step in content:
                part = content[str(step)]
            elif isinstance(content, list) and isinstance(step, int) and 0 <= step < len(content):
                part = content[step]
            else:
                return None
        return part

    def place_of(self, path: tuple[Scalar, ...]) -> Place:
        """The place of what stands at these keys and positions of the file, or is nearest."""
        while path not in self._places:
            path = path[:-1]
        return self._places[path]

    def place_at(self, line: int) -> Place:
        """The innermost place that is written on a line, or around it.

        Of several keys or entries on one line it is what they have in common. Of a key and its
        value it is the value if that is a text or a number, and else the key.
        """
        begun = [(place, part) for place, part in self._parts() if part.spot.line == line]
        if not begun:
            around = (place for place, part in self._parts() if _is_around(part, line))
            return max(around, key=len, default=())
        outer = {place[:-1] for place, _ in begun if place}
        inner = [(place, part) for place, part in begun if place not in outer]
        if len({part.spot for _, part in inner}) > 1:
            return _common([place for place, _ in inner])
        return min(inner, key=lambda found: _preference(found[1]))[0]

    def _parts(self) -> Iterator[tuple[Place, Part]]:
        pending: list[tuple[Place, Part]] = [((), self.top)]
        while pending:
            place, part = pending.pop()
            yield place, part
            content = part.content
            if isinstance(content, dict):
                pending += [((*place, name), content[name]) for name in reversed(content)]
            elif isinstance(content, list):
                pending += [((*place, n), content[n]) for n in reversed(range(len(content)))]


def _is_around(part: Part, line: int) -> bool:
    return part.spot.line < line <= part.last_line


def _preference(part: Part) -> int:
    if part.form == "key":
        return 1
    return 2 if isinstance(part.content, (dict, list)) else 0


def _common(places: list[Place]) -> Place:
    common: list[str | int] = []
    for steps in zip(*places, strict=False):
        if any(step != steps[0] for step in steps):
            break
        common.append(steps[0])
    return tuple(common)


# ---------------------------------------------------------------- building


@dataclass(frozen=True, slots=True)
class _Site:
    """Where a part is to be."""

    place: Place
    path: tuple[Scalar, ...]
    spot: Spot
    address: Address | None

    def at(self, step: str | int, key: Scalar, spot: Spot, position: int | None) -> _Site:
        """The site of a part directly below."""
        return _Site((*self.place, step), (*self.path, key), spot, below(self.address, position))


def below(address: Address | None, position: int | None) -> Address | None:
    """The address of a pair or an entry of what stands at an address."""
    return None if address is None or position is None else (*address, position)


class _Builder:
    def __init__(self, places: dict[tuple[Scalar, ...], Place]) -> None:
        self._places = places

    def part(
        self, site: _Site, tree: Tree, annotation: Any, *, short: bool = False, inner: bool = False
    ) -> Part:
        """What a tree says.

        Args:
            site: Where it stands.
            tree: What is written.
            annotation: The type of the value; None where it is not known.
            short: Whether the value may be written shorter than its type says.
            inner: Whether it stands in nested mappings, where a list is such a mapping too.
        """
        self._places.setdefault(site.path, site.place)
        content = tree.content
        form: Form = "value"
        model = record(annotation) if short or inner else None
        found: Scalar | list[Part] | dict[str, Part]
        if isinstance(content, list):
            type_ = item_type(annotation)
            found = [
                self.part(site.at(n, n, item.spot, n), item, type_)
                for n, item in enumerate(content)
            ]
        elif isinstance(content, dict) and model:
            form, found = "nested", self._records(site, content, model)
        elif isinstance(content, dict):
            found = self._fields(site, content, annotation)
        elif content is None:
            form, found = ("nested", []) if inner and model else ("value", None)
        elif short and not model and len(models(annotation)) == 1:
            form, found = "first", self._first(site, tree, models(annotation)[0])
        else:
            found = content
        last_line = max(site.spot.line, tree.last_line)
        return Part(site.spot, last_line, form, site.address, annotation, found, short, inner)

    def _fields(
        self, site: _Site, content: dict[Scalar, Entry], annotation: Any
    ) -> dict[str, Part]:
        fields = fields_of(models(annotation))
        found: dict[str, Part] = {}
        for key, entry in content.items():
            name = str(key)
            field = fields.get(name)
            type_ = field.annotation if field else item_type(annotation)
            short = field is not None and has_short_form(field)
            inside = site.at(name, key, entry.spot, entry.position)
            found.setdefault(name, self.part(inside, entry.value, type_, short=short))
        return found

    def _first(self, site: _Site, tree: Tree, model: Model) -> dict[str, Part]:
        name, field = next(iter(fields_of((model,)).items()))
        inside = _Site((*site.place, name), site.path, site.spot, site.address)
        return {name: self.part(inside, tree, field.annotation)}

    def _records(self, site: _Site, content: dict[Scalar, Entry], model: Model) -> list[Part]:
        fields = list(fields_of((model,)).items())
        records: list[Part] = []
        for leaf in _leaves(site, content, len(fields) - 1):
            place = (*site.place, len(records))
            found: dict[str, Part] = {}
            for (name, field), (group, key) in zip(fields, leaf.keys, strict=False):
                self._places.setdefault(group.path, (*place, name))
                found[name] = Part(
                    group.spot, group.spot.line, "key", group.address, field.annotation, key
                )
            last = leaf.keys[-1][0]
            last_line = max(last.spot.line, leaf.value.last_line)
            if len(leaf.keys) == len(fields) - 1:
                name, field = fields[-1]
                inside = _Site((*place, name), last.path, last.spot, last.address)
                found[name] = self.part(inside, leaf.value, field.annotation, inner=True)
            records.append(Part(last.spot, last_line, "record", last.address, model, found))
        return records


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A record in nested mappings."""

    keys: tuple[tuple[_Site, Scalar], ...]
    """Its first fields; fewer where a mapping is missing."""
    value: Tree


def _leaves(site: _Site, content: dict[Scalar, Entry], depth: int) -> Iterator[_Leaf]:
    for key, entry in content.items():
        inside = site.at(str(key), key, entry.spot, entry.position)
        deeper = entry.value.content
        if depth <= 1 or not isinstance(deeper, dict):
            yield _Leaf(((inside, key),), entry.value)
        else:
            for leaf in _leaves(inside, deeper, depth - 1):
                yield _Leaf(((inside, key), *leaf.keys), leaf.value)
