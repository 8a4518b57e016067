"""What all figures of chains share: looks, panels, limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from simulator.analysis.culture.distributions import Unit
from simulator.analysis.culture.groups import Group, group_of
from simulator.analysis.culture.records import Floats, MeasuredChains
from simulator.analysis.drawing import COLOURS, GREY, MARKERS, figure_of, plain
from simulator.analysis.texts.registry import TEXT_MEASURES
from simulator.analysis.texts.relations import CHAIN_MEASURES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from simulator.analysis.culture.similarity import Way

PALE = "#dddddd"
_LEGEND_LINE = 0.15
"""Inches of a line of a legend."""
_LINES_WITHIN = 3
"""Lines of a legend for which figures have room; they grow by what is more."""


@dataclass(frozen=True, slots=True)
class FigureOptions:
    """How all figures are computed."""

    classic: bool = False
    """As published: see `attractors_of`; the KS test stops short; positions are not standardised
    for the additive model."""
    level: float = 0.95
    """Of the intervals, between 0 and 1."""
    early: int = 10
    """Generation that attractors are predicted from."""
    resamples: int = 2000
    """Of initial texts, for the intervals; 0 for none."""
    unit: Unit | None = None
    """What the KS test takes to be independent; None for texts, or chains where it is classic."""
    successive: bool = False
    """Whether the KS test is against the generation before, and not the first."""
    similarity: Way = "tfidf"
    """How texts are compared."""


@dataclass(frozen=True, slots=True)
class NoFigure:
    """There is nothing to draw."""

    reason: str
    """A sentence without its full stop."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a line, a bar or a point is drawn."""

    colour: str
    marker: str


@dataclass(frozen=True, slots=True)
class Series:
    """Chains drawn alike: of one model, and one temperature where it has several."""

    model: str
    temperature: float | None
    name: str
    look: Look

    def holds(self, group: Group) -> bool:
        """Whether a group of chains, of any task, is of the series."""
        return (group.model, group.temperature) == (self.model, self.temperature)

    def of(self, measured: MeasuredChains, task: str) -> MeasuredChains:
        """Its chains of a task."""
        return measured.where(lambda chain: chain.task == task and self.holds(group_of(chain)))


def series_of(measured: MeasuredChains) -> tuple[Series, ...]:
    """All series in order of appearance; the same chains, the same looks in every figure."""
    pairs = list(dict.fromkeys((chain.model, chain.temperature) for chain in measured.chains))
    models = [model for model, _ in pairs]
    return tuple(
        Series(model, heat, _series_name(model, heat, models.count(model) > 1), look_at(place))
        for place, (model, heat) in enumerate(pairs)
    )


def looks_of(names: Sequence[str]) -> Mapping[str, Look]:
    """How each of some models or tasks is drawn, in their order."""
    return {name: look_at(place) for place, name in enumerate(names)}


def look_at(place: int) -> Look:
    """The look of the thing at a place; 64 differ in colour or mark."""
    marker = (place + place // len(COLOURS)) % len(MARKERS)
    return Look(COLOURS[place % len(COLOURS)], MARKERS[marker])


def _series_name(model: str, temperature: float | None, is_one_of_many: bool) -> str:
    if not is_one_of_many:
        return plain(model)
    return f"{plain(model)}, T {'unknown' if temperature is None else f'{temperature:g}'}"


# ---------------------------------------------------------------- panels


def grid_of(
    rows: int, columns: int, *, width: float = 2.3, height: float = 1.8, **shared: Any
) -> tuple[Figure, Any]:
    """A figure of panels, each of so many inches, and its panels in shape (rows, columns)."""
    figure = figure_of(max(3.4, width * columns), max(2.4, height * rows) + 0.5)
    return figure, figure.subplots(rows, columns, squeeze=False, **shared)


def finish(panel: Any, *, grid: Literal["x", "y", "both"] = "y") -> None:
    """Take away what says nothing, and make letters small enough for a paper."""
    panel.spines[["top", "right"]].set_visible(False)
    panel.grid(axis=grid, color=PALE, linewidth=0.5)
    panel.set_axisbelow(True)
    panel.tick_params(labelsize=7)
    for label in (panel.xaxis.label, panel.yaxis.label):
        label.set_fontsize(8)


def head(panel: Any, words: str) -> None:
    """Name a panel, in lines that fit above it."""
    panel.set_title(words if "\n" in words else wrapped(words, 24), fontsize=8)


def say(panel: Any, reason: str) -> None:
    """Say why a panel is empty."""
    panel.text(
        0.5, 0.5, wrapped(reason, 26), transform=panel.transAxes, ha="center", va="center",
        fontsize=7, color=GREY,
    )  # fmt: skip


def count_generations(panel: Any) -> None:
    """Let the horizontal axis have whole numbers only."""
    panel.set_xlabel("generation")
    panel.xaxis.get_major_locator().set_params(integer=True)


def wrapped(words: str, width: int) -> str:
    """Words in lines of so many characters."""
    from textwrap import wrap

    return "\n".join(wrap(words, width))


def name_lines(figure: Figure, panels: Any) -> None:
    """A legend below the figure of everything that any panel names, each name once."""
    found: dict[str, Any] = {}
    for panel in panels.flat:
        for handle, name in zip(*panel.get_legend_handles_labels(), strict=True):
            found.setdefault(name, handle)
    if found:
        longest = max(len(line) for name in found for line in name.split("\n"))
        columns = max(1, min(len(found), int(figure.get_figwidth() * 13 / (longest + 8))))
        lines = max(name.count("\n") + 1 for name in found) * -(-len(found) // columns)
        height = figure.get_figheight() + _LEGEND_LINE * max(0, lines - _LINES_WITHIN)
        figure.set_figheight(height)
        legend = figure.legend(
            list(found.values()), list(found), loc="outside lower center", ncols=columns,
            frameon=False, fontsize=7.5, markerscale=1.3,
        )  # fmt: skip
        for handle in legend.legend_handles:
            if handle is not None:
                handle.set_alpha(1)


def label_of(measure: str) -> str:
    """The measure with its unit."""
    known = TEXT_MEASURES.get(measure) or CHAIN_MEASURES.get(measure)
    unit = known.unit if known is not None else ""
    words = plain(measure.replace("_", " "))
    return f"{words}\n({unit})" if unit and unit not in (measure, words) else words


def view_of(values: Floats, measure: str = "") -> tuple[float, float]:
    """Limits of an axis that hold at least 99 % of values, with a little room.

    Few texts are a hundred times as long as the others; panels say how many lie beyond.
    """
    known = values[np.isfinite(values)]
    if not known.size:
        return (0.0, 1.0)
    low, high = np.quantile(known, [0.005, 0.995])
    room = 0.05 * (high - low) or 0.05 * abs(high) or 0.05
    return inside(float(low - room), float(high + room), measure, room)


def inside(low: float, high: float, measure: str, room: float = 0.0) -> tuple[float, float]:
    """Limits cut to the least and greatest possible values of a measure, with a little room."""
    known = TEXT_MEASURES.get(measure) or CHAIN_MEASURES.get(measure)
    if known is not None and known.low is not None:
        low = max(low, known.low - room)
    if known is not None and known.high is not None:
        high = min(high, known.high + room)
    return low, high
