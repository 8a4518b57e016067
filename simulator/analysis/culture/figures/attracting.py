"""Where texts end by where they began, and where that draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from simulator.analysis.culture.attractors import Attractor, attractors_of, columns_of
from simulator.analysis.culture.figures.drawing import (
    FigureOptions,
    NoFigure,
    Series,
    finish,
    grid_of,
    head,
    label_of,
    name_lines,
    say,
    series_of,
    view_of,
    wrapped,
)
from simulator.analysis.culture.groups import Group, last_generation
from simulator.analysis.culture.records import Floats, MeasuredChains
from simulator.analysis.drawing import GREY, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Half = Literal["position", "strength"]
_BARS = 0.8
"""Width of all bars of a task together, where tasks are 1 apart."""


def attractors_figure(
    measured: MeasuredChains, _: str, options: FigureOptions
) -> Figure | NoFigure:
    """Final by initial values with lines for each task, and bars of positions and strengths."""
    return _with_scatter(measured, options, None)


def prediction_figure(
    measured: MeasuredChains, _: str, options: FigureOptions
) -> Figure | NoFigure:
    """The same of an early generation, which predicts where the last one goes."""
    if last_generation(measured) <= options.early:
        return NoFigure(f"no chain goes on after generation {options.early}")
    return _with_scatter(measured, options, options.early)


def bars_figure(measured: MeasuredChains, _: str, options: FigureOptions) -> Figure | NoFigure:
    """Positions in the first row, strengths in the second, a column for each measure."""
    if reason := _nothing(measured):
        return NoFigure(reason)
    lines, found = series_of(measured), _attractors(measured, options, None)
    figure, panels = grid_of(2, len(measured.values), width=2.1)
    for column, measure in enumerate(measured.values):
        head(panels[0, column], label_of(measure))
        _draw_bars(panels[0, column], measured.tasks, measure, found, lines, "position")
        _draw_bars(panels[1, column], measured.tasks, measure, found, lines, "strength")
    panels[0, 0].set_ylabel("position")
    panels[1, 0].set_ylabel("strength")
    name_lines(figure, panels)
    return figure


def _nothing(measured: MeasuredChains) -> str:
    if not measured.values:
        return "nothing was measured"
    return "" if last_generation(measured) else "no chain has a generation after the initial text"


def _attractors(
    measured: MeasuredChains, options: FigureOptions, generation: int | None
) -> tuple[Attractor, ...]:
    return attractors_of(
        measured, generation=generation, classic=options.classic, resamples=options.resamples,
        level=options.level,
    )  # fmt: skip


def _with_scatter(
    measured: MeasuredChains, options: FigureOptions, generation: int | None
) -> Figure | NoFigure:
    if reason := _nothing(measured):
        return NoFigure(reason)
    lines, found = series_of(measured), _attractors(measured, options, generation)
    tasks, measures = measured.tasks, list(measured.values)
    figure, panels = grid_of(len(measures), len(tasks) + 2, width=1.9)
    for row, measure in enumerate(measures):
        for column, task in enumerate(tasks):
            chains = {one: one.of(measured, task) for one in lines}
            _draw_scatter(panels[row, column], chains, measure, found, generation, options.classic)
            if not row:
                head(panels[row, column], plain(task))
        for column, half in enumerate[Half](("position", "strength"), len(tasks)):
            _draw_bars(panels[row, column], tasks, measure, found, lines, half)
            if not row:
                head(panels[row, column], f"attractor {half}")
        at = "last generation" if generation is None else f"generation {generation}"
        panels[row, 0].set_ylabel(f"{label_of(measure)}\n{at}")
    for column in range(len(tasks)):
        panels[-1, column].set_xlabel("initial text")
        if options.classic and "length" in measures:
            panels[measures.index("length"), column].set_xlabel("generation 1")
    name_lines(figure, panels)
    return figure


def attractor_in(
    found: Sequence[Attractor], one: Series, task: str, measure: str
) -> Attractor | None:
    """The attractor of a series, a task and a measure among those found."""
    for attractor in found:
        group = Group(attractor.model, attractor.task, attractor.temperature)
        if one.holds(group) and (attractor.task, attractor.measure) == (task, measure):
            return attractor
    return None


def _draw_scatter(
    panel: Any,
    chains: dict[Series, MeasuredChains],
    measure: str,
    found: Sequence[Attractor],
    generation: int | None,
    classic: bool,
) -> None:
    points: dict[Series, tuple[Floats, Floats]] = {}
    for one, those in chains.items():
        values = those.values[measure]
        first, last = columns_of(those, measure, generation, classic)
        if those.chains and first < last < values.shape[1]:
            x, y = values[:, first], values[:, last]
            if np.isfinite(x + y).any():
                points[one] = x, y
    finish(panel, grid="both")
    if not points:
        say(panel, "no chain has both values")
        return
    wide = view_of(np.concatenate([x for x, _ in points.values()]), measure)
    high = view_of(np.concatenate([y for _, y in points.values()]), measure)
    reasons, outside = [], 0
    panel.axline((0, 0), slope=1, color=GREY, linestyle="--", linewidth=0.8)
    for one, (x, y) in points.items():
        look = one.look
        panel.scatter(
            x, y, s=5, color=look.colour, marker=look.marker, alpha=0.35, linewidths=0,
            rasterized=x.size > 500, label=one.name,
        )  # fmt: skip
        outside += int(np.sum(_outside(x, wide) | _outside(y, high)))
        task = next(chain.task for chain in chains[one].chains)
        attractor = attractor_in(found, one, task, measure)
        if attractor is None or attractor.slope is None or attractor.intercept is None:
            reasons.append(attractor.reason if attractor is not None else "no line")
            continue
        ends = np.array([np.nanmin(x), np.nanmax(x)])
        panel.plot(
            ends, attractor.intercept + attractor.slope * ends, color=look.colour, linewidth=1.3
        )
    panel.set_xlim(*wide)
    panel.set_ylim(*high)
    notes = [f"{outside} beyond"] if outside else []
    if reasons and len(reasons) == len(points):
        notes.append(wrapped(f"no regression: {reasons[0].partition(';')[0]}", 30))
    elif reasons:
        notes.append(f"{len(reasons)} without a line")
    if notes:
        panel.text(
            0.98, 0.98, "\n".join(notes), transform=panel.transAxes, ha="right", va="top",
            fontsize=6, color=GREY,
        )  # fmt: skip


def _outside(values: Floats, view: tuple[float, float]) -> Any:
    return np.isfinite(values) & ((values < view[0]) | (values > view[1]))


def _draw_bars(
    panel: Any,
    tasks: Sequence[str],
    measure: str,
    found: Sequence[Attractor],
    lines: Sequence[Series],
    half: Half,
) -> None:
    width = _BARS / len(lines)
    missing = 0
    for place, one in enumerate(lines):
        for at, task in enumerate(tasks):
            attractor = attractor_in(found, one, task, measure)
            spot = at + width * (place + 0.5) - _BARS / 2
            if attractor is None:
                continue
            value = attractor.position if half == "position" else attractor.strength
            interval = getattr(attractor, f"{half}_interval")
            if value is None or not attractor.exists:
                missing += 1
                panel.plot([spot], [0], marker="x", markersize=3.5, color=one.look.colour)
                continue
            panel.bar([spot], [value], width * 0.92, color=one.look.colour, label=one.name)
            if interval is not None:
                panel.plot(
                    [spot, spot], [interval.low, interval.high], color="#333333", linewidth=0.8
                )
    finish(panel)
    panel.axhline(0, color=GREY, linewidth=0.7)
    panel.set_xticks(
        range(len(tasks)), [plain(task, 14) for task in tasks], fontsize=6.5, rotation=25
    )
    panel.set_xlim(-0.6, len(tasks) - 0.4)
    if half == "strength":
        panel.set_ylim(-0.03, 1.05)
    else:
        _hold_bars(panel, found, measure)
    if missing:
        panel.text(
            0.98, 0.98, f"×: none ({missing})", transform=panel.transAxes, ha="right",
            va="top", fontsize=6, color=GREY,
        )  # fmt: skip


def _hold_bars(panel: Any, found: Sequence[Attractor], measure: str) -> None:
    """Limits from the positions: an interval may reach ten times as far as all of them."""
    known = [a.position for a in found if a.measure == measure and a.position is not None]
    if not known:
        return
    low, high = min(0.0, *known), max(0.0, *known)
    room = (high - low or 1.0) * 0.6
    now = panel.get_ylim()
    panel.set_ylim(max(now[0], low - room), min(now[1], high + room))
