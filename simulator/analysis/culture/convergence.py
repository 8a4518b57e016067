"""Whether chains that start from different texts come to say the same.

Texts that ended alike are compared by pairs of chains: within an initial text, where the chains
share it, and between initial texts. What the first has over the second is memory: what a chain
still keeps of where it started. (Telephone game, arXiv 2407.04503, appendix on convergence.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.culture.estimates import Estimate
from simulator.analysis.culture.groups import Group, group_of, shared_generation
from simulator.analysis.culture.records import Chain, Floats
from simulator.analysis.culture.similarity import (
    Embedder,
    Way,
    similarity_matrix,
    usual_embedder,
)
from simulator.analysis.summary import Interval

_ESTIMATES = ("initial_between", "within", "between", "memory", "change")


@dataclass(frozen=True, slots=True)
class Convergence:
    """How alike chains of a group are at the start and at the end."""

    model: str
    task: str
    temperature: float | None
    """None where unknown."""
    way: Way
    """How texts are compared."""
    chains: int
    """Chains that were compared."""
    left_out: int
    """Chains that have no text at the generation compared."""
    generation: int | None
    """Whose texts are the final ones; None for the last of each complete chain."""
    texts: int
    """Different initial texts."""
    initial_between: Estimate
    """Mean similarity of different initial texts, over pairs of chains."""
    within: Estimate
    """Mean similarity of final texts from the same initial text."""
    between: Estimate
    """Mean similarity of final texts from different initial texts."""
    memory: Estimate
    """`within` - `between`; near 0 the final texts do not tell any more where they come from."""
    change: Estimate
    """`between` - `initial_between`; over 0 the chains have come together."""
    slope: float
    """Of a line through the pairs of chains from different texts: final on initial similarity. Not
    a number where the initial texts are all equally alike."""
    intercept: float
    """Of the same line."""


@dataclass(frozen=True, slots=True)
class ChainPairs:
    """Similarities of all ordered pairs of different chains, row by row."""

    initial: Floats
    """Shape (chains · (chains - 1),): of the initial texts."""
    final: Floats
    """The same shape: of the final texts."""
    same_text: NDArray[np.bool_]
    """The same shape: whether both chains start from the same text."""


def convergences(
    chains: Sequence[Chain],
    way: Way = "tfidf",
    *,
    generation: int | Literal["shared"] | None = None,
    embedder: Embedder | None = None,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> tuple[Convergence, ...]:
    """Convergence of each model, task and temperature, in order of appearance.

    Args:
        chains: Of any models and tasks.
        way: How texts are compared. The corpus of `tfidf` is the initial and final texts of one
            such group.
        generation: Which texts are the final ones, from 0; `shared` for the last one that the
            chains of a group share (`shared_generation`); None for the last of each complete chain.
        embedder: Only of `embedding`; the default model where None.
        level: How often intervals made like these hold the true value, between 0 and 1.
        draws: Of the bootstrap, which draws initial texts with all their chains, as chains of one
            text are not independent (Cameron, Gelbach & Miller 2008, Rev. Econ. Stat. 90:414). The
            interval is of the percentiles.
        seed: Of the bootstrap; the same seed gives the same interval.

    Raises:
        NotFoundError: A package or the weights of a model are missing; it says which.
        ValueError: `level`, `draws` or `generation` is out of its range.
    """
    _check(level, draws, generation)
    if way == "embedding" and embedder is None:
        embedder = usual_embedder()
    groups: dict[Group, list[Chain]] = {}
    for chain in chains:
        groups.setdefault(group_of(chain), []).append(chain)
    found = []
    for group, members in groups.items():
        last = _generation(members, generation)
        kept = [chain for chain in members if _has(chain, last)]
        initial, final = _matrices(kept, last, way, embedder)
        names = list(dict.fromkeys(chain.text for chain in kept))
        rows = np.array([names.index(chain.text) for chain in kept], dtype=int)
        sums = _Sums.of(initial, final, rows, len(names))
        weights = _resamples(len(names), draws, seed)
        values = sums.measured(np.ones((1, len(names))))
        drawn = sums.measured(weights)
        told = {name: _estimate(values[name][0], drawn[name], level, len(names)) for name in values}
        slope, intercept = _line(initial, final, rows)
        found.append(
            Convergence(
                model=group.model,
                task=group.task,
                temperature=group.temperature,
                way=way,
                chains=len(kept),
                left_out=len(members) - len(kept),
                generation=last,
                texts=len(names),
                slope=slope,
                intercept=intercept,
                **told,
            )
        )
    return tuple(found)


def without_intervals(found: Convergence) -> Convergence:
    """The same numbers, where nothing is to be resampled."""
    numbers: dict[str, Any] = {name: Estimate(getattr(found, name).value) for name in _ESTIMATES}
    return replace(found, **numbers)


def pairs_of_chains(
    chains: Sequence[Chain],
    way: Way = "tfidf",
    *,
    generation: int | Literal["shared"] | None = None,
    embedder: Embedder | None = None,
) -> ChainPairs:
    """Initial and final similarity of all ordered pairs of chains, to be drawn.

    Args:
        chains: Of one model and task; those without a final text are left out.
        way: How texts are compared.
        generation: Which texts are the final ones, from 0; `shared` for the last one that the
            chains of a group share (`shared_generation`); None for the last of each complete chain.
        embedder: Only of `embedding`; the default model where None.

    Raises:
        NotFoundError: A package or the weights of a model are missing; it says which.
    """
    last = _generation(chains, generation)
    kept = [chain for chain in chains if _has(chain, last)]
    initial, final = _matrices(kept, last, way, embedder)
    names = np.array([chain.text for chain in kept], dtype=object)
    different = ~np.eye(len(kept), dtype=bool)
    same = np.asarray(names[:, None] == names, dtype=bool)
    return ChainPairs(initial[different], final[different], same[different])


def _generation(chains: Sequence[Chain], generation: int | Literal["shared"] | None) -> int | None:
    """None where no chain has a first generation, too: then none of them is complete."""
    return shared_generation(chains) or None if generation == "shared" else generation


def _check(level: float, draws: int, generation: int | Literal["shared"] | None) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it must be between 0 and 1")
    if draws < 1:
        raise ValueError(f"draws is {draws}; it must be at least 1")
    if isinstance(generation, int) and generation < 0:
        raise ValueError(f"generation is {generation}; it must be at least 0")


def _resamples(texts: int, draws: int, seed: int) -> NDArray[np.int_]:
    """How often each text is in each draw of as many texts with replacement."""
    if not texts:
        return np.zeros((draws, 0), dtype=int)
    rng = np.random.default_rng(seed)
    return rng.multinomial(texts, np.full(texts, 1 / texts), size=draws)


def _has(chain: Chain, generation: int | None) -> bool:
    if not chain.texts:
        return False
    return chain.is_complete if generation is None else chain.generations >= generation


def _matrices(
    chains: Sequence[Chain], generation: int | None, way: Way, embedder: Embedder | None
) -> tuple[Floats, Floats]:
    """Similarity of the initial texts and of the final ones, each of shape (chains, chains)."""
    last = -1 if generation is None else generation
    texts = [chain.texts[0] for chain in chains] + [chain.texts[last] for chain in chains]
    matrix = similarity_matrix(texts, way, embedder)
    return matrix[: len(chains), : len(chains)], matrix[len(chains) :, len(chains) :]


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums over ordered pairs of different chains, by the initial texts of both.

    Each of shape (texts, texts). Every resample of texts is a weighing of them.
    """

    pairs: Floats
    initial: Floats
    """Its diagonal is not used, as chains of one text start alike."""
    final: Floats

    @staticmethod
    def of(initial: Floats, final: Floats, rows: NDArray[np.int_], texts: int) -> _Sums:
        member = np.eye(texts)[rows] if len(rows) else np.empty((0, texts))
        others = ~np.eye(len(rows), dtype=bool)
        return _Sums(
            pairs=member.T @ others @ member,
            initial=member.T @ initial @ member,
            final=member.T @ (final * others) @ member,
        )

    def measured(self, weights: Floats | NDArray[np.int_]) -> dict[str, Floats]:
        """Means over pairs, by resample; a text that was drawn twice is no pair with itself."""
        within = weights @ np.diag(self.final)
        of = weights @ np.diag(self.pairs)
        with np.errstate(invalid="ignore", divide="ignore"):
            values = {
                "initial_between": _between(self.initial, weights) / _between(self.pairs, weights),
                "within": within / of,
                "between": _between(self.final, weights) / _between(self.pairs, weights),
            }
        values["memory"] = values["within"] - values["between"]
        values["change"] = values["between"] - values["initial_between"]
        return values


def _between(sums: Floats, weights: Floats | NDArray[np.int_]) -> Floats:
    apart = sums - np.diag(np.diag(sums))
    return np.asarray(((weights @ apart) * weights).sum(axis=1))


def _estimate(value: float, drawn: Floats, level: float, texts: int) -> Estimate:
    known = drawn[~np.isnan(drawn)]
    if np.isnan(value) or texts < 2 or not len(known):
        return Estimate(float(value))
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(float(value), Interval(float(low), float(high)))


def _line(initial: Floats, final: Floats, rows: NDArray[np.int_]) -> tuple[float, float]:
    """Least squares through the pairs from different texts; the diagonal is not among them."""
    between = rows[:, None] != rows
    x, y = initial[between], final[between]
    spread = x - x.mean() if len(x) else x
    if not len(x) or np.ptp(x) == 0:
        return np.nan, np.nan
    slope = float((spread @ y) / (spread @ spread))
    return slope, float(y.mean() - slope * x.mean())
