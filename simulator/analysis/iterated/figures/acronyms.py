"""What learners of the acronym game lean to, generation by generation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.analysis.culture.figures.drawing import NoFigure, grid_of, head, name_lines
from simulator.analysis.iterated.conditions import Condition, means_of
from simulator.analysis.iterated.figures.drawing import (
    FigureOptions,
    by_generation,
    draw_conditions,
)
from simulator.analysis.iterated.measured import ACRONYM_MEASURES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHOWN = ("easy_ratio", "cumulative_ratio", "mean_rank", "mean_length")


def acronyms_figure(conditions: Sequence[Condition], options: FigureOptions) -> Figure | NoFigure:
    """Share of common words, of each generation and of all so far; mean rank; mean length.

    Generation 0 is the first data.
    """
    means = means_of(conditions, _SHOWN, level=options.level)
    names = [name for name in _SHOWN if any(one.measure == name for one in means)]
    if not names:
        return NoFigure("there is no run of the acronym game with correct examples")
    figure, panels = grid_of(-(-len(names) // 2), min(2, len(names)), width=3.0, height=2.1)
    for place, panel in enumerate(panels.flat):
        if place >= len(names):
            panel.set_visible(False)
            continue
        measure = ACRONYM_MEASURES[names[place]]
        draw_conditions(panel, conditions, [one for one in means if one.measure == measure.name])
        by_generation(
            panel, measure.unit or "share", low=0.0 if measure.high else None, high=measure.high
        )
        head(panel, measure.name.replace("_", " "))
    if len(conditions) > 1:
        name_lines(figure, panels)
    return figure
