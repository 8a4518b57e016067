"""What the last generation came to, as bars: the table of the paper as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.analysis.culture.figures.drawing import (
    NoFigure,
    finish,
    grid_of,
    head,
    name_lines,
    say,
)
from simulator.analysis.iterated.conditions import Condition, means_of
from simulator.analysis.iterated.figures.drawing import FigureOptions, lines_of, whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHOWN = ("consistency", "biased", "consistent_and_biased", "exact")


def endings_figure(conditions: Sequence[Condition], options: FigureOptions) -> Figure | NoFigure:
    """Consistency, bias and correctness of the last generation, a bar for each condition.

    Arms are intervals over runs; none where there is only one run.
    """
    means = means_of(conditions, _SHOWN, level=options.level)
    names = [name for name in _SHOWN if any(one.measure == name for one in means)]
    if not names:
        return NoFigure("no rule was found in any reply")
    figure, panels = grid_of(1, len(names), width=2.0, height=2.2, sharey=True)
    for panel, name in zip(panels[0], names, strict=True):
        drawn = False
        for place, condition in enumerate(conditions):
            own = [
                one.mean
                for one in means
                if (one.condition, one.measure, one.generation)
                == (condition.name, name, condition.last)
            ]
            if not own:
                continue
            drawn = True
            mean, look = own[0], lines_of(conditions)[condition.name]
            panel.bar(
                [place], [mean.value], color=look.colour, width=0.8,
                label=whole(condition.name),
            )  # fmt: skip
            if mean.interval is not None:
                arms = [[mean.value - mean.interval.low], [mean.interval.high - mean.value]]
                panel.errorbar(
                    [place], [mean.value], yerr=arms, color="black", linewidth=0.8, capsize=2
                )
        if not drawn:
            say(panel, "no values")
        panel.set_xticks([])
        panel.set_ylim(0, 1.04)
        head(panel, name.replace("_", " "))
        finish(panel)
    panels[0, 0].set_ylabel("last generation")
    if len(conditions) > 1:
        name_lines(figure, panels)
    return figure
