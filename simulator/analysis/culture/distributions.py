"""Whether values of later generations are distributed otherwise than those of the first.

The two-sample test of Kolmogorov and Smirnov for each generation, as in "When LLMs Play the
Telephone Game" (arXiv 2407.04503), with what it leaves out: the last generation, correction for
many tests, and that chains of one initial text are not independent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import comb
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.culture.groups import groups_of, labelled, last_generation, text_numbers
from simulator.analysis.culture.many_tests import benjamini_hochberg, holm, significant_share
from simulator.analysis.culture.records import Floats, MeasuredChains
from simulator.analysis.culture.scientific import scipy_module

Unit: TypeAlias = Literal["chains", "text means", "texts"]
"""What is taken to be independent: every chain, as the original does; the mean of each text's
chains; or texts, whose chains exchange the two generations together (a permutation test)."""

PERMUTATIONS = 1999


@dataclass(frozen=True, slots=True)
class Drift:
    """One measure of a group of chains: each later generation tested against an earlier one."""

    model: str = ""
    task: str = ""
    temperature: float | None = None
    measure: str = ""
    unit: Unit = "chains"
    against: Literal["first", "previous"] = "first"
    """Generation 1, or the one before."""
    generations: tuple[int, ...] = ()
    """That were tested; the other series are in this order."""
    statistics: tuple[float | None, ...] = ()
    """Largest distance between the two distributions, from 0 to 1; None where not tested."""
    chances: tuple[float | None, ...] = ()
    """p, not corrected."""
    holm: tuple[float | None, ...] = ()
    """p, corrected over the generations of this series."""
    benjamini_hochberg: tuple[float | None, ...] = ()
    """p, corrected over the generations of this series."""
    sizes: tuple[int, ...] = ()
    """Values of the later generation that were compared: chains or, of text means, texts."""
    dropped: tuple[int, ...] = ()
    """Chains that were left out: stopped before, or without a value there."""
    least: float | None = None
    """The smallest p that so few chains or texts could have in any of the tests, were they as
    different as can be; None where nothing was tested."""
    reason: str = ""
    """Why nothing was tested; empty where something was."""

    def share(self, alpha: float = 0.05) -> float | None:
        """Share of generations that differ, not corrected; None where none was tested."""
        return significant_share(self.chances, alpha)

    def can_reject(self, alpha: float = 0.05) -> bool:
        """Whether a single test could come out below `alpha`, not corrected."""
        return self.least is not None and self.least < alpha

    def can_reject_corrected(self, alpha: float = 0.05) -> bool:
        """Whether all tests together could after Holm."""
        made = sum(chance is not None for chance in self.chances)
        return self.least is not None and made * self.least < alpha

    def corrected_share(self, alpha: float = 0.05) -> float | None:
        """Share of generations that differ after Benjamini and Hochberg."""
        return significant_share(self.benjamini_hochberg, alpha)

    def holm_share(self, alpha: float = 0.05) -> float | None:
        """Share of generations that differ after Holm."""
        return significant_share(self.holm, alpha)


def drift_of(
    values: Floats,
    texts: NDArray[np.int64] | None = None,
    *,
    unit: Unit = "chains",
    successive: bool = False,
    classic: bool = False,
    last: int | None = None,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Drift:
    """Every later generation against generation 1, or against the one before.

    Args:
        values: Shape (chains, generations + 1); not a number where there is none.
        texts: Which initial text a chain has, shape (chains,); None where each has its own.
        unit: What is independent.
        successive: Against the generation before.
        classic: Stops one generation short, as published.
        last: Generation; None for the last that `values` has room for.
        permutations: Of `texts`, how many are drawn; the smallest p is 1 / (permutations + 1).
        seed: Of the permutations.

    Raises:
        ValueError: The shapes do not fit.
    """
    values = np.asarray(values, dtype=np.float64)
    texts = np.arange(values.shape[0]) if texts is None else np.asarray(texts)
    if values.ndim != 2 or texts.shape != values.shape[:1]:
        raise ValueError(f"Not one text for each chain: {values.shape, texts.shape}.")
    last = values.shape[1] - 1 if last is None else min(last, values.shape[1] - 1)
    generations = tuple(range(2, last if classic else last + 1))
    empty = Drift(unit=unit, against="previous" if successive else "first")
    if not generations:
        return replace(empty, reason="fewer than two generations to compare")
    rng = np.random.default_rng(seed)
    rows = []
    for generation in generations:
        first = values[:, generation - 1 if successive else 1]
        rows.append(_tested(first, values[:, generation], texts, unit, permutations, rng))
    chances = tuple(row.chance for row in rows)
    tested = any(chance is not None for chance in chances)
    return replace(
        empty,
        generations=generations,
        statistics=tuple(row.statistic for row in rows),
        chances=chances,
        holm=holm(chances),
        benjamini_hochberg=benjamini_hochberg(chances),
        sizes=tuple(row.size for row in rows),
        dropped=tuple(row.dropped for row in rows),
        least=min((row.least for row in rows if row.least is not None), default=None),
        reason="" if tested else f"fewer than 2 {'chains' if unit == 'chains' else 'texts'}",
    )


def drifts_of(
    measured: MeasuredChains,
    measures: Sequence[str] | None = None,
    *,
    unit: Unit = "chains",
    successive: bool = False,
    classic: bool = False,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> tuple[Drift, ...]:
    """Each group of chains (model, task, temperature) and measure; see `drift_of`."""
    found = []
    for group, chains in groups_of(measured).items():
        texts = text_numbers(chains)
        for measure in measured.values if measures is None else measures:
            drift = drift_of(
                chains.values[measure],
                texts,
                unit=unit,
                successive=successive,
                classic=classic,
                last=last_generation(chains),
                permutations=permutations,
                seed=seed,
            )
            found.append(
                labelled(
                    drift,
                    group,
                    measure,
                )
            )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Test:
    statistic: float | None
    chance: float | None
    size: int
    dropped: int
    least: float | None = None


def _tested(
    first: Floats,
    later: Floats,
    texts: NDArray[np.int64],
    unit: Unit,
    permutations: int,
    rng: np.random.Generator,
) -> _Test:
    one, other = np.isfinite(first), np.isfinite(later)
    if unit == "texts":
        both = one & other
        return _exchanged(
            first[both], later[both], texts[both], permutations, rng, int((~both).sum())
        )
    left, right = first[one], later[other]
    if unit == "text means":
        left, right = _means(left, texts[one]), _means(right, texts[other])
    dropped = int((~other).sum())
    if min(left.size, right.size) < 2:
        return _Test(None, None, right.size, dropped)
    # The exact chance of two samples with no value of one among those of the other.
    least = min(1.0, 2 / comb(left.size + right.size, left.size))
    result = scipy_module("stats").ks_2samp(left, right)
    return _Test(float(result.statistic), float(result.pvalue), right.size, dropped, least)


def _means(values: Floats, texts: NDArray[np.int64]) -> Floats:
    _, numbers = np.unique(texts, return_inverse=True)
    return np.asarray(np.bincount(numbers, weights=values) / np.bincount(numbers))


def _exchanged(
    first: Floats,
    later: Floats,
    texts: NDArray[np.int64],
    permutations: int,
    rng: np.random.Generator,
    dropped: int,
) -> _Test:
    """Texts whose chains exchange the two generations, all of a text's or none.

    Where generations do not differ, each text's pair is as likely one way round as the other: a
    paired randomisation of clusters, as in Edgington and Onghena (2007), Randomization Tests.
    """
    known, numbers = np.unique(texts, return_inverse=True)
    if known.size < 2:
        return _Test(None, None, first.size, dropped)
    pooled = np.concatenate([first, later])
    order = np.argsort(pooled, kind="stable")
    ends = np.append(pooled[order][1:] != pooled[order][:-1], True)
    side = np.repeat(np.array([1, -1], dtype=np.int32), first.size)[order]
    signs = np.ones((known.size, 1 + permutations), dtype=np.int32)
    signs[:, 1:] -= 2 * rng.integers(0, 2, size=(known.size, permutations), dtype=np.int32)
    # Counted in chains, and not in shares of them, so that equal distances are equal.
    ahead = np.cumsum(signs[np.tile(numbers, 2)[order]] * side[:, None], axis=0, dtype=np.int32)
    ahead = ahead[ends]
    distance = np.maximum(ahead.max(axis=0), -ahead.min(axis=0))
    reached = int((distance[1:] >= distance[0]).sum())
    # All texts exchanged give the same distance as none.
    least = max(2.0 ** (1 - known.size), 1 / (1 + permutations))
    chance = (1 + reached) / (1 + permutations)
    return _Test(float(distance[0]) / first.size, chance, first.size, dropped, least)
