"""How values of texts are spread, at the start, at the end and in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.analysis.culture.attractors import attractors_of, columns_of
from simulator.analysis.culture.figures.attracting import attractor_in
from simulator.analysis.culture.figures.density import density_of
from simulator.analysis.culture.figures.drawing import (
    FigureOptions,
    NoFigure,
    finish,
    grid_of,
    head,
    inside,
    label_of,
    name_lines,
    say,
    series_of,
    view_of,
)
from simulator.analysis.culture.groups import last_generation, longest_chain
from simulator.analysis.culture.records import Floats, MeasuredChains
from simulator.analysis.drawing import GREY, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PLACES = 200
"""At which a density is computed."""
_NARROWER = 0.75
"""Of the kernels of ridges, as published."""
_PUBLISHED_VIEW = {
    "difficulty": (0.0, 50.0), "length": (0.0, 3500.0), "toxicity": (0.0, 1.0),
    "positivity": (-1.0, 1.0),
}  # fmt: skip
_MOST_RIDGES = 51
_RIDGE = 4.0
"""How high a ridge is, where ridges are 1 apart."""


def ends_figure(
    measured: MeasuredChains, measure: str, options: FigureOptions
) -> Figure | NoFigure:
    """Density of the initial texts (grey) and of the last generation of each model.

    Each curve is scaled to its own highest point. An X stands where an early generation puts the
    attractor, larger where it is stronger.

    Args:
        measured: Of any models and tasks, a panel for each task.
        measure: One of its values.
        options: The early generation, and whether attractors are as published.
    """
    if not last_generation(measured):
        return NoFigure("no chain has a generation after the initial text")
    lines, tasks = series_of(measured), measured.tasks
    found = attractors_of(
        measured, (measure,), generation=options.early, classic=options.classic, resamples=0
    )
    early = last_generation(measured) > options.early
    figure, panels = grid_of(1, len(tasks), width=2.6, height=2.2, sharey=True)
    for panel, task in zip(panels[0], tasks, strict=True):
        of_task = _of_task(measured, task)
        ends = {one: _last(one.of(of_task, task), measure, options) for one in lines}
        first = _first(of_task, measure, options)
        view = inside(*view_of(np.concatenate([first, *ends.values()]), measure), measure)
        places = np.linspace(*view, _PLACES)
        _draw_density(panel, places, first, GREY, "initial texts")
        drawn = False
        for place, one in enumerate(lines):
            if not np.isfinite(ends[one]).any():
                continue
            drawn = True
            _draw_density(panel, places, ends[one], one.look.colour, one.name)
            attractor = attractor_in(found, one, task, measure)
            if early and attractor is not None and attractor.position is not None:
                if not attractor.exists or attractor.strength is None:
                    continue
                size = 15 + 75 * attractor.strength
                panel.scatter(
                    [np.clip(attractor.position, *view)], [1.08 + 0.07 * place], marker="X",
                    s=size, color=one.look.colour, edgecolors="white", linewidths=0.6,
                    clip_on=False,
                )  # fmt: skip
        if not drawn:
            say(panel, "no chain has a last generation")
        panel.set_xlim(*view)
        panel.set_ylim(0, 1.15 + 0.07 * len(lines))
        panel.set_yticks([0, 0.5, 1])
        head(panel, plain(task))
        panel.set_xlabel(label_of(measure))
        finish(panel)
    panels[0, 0].set_ylabel("density / highest")
    name_lines(figure, panels)
    if early:
        figure.suptitle(f"X: attractor by generation {options.early}", fontsize=7.5, color=GREY)
    return figure


def ridges_figure(
    measured: MeasuredChains, measure: str, options: FigureOptions
) -> Figure | NoFigure:
    """Density of every generation below each other, a panel for each task and model.

    Args:
        measured: Of any models (columns) and tasks (rows).
        measure: One of its values.
        options: None of them matters here.
    """
    if not last_generation(measured):
        return NoFigure("no chain has a generation after the initial text")
    lines, tasks = series_of(measured), measured.tasks
    view = _view_of_ridges(measured.values[measure], measure)
    places = np.linspace(*view, _PLACES)
    figure, panels = grid_of(
        len(tasks), len(lines), width=2.1, height=2.4, sharex=True, sharey=True
    )
    last = longest_chain(measured)
    every = -(-(last + 1) // _MOST_RIDGES)
    for row, task in enumerate(tasks):
        for column, one in enumerate(lines):
            panel, chains = panels[row, column], one.of(measured, task)
            values = chains.values[measure]
            if not np.isfinite(values).any():
                say(panel, "no chains")
            _draw_ridges(panel, places, values, every)
            finish(panel, grid="x")
            panel.set_ylim(last + 1, -_RIDGE - 0.5)
            panel.set_yticks(range(0, last + 1, max(1, last // 5)))
            if not row:
                head(panel, one.name)
    for row, task in enumerate(tasks):
        panels[row, 0].set_ylabel(f"{plain(task)}\ngeneration")
    for panel in panels[-1]:
        panel.set_xlabel(label_of(measure))
        panel.set_xlim(*view)
    return figure


def _of_task(measured: MeasuredChains, task: str) -> MeasuredChains:
    return measured.where(lambda chain: chain.task == task)


def _first(measured: MeasuredChains, measure: str, options: FigureOptions) -> Floats:
    """Of the initial texts, each as often as it has chains."""
    first, _ = columns_of(measured, measure, None, options.classic)
    values = measured.values[measure]
    return values[:, min(first, values.shape[1] - 1)]


def _last(measured: MeasuredChains, measure: str, options: FigureOptions) -> Floats:
    last = last_generation(measured)
    return measured.values[measure][:, last] if last else np.zeros(0)


def _view_of_ridges(values: Floats, measure: str) -> tuple[float, float]:
    low, high = inside(*view_of(values, measure), measure)
    published = _PUBLISHED_VIEW.get(measure)
    return (low, high) if published is None else (max(low, published[0]), min(high, published[1]))


def _draw_density(panel: Any, places: Floats, values: Floats, colour: str, name: str) -> None:
    known = values[np.isfinite(values)]
    heights = density_of(known, places)
    if heights is not None:
        panel.fill_between(places, 0, heights, color=colour, alpha=0.18, linewidth=0)
        panel.plot(places, heights, color=colour, linewidth=1.2, label=name)
    elif known.size:
        # Of one value, or many equal ones, there is no density; a line says where they are.
        panel.plot([known[0], known[0]], [0, 1], color=colour, linewidth=1.6, label=name)


def _draw_ridges(panel: Any, places: Floats, values: Floats, every: int) -> None:
    from matplotlib import colormaps

    colours = colormaps["viridis"](np.linspace(0, 0.9, values.shape[1]))
    for generation in range(0, values.shape[1], every):
        known = values[:, generation][np.isfinite(values[:, generation])]
        colour = "#444444" if generation == 0 else colours[generation]
        heights = density_of(known, places, _NARROWER)
        if heights is not None:
            panel.fill_between(
                places, generation, generation - _RIDGE * heights, facecolor=colour,
                edgecolor="white", linewidth=0.4, zorder=generation + 2,
            )  # fmt: skip
        elif known.size:
            panel.plot(
                [known[0], known[0]], [generation, generation - _RIDGE], color=colour,
                linewidth=0.8, zorder=generation + 2,
            )  # fmt: skip
