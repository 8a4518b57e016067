"""Runs whose parts are played side by side, and read one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.presentation.ordering import Key, Ordering

if TYPE_CHECKING:
    from simulator.domain.journal import Step

Spot = tuple[int, int, int]
"""Number of the part, from 1, of the day in it, and of whoever speaks; day 0 opens the part."""


class PlacedOrdering(Ordering):
    """Messages by part, day and speaker, where no more is known of them than their places."""

    day_word: str
    """What people call a day of such runs."""

    def __init__(self, *, by_time: bool = False) -> None:
        """Begin.

        Args:
            by_time: Whether messages are read as they were said, parts side by side.
        """
        self._by_time = by_time

    def place(self, scope: str, day: int | None) -> Spot | None:
        """Where a message belongs; None outside of parts.

        Args:
            scope: Of the message.
            day: Of the message.
        """
        raise NotImplementedError

    def key(self, step: Step) -> Key:
        """See `Ordering`; what belongs to no part comes first."""
        if self._by_time:
            return (step.position,)
        return (*(self.place(step.scope, step.day) or (0, 0, 0)), step.position)

    def turn_key(self, scope: str, day: int | None) -> Key:
        """See `Ordering`."""
        place = self.place(scope, day)
        last = float("inf")
        return (last,) if self._by_time or place is None else (*place, last)

    def section(self, scope: str, day: int | None) -> int | None:
        """The number of the part."""
        place = self.place(scope, day)
        return None if place is None else place[0]

    def heading(self, scope: str, day: int | None, before: tuple[str, int | None] | None) -> str:
        """See `Ordering`."""
        place = self.place(scope, day)
        last = self.place(*before) if before is not None else None
        if place is None or (last is not None and last[:2] == place[:2]):
            return ""
        is_other = last is None or last[0] != place[0]
        parts = [self.part_heading(place[0], place[1])] if is_other else []
        parts += [self.day_heading(place[1])] if place[1] else []
        return " · ".join(parts)

    def where(self, scope: str, day: int | None) -> str:
        """Such as `question 7, round 2`."""
        place = self.place(scope, day)
        if place is None:
            return super().where(scope, day)
        day_ = f", {self.day_heading(place[1]).lower()}" if place[1] else ""
        return f"{self.part} {place[0]}{day_}"

    def part_heading(self, number: int, day: int) -> str:
        """What stands above a part.

        Args:
            number: Of the part.
            day: Of the first message below.
        """
        return f"{self.part.capitalize()} {number}"

    def day_heading(self, day: int) -> str:
        """What stands above a day of a part."""
        return f"{self.day_word.capitalize()} {day}"
