"""Estimates below each other with their intervals, as a forest plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from rich.cells import cell_len
from rich.text import Text

from screens.widgets.charts import Colours, cut_to, number_text, round_ticks
from simulator.presentation.safe_text import one_line

POINT = "●"
OTHER = "○"
_ZERO = "┊"
_REACH = 0.6
"""How far beyond the estimates the axis may follow an interval, in their own span; as far as the
usual interval in any case."""
_NARROWEST = 44
"""Columns below which only the numbers are shown."""
_AXIS = 22
"""Columns that the plot needs before numbers have their intervals beside them."""
_GAPS = 4


@dataclass(frozen=True, slots=True)
class Row:
    """An estimate."""

    name: str
    value: float | None
    """None where there is none; `note` says why."""
    low: float | None = None
    high: float | None = None
    """Ends of its interval; None without one."""
    other: float | None = None
    """Another estimate of the same, shown with a mark of its own."""
    note: str = ""
    """Behind its number, such as a star."""


@dataclass(frozen=True, slots=True)
class Section:
    """Rows that share an axis."""

    name: str
    rows: tuple[Row, ...]
    limits: tuple[float, float] | None = None
    """Of the axis; None for what the rows need."""


@dataclass(frozen=True, slots=True)
class Forest:
    """Sections below each other."""

    title: str
    sections: tuple[Section, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(row.value is not None for one in self.sections for row in one.rows)


def draw_forest(forest: Forest, width: int, height: int, colours: Colours) -> Text:
    """The rows in exactly that many lines, none wider than that many columns."""
    if width < 1 or height < 1:
        return Text()
    sections = [one for one in forest.sections if one.rows]
    columns = _columns([row for one in sections for row in one.rows], width)
    lines = [Text(one_line(forest.title), "bold")]
    room = height - 1 - sum(len(one.rows) + 1 for one in sections)
    spare = room >= 2 * len(sections)
    for place, one in enumerate(sections):
        if spare and place:
            lines.append(Text())
        lines.append(Text(one_line(one.name), "underline"))
        lines += _section(one, columns, colours, with_axis=spare)
    return cut_to(lines, width, height)


@dataclass(frozen=True, slots=True)
class _Columns:
    """How wide the parts of a line are."""

    label: int
    axis: int
    """0 for none."""
    brackets: bool
    """Whether numbers stand with their intervals."""


def _columns(rows: Sequence[Row], width: int) -> _Columns:
    label = min(max((cell_len(one_line(row.name)) for row in rows), default=0), width // 2)
    if width < _NARROWEST:
        return _Columns(label, 0, brackets=True)
    whole, short = (
        min(max((len(_number(row, brackets)) for row in rows), default=0), width // 3)
        for brackets in (True, False)
    )
    # Intervals are drawn: where there is no room to say them too, the plot tells more.
    says_all = width - label - whole - _GAPS >= _AXIS
    return _Columns(label, width - label - (whole if says_all else short) - _GAPS, says_all)


def _section(
    section: Section, columns: _Columns, colours: Colours, *, with_axis: bool
) -> list[Text]:
    axis = columns.axis
    ticks = _limits(section, axis)
    lines = []
    for place, row in enumerate(section.rows):
        name = Text(one_line(row.name))
        name.truncate(columns.label, overflow="ellipsis", pad=True)
        red, green, blue = colours[place % len(colours)]
        line = Text.assemble(name, "  ")
        if axis > 0:
            line.append_text(Text(_drawn(row, ticks, axis), f"rgb({red},{green},{blue})"))
            line.append("  ")
        line.append(_number(row, columns.brackets), "" if row.value is not None else "dim")
        lines.append(line)
    if with_axis and axis > 0:
        lines.append(Text(" " * (columns.label + 2) + _axis(ticks, axis), "dim"))
    return lines


def _limits(section: Section, axis: int) -> list[float]:
    """Ticks; an interval that reaches far beyond all estimates is cut, not followed."""
    if section.limits is not None:
        return round_ticks(section.limits, axis // 5)
    values = [
        value for row in section.rows for value in (row.value, row.other) if value is not None
    ] or [0.0]
    ends = [
        (row.low, row.high) for row in section.rows if row.low is not None and row.high is not None
    ]
    span = max(values) - min(values) or abs(values[0]) or 1.0
    usual = median_low(high - low for low, high in ends) if ends else 0.0
    reach = max(_REACH * span, usual)
    low, high = min(values) - reach, max(values) + reach
    held = [min(max(end, low), high) for pair in ends for end in pair]
    return round_ticks([*values, *held], axis // 5)


def _drawn(row: Row, ticks: Sequence[float], axis: int) -> str:
    letters = [" "] * axis
    low, high = ticks[0], ticks[-1]

    def at(value: float) -> int:
        return min(axis - 1, max(0, int((value - low) / (high - low) * axis)))

    if low < 0 < high:
        letters[at(0.0)] = _ZERO
    if row.low is not None and row.high is not None:
        first, last = at(row.low), at(row.high)
        letters[first : last + 1] = "─" * (last + 1 - first)
        letters[first] = "←" if row.low < low else "├"
        letters[last] = "→" if row.high > high else "┤"
    for value, mark in ((row.other, OTHER), (row.value, POINT)):
        if value is not None and low <= value <= high:
            letters[at(value)] = mark
    return "".join(letters)


def _axis(ticks: Sequence[float], axis: int) -> str:
    line = ""
    step = max(1, -(-len(ticks) * 9 // max(1, axis)))
    for tick in ticks[::step]:
        words = number_text(tick)
        spot = min(axis - 1, int((tick - ticks[0]) / (ticks[-1] - ticks[0]) * axis))
        spot = min(max(spot - len(words) // 2, 0), axis - len(words))
        if spot >= len(line) + (1 if line else 0):
            line = line.ljust(spot) + words
    return line


def _number(row: Row, brackets: bool) -> str:
    if row.value is None:
        return row.note or "none"
    words = _short(row.value)
    if brackets and row.low is not None and row.high is not None:
        words += f" [{_short(row.low)}, {_short(row.high)}]"
    return f"{words} {row.note}".rstrip()


def _short(value: float) -> str:
    """With three digits."""
    return number_text(float(f"{value:.3g}"))
