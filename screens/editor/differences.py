"""Where two texts differ, as one replacement, and two changes of one text made into one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Replacement:
    """The part of a text that another text has in its place."""

    start: int
    end: int
    """After the last character that is replaced."""
    text: str

    def applied(self, old: str) -> str:
        """The other text."""
        return f"{old[: self.start]}{self.text}{old[self.end :]}"


def difference(old: str, new: str) -> Replacement | None:
    """The least replacement that makes one text of another; None when they are the same."""
    if old == new:
        return None
    most = min(len(old), len(new))
    start = _longest(most, lambda length: old[:length] == new[:length])
    most -= start
    tail = _longest(most, lambda length: old[len(old) - length :] == new[len(new) - length :])
    return Replacement(start, len(old) - tail, new[start : len(new) - tail])


def _longest(most: int, holds: Callable[[int], bool]) -> int:
    """The greatest length that something holds for, when it holds for all lesser ones."""
    least = 0
    while least < most:
        middle = (least + most + 1) // 2
        if holds(middle):
            least = middle
        else:
            most = middle - 1
    return least


def rebased(base: str, ours: str, theirs: str) -> str:
    """A text that was changed in two places at once; ours alone where both changed one place."""
    mine, other = difference(base, ours), difference(base, theirs)
    if mine is None:
        return theirs
    if other is None or (mine.start <= other.end and other.start <= mine.end):
        return ours
    first, last = sorted((mine, other), key=lambda part: part.start)
    return first.applied(last.applied(base))
