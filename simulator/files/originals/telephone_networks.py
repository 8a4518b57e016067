"""Who reads whom in the original telephone: its adjacency matrices, and networks of designs."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from simulator.kinds.telephone.design import Network
from simulator.kinds.telephone.networks import Structure, pairs_of, readings

Matrix = list[list[float]]
"""Row i, column j is 1 where agent j + 1 reads agent i + 1."""
Readers = tuple[tuple[int, ...], ...]
"""Whom each agent reads, itself included, from 1; empty along a chain."""


def readers_in(matrix: Matrix, *, most_texts: int) -> Readers:
    """Whom each agent reads by a matrix; nothing along a chain.

    Agents read their own texts whether or not the diagonal says so: the original adds it. Agents
    who read like a chain are one where no generation has more than one text.

    Args:
        matrix: Square, of 0 and 1.
        most_texts: Of one generation.
    """
    count = len(matrix)
    readers = tuple(
        tuple(one + 1 for one in range(count) if one == other or matrix[one][other])
        for other in range(count)
    )
    return () if most_texts < 2 and readers == _chain(count) else readers


def matrix_of(readers: Readers, count: int) -> Matrix:
    """The matrix of a network, or of a chain of `count` agents where nobody is given."""
    rows = [[0.0] * count for _ in range(count)]
    for place, whom in enumerate(readers or _chain(count)):
        for one in whom:
            rows[one - 1][place] = 1.0
    return rows


def _chain(count: int) -> Readers:
    return tuple(tuple(range(max(1, one - 1), one + 1)) for one in range(1, count + 1))


@lru_cache(maxsize=256)
def network_of(readers: Readers) -> Network:
    """The network in which agents read so: one with a name if there is one, else its pairs."""
    count = len(readers)
    if not readers:
        return Network()
    if _is(readers, "fully_connected"):
        return Network(structure="fully_connected", agents=count)
    if _is(readers, "circle"):
        return Network(structure="circle", agents=count)
    for cliques in range(1, count + 1):
        if _is(readers, "caveman", cliques):
            return Network(structure="caveman", agents=count, cliques=cliques)
    pairs = tuple(
        (one, place)
        for place, whom in enumerate(readers, 1)
        for one in whom
        if one != place
    )  # fmt: skip
    return Network(structure="own", agents=count, own=pairs)


def _is(readers: Readers, structure: Structure, cliques: int = 1) -> bool:
    pairs = pairs_of(structure, len(readers), cliques=cliques, edges=0, own=(), rng=Random(0))
    if sum(map(len, readers)) != len(readers) + 2 * len(pairs):
        return False
    return readings(pairs, len(readers)) == readers
