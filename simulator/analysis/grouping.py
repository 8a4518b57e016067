"""What steps can be grouped by."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from simulator.analysis.observing import Observation

Label = str | int | None
"""Name of a group; None for what belongs to none, such as a step of a kind without days."""

_NUMBER = re.compile(r"(\d+)")

STEP_GROUPINGS: Mapping[str, Callable[[Observation], Label]] = {
    "agent": lambda seen: seen.seat,
    "name": lambda seen: seen.step.speaker,
    "role": lambda seen: seen.step.role,
    "day": lambda seen: seen.step.day,
    "turn": lambda seen: seen.turn,
    "model": lambda seen: seen.model or None,
}
"""By name; an agent is a role with a number, the same in every run, a name is one run's own."""


def condition_text(condition: Mapping[str, str]) -> str | None:
    """A level of each factor as one label; None without factors."""
    return ", ".join(f"{factor}={level}" for factor, level in condition.items()) or None


def in_order(key: tuple[Label, ...]) -> tuple[object, ...]:
    """What sorts groups: numbers, then texts as people count (2 before 10), then None."""
    return tuple(map(_place, key))


def _place(label: Label) -> tuple[int, int, tuple[tuple[int, int, str], ...], str]:
    if label is None:
        return (2, 0, (), "")
    if isinstance(label, int):
        return (0, label, (), "")
    return (1, 0, tuple(map(_part, _NUMBER.split(label.casefold()))), label)


def _part(text: str) -> tuple[int, int, str]:
    # Longer numbers are larger ones, which spares reading thousands of digits as a number.
    digits = text.lstrip("0")
    return (0, len(digits), digits) if text.isdecimal() else (1, 0, text)
