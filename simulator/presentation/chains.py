"""What chains of texts came to, as tables of words and numbers for people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator.analysis.culture.attractors import Attractor
from simulator.analysis.culture.convergence import Convergence, Estimate
from simulator.analysis.culture.overview import ChainCounts, CycleCounts, Means
from simulator.analysis.summary import Interval
from simulator.presentation.debates import NONE, Table, p_text
from simulator.presentation.safe_text import one_line, shortened

if TYPE_CHECKING:
    from simulator.analysis.culture.distributions import Drift

_NAME = 26
"""Characters of a model's name."""


def number_text(value: float | None) -> str:
    """A number with 4 digits, such as `0.5405`, `15.18` or `1,024`."""
    if value is None or not math.isfinite(value):
        return NONE
    size = abs(value)
    digits = 4 if size < 1 else 3 if size < 10 else 2 if size < 100 else 1 if size < 1000 else 0
    return f"{value:,.{digits}f}"


def interval_text(interval: Interval | None) -> str:
    """Such as `[0.41, 0.67]`."""
    if interval is None:
        return NONE
    return f"[{number_text(interval.low)}, {number_text(interval.high)}]"


def model_text(model: str) -> str:
    """A model's name on one line, cut where it is long."""
    return shortened(one_line(model), _NAME)


def overview_table(counts: Sequence[ChainCounts]) -> Table:
    """What chains there are, and what is missing."""
    rows = tuple(
        (
            model_text(one.model), one_line(one.task), f"{one.chains:,}", f"{one.texts:,}",
            f"{one.generations:,}", f"{one.incomplete:,}", f"{one.empty:,}",
        )
        for one in counts
    )  # fmt: skip
    note = ""
    if any(one.incomplete for one in counts):
        note = "Incomplete chains stopped half way: they count as far as they go."
    if any(one.empty for one in counts):
        note = f"{note} Empty texts count as 0 in toxicity, positivity and difficulty.".strip()
    headings = ("MODEL", "TASK", "CHAINS", "TEXTS", "GENERATIONS", "INCOMPLETE", "EMPTY")
    return Table("Chains", headings, rows, words=2, note=note)


def means_table(means: Sequence[Means]) -> Table:
    """Mean values at the start, after one step and at the end."""
    rows = tuple(
        (
            model_text(one.model), one_line(one.task), one_line(one.measure),
            number_text(one.initial), number_text(one.first), number_text(one.last),
            f"{one.chains:,}",
        )
        for one in means
    )  # fmt: skip
    left_out = sum(one.left_out for one in means)
    note = "Generation 0 is the initial text."
    if left_out:
        note += f" {left_out:,} last values are missing: chains that stopped, or nothing to tell."
    headings = ("MODEL", "TASK", "MEASURE", "GEN. 0", "GEN. 1", "LAST", "N")
    return Table("Means", headings, rows, words=3, note=note)


def attractor_table(attractors: Sequence[Attractor], title: str, level: float) -> Table:
    """Positions and strengths, or why there is none."""
    rows = tuple(
        (
            model_text(one.model), _task(one), one_line(one.measure),
            *(
                (
                    number_text(one.position), interval_text(one.position_interval),
                    number_text(one.strength), interval_text(one.strength_interval),
                    NONE if one.p is None else p_text(one.p), f"{one.chains:,}",
                )
                if one.exists
                else (NONE, NONE, NONE, NONE, NONE if one.p is None else p_text(one.p),
                      f"{one.chains:,}")
            ),
        )
        for one in attractors
    )  # fmt: skip
    reasons = {one.reason: None for one in attractors if one.reason}
    note = (
        f"In brackets: the {100 * level:g} % interval, initial texts drawn anew. P: whether the "
        "slope lies within -1 to 1, tested by initial text."
    )
    if reasons:
        note += f" None: {'; '.join(list(reasons)[:4])}{'; …' if len(reasons) > 4 else ''}."
    dropped = sum(one.dropped for one in attractors)
    if dropped:
        note += f" Left out for want of a value: {dropped:,}."
    headings = ("MODEL", "TASK", "MEASURE", "POSITION", "", "STRENGTH", "", "P", "N")
    return Table(title, headings, rows, words=3, note=note)


