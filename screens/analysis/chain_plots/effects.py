"""What temperature and instruction do to attractors."""

from __future__ import annotations

from screens.analysis.chain_plots.asked import LEVEL, RESAMPLES, Asked, Plotted, nothing
from screens.widgets.charts import Chart, Series
from screens.widgets.drawings import Stack
from screens.widgets.forest import Forest, Row, Section
from simulator.analysis.culture.attractors import Attractor
from simulator.analysis.culture.comparisons import pair_effects, temperature_effects
from simulator.presentation.chain_cells import model_text
from simulator.presentation.safe_text import one_line

_HALVES = ("position", "strength")


def temperature(asked: Asked) -> Plotted:
    """Position and strength by temperature, a line for each model and task."""
    found = [
        one
        for one in temperature_effects(
            asked.measured, (asked.measure,), resamples=RESAMPLES, level=LEVEL
        )
        if len(one.temperatures) > 1
    ]
    heats = sorted({heat for one in found for heat in one.temperatures})
    if not heats:
        return nothing(asked, "no model has chains of two temperatures that are known")
    several = len({one.model for one in found}) > 1
    charts = []
    for half in _HALVES:
        series = []
        for one in found:
            by_heat = dict(zip(one.temperatures, one.attractors, strict=True))
            values = tuple(_value(by_heat.get(heat), half) for heat in heats)
            name = one_line(one.task)
            series.append(Series(f"{model_text(one.model)}, {name}" if several else name, values))
        charts.append(
            Chart(
                "lines", f"{asked.title}, {half} of attractors by temperature", "temperature",
                tuple(f"{heat:g}" for heat in heats), tuple(series),
                limits=(0.0, 1.0) if half == "strength" else None,
            )
        )  # fmt: skip
    if all(chart.is_empty for chart in charts):
        reasons = [one.reason for one in found if one.reason]
        return nothing(asked, reasons[0] if reasons else "there is no attractor")
    return Plotted(Stack(tuple(charts)))


def tuning(asked: Asked) -> Plotted:
    """Position and strength of base models (○) and of the same models instructed (●)."""
    found = pair_effects(asked.measured, None, (asked.measure,), resamples=0)
    if not found:
        return nothing(asked, "there is no base model with the same model instructed")
    sections = tuple(
        Section(
            half,
            tuple(
                Row(
                    f"{model_text(one.base)}, {one_line(one.task)}", _value(one.after, half),
                    other=_value(one.before, half), note="" if one.after.exists else "no attractor",
                )
                for one in found
            ),
            (0.0, 1.0) if half == "strength" else None,
        )
        for half in _HALVES
    )  # fmt: skip
    return Plotted(Forest(f"{asked.title}: ○ base, ● instructed", sections))


def _value(one: Attractor | None, half: str) -> float | None:
    if one is None or not one.exists:
        return None
    return one.position if half == "position" else one.strength
