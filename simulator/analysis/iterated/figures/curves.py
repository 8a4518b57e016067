"""Measures generation by generation, a line for each condition."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import TYPE_CHECKING

from simulator.analysis.culture.figures.drawing import NoFigure, grid_of, head, name_lines
from simulator.analysis.iterated.conditions import Condition, means_of
from simulator.analysis.iterated.figures.drawing import (
    FigureOptions,
    by_generation,
    draw_conditions,
    reference,
)
from simulator.analysis.iterated.measures import MEASURES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHOWN = (
    "bias_probability", "biased", "correct", "consistency", "consistent_and_biased", "validity",
    "compositionality", "expressiveness",
)  # fmt: skip
"""Measures of the figure of all, besides the entropy."""
_COLUMNS = 3


def entropy_figure(conditions: Sequence[Condition], options: FigureOptions) -> Figure | NoFigure:
    """Entropy of P(h) by generation, with the lines of no knowledge and of certainty."""
    means = means_of(conditions, ("entropy",), level=options.level)
    if not means:
        return NoFigure("P(h) was not taken in any run")
    figure, panels = grid_of(1, 1, width=4.2, height=2.8)
    panel = panels[0, 0]
    draw_conditions(panel, conditions, means)
    sizes = {len(one.world.hypotheses) for all_ in conditions for one in all_.lineages if one.world}
    by_generation(panel, "entropy of P(h) (nats)", high=log(max(sizes)))
    for size in sorted(sizes):
        reference(panel, log(size), f"uniform over {size}")
    if len(conditions) > 1:
        name_lines(figure, panels)
    return figure


def measures_figure(conditions: Sequence[Condition], options: FigureOptions) -> Figure | NoFigure:
    """Bias, correctness, consistency and validity by generation, a panel for each."""
    means = means_of(conditions, _SHOWN, level=options.level)
    names = [name for name in _SHOWN if any(one.measure == name for one in means)]
    if not names:
        return NoFigure("no rule was found in any reply")
    rows = -(-len(names) // _COLUMNS)
    figure, panels = grid_of(rows, min(_COLUMNS, len(names)), width=2.5, height=2.0)
    for place, panel in enumerate(panels.flat):
        if place >= len(names):
            panel.set_visible(False)
            continue
        measure = MEASURES[names[place]]
        draw_conditions(panel, conditions, [one for one in means if one.measure == measure.name])
        by_generation(panel, measure.unit or "share", low=measure.low, high=measure.high)
        head(panel, measure.name.replace("_", " "))
    if len(conditions) > 1:
        name_lines(figure, panels)
    return figure


def consistency_figure(
    conditions: Sequence[Condition], options: FigureOptions
) -> Figure | NoFigure:
    """How many of the first examples rules explain, by generation and interaction."""
    means = means_of(conditions, ("explained",), level=options.level)
    if not means:
        return NoFigure("no rule was found in any reply")
    figure, panels = grid_of(1, 1, width=4.2, height=2.8)
    panel = panels[0, 0]
    draw_conditions(panel, conditions, means)
    most = max(len(one.lineage.first) for all_ in conditions for one in all_.lineages)
    by_generation(panel, "first examples explained", high=float(most))
    reference(panel, most, "all")
    if len(conditions) > 1:
        name_lines(figure, panels)
    return figure
