"""All data that a learner can read, each different one once, with the number of its orders."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.iterated.bayes.tables import Flags, Floats, LikelihoodTable, Places

Words: TypeAlias = NDArray[np.uint64]

MOST_EXAMPLES = 150
"""Of which floats hold the number of orders."""
LARGEST_CODE = 43.0
"""Logarithm of the items to the power of the examples, up to which data are whole numbers."""
_MOST_SEQUENCES = 600.0
"""Logarithm."""
_CANDIDATES = 2**17


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
        yield found, _orders(found)


def orbits(symmetries: Places, size: int, chunk: int) -> Iterator[tuple[Places, Floats]]:
    """Data of so many examples, one of those that symmetries make of each other, in chunks.

    That one is the first in the order of rising items. What is left of it without its last item is
    the first of its own orbit: so they are found by adding items to shorter ones (orderly
    generation; Read, 1978, Annals of Discrete Mathematics 2).

    Args:
        symmetries: A group of permutations of items, shape (S, items), the first the identity.
        size: 1 or more; items to the power of it below exp(`LARGEST_CODE`).
        chunk: Data at a time, at most.

    Yields:
        Items, shape (data, size), in rising order; and how many sequences are those data or what
        symmetries make of them, shape (data,).
    """
    shorter = np.zeros((1, 0), dtype=np.intp)
    for _ in range(size - 1):
        shorter = np.concatenate([rows for rows, _ in _longer(shorter, symmetries)])
    for rows, kept in _longer(shorter, symmetries):
        ways = _orders(rows) * (len(symmetries) / kept)
        for at in range(0, len(rows), chunk):
            yield rows[at : at + chunk], ways[at : at + chunk]


def _longer(shorter: Places, symmetries: Places) -> Iterator[tuple[Places, Places]]:
    """Data with one item more, the first of their orbits; and how many symmetries keep each."""
    count, length = symmetries.shape[1], shorter.shape[1]
    last = shorter[:, -1] if length else np.zeros(1, dtype=np.intp)
    step = max(1, _CANDIDATES // count)
    for at in range(0, len(shorter), step):
        part = shorter[at : at + step]
        places, added = np.nonzero(np.arange(count) >= last[at : at + step, None])
        own = _code(part.T[:, places], added, count)
        kept = np.zeros(len(own), dtype=np.intp)
        for one in symmetries:
            code = _code(np.sort(one[part], axis=1).T[:, places], one[added], count)
            first = code >= own
            kept = (kept + (code == own))[first]
            places, added, own = places[first], added[first], own[first]
        yield np.concatenate([part[places], added[:, None]], axis=1), kept


def _code(rising: Places, added: Places, count: int) -> Places:
    """Numbers in the order of data: of items in rising order, shape (size, data), and one more."""
    found = np.zeros(len(added), dtype=np.intp)
    for one in rising:
        found = found * count + np.minimum(one, added)
        added = np.maximum(one, added)
    return found * count + added


def _orders(rising: Places) -> Floats:
    """In how many orders data can be said, of items in rising order."""
    run, repeats = np.ones(len(rising)), np.ones(len(rising))
    for place in range(1, rising.shape[1]):
        run = np.where(rising[:, place] == rising[:, place - 1], run + 1, 1.0)
        repeats *= run
    found: Floats = math.factorial(rising.shape[1]) / repeats
    return found


@lru_cache(maxsize=4)
def consistency_sets(table: LikelihoodTable, size: int, most: int) -> tuple[Flags, Floats] | None:
    """Data without noise, those together that leave the same hypotheses.

    Where all that a hypothesis can say is equally likely, a learner sees of data only which
    hypotheses are consistent with them, so that far fewer cases differ than there are data.

    Args:
        table: With `levels`.
        size: Examples.
        most: Different sets that may be held.

    Returns:
        Sets, shape (S, H), none empty, and how many sequences of examples leave each, shape (S,);
        None where they are more than `most`, or sequences are more than floats can count.
    """
    if size * math.log(len(table.by_item)) > _MOST_SEQUENCES:
        return None
    count = len(table.hypotheses)
    says = table.by_item > 0
    says = says[says.any(axis=1)]
    packed = _packed(says)
    columns, numbers = _different(packed)
    repeats = np.bincount(numbers).astype(np.float64)
    sets, ways = _packed(np.ones((1, count), dtype=np.bool_)), np.ones(1)
    new = sets
    after = np.zeros((0, len(columns)), dtype=np.intp)
    for _ in range(size):
        if len(new):
            if len(sets) > most or len(new) * len(columns) > most * 16:
                return None
            led_to = (new[:, None] & columns).reshape(-1, packed.shape[1])
            sets, new, numbers = _joined(sets, led_to)
            after = np.concatenate([after, numbers.reshape(-1, len(columns))])
        shares = np.outer(ways, repeats).ravel()
        ways = np.bincount(after[: len(ways)].ravel(), shares, len(sets)).astype(np.float64)
    found = np.unpackbits(sets.view(np.uint8), axis=1, count=count).astype(np.bool_)
    there = (ways > 0) & found.any(axis=1)
    return found[there], ways[there]


def _joined(known: Words, rows: Words) -> tuple[Words, Words, Places]:
    """Known rows with those that are new behind them, the new ones, and the place of each row."""
    different, numbers = _different(np.concatenate([known, rows]))
    places = np.full(len(different), -1, dtype=np.intp)
    places[numbers[: len(known)]] = np.arange(len(known))
    new = places < 0
    places[new] = len(known) + np.arange(int(new.sum()))
    return (
        np.concatenate([known, different[new]]), different[new], places[numbers[len(known) :]]
    )  # fmt: skip


def _different(rows: Words) -> tuple[Words, Places]:
    """Different rows, and the number of each row among them."""
    factors = np.random.default_rng(0).integers(2**63, size=rows.shape[1], dtype=np.uint64)
    sums = (rows * (2 * factors + 1)).sum(axis=1, dtype=np.uint64)
    _, first, numbers = np.unique(sums, return_index=True, return_inverse=True)
    if (rows != rows[first[numbers]]).any():
        # Two rows of one sum: compare the rows themselves, which is slower.
        _, first, numbers = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return rows[first], numbers.ravel()


def _packed(flags: Flags) -> Words:
    """Rows of flags, 64 in a word, filled up with no."""
    filled = np.zeros((len(flags), -(-flags.shape[1] // 64) * 64), dtype=np.bool_)
    filled[:, : flags.shape[1]] = flags
    return np.packbits(filled, axis=1).view(np.uint64)
