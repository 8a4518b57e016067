"""Edits of values in long form: what a design is to say after an edit of its file."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from pydantic import JsonValue

from simulator.files.places import Place


def with_value(values: Any, place: Place, value: JsonValue) -> Any:
    """The same with a value at a place; mappings on the way to it are made."""
    if not place:
        return deepcopy(value)
    step, *rest = place
    if isinstance(step, int):
        changed = list(values)
        changed[step] = with_value(changed[step], tuple(rest), value)
        return changed
    known = values if isinstance(values, dict) else {}
    return {**known, step: with_value(known.get(step), tuple(rest), value)}


def without(values: Any, place: Place) -> Any:
    """The same without what is at a place."""
    *above, last = place
    holder = at(values, tuple(above))
    if isinstance(last, int):
        kept: Any = [item for n, item in enumerate(holder) if n != last]
    else:
        kept = {name: item for name, item in holder.items() if name != last}
    return with_value(values, tuple(above), kept)


def inserted(values: Any, place: Place, index: int, value: JsonValue) -> Any:
    """The same with an entry more in the list at a place, which is made if it is not there."""
    items = list_at(values, place)
    return with_value(values, place, [*items[:index], value, *items[index:]])


def moved(values: Any, place: Place, old: int, new: int) -> Any:
    """The same with an entry of the list at a place in another position of it."""
    items = list_at(values, place)
    kept = items[:old] + items[old + 1 :]
    return with_value(values, place, [*kept[:new], items[old], *kept[new:]])


def at(values: Any, place: Place) -> Any:
    """What stands at a place; None when nothing does."""
    for step in place:
        try:
            values = values[step]
        except (LookupError, TypeError):
            return None
    return values


def list_at(values: Any, place: Place) -> list[Any]:
    """The entries of the list at a place; none when there is no list."""
    found = at(values, place)
    return list(found) if isinstance(found, list) else []
