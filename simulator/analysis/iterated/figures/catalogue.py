"""The figures of iterated learning by name, for whoever draws or offers them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from simulator.analysis.culture.figures.drawing import NoFigure
from simulator.analysis.drawing import figure_named, free_name
from simulator.analysis.iterated.conditions import Condition
from simulator.analysis.iterated.figures.acronyms import acronyms_figure
from simulator.analysis.iterated.figures.curves import (
    consistency_figure,
    entropy_figure,
    measures_figure,
)
from simulator.analysis.iterated.figures.drawing import FigureOptions
from simulator.analysis.iterated.figures.endings import endings_figure
from simulator.analysis.iterated.figures.probabilities import hypotheses_figure, statuses_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_Draw = Callable[[Sequence[Condition], str, FigureOptions], "Figure | NoFigure"]


@dataclass(frozen=True, slots=True)
class FigureKind:
    """A figure that can be drawn of any lineages."""

    name: str
    meaning: str
    """In a sentence, for people."""
    draw: _Draw
    """From conditions, the name of the one that the figure is of, and options."""
    each: bool = False
    """Whether there is one for each condition; else there is one of all."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure, or why there is none."""

    name: str
    """Fit for a file, without the format; no two are the same."""
    figure: Figure | None
    reason: str = ""
    """Why there is none, in a sentence without its full stop."""


def _of_all(
    draw: Callable[[Sequence[Condition], FigureOptions], Figure | NoFigure],
) -> _Draw:
    return lambda conditions, _, options: draw(conditions, options)


FIGURES: Mapping[str, FigureKind] = {
    kind.name: kind
    for kind in (
        FigureKind(
            "entropy", "Entropy of P(h) by generation, for each condition.",
            _of_all(entropy_figure),
        ),
        FigureKind(
            "statuses", "How probable each status is of what a bias is about, by generation.",
            _of_all(statuses_figure),
        ),
        FigureKind(
            "hypotheses", "P(h) of all hypotheses in each generation, coloured by that status.",
            hypotheses_figure, each=True,
        ),
        FigureKind(
            "hypotheses_explained",
            "The same, coloured by how many first examples hypotheses explain.",
            partial(hypotheses_figure, by_explained=True), each=True,
        ),
        FigureKind(
            "consistency", "First examples that rules explain, by generation.",
            _of_all(consistency_figure),
        ),
        FigureKind(
            "measures", "Bias, correctness, consistency and validity by generation.",
            _of_all(measures_figure),
        ),
        FigureKind(
            "endings", "What the last generation came to, as bars.", _of_all(endings_figure)
        ),
        FigureKind(
            "acronyms", "Share of common words, mean rank and length by generation.",
            _of_all(acronyms_figure),
        ),
    )
}  # fmt: skip
"""By name, in the order in which they are offered."""


def draw_figures(
    conditions: Sequence[Condition],
    names: Sequence[str] = (),
    options: FigureOptions | None = None,
) -> Iterator[Drawn]:
    """Draw figures one after the other; each can be let go before the next is drawn.

    Args:
        conditions: Of measured lineages.
        names: Of `FIGURES`; none for all that these lineages can have.
        options: How they are computed.

    Raises:
        NotFoundError: There is no such figure, or matplotlib is not installed.
    """
    kinds = [figure_named(name, FIGURES) for name in dict.fromkeys(names)] or _fitting(conditions)
    chosen = FigureOptions() if options is None else options
    taken: set[str] = set()
    for kind in kinds:
        for subject in [one.name for one in conditions] if kind.each else [""]:
            found = kind.draw(conditions, subject, chosen)
            alone = not subject or len(conditions) == 1
            name = free_name(kind.name if alone else f"{kind.name}_{subject}", taken)
            if isinstance(found, NoFigure):
                yield Drawn(name, None, found.reason)
            else:
                yield Drawn(name, found)


def _fitting(conditions: Sequence[Condition]) -> list[FigureKind]:
    """Those of rules where there are rules, and those of acronyms where these are played."""
    lineages = [one for condition in conditions for one in condition.lineages]
    has_rules = any(one.world is not None for one in lineages)
    has_acronyms = any(one.world is None for one in lineages)
    return [
        kind
        for kind in FIGURES.values()
        if (has_acronyms if kind.name == "acronyms" else has_rules)
    ]
