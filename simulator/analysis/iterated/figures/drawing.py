"""What all figures of iterated learning share: lines of conditions, their looks, panels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

from simulator.analysis.culture.figures.drawing import (
    Look,
    count_generations,
    finish,
    look_at,
    wrapped,
)
from simulator.analysis.debates.proportions import LEVEL
from simulator.analysis.drawing import GREY, plain
from simulator.analysis.iterated.conditions import Condition, GenerationMean
from simulator.analysis.iterated.intervals import Mean

WIDEST = 48
"""Characters of a line in a legend."""
MOST_BARS = 6
"""Rows or columns of panels of one figure."""
MOST_BANDS = 4
"""Lines of a panel whose bands can be told apart; more have arms, side by side."""
_ASIDE = 0.5
"""Generations over which the arms of one generation are spread."""
_MARKS = 12
"""Marks of a line, about."""
STATUS_COLOURS = {"on": "#D55E00", "und": "#777777", "off": "#0072B2"}
"""Of the statuses of an object; other words take colours in turn."""


@dataclass(frozen=True, slots=True)
class FigureOptions:
    """How all figures are computed."""

    level: float = LEVEL
    """Of the intervals, between 0 and 1."""


@dataclass(frozen=True, slots=True)
class Line:
    """A number by generation, drawn alike."""

    name: str
    look: Look
    means: tuple[tuple[int, Mean], ...]
    """By generation, in order."""


def lines_of(conditions: Sequence[Condition]) -> dict[str, Look]:
    """The look of each condition, the same in every figure."""
    return {one.name: look_at(place) for place, one in enumerate(conditions)}


def whole(name: str, width: int = WIDEST) -> str:
    """A name in lines, uncut, so that no two look the same."""
    return "\n".join(plain(line, width + 1) for line in wrapped(name, width).splitlines())


def draw_line(
    panel: Any, line: Line, *, band: bool = True, aside: float = 0.0, **looks: Any
) -> None:
    """A line with marks and, where intervals are known, a band around it.

    Args:
        panel: To be drawn on.
        line: Any.
        band: Whether there may be one.
        aside: Generations that all of it is shifted.
        **looks: Of matplotlib's lines, instead of the usual ones.
    """
    places = [generation + aside for generation, _ in line.means]
    values = [mean.value for _, mean in line.means]
    chosen: dict[str, Any] = {
        "color": line.look.colour, "marker": line.look.marker, "markersize": 3.5,
        "markevery": _every(line), "linewidth": 1.2,
        "label": whole(line.name),
    }  # fmt: skip
    panel.plot(places, values, **chosen | looks)
    if band and any(mean.interval is not None for _, mean in line.means):
        low = [nan if mean.interval is None else mean.interval.low for _, mean in line.means]
        high = [nan if mean.interval is None else mean.interval.high for _, mean in line.means]
        colour = (chosen | looks)["color"]
        panel.fill_between(places, low, high, color=colour, alpha=0.15, linewidth=0)


def draw_arms(panel: Any, line: Line, *, aside: float = 0.0) -> None:
    """The intervals of a line as upright strokes at its marks.

    Args:
        panel: To be drawn on.
        line: Any.
        aside: Generations that they are shifted.
    """
    for generation, mean in line.means[:: _every(line)]:
        if mean.interval is not None:
            panel.vlines(
                generation + aside, mean.interval.low, mean.interval.high,
                color=line.look.colour, linewidth=0.8,
            )  # fmt: skip


def _every(line: Line) -> int:
    return max(1, len(line.means) // _MARKS)


def reference(panel: Any, height: float, words: str, *, below: bool = False) -> None:
    """A level that numbers are to be compared with, named above it or below."""
    panel.axhline(height, color=GREY, linewidth=0.8, linestyle=":")
    panel.annotate(
        words, (1, height), xycoords=("axes fraction", "data"), xytext=(-2, -2 if below else 2),
        textcoords="offset points", ha="right", va="top" if below else "bottom", fontsize=6.5,
        color=GREY,
    )  # fmt: skip


def by_generation(
    panel: Any, label: str, low: float | None = 0.0, high: float | None = None
) -> None:
    """Axes of a panel of numbers by generation, with a little room beyond what is possible.

    To be called once everything is drawn: where that is of one generation, it stands in the middle.
    """
    count_generations(panel)
    least, most = panel.dataLim.intervalx
    if isfinite(least) and round(least) == round(most):
        panel.set_xlim(round(least) - 0.5, round(least) + 0.5)
        panel.set_xticks([round(least)])
    panel.set_ylabel(label)
    if high is not None:
        room = 0.04 * (high - (low or 0.0))
        panel.set_ylim((low or 0.0) - room, high + room)
    elif low is not None:
        top = panel.get_ylim()[1]
        panel.set_ylim(low - 0.04 * (top - low), top)
    finish(panel)


def draw_conditions(
    panel: Any, conditions: Sequence[Condition], means: Sequence[GenerationMean]
) -> None:
    """A line for each condition that has means, with its intervals as a band.

    Of more than `MOST_BANDS` conditions, and of one generation, they are arms instead, side by
    side.

    Args:
        panel: To be drawn on.
        conditions: All of the figure, so that each looks alike in all of them.
        means: Of one measure.
    """
    lines = [
        Line(name, look, own)
        for name, look in lines_of(conditions).items()
        if (own := tuple((one.generation, one.mean) for one in means if one.condition == name))
    ]
    with_arms = len(lines) > MOST_BANDS or len({one.generation for one in means}) == 1
    for place, line in enumerate(lines):
        aside = _ASIDE * ((place + 0.5) / len(lines) - 0.5) if with_arms else 0.0
        draw_line(panel, line, band=not with_arms, aside=aside)
        if with_arms:
            draw_arms(panel, line, aside=aside)
