"""From a place in a design's model to the line of the user's file where it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from simulator.files.malformed import Fault, Scalar, Spot, joined
from simulator.files.shapes import Model, fields_of, has_short_form, item_type, models, record
from simulator.files.yaml_tree import Entry, Tree

Place = tuple[str | int, ...]
"""Keys and positions from the top of a design, such as ("roles", 0, "count"), in the terms of its
model: lists are lists, whatever short form a file has."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a place stands in a file."""

    spot: Spot
    shown: str
    """The place in the user's own keys."""
    value: Tree | None
    """What stands there; None when the place is a key, or is not written."""
    models: tuple[Model, ...] = ()
    """What the value should be, if that is a record."""
    annotation: Any = None
    """The type of the value, where it is known."""
    in_record: Model | None = None
    """The record whose short form was entered last on the way to a value."""
    is_key: bool = False
    """Whether the place is the key of a mapping that stands for a record's field."""
    short: bool = False
    """Whether the value may be written shorter than its type says."""


def locate(tree: Tree, design_type: Model, place: Place) -> Found:
    """Follow a place as far as the file goes.

    Positions count the entries of a mapping where it stands for a list, and what is left of the
    place at a scalar is dropped, because a scalar may stand for a whole record. Keys that are not
    written are shown all the same.
    """
    walk = _Walk(tree, design_type)
    rest = list(place)
    while rest:
        node = walk.node.content
        part = rest.pop(0)
        if isinstance(node, dict):
            if isinstance(part, str) and part in node:
                walk.enter(part, node[part])
            elif isinstance(part, int):
                if not walk.enter_record(part, node, rest[0] if rest else None):
                    break
                if rest:
                    rest.pop(0)
                if walk.is_key:
                    break
            else:
                walk.show_unwritten([part, *rest])
                break
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            walk.enter_item(part, node[part])
        elif isinstance(node, list) and isinstance(part, str):
            continue
        else:
            break
    return walk.found()


class _Walk:
    def __init__(self, tree: Tree, design_type: Model) -> None:
        self.node = tree
        self._spot = tree.spot
        self._shown = ""
        self._annotation: Any = design_type
        self._in_record: Model | None = None
        self._written = True
        self._short = False
        self.is_key = False

    def enter(self, name: str, entry: Entry) -> None:
        field = fields_of(models(self._annotation)).get(name)
        self._annotation = field.annotation if field else item_type(self._annotation)
        self._in_record = None
        self._short = field is not None and has_short_form(field)
        self._to(entry)

    def enter_item(self, position: int, item: Tree) -> None:
        self._annotation = item_type(self._annotation)
        self._in_record = None
        self._short = False
        self.node, self._spot = item, item.spot
        self._shown = f"{self._shown}[{position}]"

    def enter_record(self, position: int, node: dict[Any, Entry], field: str | int | None) -> bool:
        """Enter the n-th record of nested mappings; False when it is not written."""
        model = record(self._annotation)
        names = list(model.model_fields) if model else []
        path = next(_nth(_leaves(node, max(1, len(names) - 1)), position), None)
        if path is None:
            return False
        if field in names[:-1]:
            path = path[: names.index(str(field)) + 1]
            self.is_key = True
        for entry in path:
            self._to(entry)
        last = model.model_fields[names[-1]] if model and names else None
        self._annotation = last.annotation if last else item_type(self._annotation)
        self._in_record = model
        self._short = False
        return True

    def show_unwritten(self, parts: Iterable[str | int]) -> None:
        for part in parts:
            named = isinstance(part, str)
            self._shown = joined(self._shown, part) if named else f"{self._shown}[{part}]"
        self._written = False

    def _to(self, entry: Entry) -> None:
        self.node, self._spot = entry.value, entry.spot
        self._shown = joined(self._shown, entry.key)

    def found(self) -> Found:
        return Found(
            self._spot,
            self._shown,
            None if self.is_key or not self._written else self.node,
            models(self._annotation),
            self._annotation,
            self._in_record,
            self.is_key,
            self._short,
        )


def _leaves(node: dict[Any, Entry], depth: int) -> Iterator[list[Entry]]:
    for entry in node.values():
        content = entry.value.content
        if depth <= 1 or not isinstance(content, dict):
            yield [entry]
        else:
            yield from ([entry, *rest] for rest in _leaves(content, depth - 1))


def _nth(paths: Iterator[list[Entry]], position: int) -> Iterator[list[Entry]]:
    return (path for n, path in enumerate(paths) if n == position)


def in_model(loc: Place, design_type: Model, is_key: bool) -> Place:
    """The place that pydantic means, without the names that it gives to choices between types.

    Args:
        loc: As in its errors.
        design_type: What was validated.
        is_key: Whether the last part is a key, known or not.
    """
    annotation: Any = design_type
    place: list[str | int] = []
    for n, part in enumerate(loc):
        field = fields_of(models(annotation)).get(str(part))
        inner = item_type(annotation)
        if isinstance(part, str) and field is not None:
            annotation = field.annotation
        elif inner is not None and part != "[key]":
            annotation = inner
        elif not (is_key and n == len(loc) - 1):
            continue
        place.append(part)
    return tuple(place)


def misshapen(
    tree: Tree, design_type: Model, path: tuple[Scalar, ...] = ()
) -> Iterator[tuple[str, Fault]]:
    """Faults in the nested mappings that stand for lists, each with the field that has it."""
    if not isinstance(tree.content, dict):
        return
    for name, field in fields_of((design_type,)).items():
        entry = tree.content.get(name)
        if entry is None:
            continue
        here = (*path, name)
        content = entry.value.content
        model = record(field.annotation)
        if has_short_form(field) and model and isinstance(content, dict):
            yield from ((name, fault) for fault in _misshapen_record(content, model, here))
            continue
        for inner in models(field.annotation):
            yield from ((name, fault) for _, fault in misshapen(entry.value, inner, here))
        for inner in models(item_type(field.annotation)):
            for n, item in enumerate(content if isinstance(content, list) else []):
                yield from ((name, fault) for _, fault in misshapen(item, inner, (*here, n)))


def _misshapen_record(
    node: dict[Any, Entry], model: Model, path: tuple[Scalar, ...]
) -> Iterator[Fault]:
    names = list(model.model_fields)
    nested = record(model.model_fields[names[-1]].annotation)
    yield from _misshapen_level(node, names, nested, path)


def _misshapen_level(
    node: dict[Any, Entry], names: list[str], nested: Model | None, path: tuple[Scalar, ...]
) -> Iterator[Fault]:
    for entry in node.values():
        where = (*path, entry.key)
        content = entry.value.content
        innermost = len(names) <= 2
        if innermost and nested is None:
            continue
        if isinstance(content, dict):
            if innermost and nested is not None:
                yield from _misshapen_record(content, nested, where)
            else:
                yield from _misshapen_level(content, names[1:], nested, where)
        elif not (innermost and content is None):
            what = names[1] if not innermost else next(iter(nested.model_fields)) if nested else ""
            yield Fault(entry.spot, where, f"must map each {what} to its value")
