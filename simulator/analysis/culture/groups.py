"""Chains that are analysed together: of one model, one task and one temperature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.culture.records import Chain, Floats, MeasuredChains

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Found = TypeVar("_Found", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class Group:
    """What the chains of a group have in common."""

    model: str = ""
    task: str = ""
    temperature: float | None = None
    """None where unknown."""


@dataclass(frozen=True, slots=True)
class Ends:
    """One measure of chains at two generations, chains without either of them left out."""

    first: Floats
    """Shape (chains,), finite."""
    last: Floats
    """Shape (chains,), finite."""
    texts: NDArray[np.int64]
    """Shape (chains,); chains of one initial text have one number."""
    dropped: int
    """Chains that were left out: stopped before, or without a value there."""


def group_of(chain: Chain) -> Group:
    """The group of a chain."""
    return Group(chain.model, chain.task, chain.temperature)


def groups_of(measured: MeasuredChains) -> Mapping[Group, MeasuredChains]:
    """Chains by group, in order of appearance."""
    places: dict[Group, list[int]] = {}
    for place, chain in enumerate(measured.chains):
        places.setdefault(group_of(chain), []).append(place)
    return {group: measured.at(those) for group, those in places.items()}


def labelled(found: _Found, group: Group, measure: str, **further: Any) -> _Found:
    """What was found of a measure of a group, with their names and further fields put in."""
    return replace(found, **asdict(group), measure=measure, **further)


def text_numbers(measured: MeasuredChains) -> NDArray[np.int64]:
    """Shape (chains,): a number for each initial text, from 0 in order of appearance."""
    numbers: dict[str, int] = {}
    return np.array(
        [numbers.setdefault(chain.text, len(numbers)) for chain in measured.chains], dtype=np.int64
    )


def shared_generation(chains: Sequence[Chain]) -> int:
    """The generation that chains of different lengths are compared at.

    The largest one that at least 9 of 10 of the chains with a first generation reach, and chains
    of at least 9 of 10 of their initial texts; 0 where no chain has a first one. A few that
    stopped early do not hold up the others, and a few that are ahead do not stand for all.
    """
    begun = [chain for chain in chains if chain.generations > 0]
    texts = len({chain.text for chain in begun})
    for generation in sorted({chain.generations for chain in begun}, reverse=True):
        there = [chain.text for chain in begun if chain.generations >= generation]
        if 10 * len(there) >= 9 * len(begun) and 10 * len(set(there)) >= 9 * texts:
            return generation
    return 0


def last_generation(measured: MeasuredChains) -> int:
    """The last one that chains are compared at; see `shared_generation`."""
    return shared_generation(measured.chains)


def longest_chain(measured: MeasuredChains) -> int:
    """Generations of the longest chain; 0 of no chains."""
    return max((chain.generations for chain in measured.chains), default=0)


def ends_of(first: Floats, last: Floats, texts: NDArray[np.int64] | None = None) -> Ends:
    """The chains that have both values.

    Args:
        first: Shape (chains,).
        last: Shape (chains,).
        texts: Shape (chains,); None where every chain has a text of its own.

    Raises:
        ValueError: The shapes differ.
    """
    first, last = np.asarray(first, dtype=np.float64), np.asarray(last, dtype=np.float64)
    texts = np.arange(first.size) if texts is None else np.asarray(texts)
    if not first.shape == last.shape == texts.shape or first.ndim != 1:
        raise ValueError(f"Not one value for each chain: {first.shape, last.shape, texts.shape}.")
    both = np.isfinite(first) & np.isfinite(last)
    _, numbers = np.unique(texts[both], return_inverse=True)
    return Ends(first[both], last[both], numbers.astype(np.int64), int((~both).sum()))
