"""Symmetries of likelihoods: names that can change places, so that nobody could tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.iterated.bayes.tables import Floats, Places

Colours: TypeAlias = NDArray[np.uint64]

MOST_SYMMETRIES = 720
"""Of which one is never more than found: a part of them is a group as well."""
_ROUNDS = 12
_CHOSEN = np.uint64(0x5851F42D4C957F2D)


@dataclass(frozen=True, eq=False, slots=True)
class Symmetries:
    """A group of permutations of hypotheses and items that keep all chances and the prior."""

    hypotheses: Places
    """Shape (S, H): where each hypothesis goes. The first stays as it is."""
    items: Places
    """Shape (S, K): where each item goes."""

    def __len__(self) -> int:
        """S."""
        return len(self.hypotheses)

    def mean(self, values: Floats) -> Floats:
        """Of values of hypotheses, shape (H,) or (H, H), over what all symmetries make of them."""
        total = np.zeros_like(values)
        for one in self.hypotheses:
            total += values[np.ix_(*(one,) * values.ndim)]
        found: Floats = total / len(self)
        return found


def identity(by_item: Floats) -> Symmetries:
    """No symmetry but that everything stays; chances of shape (K, H)."""
    items, hypotheses = by_item.shape
    return Symmetries(np.arange(hypotheses)[None], np.arange(items)[None])


def symmetries(by_item: Floats, prior: Floats) -> Symmetries:
    """Find symmetries: all of them, or those that keep some hypotheses where there are too many.

    By individualisation and refinement (McKay & Piperno, 2014, Journal of Symbolic Computation
    60), on the graph of hypotheses and items; each is checked, so that no chance can spoil it.

    Args:
        by_item: Chances, shape (K, H); no two items alike.
        prior: Shape (H,).
    """
    _, codes = np.unique(by_item, return_inverse=True)
    _, prior_codes = np.unique(prior, return_inverse=True)
    graph = _Graph(codes.reshape(by_item.shape).astype(np.uint64))
    start = graph.refined(
        _Colouring(_mixed(prior_codes.astype(np.uint64)), np.zeros(len(by_item), dtype=np.uint64))
    )
    path, chosen = [start], list[int]()
    sizes = list[int]()
    while (place := path[-1].shared()) is not None:
        chosen.append(place)
        sizes.append(int((path[-1].hypotheses == path[-1].hypotheses[place]).sum()))
        path.append(graph.refined(path[-1].choosing(place)))
    first = len(sizes)
    while first and np.prod(sizes[first - 1 :], dtype=float) <= MOST_SYMMETRIES:
        first -= 1
    leaves = list(_leaves(graph, path, chosen, first, path[first]))
    last = path[-1]
    found = Symmetries(
        np.array([_matching(last.hypotheses, one.hypotheses) for one in leaves]),
        np.array([_matching(last.items, one.items) for one in leaves]),
    )
    return found if _are_kept(found, by_item, prior) else identity(by_item)


@dataclass(frozen=True, eq=False, slots=True)
class _Colouring:
    """Numbers that are alike wherever things may change places."""

    hypotheses: Colours
    items: Colours

    def shared(self) -> int | None:
        """A hypothesis of the largest colour that several have; None where none is shared."""
        colours, first, many = np.unique(self.hypotheses, return_index=True, return_counts=True)
        return None if len(colours) == len(self.hypotheses) else int(first[many.argmax()])

    def choosing(self, place: int) -> _Colouring:
        """The same, with one hypothesis told from all others."""
        changed = self.hypotheses.copy()
        changed[place] ^= _CHOSEN
        return replace(self, hypotheses=changed)

    def looks_like(self, other: _Colouring) -> bool:
        """Whether both have the same colours as often."""
        return bool(
            (np.sort(self.hypotheses) == np.sort(other.hypotheses)).all()
            and (np.sort(self.items) == np.sort(other.items)).all()
        )

    @property
    def kinds(self) -> int:
        """How many colours there are."""
        return len(np.unique(self.hypotheses)) + len(np.unique(self.items))


class _Graph:
    def __init__(self, codes: Colours) -> None:
        """Take the numbers of chances, shape (K, H)."""
        self._codes = _mixed(codes)

    def refined(self, colours: _Colouring) -> _Colouring:
        """Tell apart what has different neighbours, until nothing more can be told apart."""
        kinds = 0
        for _ in range(_ROUNDS):
            seen = _mixed(self._codes ^ colours.items[:, None]).sum(axis=0, dtype=np.uint64)
            hypotheses = _mixed(colours.hypotheses ^ _mixed(seen))
            seen = _mixed(self._codes ^ hypotheses).sum(axis=1, dtype=np.uint64)
            colours = _Colouring(hypotheses, _mixed(colours.items ^ _mixed(seen)))
            if colours.kinds == kinds:
                break
            kinds = colours.kinds
        return colours


def _leaves(
    graph: _Graph, path: list[_Colouring], chosen: list[int], level: int, colours: _Colouring
) -> Iterator[_Colouring]:
    """Colourings that look like the end of the path, the path's own first."""
    if level == len(chosen):
        yield colours
        return
    sought = path[level].hypotheses[chosen[level]]
    places = np.flatnonzero(colours.hypotheses == sought).tolist()
    if colours is path[level]:
        places.remove(chosen[level])
        yield from _leaves(graph, path, chosen, level + 1, path[level + 1])
    for place in places:
        after = graph.refined(colours.choosing(place))
        if after.looks_like(path[level + 1]):
            yield from _leaves(graph, path, chosen, level + 1, after)


def _matching(colours: Colours, others: Colours) -> Places:
    """Where the others have each colour; no colour is there twice."""
    found = np.empty(len(colours), dtype=np.intp)
    found[np.argsort(colours)] = np.argsort(others)
    return found


def _are_kept(found: Symmetries, by_item: Floats, prior: Floats) -> bool:
    everything = np.arange(by_item.shape[1]), np.arange(by_item.shape[0])
    return all(
        (np.sort(hypotheses) == everything[0]).all()
        and (np.sort(items) == everything[1]).all()
        and (prior[hypotheses] == prior).all()
        and (by_item[np.ix_(items, hypotheses)] == by_item).all()
        for hypotheses, items in zip(found.hypotheses, found.items, strict=True)
    )


def _mixed(numbers: Colours) -> Colours:
    """Numbers without any order, the same for the same (splitmix64; Steele et al., 2014)."""
    found = numbers + np.uint64(0x9E3779B97F4A7C15)
    found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return found ^ (found >> np.uint64(31))
