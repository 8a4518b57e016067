"""What chains of texts came to, as tables of words and numbers for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isnan
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from simulator.analysis.culture.attractors import Attractor
from simulator.analysis.culture.convergence import Convergence
from simulator.analysis.culture.overview import ChainCounts, CycleCounts, Means
from simulator.presentation.chain_cells import (
    STAR,
    brief_text,
    estimate_text,
    grouped,
    number_text,
    reasons_text,
    share_text,
    with_interval,
)
from simulator.presentation.debates import NONE, Table, p_text

if TYPE_CHECKING:
    from simulator.analysis.culture.distributions import Drift
    from simulator.analysis.culture.languages import LanguageShares

_LANGUAGES = 5
"""Of a group, that have a row of their own; the files have all."""


def overview_table(counts: Sequence[ChainCounts]) -> Table:
    """What chains there are, and what is missing."""
    note = ""
    if any(one.incomplete for one in counts):
        note = "Incomplete chains (INC.) stopped half way: they count as far as they go."
    if any(one.empty for one in counts):
        note = f"{note} Empty texts count as 0 in toxicity, positivity and difficulty.".strip()
    return grouped(
        "Chains", counts, ("CHAINS", "TEXTS", "GEN.", "INC.", "EMPTY"),
        lambda one: (
            f"{one.chains:,}", f"{one.texts:,}", f"{one.generations:,}", f"{one.incomplete:,}",
            f"{one.empty:,}",
        ),
        note, counted=False,
    )  # fmt: skip


def means_table(means: Sequence[Means]) -> Table:
    """Mean values at the start, after one step and at the end."""
    left_out = sum(one.left_out for one in means)
    note = "Generation 0 is the initial text."
    if left_out:
        note += f" {left_out:,} last values are missing: chains that stopped, or nothing to tell."
    return grouped(
        "Means", means, ("GEN. 0", "GEN. 1", "LAST"),
        lambda one: tuple(map(number_text, (one.initial, one.first, one.last))), note,
    )  # fmt: skip


def attractor_table(attractors: Sequence[Attractor], title: str, level: float) -> Table:
    """Positions and strengths, or why there is none."""
    note = (
        f"In brackets: the {100 * level:g} % interval, initial texts drawn anew. P: whether the "
        f"slope lies within -1 to 1, tested by initial text.{reasons_text(attractors)}"
    )
    dropped = sum(one.dropped for one in attractors)
    if dropped:
        note += f" Left out for want of a value: {dropped:,}."

    def cells(one: Attractor) -> tuple[str, ...]:
        p = NONE if one.p is None else p_text(one.p)
        if not one.exists:
            return NONE, NONE, p
        return (
            with_interval(one.position, one.position_interval),
            with_interval(one.strength, one.strength_interval, share_text),
            p,
        )

    return grouped(title, attractors, ("POSITION", "STRENGTH", "P"), cells, note)


def deviation_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Positions and strengths beside published ones."""
    largest = max(
        (abs(row[f"{what}_deviation"]) for row in rows for what in ("position", "strength")),
        default=0.0,
    )
    return grouped(
        "Beside the published numbers", [SimpleNamespace(**row) for row in rows],
        ("GEN.", "POSITION", "OFF BY", "STRENGTH", "OFF BY"),
        lambda one: (
            str(one.generation), number_text(one.position), _exact(one.position_deviation),
            number_text(one.strength), _exact(one.strength_deviation),
        ),
        f"Ours less the published ones; the largest is {largest:.1e}.",
    )  # fmt: skip


def language_table(found: Sequence[LanguageShares]) -> Table:
    """Languages of the chains of each group; rare ones are summed up."""
    shown: list[Any] = []
    for group in dict.fromkeys((one.model, one.task, one.temperature) for one in found):
        of_group = [one for one in found if (one.model, one.task, one.temperature) == group]
        shown += of_group[:_LANGUAGES]
        if rest := of_group[_LANGUAGES:]:
            shares = {
                name: sum(getattr(one, name) for one in rest)
                for name in ("initial", "first", "last")
            }
            shown.append(replace(rest[0], language=f"{len(rest)} others", **shares))
    return grouped(
        "Languages", shown, ("LANGUAGE", "GEN. 0", "GEN. 1", "LAST"),
        lambda one: (
            one.language or "unclear",
            *(NONE if isnan(share) else f"{share:.0%}"
              for share in (one.initial, one.first, one.last)),
        ),
        "Share of chains by the language of their texts, told by spelling: often wrong of short "
        "texts, and unclear where it would be a guess.",
    )  # fmt: skip


def cycle_table(counts: Sequence[CycleCounts]) -> Table:
    """Cycles that chains end in."""
    return grouped(
        "Cycles at the end of chains", counts, ("CYCLES", "QUINES", "TRIVIAL", "ONSET", "PERIODS"),
        lambda one: (
            f"{one.cycles:,} of {one.chains:,}", f"{one.quines:,}", f"{one.trivial:,}",
            brief_text(one.onset),
            " ".join(f"{period}:{number}" for period, number in one.periods) or NONE,
        ),
        "A quine has period 1. Periods: period and number of chains. Trivial: of empty texts, "
        "refusals or farewells. Onset: the median generation.",
        counted=False,
    )  # fmt: skip


def ks_table(drifts: Sequence[Drift]) -> Table:
    """How many generations are distributed otherwise than generation 1."""
    return grouped(
        "Generations that differ from the first", drifts, ("TESTED", "UNCORRECTED", "HOLM", "BH"),
        lambda one: (
            f"{sum(p is not None for p in one.chances):,}",
            *map(share_text, (one.share(), one.holm_share(), one.corrected_share())),
        ),
        "Share of generations with p < 0.05 in the two-sample test of Kolmogorov and Smirnov: not "
        "corrected, by Holm's method, and by that of Benjamini and Hochberg (BH)."
        + reasons_text(drifts),
    )  # fmt: skip


def convergence_table(found: Sequence[Convergence], level: float) -> Table:
    """How alike texts are in the end, of the same initial text and of others."""
    way = f" Similarity: {found[0].way}." if found else ""
    left_out = sum(one.left_out for one in found)
    if left_out:
        way += f" Left out: {left_out:,} chains that stopped before the end."
    return grouped(
        "Convergence", found, ("INITIAL", "WITHIN", "BETWEEN", "MEMORY"),
        lambda one: (
            brief_text(one.initial_between.value), brief_text(one.within.value),
            brief_text(one.between.value), estimate_text(one.memory),
        ),
        "Mean similarity of initial texts, of final texts within and between initial texts; "
        f"memory is the difference of these, with its {100 * level:g} % interval, {STAR} where it "
        f"excludes 0.{way}",
    )  # fmt: skip


def _exact(value: float) -> str:
    return "0" if value == 0 else f"{value:+.1e}"
