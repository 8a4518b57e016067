"""What a lineage begins with: its world, the truth, the alternative, and the first data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from simulator.analysis.iterated.worlds import original_draws
from simulator.analysis.iterated.worlds.base import Data, Example, World
from simulator.analysis.iterated.worlds.lights import Lights
from simulator.analysis.iterated.worlds.noise import noisy
from simulator.kinds.iterated.biases import alternative_to
from simulator.kinds.iterated.design import IteratedDesign

Draw = Callable[[str], Random]
"""A random generator for a purpose, such as `stage.rng`."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """Before the first learner."""

    truth: str
    """Canonical."""
    alternative: str | None
    """What a bias leads to from the truth; None where it is the truth itself, or not known."""
    data: Data
    """What the first learner reads; empty where none can be had."""
    reason: str = ""
    """Why there are no data, in a sentence; empty where there are."""


def feasible_in(world: World) -> tuple[str, ...]:
    """Hypotheses that may be the truth, in their order."""
    return world.feasible if isinstance(world, Lights) else world.hypotheses


def begun(design: IteratedDesign, world: World, seed: int, rng: Draw) -> Beginning:
    """What a run begins with.

    Args:
        design: Resolved; with rules, and one that can be run.
        world: Of the design.
        seed: Of the run; the original's draws depend on it alone.
        rng: Of the run's main scope.
    """
    choice = design.world
    if choice.draws == "original":
        return _original(design, world, seed)
    feasible = feasible_in(world)
    place = choice.truth
    truth = rng("truth").choice(feasible) if place == "drawn" else feasible[place]
    alternative = alternative_to(truth, world, design.bias.direction)
    if not choice.ambiguous or alternative is None:
        data = world.drawn(truth, choice.examples, rng("first data"), noise=choice.noise)
        return Beginning(truth, alternative, data)
    agreed = [
        one for one in world.inputs if world.predict(truth, one) == world.predict(alternative, one)
    ]
    if not agreed:
        reason = "Truth and alternative differ everywhere, so no data are ambiguous."
        return Beginning(truth, alternative, (), reason)
    drawing = rng("first data")
    data = tuple(
        Example(one, noisy(world.predict(truth, one), world.outputs, drawing, choice.noise))
        for one in drawing.choices(agreed, k=choice.examples)
    )
    return Beginning(truth, alternative, data)


def _original(design: IteratedDesign, world: World, seed: int) -> Beginning:
    choice = design.world
    assert isinstance(world, Lights)
    if choice.truth == "drawn":
        truth = original_draws.drawn_truth(world, seed % 2**32)
    else:
        truth = world.feasible[choice.truth]
    alternative = alternative_to(truth, world, design.bias.direction)
    try:
        if choice.ambiguous:
            data = original_draws.ambiguous_first_data(
                world, truth, seed % 2**32, choice.examples
            )  # fmt: skip
        else:
            _, data = original_draws.first_experiment(world, seed % 2**32, choice.examples)
    except ValueError as error:
        return Beginning(truth, alternative, (), f"The original cannot draw these: {error}.")
    return Beginning(truth, alternative, data)
