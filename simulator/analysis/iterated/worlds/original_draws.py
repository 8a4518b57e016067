"""Truths and first data as the original program draws them, for the same seeds.

The original of arXiv 2404.04286 seeds `numpy.random`, `random` and `torch` alike, but only the
first draws. Making a table of all inputs shuffles them once, whether or not the split is used, so
what is drawn after depends on it.
"""

from __future__ import annotations

from itertools import accumulate
from random import Random

from simulator.analysis.iterated.worlds.base import Data, Example
from simulator.analysis.iterated.worlds.lights import STATUSES, Lights
from simulator.domain.legacy_numpy import permutation, seeded

SEEDS = (10086, 14843, 42, 1314, 916, 1024)
"""That the original runs with."""
TRUTHS = (6, 26, 27, 33, 77, 78, 83, 111, 128, 132)
"""Of the feasible hypotheses, the original's third experiment has these, from 0."""
STRONG, WEAK = 0, 33
"""Feasible hypotheses under which data say much or little about the truth."""
SHARES = (0.5, 0.3, 0.2)
"""Of on, off and undecided in truths that are drawn."""
TEST_INPUTS = 10
"""Inputs that the original's first experiment keeps from learners."""


def drawn_truth(world: Lights, seed: int) -> str:
    """The first experiment's truth: a status for each object, until one is on and one is off."""
    return _truth(world, seeded(seed))


def first_experiment(world: Lights, seed: int, count: int = 4) -> tuple[str, Data]:
    """The truth, and first data of inputs that are not kept for tests.

    As in the original, the last of all inputs is never among them: its split counts from 0, its
    inputs from 1.

    Args:
        world: The original's is `lights-letters`.
        seed: 0 to 2**32 - 1.
        count: Of examples, all different; with five objects 20 can always be had.

    Raises:
        ValueError: More examples than there are.
    """
    words = seeded(seed)
    truth = _truth(world, words)
    inputs = world.inputs
    kept = {*permutation(words, len(inputs))[: len(inputs) - TEST_INPUTS]}
    pool = [Example(one, world.predict(truth, one)) for n, one in enumerate(inputs, 1) if n in kept]
    return truth, _sample(pool, count, words)


def ambiguous_first_data(world: Lights, truth: str, seed: int, count: int = 4) -> Data:
    """The later experiments' first data, which do not tell whether the screen is off.

    Args:
        world: With a screen; the original's is `lights`.
        truth: Canonical, such as `world.feasible[STRONG]`.
        seed: 0 to 2**32 - 1.
        count: Of examples, all different; the third experiment has 8.

    Raises:
        ValueError: More examples than there are, or a world without a screen.
    """
    alternative = world.alternative(truth)
    if alternative is None:
        raise ValueError(f"the world {world.name} has no screen, so no data are ambiguous")
    words = seeded(seed)
    permutation(words, len(world.inputs))
    return _sample(world.ambiguous(truth, alternative), count, words)


def _truth(world: Lights, words: Random) -> str:
    bounds = tuple(accumulate(SHARES))
    while True:
        drawn = (words.random() for _ in world.objects)
        found = [sum(bound <= one for bound in bounds) for one in drawn]
        statuses = dict(zip(world.objects, (STATUSES[one] for one in found), strict=True))
        if {"on", "off"} <= set(statuses.values()):
            return world.hypothesis(statuses)


def _sample(pool: Data | list[Example], count: int, words: Random) -> Data:
    """`DataFrame.sample(count)`: the first of a permutation."""
    if not 0 <= count <= len(pool):
        raise ValueError(f"{count} examples asked for, and there are {len(pool)}")
    return tuple(pool[index] for index in permutation(words, len(pool))[:count])
