"""The two pools of examples that first data are drawn from, and what the learners add.

`easy` has 240 outputs that are common words, as many in each part of the logarithm of the rank;
`hard` has 120 rare words and 120 made-up ones, none of them in the list of ranks.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from random import Random
from typing import Literal, NamedTuple

from simulator.analysis.iterated.worlds.base import Data, Example

PoolName = Literal["easy", "hard"]


class Entry(NamedTuple):
    """One example of all that were ever read or written."""

    example: Example
    generation: int
    """Of the learner who wrote it first; 0 for the first data."""
    place: int
    """In its generation, from 0."""


@cache
def shipped(name: PoolName) -> Data:
    """The examples of a pool, the commonest outputs first, else by alphabet."""
    text = files(__package__).joinpath("lists", f"{name}.csv").read_text(encoding="ascii")
    return tuple(Example(row["input"], row["output"]) for row in csv.DictReader(text.splitlines()))


def first_data(size: int, easy: int, rng: Random) -> Data:
    """Examples for the first learner, in random order, none twice.

    Args:
        size: How many, 1 to 240.
        easy: Those of them whose output is a common word, 0 to `size`.
        rng: Draws them.

    Raises:
        ValueError: A pool does not hold so many, in a sentence without an end.
    """
    counts: dict[PoolName, int] = {"easy": easy, "hard": size - easy}
    drawn: list[Example] = []
    for name, count in counts.items():
        pool = shipped(name)
        if not 0 <= count <= len(pool):
            raise ValueError(f"{count} examples of the {name} pool; it has 0 to {len(pool)}")
        drawn += rng.sample(pool, count)
    rng.shuffle(drawn)
    return tuple(drawn)


def without_repeats(data: Data) -> Data:
    """Those whose output did not stand before, whatever their inputs."""
    return tuple(entry.example for entry in pooled([data]))


def pooled(generations: Sequence[Data]) -> tuple[Entry, ...]:
    """All examples in the order in which they were made, each output once: as it came first.

    Args:
        generations: What was written, the first data first.
    """
    entries: dict[str, Entry] = {}
    for generation, data in enumerate(generations):
        for place, example in enumerate(data):
            entries.setdefault(example.output, Entry(example, generation, place))
    return tuple(entries.values())
