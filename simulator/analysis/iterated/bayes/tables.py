"""What every hypothesis says of every input, as an array, and which of them explain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.iterated.worlds.base import Example, World
from simulator.errors import UsageError

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Places: TypeAlias = NDArray[np.intp]

MOST_ENTRIES = 2_000_000
"""Of a table, H times N times O; some seconds of asking the world."""


@dataclass(frozen=True, eq=False)
class LikelihoodTable:
    """P(output | input, hypothesis) of a world whose hypotheses and data can be listed.

    An item is a pair of an input and an output; items are numbered with the output fastest.
    """

    hypotheses: tuple[str, ...]
    """H of them."""
    inputs: tuple[str, ...]
    """N of them, all equally often in data."""
    outputs: tuple[str, ...]
    """O of them."""
    chances: Floats
    """Shape (H, N, O); 0 to 1, sum 1 over the outputs."""
    possible: Flags
    """Shape (H, N, O): whether a hypothesis could say an output without noise."""

    @cached_property
    def by_item(self) -> Floats:
        """Chances of items, shape (N * O, H)."""
        return np.ascontiguousarray(self.chances.reshape(len(self.hypotheses), -1).T)

    @cached_property
    def told_apart(self) -> Floats:
        """Chances of an example, its input included, shape (K, H); columns add up to 1.

        Items whose chances are alike but for a factor, after which learners believe the same, are
        one of the K.
        """
        there = self.by_item[self.by_item.any(axis=1)]
        _, numbers = np.unique(there / there.max(axis=1)[:, None], axis=0, return_inverse=True)
        found = np.zeros((int(numbers.max()) + 1, len(self.hypotheses)))
        np.add.at(found, numbers.ravel(), there / len(self.inputs))
        return found

    @cached_property
    def levels(self) -> Floats | None:
        """The chance of all items that a hypothesis can say, shape (H,), where they are alike.

        So they are without noise in worlds whose rules tell one output, at 1, or any member of a
        concept. None where they are not.
        """
        flat = self.chances.reshape(len(self.hypotheses), -1)
        found: Floats = flat.max(axis=1)
        return found if ((flat == 0) | (flat == found[:, None])).all() else None

    def place(self, hypothesis: str) -> int:
        """The place of a hypothesis.

        Raises:
            ValueError: It is none of them.
        """
        return _place(self.hypotheses, hypothesis, "hypothesis")

    def items(self, data: Sequence[Example]) -> Places:
        """The numbers of examples, shape (examples,).

        Raises:
            ValueError: An input or an output is not of this world.
        """
        return np.array(
            [
                _place(self.inputs, given, "input") * len(self.outputs)
                + _place(self.outputs, output, "output")
                for given, output in data
            ],
            dtype=np.intp,
        )

    def explained(self, data: Sequence[Example]) -> Floats:
        """The share of examples that each hypothesis could say without noise, shape (H,).

        1 for no data.
        """
        if not data:
            return np.ones(len(self.hypotheses))
        inputs, outputs = np.divmod(self.items(data), len(self.outputs))
        found: Floats = self.possible[:, inputs, outputs].mean(axis=1)
        return found

    def consistent(self, data: Sequence[Example]) -> Flags:
        """The hypotheses that could say all examples, shape (H,); none where they contradict."""
        found: Flags = self.explained(data) == 1
        return found

    def only(self, hypotheses: Flags) -> LikelihoodTable:
        """The table of some hypotheses, shape (H,)."""
        names = tuple(compress(self.hypotheses, hypotheses))
        return LikelihoodTable(
            names, self.inputs, self.outputs, self.chances[hypotheses], self.possible[hypotheses]
        )

    def predicting(self, example: Example) -> Flags:
        """The hypotheses that could say one example, such as the screen alone being off."""
        return self.consistent((example,))


def likelihood_matrix(world: World, noise: float = 0.0) -> LikelihoodTable:
    """The table of a world.

    Args:
        world: Its hypotheses, inputs and outputs can be listed.
        noise: Share of outputs, 0 to 1, that are none that the hypothesis says; all of those
            are equally often.

    Raises:
        UsageError: The world cannot be listed, or the table would be too large.
        ValueError: The noise is no share.
    """
    if not 0 <= noise <= 1:
        raise ValueError(f"noise is {noise}; it must be 0 to 1")
    hypotheses, inputs, outputs = world.hypotheses, world.inputs, world.outputs
    sizes = len(hypotheses), len(inputs), len(outputs)
    if not all(sizes):
        raise UsageError(
            f"The world {world.name} cannot be listed, so that there is no exact learner of it.",
            remedy="Choose a world whose hypotheses, inputs and outputs are finite, as `lights`.",
        )
    if sizes[0] * sizes[1] * sizes[2] > MOST_ENTRIES:
        raise UsageError(
            f"The world {world.name} has {sizes[0]:,} hypotheses, {sizes[1]:,} inputs and "
            f"{sizes[2]:,} outputs, more than exact learners can hold in memory.",
            remedy="Make the world smaller.",
        )
    certain = _chances(world, 0.0)
    chances = _chances(world, noise) if noise else certain
    return LikelihoodTable(hypotheses, inputs, outputs, chances, certain > 0)


def _chances(world: World, noise: float) -> Floats:
    logs = [
        [
            [
                world.log_likelihood(one, (Example(given, output),), noise)
                for output in world.outputs
            ]
            for given in world.inputs
        ]
        for one in world.hypotheses
    ]
    found: Floats = np.exp(np.array(logs))
    return found


def _place(of: tuple[str, ...], one: str, what: str) -> int:
    try:
        return of.index(one)
    except ValueError:
        raise ValueError(f"not one of the world's {len(of)} {what}s: {one!r}") from None
