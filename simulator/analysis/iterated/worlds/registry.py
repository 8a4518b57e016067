"""The worlds by their names, as designs write them.

A world of your own is a frozen dataclass with what `base.World` asks for, and one line in `WORLDS`;
`numbers.py` and `language.py` are made to be copied.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from simulator.analysis.iterated.acronyms.world import Acronyms
from simulator.analysis.iterated.worlds.base import Game, World
from simulator.analysis.iterated.worlds.language import Language
from simulator.analysis.iterated.worlds.lights import Lights
from simulator.analysis.iterated.worlds.numbers import Numbers
from simulator.errors import NotFoundError, UsageError

WORLDS: Mapping[str, Callable[..., World]] = MappingProxyType(
    {
        "lights": Lights,
        "lights-letters": partial(Lights, name="lights-letters", objects=("A", "B", "C", "D", "E")),
        "numbers": Numbers,
        "language": Language,
    }
)
"""What makes each world, by its name."""
GAMES: Mapping[str, Callable[..., Game]] = MappingProxyType({**WORLDS, "acronyms": Acronyms})
"""The same, with the games that have no rules to write."""


def world_named(name: str, /, **settings: Any) -> World:
    """A world by its name.

    Args:
        name: Of `WORLDS`.
        settings: Of that world, such as `objects` of lights; its own where they are not given.

    Raises:
        NotFoundError: No world has this name.
        UsageError: The world has no such setting, or not with this value.
    """
    make = WORLDS.get(name)
    if make is None:
        raise NotFoundError(
            f"There is no world `{name}`.", remedy=f"The worlds are: {', '.join(WORLDS)}."
        )
    usual = {
        one.name: one.default
        for one in inspect.signature(make).parameters.values()
        if one.name != "name"
    }
    values = {key: _value(name, key, value, usual) for key, value in settings.items()}
    try:
        return make(**values)
    except ValueError as error:
        raise UsageError(
            f"The world `{name}` cannot be made: {error}.", remedy="Change that setting."
        ) from error


def _value(world: str, key: str, value: Any, usual: Mapping[str, Any]) -> Any:
    """A setting of the type of the usual one; lists, as YAML has them, are tuples in worlds."""
    if key not in usual:
        raise UsageError(
            f"The world `{world}` has no setting `{key}`.",
            remedy=f"Its settings are: {', '.join(usual)}.",
        )
    found = tuple(value) if isinstance(value, list) else value
    if type(found) is type(usual[key]) and _parts(found) <= _parts(usual[key]):
        return found
    raise UsageError(
        f"The setting `{key}` of the world `{world}` cannot be {value!r}.",
        remedy=f"Write it as the usual one: {usual[key]!r}.",
    )


def _parts(value: Any) -> set[type]:
    return {*map(type, value)} if isinstance(value, tuple) else set()
