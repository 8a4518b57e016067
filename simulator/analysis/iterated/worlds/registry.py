"""The worlds by their names, as designs write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from simulator.analysis.iterated.acronyms.world import Acronyms
from simulator.analysis.iterated.worlds.base import Game, World
from simulator.analysis.iterated.worlds.lights import Lights
from simulator.errors import NotFoundError


def _lights_of_letters(**settings: Any) -> World:
    """The objects of the original's first experiment."""
    return Lights("lights-letters", **{"objects": ("A", "B", "C", "D", "E"), **settings})


WORLDS: Mapping[str, Callable[..., World]] = MappingProxyType(
    {
        "lights": Lights,
        "lights-letters": _lights_of_letters,
    }
)
"""What makes each world, by its name. A world of your own is one line here."""
GAMES: Mapping[str, Callable[..., Game]] = MappingProxyType({**WORLDS, "acronyms": Acronyms})
"""The same, with the games that have no rules to write."""


def world_named(name: str, **settings: Any) -> World:
    """A world by its name.

    Args:
        name: Of `WORLDS`.
        settings: Of that world, such as `objects` of lights; its own where they are not given.

    Raises:
        NotFoundError: No world has this name.
    """
    make = WORLDS.get(name)
    if make is None:
        raise NotFoundError(
            f"There is no world `{name}`.", remedy=f"The worlds are: {', '.join(WORLDS)}."
        )
    return make(**settings)
