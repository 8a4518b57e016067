"""Who reads whom: the networks that texts pass along."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import Literal

Structure = Literal["sequence", "fully_connected", "circle", "caveman", "random", "own"]

Edge = tuple[int, int]
"""Two agents, from 1."""


def most_edges(agents: int) -> int:
    """Pairs of different agents."""
    return agents * (agents - 1) // 2


def pairs_of(
    structure: Structure, agents: int, *, cliques: int, edges: int, own: Sequence[Edge], rng: Random
) -> tuple[Edge, ...]:
    """The pairs that read each other; of `own`, the second reads the first.

    Args:
        structure: Not `sequence`.
        agents: How many there are.
        cliques: Of `caveman`.
        edges: Of `random`: how many pairs are drawn, each set of pairs as likely as any other
            (the G(n, m) model of Erdős and Rényi).
        own: Of `own`.
        rng: Of `random`.
    """
    everybody = range(1, agents + 1)
    if structure == "own":
        return tuple(dict.fromkeys(own))
    if structure == "circle":
        around = [(one, one % agents + 1) for one in everybody]
        return tuple(dict.fromkeys((min(pair), max(pair)) for pair in around if len({*pair}) == 2))
    if structure == "caveman":
        return _caveman(agents, cliques)
    every = [(one, other) for one in everybody for other in range(one + 1, agents + 1)]
    if structure == "random":
        return tuple(sorted(rng.sample(every, min(edges, len(every)))))
    return tuple(every)


def _caveman(agents: int, cliques: int) -> tuple[Edge, ...]:
    """Cliques in a ring, of each one pair parted and tied to the clique before instead.

    After Watts (1999), "Networks, dynamics, and the small-world phenomenon"; cliques are as equal
    as they can be, and those of two stay whole.
    """
    size, larger = divmod(agents, cliques)
    edges: set[Edge] = set()
    start = 1
    for number in range(cliques):
        end = start + size + (number < larger)
        own = {(one, other) for one in range(start, end) for other in range(one + 1, end)}
        if cliques > 1:
            if end - start > 2:
                own.discard((start, start + 1))
            before = start - 1 or agents
            own.add((min(start, before), max(start, before)))
        edges |= own
        start = end
    return tuple(sorted(edges))


def readings(
    pairs: Iterable[Edge], agents: int, *, both_ways: bool = True
) -> tuple[tuple[int, ...], ...]:
    """Whose texts each agent reads, in order: its neighbours' and its own.

    Args:
        pairs: Of agents, from 1.
        agents: How many there are.
        both_ways: Whether the first also reads the second.
    """
    read: list[set[int]] = [{number} for number in range(1, agents + 1)]
    for first, second in pairs:
        read[second - 1].add(first)
        if both_ways:
            read[first - 1].add(second)
    return tuple(tuple(sorted(one)) for one in read)
