"""Points by two numbers, with lines through them, drawn with letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual_plotext.plot import Plot as Figure

from screens.widgets.charts import (
    MOST_SERIES,
    POINTS,
    SMALLEST,
    Colours,
    cut_to,
    legend_lines,
    number_text,
    round_ticks,
)
from simulator.presentation.safe_text import one_line

ATTRACTOR = "✕"
_DIAGONAL = (128, 128, 128)
_BESIDE = 0.5
"""How far beside the points an attractor is still shown, in their own span."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """Points that belong together."""

    name: str
    points: tuple[tuple[float, float], ...]
    line: tuple[float, float] | None = None
    """Slope, and height at 0; None for no line."""
    attractor: float | None = None
    """Marked where the line crosses the diagonal; None for none."""


@dataclass(frozen=True, slots=True)
class Scatter:
    """Clouds of points; a grey diagonal is where both numbers are equal."""

    title: str
    x_name: str
    clouds: tuple[Cloud, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(one.points for one in self.clouds)


def draw_scatter(scatter: Scatter, width: int, height: int, colours: Colours) -> Text:
    """The points in exactly that many lines, none wider than that many columns."""
    if width < 1 or height < 1:
        return Text()
    if scatter.is_empty:
        return cut_to([Text("Nothing to plot.")], width, height)
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return cut_to(_listed(scatter), width, height)
    shown = scatter.clouds[:MOST_SERIES]
    dropped = len(scatter.clouds) - len(shown)
    more = f" · {len(shown)} of {len(scatter.clouds)} series" if dropped else ""
    names = [one.name for one in shown]
    head = [
        Text(one_line(scatter.title) + more, "bold"),
        *legend_lines(names, POINTS[: len(shown)], width, colours)[: max(1, height // 7)],
    ]
    return cut_to(
        [*head, *_figure(scatter.x_name, shown, width, height - len(head), colours)], width, height
    )


def _figure(
    x_name: str, clouds: Sequence[Cloud], width: int, height: int, colours: Colours
) -> list[Text]:
    figure = Figure()
    figure.plotsize(width, height)
    # The size alone would be cut to that of the terminal that the program was started in.
    figure._set_size(width, height)
    figure.theme("clear")
    xs = [x for one in clouds for x, _ in one.points]
    ys = [y for one in clouds for _, y in one.points]
    near = _near([one.attractor for one in clouds if one.attractor is not None], xs)
    xs, ys = [*xs, *near], [*ys, *near]
    across, up = round_ticks(xs, width // 5), round_ticks(ys, height)
    sides = (across[0], across[-1]), (up[0], up[-1])
    _line(figure, (1.0, 0.0), sides, sides[0], _DIAGONAL)
    for place, one in enumerate(clouds):
        if one.line is not None and one.points:
            ends = [x for x, _ in one.points]
            _line(figure, one.line, sides, (min(ends), max(ends)), colours[place % len(colours)])
    for place, one in enumerate(clouds):
        colour = colours[place % len(colours)]
        figure.scatter(
            [x for x, _ in one.points], [y for _, y in one.points], marker=POINTS[place],
            color=colour,
        )  # fmt: skip
    for place, one in enumerate(clouds):
        at = one.attractor
        if at is not None and all(low <= at <= high for low, high in sides):
            figure.scatter([at], [at], marker=ATTRACTOR, color=colours[place % len(colours)])
    figure.xlim(*sides[0])
    figure.ylim(*sides[1])
    figure.yticks(up, [number_text(tick) for tick in up])
    kept = across[:: max(1, -(-len(across) * 9 // max(1, width - 9)))]
    figure.xticks(kept, [number_text(tick) for tick in kept])
    figure.xaxes(True, False)
    figure.yaxes(True, False)
    if height >= 10:
        figure.xlabel(one_line(x_name))
    return list(Text.from_ansi(figure.build()).split("\n"))


def _near(attractors: Sequence[float], xs: Sequence[float]) -> list[float]:
    """Those that lie within or not far beside the points; others would squeeze the plot."""
    low, high = min(xs), max(xs)
    room = _BESIDE * (high - low)
    return [one for one in attractors if low - room <= one <= high + room]


def _line(
    figure: Figure,
    line: tuple[float, float],
    sides: tuple[tuple[float, float], tuple[float, float]],
    ends: tuple[float, float],
    colour: tuple[int, int, int],
) -> None:
    """As much of a line between two places as lies within the sides."""
    slope, height = line
    (left, right), (low, high) = sides
    left, right = max(left, ends[0]), min(right, ends[1])
    if slope:
        cuts = sorted(((low - height) / slope, (high - height) / slope))
        left, right = max(left, cuts[0]), min(right, cuts[1])
    if left < right:
        ys = [min(max(slope * x + height, low), high) for x in (left, right)]
        figure.plot([left, right], ys, marker="·", color=colour)


def _listed(scatter: Scatter) -> list[Text]:
    """The numbers themselves, for where no plot fits."""
    lines = [Text(one_line(scatter.title), "bold")]
    for one in scatter.clouds:
        for x, y in one.points:
            words = f"{number_text(x)} → {number_text(y)} {one_line(one.name)}"
            lines.append(Text(words.rstrip()))
    return lines
