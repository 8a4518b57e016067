"""What a lineage begins with: its world, the truth, the alternative, and the first data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from simulator.analysis.iterated.worlds import original_draws
from simulator.analysis.iterated.worlds.agreement import explained
from simulator.analysis.iterated.worlds.base import Data, Example, World
from simulator.analysis.iterated.worlds.lights import Lights
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
    data = _ambiguous(design, world, truth, alternative, rng("first data"))
    why = "" if data else "Truth and alternative differ everywhere, so no data are ambiguous."
    return Beginning(truth, alternative, data, why)


def _ambiguous(
    design: IteratedDesign, world: World, truth: str, alternative: str, rng: Random
) -> Data:
    """Examples that truth and alternative can both say, uniform and with replacement.

    Noise makes of some what the truth does not say.
    """
    wanted = design.world
    cases = [Example(given, output) for given in world.inputs for output in world.outputs]
    true = [one for one in cases if explained(world, truth, (one,))]
    agreed = [one for one in true if explained(world, alternative, (one,))]
    drawn = rng.choices(agreed, k=wanted.examples) if agreed else []
    for place, one in enumerate(drawn):
        if wanted.noise and rng.random() < wanted.noise:
            others = [Example(one.input, output) for output in world.outputs]
            false = [other for other in others if other not in true]
            drawn[place] = rng.choice(false or others)
    return tuple(drawn)


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
