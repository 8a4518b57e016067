"""Which models, tasks and measures attract more, and where to: differences of coefficients."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from screens.analysis.chain_plots.asked import LEVEL, Asked, Plotted, nothing, short_names
from screens.widgets.forest import Forest, Row, Section
from simulator.analysis.culture.additive import AdditiveModel, position_models, strength_model
from simulator.analysis.culture.attractors import attractors_of


def strengths(asked: Asked) -> Plotted:
    """Differences of strength between models, tasks and measures, with intervals."""
    model = strength_model(attractors_of(asked.measured, resamples=0), level=LEVEL)
    return _plotted(asked, model, "Strength of attractors", ("model", "task", "measure"))


def positions(asked: Asked) -> Plotted:
    """Differences of the measure's position between models and tasks, with intervals."""
    found = attractors_of(asked.measured, (asked.measure,), resamples=0)
    models = position_models(found, level=LEVEL)
    if not models:
        return nothing(asked, "there is no attractor")
    return _plotted(asked, models[0], f"{asked.title}, position of attractors", ("model", "task"))


def _plotted(asked: Asked, model: AdditiveModel, title: str, factors: tuple[str, ...]) -> Plotted:
    if model.reason:
        return nothing(asked, model.reason)
    levels = {factor: (model.levels or {}).get(factor, ()) for factor in factors}
    sections = tuple(
        Section(
            f"by {factor}",
            tuple(
                _row(model, factor, pair, short_names(levels[factor], (14, 18, 26)))
                for pair in combinations(levels[factor], 2)
            ),
        )
        for factor in factors
        if len(levels[factor]) > 1
    )
    if not sections:
        return nothing(asked, f"there is only one {' and one '.join(factors)}")
    return Plotted(
        Forest(f"{title}: differences, {100 * LEVEL:g} % intervals; *: without 0", sections)
    )


def _row(model: AdditiveModel, factor: str, pair: tuple[str, str], names: Mapping[str, str]) -> Row:
    found = model.difference(factor, *pair)
    estimate = found.estimate
    return Row(
        " − ".join(names[level] for level in pair),
        estimate.value, estimate.low, estimate.high, note="*" if found.stands_out else "",
    )  # fmt: skip
