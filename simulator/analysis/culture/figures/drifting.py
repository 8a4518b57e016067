"""When generations are distributed otherwise than the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.analysis.culture.distributions import Drift, drifts_of
from simulator.analysis.culture.figures.drawing import (
    PALE,
    FigureOptions,
    NoFigure,
    Series,
    count_generations,
    finish,
    grid_of,
    head,
    label_of,
    name_lines,
    say,
    series_of,
)
from simulator.analysis.culture.groups import Group, last_generation
from simulator.analysis.culture.records import MeasuredChains
from simulator.analysis.drawing import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ALPHA = 0.05


def drift_figure(measured: MeasuredChains, _: str, options: FigureOptions) -> Figure | NoFigure:
    """The p of the test of Kolmogorov and Smirnov against generation 1, or the one before.

    Solid lines are not corrected; dotted ones are, over the generations of the line, after
    Benjamini and Hochberg. The grey band is p < 0.05.

    Args:
        measured: Measures below each other, a column for each task.
        options: Whether the last generation is left out, as published; what is independent; and
            against which generation.
    """
    if last_generation(measured) < 2:
        return NoFigure("no chain has two generations after the initial text")
    if not measured.values:
        return NoFigure("nothing was measured")
    unit = options.unit or ("chains" if options.classic else "texts")
    lines = series_of(measured)
    found = drifts_of(
        measured, unit=unit, successive=options.successive, classic=options.classic
    )  # fmt: skip
    tasks, measures = measured.tasks, list(measured.values)
    figure, panels = grid_of(len(measures), len(tasks), sharex=True, sharey=True)
    for row, measure in enumerate(measures):
        for column, task in enumerate(tasks):
            panel = panels[row, column]
            panel.axhspan(0, ALPHA, color=PALE, linewidth=0)
            drawn = [
                _draw(panel, drift, one)
                for one in lines
                for drift in found
                if (drift.measure, drift.task) == (measure, task)
                and one.holds(Group(drift.model, drift.task, drift.temperature))
            ]
            if not any(drawn):
                say(panel, "nothing to compare")
            finish(panel)
            panel.set_ylim(-0.03, 1.03)
        panels[row, 0].set_ylabel(f"{label_of(measure)}\np")
    for column, task in enumerate(tasks):
        head(panels[0, column], plain(task))
        count_generations(panels[-1, column])
    against = "previous" if options.successive else "first"
    figure.suptitle(f"solid: not corrected; dotted: corrected for many tests\n"
        f"against the {against} generation; independent: {unit}", fontsize=7.5,
    )  # fmt: skip
    name_lines(figure, panels)
    return figure


def _draw(panel: Any, drift: Drift, one: Series) -> bool:
    for chances, style, name in (
        (drift.chances, "-", one.name), (drift.benjamini_hochberg, ":", None),
    ):  # fmt: skip
        known = [(g, p) for g, p in zip(drift.generations, chances, strict=True) if p is not None]
        if not known:
            return False
        panel.plot(
            [generation for generation, _ in known], [p for _, p in known], linestyle=style,
            color=one.look.colour, linewidth=1.0, label=name,
            marker=one.look.marker if name else None, markersize=3,
            markevery=max(1, len(known) // 6),
        )  # fmt: skip
    return True
