"""Which models, tasks and measures attract more, and where to: differences of coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.analysis.culture.additive import AdditiveModel, position_models, strength_model
from simulator.analysis.culture.attractors import attractors_of
from simulator.analysis.culture.figures.drawing import (
    FigureOptions,
    NoFigure,
    grid_of,
    head,
    label_of,
    say,
    wrapped,
)
from simulator.analysis.culture.groups import last_generation
from simulator.analysis.culture.records import MeasuredChains
from simulator.analysis.drawing import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FACTORS = ("model", "task")


def strengths_figure(measured: MeasuredChains, _: str, options: FigureOptions) -> Figure | NoFigure:
    """Posterior mean of the row's coefficient less the column's, of strength by three factors.

    A star marks differences whose interval excludes 0.

    Args:
        measured: Of any models and tasks.
        options: How attractors are computed, and the level of the intervals.
    """
    if not last_generation(measured):
        return NoFigure("no chain has a generation after the initial text")
    found = attractors_of(measured, classic=options.classic, resamples=0)
    model = strength_model(found, level=options.level)
    if model.reason:
        return NoFigure(f"the strengths of attractors: {model.reason}")
    return _matrices([("strength", model)], (*_FACTORS, "measure"))


def positions_figure(measured: MeasuredChains, _: str, options: FigureOptions) -> Figure | NoFigure:
    """The same of positions by model and task, a row for each measure.

    Args:
        measured: Of any models and tasks.
        options: As published, positions are not standardised, so that the priors take away all
            differences of difficulty and length.
    """
    if not last_generation(measured):
        return NoFigure("no chain has a generation after the initial text")
    found = attractors_of(measured, classic=options.classic, resamples=0)
    models = position_models(found, standardise=not options.classic, level=options.level)
    if not any(not model.reason for model in models):
        return NoFigure(
            f"the positions of attractors: {models[0].reason}" if models else "nothing was measured"
        )
    return _matrices(
        [(label_of(m.response.removeprefix("position of ")), m) for m in models], _FACTORS
    )


def _matrices(
    models: Sequence[tuple[str, AdditiveModel]], factors: Sequence[str]
) -> Figure | NoFigure:
    figure, panels = grid_of(len(models), len(factors), width=2.7, height=2.4)
    for row, (name, model) in enumerate(models):
        for column, factor in enumerate(factors):
            panel = panels[row, column]
            head(panel, f"{name.partition(chr(10))[0]} by {factor}")
            levels = () if model.levels is None else model.levels[factor]
            if model.reason or len(levels) < 2:
                say(panel, model.reason or f"one {factor} only: no differences")
                panel.set_axis_off()
            else:
                _draw(panel, model, factor, levels)
    figure.suptitle("row less column; *: the interval excludes 0", fontsize=7.5)
    return figure


def _draw(panel: Any, model: AdditiveModel, factor: str, levels: Sequence[str]) -> None:
    table = np.full((len(levels), len(levels)), np.nan)
    for row, first in enumerate(levels):
        for column, second in enumerate(levels):
            if row != column:
                table[row, column] = model.difference(factor, first, second).estimate.value
    most = float(np.nanmax(np.abs(table))) or 1.0
    panel.imshow(table, cmap="PuOr_r", vmin=-1.4 * most, vmax=1.4 * most, aspect="auto")
    for row, first in enumerate(levels):
        for column, second in enumerate(levels):
            if row == column:
                continue
            one = model.difference(factor, first, second)
            panel.text(
                column, row, f"{one.estimate.value:+.2g}{'*' if one.stands_out else ''}",
                ha="center", va="center", fontsize=6.5,
                fontweight="bold" if one.stands_out else "normal",
            )  # fmt: skip
    names = [wrapped(plain(level, 36), 14) for level in levels]
    panel.set_xticks(range(len(levels)), names, fontsize=6, rotation=90 if len(levels) > 4 else 0)
    panel.set_yticks(range(len(levels)), names, fontsize=6)
    panel.spines[:].set_visible(False)
    panel.tick_params(length=0)
