"""Whether hypotheses and data agree, in any world whose hypotheses can be listed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulator.analysis.iterated.worlds.base import Example, World


def explained(world: World, hypothesis: str, data: Sequence[Example]) -> int:
    """How many of the examples could come from a hypothesis without noise."""
    return sum(world.log_likelihood(hypothesis, (one,), 0.0) > -math.inf for one in data)


def consistent(world: World, data: Sequence[Example]) -> tuple[str, ...]:
    """Hypotheses that could say all examples without noise, in their order; all for no data."""
    return tuple(
        one for one in world.hypotheses if world.log_likelihood(one, data, 0.0) > -math.inf
    )


def contradictory(world: World, data: Sequence[Example]) -> bool:
    """Whether no hypothesis is left that could say all examples without noise."""
    return not consistent(world, data)
