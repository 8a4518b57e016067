"""Places of designs, for tests of edits at any of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.files.places import Place


def places(value: Any, above: Place = ()) -> Iterator[Place]:
    """All places of a value, the value itself first."""
    yield above
    if isinstance(value, dict):
        for name, item in value.items():
            yield from places(item, (*above, name))
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from places(item, (*above, number))


def at(value: Any, place: Place) -> Any:
    """What stands at a place."""
    for step in place:
        value = value[step]
    return value


def leaves(value: Any) -> list[Place]:
    """The places of texts, numbers and words, but for the kind."""
    found = (place for place in places(value) if not isinstance(at(value, place), (dict, list)))
    return [place for place in found if place != ("kind",)]


def lists(value: Any) -> list[Place]:
    """The places of lists."""
    return [place for place in places(value) if isinstance(at(value, place), list)]


def with_set(value: Any, place: Place, new: Any) -> Any:
    """The value with another at a place that is there."""
    if not place:
        return new
    changed: Any = dict(value) if isinstance(value, dict) else list(value)
    changed[place[0]] = with_set(value[place[0]], place[1:], new)
    return changed
