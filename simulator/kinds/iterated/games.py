"""The game of a design, for whoever reads its runs."""

from __future__ import annotations

from simulator.analysis.iterated.acronyms.world import Acronyms
from simulator.analysis.iterated.worlds.base import Game, World
from simulator.kinds.iterated import beginnings
from simulator.kinds.iterated.design import IteratedDesign


def world_of(design: IteratedDesign) -> World | None:
    """The world of a design; None of games without rules.

    Raises:
        ValueError, TypeError: A setting is unknown or no good.
    """
    return beginnings.world_of(design.world) if design.has_rules else None


def game_of(design: IteratedDesign) -> Game:
    """The world of a design, or the game without rules; see `world_of`."""
    return world_of(design) or Acronyms()
