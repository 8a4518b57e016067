"""The plots of chains by name, for whoever offers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from screens.analysis.chain_plots.asked import Asked, Plotted
from screens.analysis.chain_plots.attracting import bars, ends, predicted
from screens.analysis.chain_plots.courses import change, evolution
from screens.analysis.chain_plots.differences import positions, strengths
from screens.analysis.chain_plots.drifting import ks
from screens.analysis.chain_plots.effects import temperature, tuning
from screens.analysis.chain_plots.likeness import convergence, similarity
from screens.analysis.chain_plots.spreads import by_generation, initial_final


@dataclass(frozen=True, slots=True)
class PlotKind:
    """A plot that can be made of any chains."""

    name: str
    """That of the figure of which it is the live twin."""
    words: str
    """In the list of plots."""
    meaning: str
    """In a sentence, for people."""
    plot: Callable[[Asked], Plotted]
    needs_usual: bool = False
    """Whether it is of all the usual measures together."""


PLOTS: Mapping[str, PlotKind] = {
    kind.name: kind
    for kind in (
        PlotKind(
            "evolution", "evolution",
            "The measure by generation, mean and standard error.", evolution,
        ),
        PlotKind(
            "attractors", "attractors",
            "Final by initial values with their lines; ✕ where the attractor lies.", ends,
        ),
        PlotKind(
            "attractors_simple", "attractors, simple",
            "Positions and strengths of attractors with intervals.", bars,
        ),
        PlotKind(
            "attractors_predict", "attractors, predicted",
            "The attractors that an early generation predicts.", predicted,
        ),
        PlotKind(
            "initial_final_distribution", "spread, first and last",
            "How the measure is spread at the start and at the end.", initial_final,
        ),
        PlotKind(
            "metric_distributions", "spread by generation",
            "How the measure is spread in every generation.", by_generation,
        ),
        PlotKind(
            "effect_of_temperature", "effect of temperature",
            "Positions and strengths by temperature.", temperature,
        ),
        PlotKind(
            "effect_of_finetuning", "effect of fine-tuning",
            "Positions and strengths of base and instructed models.", tuning,
        ),
        PlotKind(
            "ks", "Kolmogorov-Smirnov tests",
            "Tests of every generation against the first, plain and corrected.", ks,
        ),
        PlotKind(
            "strength_differences", "differences of strength",
            "Which models, tasks and measures attract more strongly.", strengths,
            needs_usual=True,
        ),
        PlotKind(
            "position_differences", "differences of position",
            "Where models and tasks draw the measure.", positions,
        ),
        PlotKind(
            "similarity", "similarity",
            "How alike each two generations of a chain are.", similarity,
        ),
        PlotKind(
            "convergence", "convergence",
            "Whether chains from different texts become alike.", convergence,
        ),
        PlotKind(
            "change_dynamics", "change dynamics",
            "When chains change, how suddenly and how directly.", change,
        ),
    )
}  # fmt: skip
"""By name, in the order in which they are offered: that of the figures, and what has none."""


def next_plot(name: str, by: int = 1) -> str:
    """The plot so many places after another in the list, around its end."""
    names = list(PLOTS)
    return names[(names.index(name) + by) % len(names)]
