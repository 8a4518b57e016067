"""Measures of texts generation after generation."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.analysis.culture.figures.drawing import (
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
from simulator.analysis.culture.groups import last_generation, text_numbers
from simulator.analysis.culture.records import Floats, MeasuredChains
from simulator.analysis.drawing import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def evolution_figure(
    measured: MeasuredChains, text: str, options: FigureOptions
) -> Figure | NoFigure:
    """Mean of each measure by generation, a line for each model; measures below each other.

    Bands are one standard error to each side: over the chains of the text or, of all texts, over
    the means of texts, because chains of one text are not independent.

    Args:
        measured: Of any models and tasks, a column for each task.
        text: An initial text; empty for all.
        options: None of them matters here.
    """
    lines = series_of(measured)
    shown = measured.where(lambda chain: text in ("", chain.text))
    if not shown.chains:
        return NoFigure(f"no chain begins with {text}" if text else "there are no chains")
    if not last_generation(shown):
        return NoFigure("no chain has a generation after the initial text")
    measures = list(shown.values)
    if not measures:
        return NoFigure("nothing was measured")
    figure, panels = grid_of(len(measures), len(shown.tasks), sharex=True, sharey="row")
    for column, task in enumerate(shown.tasks):
        head(panels[0, column], plain(task))
        count_generations(panels[-1, column])
        for row, measure in enumerate(measures):
            panel = panels[row, column]
            drawn = False
            for one in lines:
                chains = one.of(shown, task)
                drawn |= _draw(panel, *mean_and_error(chains, measure, by_text=not text), one)
            if not drawn:
                say(panel, "no values")
            finish(panel)
    for row, measure in enumerate(measures):
        panels[row, 0].set_ylabel(label_of(measure))
    figure.suptitle(plain(text) if text else "all initial texts", fontsize=9)
    name_lines(figure, panels)
    return figure


def mean_and_error(
    measured: MeasuredChains, measure: str, *, by_text: bool = False
) -> tuple[Floats, Floats]:
    """Mean and standard error of each generation, over the chains with a value there.

    Args:
        measured: Of one group.
        measure: One of its values.
        by_text: Takes the mean of each initial text first, so that the error is over texts.

    Returns:
        Two arrays of shape (generations + 1,): not a number where no value is; the error not a
        number where only one is.
    """
    values = measured.values[measure]
    with warnings.catch_warnings():
        # Columns without values come out as not a number, which is what is wanted.
        warnings.simplefilter("ignore", RuntimeWarning)
        if by_text:
            numbers = text_numbers(measured)
            groups = [values[numbers == number] for number in np.unique(numbers)]
            means = [np.nanmean(group, axis=0) for group in groups]
            values = np.array(means).reshape(len(groups), values.shape[1])
        counts = np.isfinite(values).sum(axis=0)
        if not values.shape[0]:
            return np.full(values.shape[1], np.nan), np.full(values.shape[1], np.nan)
        spread = np.nanstd(values, axis=0, ddof=1)
        error = np.where(counts > 1, spread / np.sqrt(np.maximum(counts, 1)), np.nan)
        return np.nanmean(values, axis=0), error


def _draw(panel: Any, mean: Floats, error: Floats, one: Series) -> bool:
    there = np.flatnonzero(np.isfinite(mean))
    if not there.size:
        return False
    every = max(1, int(there.size) // 6)
    panel.plot(
        there, mean[there], color=one.look.colour, marker=one.look.marker, markersize=3,
        markevery=every, linewidth=1.1, label=one.name,
    )  # fmt: skip
    if np.isfinite(error[there]).any():
        panel.fill_between(
            there, (mean - error)[there], (mean + error)[there], color=one.look.colour, alpha=0.2,
            linewidth=0,
        )  # fmt: skip
    return True
