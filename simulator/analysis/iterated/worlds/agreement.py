"""Whether hypotheses and data agree, in any world whose hypotheses can be listed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulator.analysis.iterated.worlds.base import Example, World


def fits(world: World, hypothesis: str, example: Example) -> bool:
    """Whether an example could come from a hypothesis without noise."""
    return world.log_likelihood(hypothesis, (example,), 0.0) > -math.inf


def explained(world: World, hypothesis: str, data: Sequence[Example]) -> int:
    """How many of the examples fit a hypothesis."""
    return sum(fits(world, hypothesis, one) for one in data)


def consistent(world: World, data: Sequence[Example]) -> tuple[str, ...]:
    """Hypotheses that all examples fit, in the order of the world; all of them for no data."""
    return tuple(one for one in world.hypotheses if all(fits(world, one, each) for each in data))


def contradictory(world: World, data: Sequence[Example]) -> bool:
    """Whether no hypothesis is left that all examples fit."""
    return not consistent(world, data)