def deviation_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Positions and strengths beside published ones."""
    cells = tuple(
        (
            model_text(row["model"]), one_line(row["task"]), one_line(row["measure"]),
            str(row["generation"]), number_text(row["position"]),
            _exact(row["position_deviation"]), number_text(row["strength"]),
            _exact(row["strength_deviation"]),
        )
        for row in rows
    )  # fmt: skip
    largest = max(
        (abs(row[f"{what}_deviation"]) for row in rows for what in ("position", "strength")),
        default=0.0,
    )
    return Table(
        "Beside the published numbers",
        ("MODEL", "TASK", "MEASURE", "GEN.", "POSITION", "OFF BY", "STRENGTH", "OFF BY"),
        cells, words=3, note=f"Ours less the published ones; the largest is {largest:.1e}.",
    )  # fmt: skip


def cycle_table(counts: Sequence[CycleCounts]) -> Table:
    """Cycles that chains end in."""
    rows = tuple(
        (
            model_text(one.model), one_line(one.task), f"{one.cycles:,} of {one.chains:,}",
            f"{one.quines:,}", f"{one.trivial:,}",
            " ".join(f"{period}:{number}" for period, number in one.periods) or NONE,
            number_text(one.onset),
        )
        for one in counts
    )  # fmt: skip
    return Table(
        "Cycles at the end of chains",
        ("MODEL", "TASK", "CYCLES", "QUINES", "TRIVIAL", "PERIODS", "ONSET"),
        rows, words=2,
        note="A quine has period 1. Periods: period and number of chains. Trivial: of empty texts, "
        "refusals or farewells. Onset: the median generation.",
    )  # fmt: skip


def ks_table(drifts: Sequence[Drift]) -> Table:
    """How many generations are distributed otherwise than generation 1."""
    rows = tuple(
        (
            model_text(one.model), one_line(one.task), one_line(one.measure),
            f"{sum(p is not None for p in one.chances):,}", *map(
                number_text, (one.share(), one.holm_share(), one.corrected_share())
            ),
        )
        for one in drifts
    )  # fmt: skip
    reasons = {one.reason: None for one in drifts if one.reason}
    note = (
        "Share of generations with p < 0.05 in the two-sample test of Kolmogorov and Smirnov: not "
        "corrected, by Holm's method, and by that of Benjamini and Hochberg (BH)."
    )
    if reasons:
        note += f" None: {'; '.join(reasons)}."
    headings = ("MODEL", "TASK", "MEASURE", "TESTED", "UNCORRECTED", "HOLM", "BH")
    return Table("Generations that differ from the first", headings, rows, words=3, note=note)


def convergence_table(found: Sequence[Convergence], level: float) -> Table:
    """How alike texts are in the end, of the same initial text and of others."""
    rows = tuple(
        (
            model_text(one.model), one_line(one.task), number_text(one.initial_between.value),
            number_text(one.within.value), number_text(one.between.value),
            _estimate(one.memory), f"{one.chains:,}",
        )
        for one in found
    )  # fmt: skip
    way = f" Similarity: {found[0].way}." if found else ""
    return Table(
        "Convergence",
        ("MODEL", "TASK", "INITIAL", "WITHIN", "BETWEEN", "MEMORY", "N"),
        rows, words=2,
        note="Mean similarity of initial texts, of final texts within and between initial texts; "
        f"memory is the difference of these, with its {100 * level:g} % interval.{way}",
    )  # fmt: skip


def _estimate(estimate: Estimate) -> str:
    low, high = number_text(estimate.low), number_text(estimate.high)
    return f"{number_text(estimate.value)} [{low}, {high}]"


def _task(one: Attractor) -> str:
    return one_line(one.task) + ("" if one.temperature is None else f" T {one.temperature:g}")


def _exact(value: float) -> str:
    return "0" if value == 0 else f"{value:+.1e}"
