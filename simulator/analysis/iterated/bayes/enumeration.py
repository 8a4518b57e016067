"""All data that a learner can read, each different one once, with the number of its orders."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.iterated.bayes.tables import Flags, Floats, LikelihoodTable, Places

Bytes: TypeAlias = NDArray[np.uint8]


def multiset_count(items: int, size: int) -> int:
    """How many different data there are, whatever their order."""
    return math.comb(items + size - 1, size)


def multisets(items: int, size: int, chunk: int) -> Iterator[tuple[Places, Floats]]:
    """Data of so many examples, in chunks.

    Yields:
        Items, shape (data, size), in rising order; and in how many orders each can be said,
        size! / (product of the factorials of how often each item is there), shape (data,).
    """
    rows = itertools.combinations_with_replacement(range(items), size)
    while True:
        part = itertools.islice(rows, chunk)
        found = np.fromiter(itertools.chain.from_iterable(part), dtype=np.intp).reshape(-1, size)
        if not len(found):
            return
        run = np.ones(len(found))
        repeats = np.ones(len(found))
        for place in range(1, size):
            run = np.where(found[:, place] == found[:, place - 1], run + 1, 1.0)
            repeats *= run
        yield found, math.factorial(size) / repeats


def consistency_sets(table: LikelihoodTable, size: int, most: int) -> tuple[Flags, Floats] | None:
    """Data without noise, those together that leave the same hypotheses.

    Without noise a learner sees of data only which hypotheses are consistent with them, so that
    far fewer cases differ than there are data.

    Args:
        table: Of chances 0 and 1 only.
        size: Examples.
        most: Different sets that may be held.

    Returns:
        Sets, shape (S, H), none empty, and how many sequences of examples leave each, shape (S,);
        None where they are more than `most`.
    """
    count = len(table.hypotheses)
    says = table.by_item > 0
    says = says[says.any(axis=1)]
    packed = np.packbits(says, axis=1)
    columns, repeats = _merged(packed, np.ones(len(packed)))
    sets = np.packbits(np.ones((1, count), dtype=np.bool_), axis=1)
    ways = np.ones(1)
    for _ in range(size):
        if len(sets) * len(columns) > most * 16:
            return None
        found = (sets[:, None] & columns).reshape(-1, packed.shape[1])
        sets, ways = _merged(found, np.outer(ways, repeats).ravel())
        left = sets.any(axis=1)
        sets, ways = sets[left], ways[left]
        if len(sets) > most:
            return None
    return np.unpackbits(sets, axis=1, count=count).astype(np.bool_), ways


def _merged(rows: Bytes, weights: Floats) -> tuple[Bytes, Floats]:
    """Different rows, and the weights of those that are equal added up."""
    keys = np.ascontiguousarray(rows).view(np.dtype((np.void, rows.shape[1]))).ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return rows[first], np.bincount(inverse.ravel(), weights=weights)
