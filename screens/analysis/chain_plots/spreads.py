"""How values of texts are spread, at the start, at the end and in between."""

from __future__ import annotations

import numpy as np

from screens.analysis.chain_plots.asked import Asked, Plotted, known, nothing
from screens.widgets.charts import Chart, Series, number_text, round_step
from screens.widgets.drawings import Stack
from screens.widgets.heat import Heat
from simulator.analysis.culture.figures.density import density_of
from simulator.analysis.culture.records import Floats
from simulator.analysis.texts.registry import measures_named

_PLACES = 48
"""At which a curve is computed."""
_ROWS = 32
"""At which a column of shades is computed."""
_NARROWER = 0.75
"""Of the kernels of generations, as published."""
_INSIDE = (1, 99)
"""Percent of the values that are seen at least: a few far away would squeeze all others."""


def initial_final(asked: Asked) -> Plotted:
    """Density of the first texts and of the last ones of each group, each by its highest point."""
    groups = asked.groups
    firsts = [chains.values[asked.measure][:, 0] for _, chains in groups]
    lasts = [
        chains.values[asked.measure][:, max(chain.generations for chain in chains.chains)]
        for _, chains in groups
    ]
    first = np.concatenate(firsts)
    places = _places(np.concatenate([first, *lasts]), asked.measure, _PLACES)
    if places is None:
        return nothing(asked, "there are no values")
    series = [Series(f"{asked.passing.start}s", known(_density(first, places, 1.0)))]
    series += [
        Series(name or f"last {asked.passing.step}", known(_density(last, places, 1.0)))
        for (name, _), last in zip(groups, lasts, strict=True)
    ]
    title = f"{asked.title}, spread of first and last values"
    return Plotted(
        Chart(
            "lines", title, asked.title, tuple(_labels(places)), tuple(series),
            limits=(0.0, 1.0), every=9,
        )
    )  # fmt: skip


def by_generation(asked: Asked) -> Plotted:
    """Density of every generation as a column of shades, for each group."""
    places = _places(asked.measured.values[asked.measure], asked.measure, _ROWS)
    if places is None:
        return nothing(asked, "there are no values")
    parts = []
    for name, chains in asked.groups:
        values = chains.values[asked.measure]
        columns = [_density(values[:, place], places, _NARROWER) for place in range(asked.last + 1)]
        rows = tuple(known(np.array(row)) for row in zip(*columns, strict=True))
        title = f"{asked.title}, spread by {asked.passing.step}"
        parts.append(
            Heat(
                f"{name}: {title}" if name else title,
                asked.passing.step, asked.places, tuple(_labels(places)), rows,
            )
        )  # fmt: skip
    return Plotted(parts[0] if len(parts) == 1 else Stack(tuple(parts)))


def _labels(places: Floats) -> list[str]:
    return [number_text(round(float(place), 9)) for place in places]


def _places(values: Floats, measure: str, count: int) -> Floats | None:
    """Where densities are computed: as far as nearly all values lie, and they can lie."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    low, high = (float(end) for end in np.percentile(finite, _INSIDE))
    room = 0.1 * (high - low) or 0.1 * abs(high) or 0.5
    low, high = low - room, high + room
    (found,) = measures_named((measure,))
    low = low if found.low is None else max(low, found.low)
    high = high if found.high is None else min(high, found.high)
    step = round_step((high - low) / count)
    return step * np.arange(np.floor(low / step), np.ceil(high / step) + 1)


def _density(values: Floats, places: Floats, narrower: float) -> Floats:
    """From 0 to 1; not a number where there is no value, and one place where all are equal."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.full(places.size, np.nan)
    heights = density_of(finite, places, narrower)
    if heights is not None:
        return heights
    only = np.zeros(places.size)
    only[int(np.abs(places - finite[0]).argmin())] = 1.0
    return only
