"""What temperature and instruction do to attractors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.analysis.culture.attractors import Attractor
from simulator.analysis.culture.comparisons import (
    TemperatureEffect,
    pair_effects,
    temperature_effects,
)
from simulator.analysis.culture.figures.drawing import (
    FigureOptions,
    Look,
    NoFigure,
    finish,
    grid_of,
    head,
    label_of,
    looks_of,
    name_lines,
    say,
)
from simulator.analysis.culture.groups import last_generation
from simulator.analysis.culture.records import MeasuredChains
from simulator.analysis.drawing import plain
from simulator.analysis.summary import Interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_HALVES = ("position", "strength")
_NO_GENERATION = "no chain has a generation after the initial text"


def temperature_figure(
    measured: MeasuredChains, _: str, options: FigureOptions
) -> Figure | NoFigure:
    """Position and strength by temperature, a column for each measure, a line for each task.

    Args:
        measured: Chains of two temperatures or more of a model; two rows for each such model.
        options: Of the intervals.
    """
    if not last_generation(measured):
        return NoFigure(_NO_GENERATION)
    effects = [
        effect
        for effect in temperature_effects(
            measured, resamples=options.resamples, level=options.level
        )
        if len(effect.temperatures) > 1
    ]
    models = list(dict.fromkeys(effect.model for effect in effects))
    if not models:
        return NoFigure("no model has chains of two temperatures that are known")
    looks, measures = looks_of(measured.tasks), list(measured.values)
    figure, panels = grid_of(2 * len(models), len(measures), width=2.1, sharex=True)
    for column, measure in enumerate(measures):
        head(panels[0, column], label_of(measure))
        panels[-1, column].set_xlabel("temperature")
        for place, model in enumerate(models):
            those = [one for one in effects if (one.model, one.measure) == (model, measure)]
            for row, half in enumerate(_HALVES, 2 * place):
                _draw_temperatures(panels[row, column], those, half, looks)
    for place, model in enumerate(models):
        for row, half in enumerate(_HALVES, 2 * place):
            named = f"{plain(model)}\n{half}" if len(models) > 1 else half
            panels[row, 0].set_ylabel(named)
    if len(models) == 1:
        figure.suptitle(plain(models[0]), fontsize=9)
    name_lines(figure, panels)
    return figure


def tuning_figure(measured: MeasuredChains, _: str, options: FigureOptions) -> Figure | NoFigure:
    """Position and strength of base models and of the same models instructed.

    A colour for each pair, a mark for each task, a column for each measure.

    Args:
        measured: Chains of models whose names tell which belong together.
        options: Of the intervals.
    """
    if not last_generation(measured):
        return NoFigure(_NO_GENERATION)
    effects = pair_effects(measured, resamples=options.resamples, level=options.level)
    if not effects:
        return NoFigure("there is no base model with the same model instructed")
    pairs = looks_of(list(dict.fromkeys(effect.base for effect in effects)))
    tasks, measures = looks_of(measured.tasks), list(measured.values)
    figure, panels = grid_of(2, len(measures), width=2.1, sharex=True)
    for column, measure in enumerate(measures):
        head(panels[0, column], label_of(measure))
        for row, half in enumerate(_HALVES):
            panel = panels[row, column]
            drawn = False
            for effect in effects:
                if effect.measure != measure:
                    continue
                look = Look(pairs[effect.base].colour, tasks[effect.task].marker)
                name = f"{plain(effect.base)}: {plain(effect.task, 14)}"
                drawn |= _line(panel, (0, 1), (effect.before, effect.after), half, look, name)
            _end(panel, half, drawn)
            panel.set_xticks([0, 1], ["base", "instructed"])
            panel.set_xlim(-0.3, 1.3)
    for row, half in enumerate(_HALVES):
        panels[row, 0].set_ylabel(half)
    name_lines(figure, panels)
    return figure


def _draw_temperatures(
    panel: Any, effects: Sequence[TemperatureEffect], half: str, looks: Any
) -> None:
    drawn = False
    for effect in effects:
        drawn |= _line(
            panel, effect.temperatures, effect.attractors, half, looks[effect.task],
            plain(effect.task),
        )  # fmt: skip
    _end(panel, half, drawn)


def _line(
    panel: Any,
    places: Sequence[float],
    attractors: Sequence[Attractor],
    half: str,
    look: Look,
    name: str,
) -> bool:
    known: list[tuple[float, float, Interval | None]] = [
        (place, value, getattr(one, f"{half}_interval"))
        for place, one in zip(places, attractors, strict=True)
        for value in [getattr(one, half)]
        if value is not None and one.exists
    ]
    if not known:
        return False
    panel.plot(
        [place for place, _, _ in known], [value for _, value, _ in known], color=look.colour,
        marker=look.marker, markersize=4, linewidth=1.1, label=name,
    )  # fmt: skip
    for place, _, interval in known:
        if interval is not None:
            panel.plot(
                [place, place], [interval.low, interval.high], color=look.colour, linewidth=0.7,
                alpha=0.6, label="_",
            )  # fmt: skip
    return True


def _end(panel: Any, half: str, drawn: bool) -> None:
    finish(panel)
    if half == "strength":
        panel.set_ylim(-0.03, 1.05)
    if not drawn:
        say(panel, "no attractors")
