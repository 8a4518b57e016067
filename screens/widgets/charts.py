"""What a plot shows, and how it is drawn with letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, isfinite, log10
from typing import Literal

from rich.cells import cell_len
from rich.text import Text
from textual_plotext.plot import Plot as Figure

from simulator.presentation.safe_text import one_line

MOST_SERIES = 6
"""More cannot be told apart."""
SMALLEST = (28, 7)
"""Columns and lines below which numbers are listed instead."""

POINTS = "●▲■◆+x"
BAND = "░"
_GREY = (128, 128, 128)
ARM = "│"
"""Of what is shown around the values of a line."""
_FILLS = "█░▚▒=#"
_REST = "\ue000"
"""Stands for the second half of a letter two columns wide, where letters are counted."""
_TICK_WIDTH = 9
_GROUP_WIDTH = 0.8
"""Of bars at one place, where places are 1 apart."""
_TALL = 12
"""Lines from which on the places are named below them."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line of points, or one kind of bar."""

    name: str
    """Empty where there is only one."""
    values: tuple[float | None, ...]
    """As many as places; None where there is nothing."""
    spread: tuple[float | None, ...] = ()
    """How far up and down of a line's values more is shown, as many as places; empty for nothing.
    """


@dataclass(frozen=True, slots=True)
class Chart:
    """Values at places."""

    shape: Literal["bars", "lines"]
    title: str
    """With the unit of the values."""
    place_name: str
    """What the places are, such as `turn`."""
    places: tuple[str, ...]
    series: tuple[Series, ...]
    limits: tuple[float, float] | None = None
    """Of the axis of values; None for what they need."""
    band: tuple[float, float] | None = None
    """Grey from one value to the other, behind the lines; None for nothing."""
    every: int = 1
    """Of the points of a line, one in so many has its mark, and its spread."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value is not None for one in self.series for value in one.values)


LEAST_VALUE = 1e-9
"""What is nearer to nothing is drawn as nothing: the plotting library divides by the range."""

Colours = Sequence[tuple[int, int, int]]
"""Red, green and blue, 0 to 255, for the series in turn."""


def draw(chart: Chart, width: int, height: int, colours: Colours) -> Text:
    """The chart in exactly that many lines, none wider than that many columns.

    Series are told apart by their marks as well as by their colours.
    """
    if width < 1 or height < 1:
        return Text()
    if chart.is_empty:
        return cut_to([Text("Nothing to plot.")], width, height)
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return cut_to(_listed(chart), width, height)
    shown = _fitting(chart, width)
    most = max(1, height // SMALLEST[1])
    while len(legend := _legend(shown, width, colours)) > most and len(shown.series) > 1:
        # A mark that nothing names says nothing.
        shown = replace(shown, series=shown.series[:-1])
    head = [_title(chart, shown), *legend[:most]]
    return cut_to([*head, *_figure(shown, width, height - len(head), colours)], width, height)


def _fitting(chart: Chart, width: int) -> Chart:
    """As much of the chart as fits."""
    series = chart.series[:MOST_SERIES]
    most = max(1, (width - _TICK_WIDTH) // (len(series) + 1 if chart.shape == "bars" else 1))
    return Chart(
        chart.shape, chart.title, chart.place_name, chart.places[:most],
        tuple(
            Series(one.name, tuple(map(_drawable, one.values[:most])), one.spread[:most])
            for one in series
        ),
        chart.limits, chart.band, chart.every,
    )  # fmt: skip


def _drawable(value: float | None) -> float | None:
    return 0.0 if value is not None and abs(value) < LEAST_VALUE else value


def _title(chart: Chart, shown: Chart) -> Text:
    cuts = [
        f"{len(kept)} of {len(there)} {what}"
        for kept, there, what in (
            (shown.places, chart.places, "groups"), (shown.series, chart.series, "series"),
        )
        if len(kept) < len(there)
    ]  # fmt: skip
    return Text(one_line(" · ".join([chart.title, *cuts])), "bold")


def _mark(chart: Chart, place: int) -> str:
    return (_FILLS if chart.shape == "bars" else POINTS)[place]


def _legend(chart: Chart, width: int, colours: Colours) -> list[Text]:
    marks = [_mark(chart, place) for place in range(len(chart.series))]
    return legend_lines([one.name for one in chart.series], marks, width, colours)


def legend_lines(
    names: Sequence[str], marks: Sequence[str], width: int, colours: Colours
) -> list[Text]:
    """Lines that name the marks; none where there is nothing to tell apart."""
    lines: list[Text] = []
    for place, (words, mark) in enumerate(zip(names, marks, strict=True)):
        red, green, blue = colours[place % len(colours)]
        name = Text.assemble((mark, f"rgb({red},{green},{blue})"), f" {one_line(words)}   ")
        if lines and lines[-1].cell_len + name.cell_len <= width:
            lines[-1].append_text(name)
        else:
            lines.append(name)
    return lines if any(names) else []


def _figure(chart: Chart, width: int, height: int, colours: Colours) -> list[Text]:
    figure = Figure()
    figure.plotsize(width, height)
    # The size alone would be cut to that of the terminal that the program was started in.
    figure._set_size(width, height)
    figure.theme("clear")
    spots = [float(place) for place in range(1, len(chart.places) + 1)]
    ticks = _ticks(chart, height)
    if chart.band is not None:
        for level in _band_levels(chart.band, ticks[-1] - ticks[0], height):
            figure.plot([0.5, len(spots) + 0.5], [level, level], marker=BAND, color=_GREY)
    # Arms come before all marks, which they would hide.
    for place, one in enumerate(chart.series):
        for x, low, high in _arms(one, chart.every, place):
            figure.plot([x, x], [low, high], marker=ARM, color=colours[place % len(colours)])
    for place, one in enumerate(chart.series):
        mark, colour = _mark(chart, place), colours[place % len(colours)]
        there = [(x, y) for x, y in zip(spots, one.values, strict=True) if y is not None]
        xs, ys = [x for x, _ in there], [y for _, y in there]
        if chart.shape == "bars":
            width_each = _GROUP_WIDTH / len(chart.series)
            aside = width_each * (place + 0.5) - _GROUP_WIDTH / 2
            figure.bar(
                [x + aside for x in xs], ys, marker=mark, color=colour, width=width_each * 0.999,
            )  # fmt: skip
        else:
            figure.plot(xs, ys, marker="·", color=colour)
            first = place % chart.every if len(xs) > chart.every else 0
            figure.scatter(
                xs[first :: chart.every], ys[first :: chart.every], marker=mark, color=colour
            )
    figure.ylim(ticks[0], ticks[-1])
    figure.yticks(ticks, [number_text(tick) for tick in ticks])
    figure.xlim(0.5, len(spots) + 0.5)
    figure.xticks(*_place_ticks(chart, width - _TICK_WIDTH))
    figure.xaxes(True, False)
    figure.yaxes(True, False)
    if height >= _TALL:
        figure.xlabel(_celled(one_line(chart.place_name)))
    drawn = Text.from_ansi(figure.build().replace(_REST, ""))
    return list(drawn.split("\n"))


def _arms(series: Series, every: int = 1, first: int = 0) -> Sequence[tuple[float, float, float]]:
    """Place, lowest and highest of what is shown around one in so many values of a line."""
    around_values = zip(series.values, series.spread, strict=False)
    there = [
        (place, value - around, value + around)
        for place, (value, around) in enumerate(around_values, 1)
        if value is not None and around is not None
    ]
    return there[first % every if len(there) > every else 0 :: every]


def _band_levels(band: tuple[float, float], span: float, height: int) -> list[float]:
    """Values a line of letters apart, so that the band has no gaps; one at least."""
    low, high = band
    lines = max(1, round((high - low) / span * height))
    return [low + (high - low) * (place + 0.5) / lines for place in range(lines)]


def _ticks(chart: Chart, height: int) -> list[float]:
    """Round numbers that the values lie between; bars begin at zero."""
    if chart.limits is not None:
        return round_ticks(chart.limits, height)
    # Where not everything fits, what is drawn may have no values at all.
    values = [v for one in chart.series for v in one.values if v is not None] or [0.0]
    values += [end for one in chart.series for _, *ends in _arms(one) for end in ends]
    return round_ticks(values, height, from_zero=chart.shape == "bars")


def round_ticks(values: Sequence[float], height: int, *, from_zero: bool = False) -> list[float]:
    """Round numbers that values lie between, for an axis of so many lines.

    Args:
        values: At least one.
        height: In lines; of a horizontal axis, a fifth of its columns.
        from_zero: Whether 0 must be among them; it is also where it is near.
    """
    low, high = min(values), max(values)
    if from_zero or 0 <= low <= high / 2:
        low, high = min(low, 0.0), max(high, 0.0)
    # A range as narrow as rounding makes it has no round numbers between its ends.
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        low, high = (low - 1, high + 1) if low else (0.0, 1.0)
    rough = (high - low) / max(2, min(6, height // 2 - 1))
    step = round_step(rough, (1, 2, 2.5, 5, 10))
    first, last = floor(low / step), ceil(high / step)
    return [round(place * step, 12) for place in range(first, last + 1)]


def round_step(rough: float, steps: Sequence[float] = (1, 2, 5, 10)) -> float:
    """The smallest round number that is not less than a positive one."""
    scale = 10.0 ** floor(log10(rough))
    return next(one * scale for one in steps if one * scale >= rough * 0.999)


def number_text(value: float) -> str:
    """Short: `0.05`, `1,500`, `2e+06`."""
    if not isfinite(value) or abs(value) >= 1e6:
        return f"{value:.0e}"
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def _place_ticks(chart: Chart, width: int) -> tuple[list[float], list[str]]:
    """Labels of as many places as have room, evenly, each cut to the room that it has."""
    labels = [_celled(one_line(place)) for place in chart.places]
    room = width // len(labels)
    if chart.shape == "bars" and room >= _TICK_WIDTH:
        step, longest = 1, room - 1
    else:
        longest = min(max(map(len, labels)), max(4, width // 3))
        step = ceil((longest + 2) / max(width / len(labels), 0.01))
    kept = range(0, len(labels), step)
    return [place + 1.0 for place in kept], [_shortened(labels[place], longest) for place in kept]


def _celled(text: str) -> str:
    """The text with one character for each column that it takes."""
    return "".join(one + _REST * (cell_len(one) - 1) for one in text if cell_len(one))


def _shortened(celled: str, columns: int) -> str:
    if len(celled) <= columns:
        return celled
    kept = celled[: columns - 1]
    # Half of a wide letter cannot be shown.
    return (kept[:-1] + " " if celled[columns - 1] == _REST else kept) + "…"


def _listed(chart: Chart) -> list[Text]:
    """The numbers themselves, for where no plot fits."""
    lines = [Text(one_line(chart.title), "bold")]
    for place, name in enumerate(chart.places):
        for one in chart.series:
            value = one.values[place]
            if value is not None:
                label = " ".join(filter(None, (one_line(name), one_line(one.name))))
                lines.append(Text(f"{number_text(value)} {label}"))
    return lines


def cut_to(lines: Sequence[Text], width: int, height: int) -> Text:
    """Exactly that many lines, each at most so wide."""
    kept = [*lines[:height], *[Text()] * (height - len(lines))]
    if len(lines) > height:
        kept[-1] = Text(f"… {len(lines) - height + 1} more")
    for line in kept:
        if line.cell_len > width:
            line.truncate(width, overflow="ellipsis")
    return Text("\n").join(kept)
