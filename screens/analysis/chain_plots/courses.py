"""Measures by generation, and how they change."""

from __future__ import annotations

from screens.analysis.chain_plots.asked import Asked, Plotted, group_name, known, nothing
from screens.widgets.charts import Chart, Series
from simulator.analysis.culture.dynamics import Dynamics, dynamics_of
from simulator.analysis.culture.figures.evolution import mean_and_error
from simulator.analysis.culture.groups import Group
from simulator.presentation.chain_cells import model_text, number_text
from simulator.presentation.debates import NONE, Table
from simulator.presentation.safe_text import one_line

_MARKS = 40
"""Of all lines together, where they can be fewer than points."""


def evolution(asked: Asked) -> Plotted:
    """A line of means for each group, with a standard error to each side."""
    series = []
    for name, chains in asked.groups:
        has_texts = len({chain.text for chain in chains.chains}) > 1
        mean, error = mean_and_error(chains, asked.measure, by_text=has_texts)
        size = asked.last + 1
        series.append(Series(name, known(mean)[:size], known(error)[:size]))
    has_errors = any(error is not None for one in series for error in one.spread)
    title = f"{asked.title}, mean{' and standard error' if has_errors else ''}"
    if len(asked.measured.chains) == 1:
        title = asked.title
    # Arms of many lines would hide the lines.
    every = max(1, (asked.last + 1) * len(series) // _MARKS)
    chart = Chart(
        "lines", title, asked.passing.step, asked.places, tuple(series), every=every
    )  # fmt: skip
    return Plotted(chart)


def change(asked: Asked) -> Plotted:
    """The share of all change that has happened by each generation."""
    found = dynamics_of(asked.measured, (asked.measure,))
    groups = [Group(one.model, one.task, one.temperature) for one in found]
    series = tuple(
        Series(group_name(group, groups), _filled(one.curve, asked.last + 1))
        for group, one in zip(groups, found, strict=True)
        if one.curve
    )
    if not series:
        return nothing(asked, next((one.reason for one in found if one.reason), "no chains"))
    title = f"{asked.title}, share of all change so far"
    chart = Chart(
        "lines", title, asked.passing.step, asked.places, series, limits=(0.0, 1.0),
        every=max(1, asked.last // 12),
    )  # fmt: skip
    return Plotted(chart, (_table(found),))


def _filled(curve: tuple[float, ...], size: int) -> tuple[float | None, ...]:
    return (*curve, *[None] * (size - len(curve)))


def _table(found: tuple[Dynamics, ...]) -> Table:
    rows = tuple(
        (
            model_text(one.model), one_line(one.task),
            *(
                NONE if mean is None else number_text(mean.value)
                for mean in (one.area, one.punctuatedness, one.directness, one.cumulativeness)
            ),
            f"{one.chains - one.flat:,}",
        )
        for one in found
    )  # fmt: skip
    note = (
        "Area: under the curve, 0.5 for even change, more for early change. Punctuated: 0 for even "
        "change, near 1 for one sudden step. Direct: net over total change. Cumulative: range "
        "from generation 1 on over that of all."
    )
    flat, dropped = sum(one.flat for one in found), sum(one.dropped for one in found)
    note += f" Chains that never change: {flat:,}." if flat else ""
    note += f" Left out for want of a value: {dropped:,}." if dropped else ""
    headings = ("MODEL", "TASK", "AREA", "PUNCTUATED", "DIRECT", "CUMULATIVE", "N")
    return Table("Change", headings, rows, words=2, note=note)
