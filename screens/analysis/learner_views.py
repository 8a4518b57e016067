"""What the screen shows of learners: a measure by generation, and tables beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from statistics import stdev

from screens.analysis.learner_fits import FITTED, Fits, fit_drawing
from screens.widgets.charts import Chart, Series
from screens.widgets.drawings import Drawing, Words
from simulator.analysis.iterated.conditions import (
    ALL,
    Condition,
    StatusShare,
    conditions_of,
    means_of,
    status_shares,
    wishes_of,
)
from simulator.analysis.iterated.fits import Fit
from simulator.analysis.iterated.measured import (
    ALL_MEASURES,
    MeasuredLineage,
    beside_biases,
    greatest,
)
from simulator.analysis.iterated.overview import counts_of
from simulator.presentation.debates import Table
from simulator.presentation.iterated import measure_tables, overview_table
from simulator.presentation.iterated_fits import fit_tables
from simulator.presentation.safe_text import one_line

STATUSES = "statuses"
"""Plotted instead of a measure: how probable each status is of what a bias is about."""
PLOTTED: Mapping[str, str] = (
    {STATUSES: "P of statuses"}
    | {name: name.replace("_", " ") for name in ALL_MEASURES}
    | {
        name: f"beside exact learners: {measure.replace('_', ' ')}"
        for name, measure in FITTED.items()
    }
)
"""What can be plotted, with its words in the list."""
USUAL = ("entropy", "biased", "consistency", "easy_ratio", "asked_again")
"""Shown first: the first one of these that the runs have."""
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class LearnerView:
    """What is shown."""

    chart: Drawing
    tables: tuple[Table, ...]


def learner_view(
    lineages: Sequence[MeasuredLineage], name: str, known: Fits | None = None
) -> LearnerView:
    """Everything that is shown of some lineages.

    Args:
        lineages: Finished or not, at least one.
        name: Of `PLOTTED`. Those of `FITTED` take seconds.
        known: Fits that were found before.
    """
    conditions = conditions_of(lineages)
    found: Sequence[Fit] = ()
    if name in FITTED:
        found = (known or Fits()).of(conditions)
        chart = fit_drawing(found, name)
    elif name == STATUSES:
        chart = _statuses(status_shares(conditions))
    else:
        chart = _course(conditions, name)
    tables = (
        *(fit_tables(found, LEVEL) if found else ()),
        overview_table(counts_of(conditions)),
        *measure_tables(means_of(conditions, level=LEVEL), LEVEL, wishes_of(conditions)),
    )
    return LearnerView(chart, tables)


def usual(lineages: Sequence[MeasuredLineage]) -> str:
    """What to plot of lineages first."""
    there = {name for one in beside_biases(lineages) for name in one.values}
    return next((name for name in USUAL if name in there), USUAL[0])


def _course(conditions: Sequence[Condition], name: str) -> Drawing:
    measure = ALL_MEASURES[name]
    words = f"{PLOTTED[name]} ({measure.unit})" if measure.unit else PLOTTED[name]
    of = {
        condition.name: [one.values.get(name, {}) for one in condition.lineages]
        for condition in conditions
    }
    generations = sorted({number for own in of.values() for one in own for number in one})
    if not generations:
        return Words(words, f"Nothing to plot: no run has {PLOTTED[name]}.")
    series = []
    for condition, own in of.items():
        columns = [[one[number] for one in own if number in one] for number in generations]
        series.append(
            Series(
                "" if condition == ALL else one_line(condition),
                tuple(sum(column) / len(column) if column else None for column in columns),
                tuple(_error(column) for column in columns),
            )
        )
    has_errors = any(error is not None for one in series for error in one.spread)
    high = greatest(name, [one for condition in conditions for one in condition.lineages])
    limits = None if high is None else (measure.low, high)
    return Chart(
        "lines", f"{words}, mean{' and standard error' if has_errors else ''}", "generation",
        tuple(map(str, generations)), tuple(series), limits=limits,
    )  # fmt: skip


def _error(values: Sequence[float]) -> float | None:
    """The standard error of a mean; None of fewer than two values."""
    return stdev(values) / sqrt(len(values)) if len(values) > 1 else None


def _statuses(shares: Sequence[StatusShare]) -> Drawing:
    if not shares:
        return Words(PLOTTED[STATUSES], "Nothing to plot: no run has what a bias leads to.")
    generations = sorted({one.generation for one in shares})
    names = list(dict.fromkeys((one.condition, one.part, one.status) for one in shares))
    found = {
        (one.condition, one.part, one.status, one.generation): one.mean.value for one in shares
    }
    is_alone = len({one.condition for one in shares}) == 1
    series = [
        Series(
            one_line(f"{part} {status}" if is_alone else f"{part} {status}: {condition}"),
            tuple(
                value if isfinite(value) else None
                for number in generations
                for value in [found.get((condition, part, status, number), float("nan"))]
            ),
        )
        for condition, part, status in names
    ]
    how = "share of rules" if all(one.of_rules for one in shares) else "by P(h)"
    return Chart(
        "lines", f"{PLOTTED[STATUSES]}, {how}", "generation", tuple(map(str, generations)),
        tuple(series), limits=(0.0, 1.0),
    )  # fmt: skip
