"""When generations are distributed otherwise than the first."""

from __future__ import annotations

from screens.analysis.chain_plots.asked import Asked, Plotted, group_name, nothing
from screens.widgets.charts import Chart, Series
from simulator.analysis.culture.distributions import drifts_of
from simulator.analysis.culture.groups import Group
from simulator.presentation.chains import ks_table

ALPHA = 0.05


def ks(asked: Asked) -> Plotted:
    """The p of the test of Kolmogorov and Smirnov against generation 1; grey where p < 0.05.

    Lines of single tests come first, those corrected after Benjamini and Hochberg behind them.
    """
    if asked.last < 2:
        return nothing(asked, f"no chain has two {asked.passing.step}s after the start")
    found = drifts_of(asked.measured, (asked.measure,), unit="texts")
    groups = [Group(one.model, one.task, one.temperature) for one in found]
    places = tuple(str(generation) for generation in range(2, asked.last + 1))
    series = []
    for corrected in (False, True):
        for group, drift in zip(groups, found, strict=True):
            chances = drift.benjamini_hochberg if corrected else drift.chances
            by_generation = dict(zip(drift.generations, chances, strict=True))
            name = group_name(group, groups)
            what = "corrected" if corrected else "p"
            series.append(
                Series(
                    f"{name}, {what}" if name else what,
                    tuple(by_generation.get(int(place)) for place in places),
                )
            )
    if not any(value is not None for one in series for value in one.values):
        return nothing(asked, next((one.reason for one in found if one.reason), "no chains"))
    chart = Chart(
        "lines", f"{asked.title}, p that it is spread as in {asked.passing.step} 1",
        asked.passing.step, places, tuple(series), limits=(0.0, 1.0), band=(0.0, ALPHA),
        every=max(1, asked.last // 12),
    )  # fmt: skip
    return Plotted(chart, (ks_table(found),))
