"""What measures came to, in words and numbers for people."""

from __future__ import annotations

from simulator.analysis.gathering import FACTOR, Gathered
from simulator.analysis.grouping import Label
from simulator.analysis.summary import Interval
from simulator.presentation.notices import short_id
from simulator.presentation.safe_text import one_line
from simulator.presentation.wording import counted

NONE = "–"
"""Where there is no number, or no group."""
_COUNTED = frozenset({"day", "turn"})
_MOST_REASONS = 3


def number_text(value: float) -> str:
    """Three digits or more: `0.0123`, `4.57`, `1,234`, `2.30e+07`; whole numbers as they are."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e7 or size < 1e-3:
        return f"{value:.2e}"
    if value == int(value):
        return f"{value:,.0f}"
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 3
    if size < 0.1:
        digits = 4
    return f"{value:,.{digits}f}"


def interval_text(interval: Interval | None) -> str:
    """Such as `3.10 to 4.57`."""
    if interval is None:
        return NONE
    return f"{number_text(interval.low)} to {number_text(interval.high)}"


def grouping_text(grouping: str) -> str:
    """The name of a grouping, for people."""
    return one_line(grouping.removeprefix(FACTOR))


def label_text(label: Label, grouping: str, *, alone: bool = False) -> str:
    """The name of a group, on one line.

    Args:
        label: The group's.
        grouping: What it is a group of.
        alone: Whether the name of the grouping does not stand beside it.
    """
    if label is None:
        return f"no {grouping_text(grouping)}" if alone else NONE
    if grouping == "run":
        return short_id(str(label))
    return f"{grouping} {label}" if alone and grouping in _COUNTED else one_line(str(label))


def left_out_text(found: Gathered) -> str:
    """Such as `1,600 of 1,720 steps; left out: 80 empty replies, 40 words of the researcher`."""
    kept = found.steps - sum(found.left_out.values())
    text = f"{kept:,} of {found.steps:,} steps"
    if found.left_out:
        reasons = found.left_out.most_common()
        named = [f"{number:,} {why}" for why, number in reasons[:_MOST_REASONS]]
        others = sum(number for _, number in reasons[_MOST_REASONS:])
        text += f"; left out: {', '.join([*named, *([f'{others:,} others'] if others else [])])}"
    if found.empty_runs:
        text += f"; {counted(found.empty_runs, 'run')} without any step"
    return text
