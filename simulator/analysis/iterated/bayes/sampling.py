"""Sampled chains of exact learners: many at once, and where matrices would be too large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.iterated.bayes.learners import Learner, Reader
from simulator.analysis.iterated.bayes.tables import Floats, LikelihoodTable, Places
from simulator.analysis.iterated.worlds.base import Example

_CHUNK = 2**17
"""Numbers of one array at a time: small enough for a processor's cache."""


@dataclass(frozen=True, eq=False, slots=True)
class SampledChains:
    """The hypothesis of every learner of every chain."""

    hypotheses: NDArray[np.int32]
    """Shape (chains, G), generation 1 first: places of hypotheses, -1 where none is left."""
    count: int
    """H."""

    @property
    def shares(self) -> Floats:
        """Shape (G, H): how often each hypothesis is held; rows add up to 1 with `stopped`."""
        chains, generations = self.hypotheses.shape
        numbers = self.hypotheses.astype(np.intp) + 1 + np.arange(generations) * (self.count + 1)
        counted = np.bincount(numbers.ravel(), minlength=generations * (self.count + 1))
        found: Floats = counted.reshape(generations, -1)[:, 1:] / chains
        return found

    @property
    def stopped(self) -> Floats:
        """Shape (G,): the share of chains that came to an end, without a hypothesis."""
        found: Floats = (self.hypotheses < 0).mean(axis=0)
        return found


def sampled_chains(
    table: LikelihoodTable,
    prior: Floats,
    learner: Learner,
    *,
    first: Sequence[Example],
    examples: int,
    chains: int,
    generations: int,
    seed: int,
) -> SampledChains:
    """Play chains, all alike but for chance.

    Args:
        table: Of the world; learners and what they say have its noise.
        prior: Shape (H,).
        learner: All are alike.
        first: The data that generation 1 reads, the same in all chains.
        examples: That every other generation reads, 1 or more.
        chains: 1 or more.
        generations: 1 or more.
        seed: The same seed gives the same chains.
    """
    rng = np.random.default_rng(seed)
    found = np.full((chains, generations), -1, dtype=np.int32)
    start = Reader(table, prior, len(first)).joint(table.items(first)[None])
    weights = np.broadcast_to(learner.weights(start), (chains, len(prior)))
    rows = max(1, _CHUNK // len(prior))
    chances = rng.random(chains)
    for part in _parts(chains, rows):
        found[part, 0] = drawn_places(weights[part], chances[part])
    reader = Reader(table, prior, examples)
    for generation in range(1, generations):
        going = np.flatnonzero(found[:, generation - 1] >= 0)
        items = drawn_items(table, found[going, generation - 1], examples, rng)
        chances = rng.random(len(going))
        for part in _parts(len(going), rows):
            weighed = learner.weights(reader.joint(items[part]))
            found[going[part], generation] = drawn_places(weighed, chances[part])
    return SampledChains(found, len(prior))


def drawn_items(
    table: LikelihoodTable,
    hypotheses: NDArray[np.integer],
    examples: int,
    rng: np.random.Generator,
) -> Places:
    """Data of hypotheses, inputs uniform and with replacement: shape (hypotheses, examples)."""
    shape = len(hypotheses), examples
    inputs = rng.integers(len(table.inputs), size=shape)
    chances = rng.random(shape)[..., None]
    reached = np.cumsum(table.chances[hypotheses[:, None], inputs], axis=-1)
    outputs = (chances * reached[..., -1:] >= reached).sum(axis=-1)
    found: Places = inputs * len(table.outputs) + np.minimum(outputs, len(table.outputs) - 1)
    return found


def drawn_places(weights: Floats, chances: Floats) -> Places:
    """One place of each row with probability by weight; -1 of rows of only 0."""
    reached = np.cumsum(weights, axis=1)
    total = reached[:, -1]
    # A chance just below 1 times the total may be rounded up to the total.
    sought = np.minimum(chances * total, np.nextafter(total, 0))
    places = (reached > sought[:, None]).argmax(axis=1)
    return np.where(total > 0, places, -1)


def _parts(count: int, rows: int) -> list[slice]:
    return [slice(start, start + rows) for start in range(0, count, rows)]
