"""Numbers in rows and columns, drawn as shades: the more, the denser the letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TypeAlias, TypeVar

from rich.text import Text

from screens.widgets.charts import SMALLEST, Colours, cut_to
from simulator.presentation.safe_text import one_line

SHADES = " ░▒▓█"
"""From nothing to the most."""
ABSENT = "·"
"""Where there is no number."""
_LABEL = 9
"""Columns left of the shades."""

Cells: TypeAlias = Sequence[float | None]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Heat:
    """A table of numbers from 0 to 1."""

    title: str
    x_name: str
    """What the columns are, such as `generation`."""
    x_labels: tuple[str, ...]
    """Of the columns."""
    y_labels: tuple[str, ...]
    """Of the rows."""
    rows: tuple[tuple[float | None, ...], ...]
    """The lowest first; None where there is nothing."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value is not None for row in self.rows for value in row)


def draw_heat(heat: Heat, width: int, height: int, colours: Colours) -> Text:
    """The shades in exactly that many lines, none wider than that many columns."""
    if width < 1 or height < 1:
        return Text()
    title = Text(one_line(heat.title), "bold")
    if heat.is_empty:
        return cut_to([title, Text("Nothing to plot.")], width, height)
    if width < SMALLEST[0] or height < 5:
        return cut_to([title, Text("Too small for shades.")], width, height)
    named = height >= SMALLEST[1] + 2
    lines, columns = height - 2 - named, width - _LABEL - 1
    rows = _spread_rows(heat.rows, lines)
    ticks = _side_ticks(heat.y_labels, lines)
    red, green, blue = colours[0]
    body = []
    for place in range(lines - 1, -1, -1):
        cells = _spread(rows[place], columns)
        line = Text(f"{ticks.get(place, ''):>{_LABEL}}▕")
        line.append("".join(map(_shade, cells)), f"rgb({red},{green},{blue})")
        body.append(line)
    foot = [Text(" " * (_LABEL + 1) + _below(heat.x_labels, columns))]
    if named:
        foot.append(Text(" " * (_LABEL + 1) + one_line(heat.x_name).center(columns).rstrip()))
    return cut_to([title, *body, *foot], width, height)


def _shade(value: float | None) -> str:
    if value is None:
        return ABSENT
    share = min(max(value, 0.0), 1.0)
    return SHADES[min(len(SHADES) - 1, ceil(share * (len(SHADES) - 1) - 0.25))]


def _spread(values: Cells, size: int) -> list[float | None]:
    """As many as wanted of other many: some repeated, or the means of some."""
    return [_mean(part) for part in _parts(values, size)]


def _spread_rows(rows: Sequence[Cells], size: int) -> list[list[float | None]]:
    return [[_mean(column) for column in zip(*part, strict=True)] for part in _parts(rows, size)]


def _parts(values: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    count = len(values)
    for place in range(size):
        first = place * count // size
        yield values[first : max(first + 1, (place + 1) * count // size)]


def _mean(values: Cells) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _side_ticks(labels: Sequence[str], lines: int) -> dict[int, str]:
    """Labels of lines, the lowest line being 0; about one in three lines has one."""
    most = max(2, lines // 3 + 1)
    found = {}
    for tick in range(most):
        line = round(tick * (lines - 1) / (most - 1))
        place = min(len(labels) - 1, int((line + 0.5) * len(labels) / lines))
        found[line] = labels[place][:_LABEL]
    return found


def _below(labels: Sequence[str], columns: int) -> str:
    """The labels of as many columns as have room, each where its column begins."""
    longest = max(map(len, labels))
    step = max(1, ceil((longest + 2) * len(labels) / columns))
    line = ""
    for place in range(0, len(labels), step):
        spot = ceil(place * columns / len(labels))
        if spot + len(labels[place]) <= columns:
            line = line.ljust(spot) + labels[place]
    return line
