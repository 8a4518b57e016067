"""What chains of texts came to, as tables of words and numbers for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.analysis.culture.distributions import Drift
    from simulator.analysis.culture.languages import LanguageShares

_LANGUAGES = 5
"""Of a group, that have a row of their own; the files have all."""


FEW_TEXTS = 8
"""Initial texts below which their resamples say too little: intervals of so few clusters are too
narrow (Cameron, Gelbach and Miller 2008, Rev. Econ. Stat. 90:414)."""
_UNITS: Mapping[str, str] = {
    "texts": "Independent are initial texts: in a permutation test, all chains of a text exchange "
    "both generations together.",
    "text means": "Independent are initial texts: the mean of each one's chains is compared.",
    "chains": "All chains count as independent, which those of one initial text are not: p is too "
    "small.",
}
_SHARED = "the last generation that 9 of 10 chains, and 9 of 10 initial texts, have"


def overview_table(counts: Sequence[ChainCounts]) -> Table:
    """What chains there are, and what is missing."""
    notes = []
    if any(one.incomplete for one in counts):
        notes.append("Incomplete chains (INC.) stopped half way: they count as far as they go.")
    mixed = sorted({length for one in counts if len(one.lengths) > 1 for length in one.lengths})
    if mixed:
        notes.append(f"Together are chains of {_listed(mixed)} generations.")
    apart = any(one.compared < one.generations for one in counts)
    if apart:
        short = sum(one.short for one in counts)
        notes.append(
            f"At: {_SHARED}, where they are compared"
            + (f"; {counted(short, 'chain')} stopped before." if short else ".")
        )
    if any(one.empty for one in counts):
        notes.append("Empty texts count as 0 in toxicity, positivity and difficulty.")
    return grouped(
        "Chains", counts,
        ("CHAINS", "TEXTS", "GEN.", *(["AT"] if apart else []), "INC.", "EMPTY"),
        lambda one: (
            f"{one.chains:,}", f"{one.texts:,}", f"{one.generations:,}",
            *([f"{one.compared:,}"] if apart else []), f"{one.incomplete:,}", f"{one.empty:,}",
        ),
        " ".join(notes), counted=False,
    )  # fmt: skip


def means_table(means: Sequence[Means]) -> Table:
    """Mean values at the start, after one step and at the end."""
    left_out = sum(one.left_out for one in means)
    at = _Generation.of([one.generation for one in means])
    note = f"Generation 0 is the initial text{at.note}"
    if left_out:
        are = "is" if left_out == 1 else "are"
        note += (
            f" {counted(left_out, 'last value')} {are} missing: chains that stopped before, or "
            "nothing to tell."
        )
    return grouped(
        "Means", means, ("GEN. 0", "GEN. 1", "LAST", *at.heading),
        lambda one: (
            *map(number_text, (one.initial, one.first, one.last)), *at.cell(one.generation)
        ),
        note,
    )  # fmt: skip


def attractor_table(attractors: Sequence[Attractor], title: str, level: float) -> Table:
    """Positions and strengths, or why there is none."""
    at = _Generation.of([one.generation for one in attractors])
    shares = [one.attracted_share for one in attractors]
    partly = any(share is not None and share < 1 for share in shares)
    note = (
        f"In brackets: the {100 * level:g} % interval, initial texts drawn anew. P: whether the "
        f"slope lies within -1 to 1, tested by initial text{at.note}"
    )
    if partly:
        note += (
            " Attr.: share of these draws that have an attractor; the intervals are of them alone, "
            "and too good where it is below 100 %."
        )
    few = sorted({one.texts for one in attractors if 3 <= one.texts < FEW_TEXTS})
    if few and any(one.strength_interval for one in attractors if one.texts < FEW_TEXTS):
        note += (
            f" Of only {_listed(few)} initial texts: so few make intervals too narrow and p "
            f"uncertain; take {FEW_TEXTS} or more."
        )
    note += reasons_text(attractors)
    dropped = sum(one.dropped for one in attractors)
    if dropped:
        note += f" Left out for want of a value: {dropped:,}."

    def cells(one: Attractor) -> tuple[str, ...]:
        p = NONE if one.p is None else p_text(one.p)
        rest = (*([_percent(one.attracted_share)] if partly else []), *at.cell(one.generation))
        if not one.exists:
            return NONE, NONE, p, *rest
        return (
            with_interval(one.position, one.position_interval),
            with_interval(one.strength, one.strength_interval, share_text),
            p, *rest,
        )  # fmt: skip

    headings = ("POSITION", "STRENGTH", "P", *(["ATTR."] if partly else []), *at.heading)
    return grouped(title, attractors, headings, cells, note)


def deviation_table(rows: Sequence[Mapping[str, Any]], *, classic: bool = True) -> Table:
    """Positions and strengths beside published ones.

    Args:
        rows: With both.
        classic: Whether ours are computed as the published ones.
    """
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
        f"Ours less the published ones; the largest is {largest:.1e}."
        + ("" if classic else " Lengths were published by generation 1 instead of the initial "
           "text, with positions cut off and other faults: add --classic to compute ours so too."),
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


def swing_table(counts: Sequence[CycleCounts]) -> Table:
    """How much texts swing between two forms, without ever being the same."""
    return grouped(
        "Swinging between two forms", counts, ("LAG 1", "LAG 2", "SHARE", "STEPS"),
        lambda one: (NONE,) * 4 if one.swing is None else (
            share_text(one.swing.lag_1), share_text(one.swing.lag_2), share_text(one.swing.share),
            f"{one.swing.steps:,}",
        ),
        "Mean edit similarity of each of the last ten texts of a chain to the one before it (lag "
        "1), and to the one before that (lag 2). Share: of these steps, those where the second is "
        "closer; near 1 texts swing between two forms, near 0.5 they do not.",
        counted=False,
    )  # fmt: skip


def ks_table(drifts: Sequence[Drift]) -> Table:
    """How many generations are distributed otherwise than generation 1, or the one before."""
    made = [one for one in drifts if not one.reason]
    note = (
        "Share of generations with p < 0.05 in the two-sample test of Kolmogorov and Smirnov: not "
        "corrected, by Holm's method, and by that of Benjamini and Hochberg (BH)."
    )
    note += "".join(f" {_UNITS[unit]}" for unit in dict.fromkeys(one.unit for one in drifts))
    few = [one for one in made if not one.can_reject()]
    if few:
        least = min(one.least or 1.0 for one in few)
        note += (
            f" Too few to find anything in {counted(len(few), 'row')}: p cannot be less than "
            f"{least:.2g} there."
        )
    many = [one for one in made if one.can_reject() and not one.can_reject_corrected()]
    if many:
        note += f" In {counted(len(many), 'row')} Holm's method cannot find a single difference."
    successive = any(one.against == "previous" for one in drifts)
    against = "one before" if successive else "first"
    return grouped(
        f"Generations that differ from the {against}", drifts,
        ("TESTED", "UNCORRECTED", "HOLM", "BH"),
        lambda one: (
            f"{sum(p is not None for p in one.chances):,}",
            *map(share_text, (one.share(), one.holm_share(), one.corrected_share())),
        ),
        note + reasons_text(drifts),
    )  # fmt: skip


def convergence_table(found: Sequence[Convergence], level: float) -> Table:
    """How alike texts are in the end, of the same initial text and of others."""
    way = f" Similarity: {found[0].way}." if found else ""
    left_out = sum(one.left_out for one in found)
    if left_out:
        way += f" Left out: {counted(left_out, 'chain')} that stopped before."
    at = _Generation.of([one.generation for one in found])
    return grouped(
        "Convergence", found, ("INITIAL", "WITHIN", "BETWEEN", "MEMORY", *at.heading),
        lambda one: (
            brief_text(one.initial_between.value), brief_text(one.within.value),
            brief_text(one.between.value), estimate_text(one.memory), *at.cell(one.generation),
        ),
        "Mean similarity of initial texts, of final texts within and between initial texts; "
        f"memory is the difference of these, with its {100 * level:g} % interval, {STAR} where it "
        f"excludes 0{at.note}{way}",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Generation:
    """Tells which generation is the last one: below where all rows have one, else in a column."""

    heading: tuple[str, ...]
    note: str
    """Ends a sentence."""

    @classmethod
    def of(cls, generations: Sequence[int | None]) -> _Generation:
        known = {one for one in generations if one}
        if len(known) > 1:
            return cls(("AT",), ". At: the generation that is the last one.")
        return cls((), f". The last generation is {known.pop()}." if known else ".")

    def cell(self, generation: int | None) -> tuple[str, ...]:
        return () if not self.heading else (f"{generation:,}" if generation else NONE,)


def _listed(numbers: Sequence[int]) -> str:
    """Such as `1, 3 and 8`."""
    *some, last = map(str, numbers)
    return f"{', '.join(some)} and {last}" if some else last


def _percent(share: float | None) -> str:
    """Such as `99 %`; 100 % only where nothing is missing."""
    return NONE if share is None else f"{int(100 * share + 1e-9)} %"


def _exact(value: float) -> str:
    return "0" if value == 0 else f"{value:+.1e}"
