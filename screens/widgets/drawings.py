"""All that a plot can show, and how each is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TypeAlias

from rich.text import Text

from screens.widgets.charts import Chart, Colours, cut_to, draw
from screens.widgets.forest import Forest, draw_forest
from screens.widgets.heat import Heat, draw_heat
from screens.widgets.scatter import Scatter, draw_scatter
from simulator.presentation.safe_text import one_line

LEAST_LINES = 7
"""Of one of several parts."""


@dataclass(frozen=True, slots=True)
class Words:
    """Why there is no plot."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Stack:
    """Plots below each other."""

    parts: tuple[Chart | Scatter | Heat | Forest, ...]


Drawing: TypeAlias = Chart | Scatter | Heat | Forest | Stack | Words


def draw_any(drawing: Drawing, width: int, height: int, colours: Colours) -> Text:
    """The plot in exactly that many lines, none wider than that many columns."""
    match drawing:
        case Chart():
            return draw(drawing, width, height, colours)
        case Scatter():
            return draw_scatter(drawing, width, height, colours)
        case Heat():
            return draw_heat(drawing, width, height, colours)
        case Forest():
            return draw_forest(drawing, width, height, colours)
        case Stack():
            return _stacked(drawing, width, height, colours)
        case Words():
            lines = wrap(one_line(drawing.text), max(1, width))
            title = Text(one_line(drawing.title), "bold")
            return cut_to([title, Text(), *map(Text, lines)], max(0, width), max(0, height))


def _stacked(stack: Stack, width: int, height: int, colours: Colours) -> Text:
    """As many parts as have room, each as high as the others; colours go on from part to part."""
    shown = stack.parts[: max(1, height // LEAST_LINES)]
    more = len(shown) < len(stack.parts)
    each, rest = divmod(height - more, max(1, len(shown)))
    lines: list[Text] = []
    for place, part in enumerate(shown):
        turned = [*colours[place % len(colours) :], *colours[: place % len(colours)]]
        taken = turned if isinstance(part, Heat) else colours
        drawn = draw_any(part, width, each + (place < rest), taken)
        lines += drawn.split("\n", allow_blank=True)
    if more:
        words = f"{len(shown)} of {len(stack.parts)}; filter, or enlarge the window, to see others."
        lines.append(Text(words, "dim"))
    return cut_to(lines, width, height)
