"""The figures of chains by name, for whoever draws or offers them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from simulator.analysis.culture.figures.attracting import (
    attractors_figure,
    bars_figure,
    prediction_figure,
)
from simulator.analysis.culture.figures.differences import positions_figure, strengths_figure
from simulator.analysis.culture.figures.drawing import FigureOptions, NoFigure
from simulator.analysis.culture.figures.drifting import drift_figure
from simulator.analysis.culture.figures.effects import temperature_figure, tuning_figure
from simulator.analysis.culture.figures.evolution import evolution_figure
from simulator.analysis.culture.figures.likeness import convergence_figure, similarity_figure
from simulator.analysis.culture.figures.spreads import ends_figure, ridges_figure
from simulator.analysis.culture.records import MeasuredChains
from simulator.analysis.drawing import drawing_library, figure_named, free_name
from simulator.errors import NotFoundError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Each = Literal["", "measure", "text"]


@dataclass(frozen=True, slots=True)
class FigureKind:
    """A figure that can be drawn of any chains."""

    name: str
    meaning: str
    """In a sentence, for people."""
    draw: Callable[[MeasuredChains, str, FigureOptions], Figure | NoFigure]
    """From chains, and the measure or text that the figure is of, to the figure."""
    each: Each = ""
    """What there is one figure for; empty where there is one of all chains."""

    def subjects(self, measured: MeasuredChains) -> tuple[str, ...]:
        """What figures of this kind are of; one empty word where there is one of all chains."""
        if self.each == "measure":
            return tuple(measured.values)
        if self.each == "text":
            return tuple(dict.fromkeys(("", *(chain.text for chain in measured.chains))))
        return ("",)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure, or why there is none."""

    name: str
    """Fit for a file, without the format; no two are the same."""
    kind: FigureKind
    subject: str
    figure: Figure | None
    reason: str = ""
    """Why there is none."""


FIGURES: Mapping[str, FigureKind] = {
    kind.name: kind
    for kind in (
        FigureKind(
            "evolution", "Each measure by generation, mean and standard error, for each model.",
            evolution_figure, each="text",
        ),
        FigureKind(
            "attractors", "Final by initial values with their lines; positions and strengths.",
            attractors_figure,
        ),
        FigureKind(
            "attractors_simple", "Positions and strengths of attractors as bars.", bars_figure
        ),
        FigureKind(
            "attractors_predict", "The attractors that an early generation predicts.",
            prediction_figure,
        ),
        FigureKind(
            "initial_final_distribution", "How a measure is spread at the start and at the end.",
            ends_figure, each="measure",
        ),
        FigureKind(
            "metric_distributions", "How a measure is spread in every generation.",
            ridges_figure, each="measure",
        ),
        FigureKind(
            "effect_of_temperature", "Positions and strengths by temperature.", temperature_figure
        ),
        FigureKind(
            "effect_of_finetuning", "Positions and strengths of base and instructed models.",
            tuning_figure,
        ),
        FigureKind(
            "ks", "Tests of every generation against the first, plain and corrected.", drift_figure
        ),
        FigureKind(
            "strength_differences", "Which models, tasks and measures attract more strongly.",
            strengths_figure,
        ),
        FigureKind(
            "position_differences", "Where models and tasks draw each measure.", positions_figure
        ),
        FigureKind(
            "similarity", "How alike each two generations of a chain are.", similarity_figure
        ),
        FigureKind(
            "convergence", "Whether chains from different texts become alike.", convergence_figure
        ),
    )
}  # fmt: skip
"""By name, in the order in which they are offered; the names are those of the published files."""


def draw_figures(
    measured: MeasuredChains,
    names: Sequence[str] = (),
    options: FigureOptions | None = None,
    *,
    each_text: bool = True,
) -> Iterator[Drawn]:
    """Draw figures one after the other; each can be let go before the next is drawn.

    Args:
        measured: Chains with measures.
        names: Of `FIGURES`; none for all, as far as what they need is installed.
        options: How they are computed.
        each_text: Whether there is also one for each text, of the figures that can be of one.

    Raises:
        NotFoundError: There is no such figure, matplotlib is not installed, or something else that
            a figure needs which was named.
    """
    drawing_library()
    kinds = [figure_named(name, FIGURES) for name in dict.fromkeys(names or FIGURES)]
    chosen = FigureOptions() if options is None else options
    taken: set[str] = set()
    for kind in kinds:
        for subject in kind.subjects(measured):
            if kind.each == "text" and subject and not each_text:
                continue
            try:
                found = kind.draw(measured, subject, chosen)
            except NotFoundError as error:
                if names:
                    raise
                why = " ".join(filter(None, (error.message, error.remedy)))
                found = NoFigure(why.rstrip("."))
            name = free_name(f"{kind.name}_{subject}" if subject else kind.name, taken)
            if isinstance(found, NoFigure):
                yield Drawn(name, kind, subject, None, found.reason)
            else:
                yield Drawn(name, kind, subject, found)


def check_figures(names: Sequence[str]) -> None:
    """Raises NotFoundError where there is no figure of a name."""
    for name in names:
        figure_named(name, FIGURES)
