"""The game of a design, and its world where rules can be told in it."""

from __future__ import annotations

from typing import cast

from simulator.analysis.iterated.acronyms.world import Acronyms
from simulator.analysis.iterated.worlds.base import Game, World
from simulator.analysis.iterated.worlds.registry import world_named
from simulator.kinds.iterated.design import IteratedDesign


def game_of(design: IteratedDesign) -> Game:
    """What learners read and write.

    Raises:
        UsageError: A setting of the world is unknown or no good.
        TypeError: A setting of acronyms is unknown.
    """
    return world_of(design) or Acronyms(**cast("dict[str, bool]", design.world.settings))


def world_of(design: IteratedDesign) -> World | None:
    """The game of a design whose learners write rules; None for acronyms.

    Raises:
        UsageError: A setting of the world is unknown or no good.
    """
    if not design.has_rules:
        return None
    return world_named(design.world.name, **design.world.settings)
