"""Exact learners: their curves, alone and under runs of models."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.analysis.culture.figures.drawing import (
    NoFigure,
    grid_of,
    head,
    look_at,
    name_lines,
    wrapped,
)
from simulator.analysis.drawing import plain
from simulator.analysis.iterated.bayes.curves import Curve
from simulator.analysis.iterated.figures.drawing import (
    Line,
    by_generation,
    draw_arms,
    draw_line,
    reference,
    whole,
)
from simulator.analysis.iterated.fits import SHOWN, Fit
from simulator.analysis.iterated.measured import ALL_MEASURES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANELS = {
    "bias_probability": "P(what the bias wants)",
    "entropy": "entropy of the posterior",
    "entropy_of_chains": "entropy over chains",
    "consistency": "first examples explained",
    "distance": "distance to the prior",
}
"""Numbers of a curve, with what their panels are called."""


def curves_figure(
    curves: Sequence[Curve],
    title: str = "",
    names: Sequence[str] = ("bias_probability", "entropy_of_chains", "consistency", "distance"),
) -> Figure | NoFigure:
    """Curves of exact learners, a panel for each number.

    Args:
        curves: Of as many hypotheses, labelled.
        title: A sentence above them.
        names: Of `PANELS`.
    """
    shown = [name for name in names if any(getattr(one, name) is not None for one in curves)]
    if not shown:
        return NoFigure("there is no curve")
    columns = min(2, len(shown))
    figure, panels = grid_of(-(-len(shown) // columns), columns, width=3.0, height=2.1)
    for place, panel in enumerate(panels.flat):
        if place >= len(shown):
            panel.set_visible(False)
            continue
        name = shown[place]
        for number, one in enumerate(curves):
            _draw_curve(panel, one, getattr(one, name), number)
        _axes(panel, name, len(curves[0].prior))
        head(panel, PANELS[name])
    if title:
        figure.suptitle(wrapped(plain(title, 400), 34 * columns), fontsize=8.5)
    if len(curves) > 1:
        name_lines(figure, panels)
    return figure


def overlay_figure(fits: Sequence[Fit]) -> Figure | NoFigure:
    """Runs of models as marks with intervals, over the exact learners fitted to them as lines.

    A row for each condition, a column for each measure. The prior of the exact learners is
    estimated from the first answers of these same runs, so that only what follows generation 1 is
    predicted. Entropy and the bias probability are those of P(h), before an interaction; other
    measures are of rules after it.
    """
    known = [one for one in fits if one.curve is not None]
    if not known:
        reasons = dict.fromkeys(one.reason for one in fits)
        return NoFigure("; ".join(reasons) or "there are no runs")
    measures = _compared(known)
    if not measures:
        return NoFigure("runs and exact learners have no measure in common")
    figure, panels = grid_of(len(known), len(measures), width=2.6, height=2.0)
    for row, fit in enumerate(known):
        assert fit.curve is not None
        for column, name in enumerate(measures):
            panel = panels[row, column]
            values = fit.curve.by_measure.get(name)
            _draw_curve(panel, fit.curve, values, 6, f"exact learners{_kind(fit)}, prior fitted")
            own = tuple((one.generation, one.mean) for one in fit.means if one.measure == name)
            if own:
                line = Line("runs", look_at(0), own)
                draw_line(panel, line, linestyle="", markersize=4, band=False)
                draw_arms(panel, line)
            label = whole(fit.condition, 24) if column == 0 else ""
            _axes(panel, name, len(fit.curve.prior))
            panel.set_ylabel(label)
            if row == 0:
                head(panel, name.replace("_", " "))
    name_lines(figure, panels)
    return figure


def _compared(fits: Sequence[Fit]) -> list[str]:
    found = [
        name
        for name in SHOWN
        if any(
            one.measure == name and fit.curve is not None and name in fit.curve.by_measure
            for fit in fits
            for one in fit.means
        )
    ]
    # Of samplers who mend nothing both are the same.
    both = any(fit.curve is not None and fit.curve.bias_believed is not None for fit in fits)
    return [name for name in found if name != "biased" or both or "bias_probability" not in found]


def _kind(fit: Fit) -> str:
    return {"sampler": "", "map": " (MAP)", "soft-map": " (soft-MAP)"}[fit.learner]


def _draw_curve(panel: Any, curve: Curve, values: Any, number: int, label: str = "") -> None:
    if values is None or not np.isfinite(values).any():
        return
    look = look_at(number)
    generations = np.arange(1, len(values) + 1)
    panel.plot(
        generations, values, color=look.colour, linewidth=1.3,
        marker="" if label else look.marker, markersize=3, markevery=max(1, len(values) // 8),
        label=whole(label or curve.label or "exact learners"),
    )  # fmt: skip


def _axes(panel: Any, name: str, hypotheses: int) -> None:
    known = ALL_MEASURES.get(name)
    if name.startswith("entropy"):
        by_generation(panel, "nats", high=log(hypotheses))
        reference(panel, log(hypotheses), f"uniform over {hypotheses}")
    else:
        by_generation(panel, "share", high=1.0 if known is None else known.high or 1.0)
