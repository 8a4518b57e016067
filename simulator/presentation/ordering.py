"""In which order the messages of a run are read, and what stands above and below them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from simulator.presentation.chatrooms import Likenesses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulator.domain.journal import Step

Key = tuple[float, ...]


class Ordering:
    """The order in which messages were said, with their days; most kinds are read so."""

    part: ClassVar[str] = ""
    """What people call a part of the run, such as `question`, where parts are played side by side
    and read one after another; empty for runs without."""
    parts: int | None = None
    """How many there are; None where that is not known."""

    def add(self, step: Step) -> int | None:
        """Take a step in; the number of the section whose heading is another now."""
        return None

    def key(self, step: Step) -> Key:
        """What messages are sorted by."""
        return (step.position,)

    def turn_key(self, scope: str, day: int | None) -> Key:
        """The same for a turn in progress."""
        return (float("inf"),)

    def section(self, scope: str, day: int | None) -> int | None:
        """The number of the section that a message belongs to; None where there are none."""
        return None

    def heading(self, scope: str, day: int | None, before: tuple[str, int | None] | None) -> str:
        """What stands above a message; empty for nothing.

        Args:
            scope: Of the message.
            day: Of the message.
            before: Scope and day of the message before it; None for the first one.
        """
        return f"Day {day}" if day is not None and (before is None or day != before[1]) else ""

    def where(self, scope: str, day: int | None) -> str:
        """Such as `day 2`, for a line that has no heading; empty for nowhere in particular."""
        return "" if day is None else f"day {day}"

    def part_of(self, scope: str, day: int | None) -> str:
        """The same where parts are played side by side; empty in other runs."""
        return self.where(scope, day) if self.part else ""

    def notes(self, step: Step) -> tuple[str, ...]:
        """What is known of a message that does not stand in it."""
        return ()

    def progress(self) -> str:
        """How far the parts are, and what they came to; empty where days and turns tell that."""
        return ""

    def reached(self, last: int | None) -> int | None:
        """The day that the run is at; of the days of its parts, what they are on average.

        Args:
            last: The day of what happened last.
        """
        return last

    def sorts(self) -> Mapping[str, frozenset[int]]:
        """The numbers of the parts that are alike, by what they have in common."""
        return {}


class ChatroomOrdering(Ordering):
    """A chatroom as it was said, with how each message is like the ones before it."""

    def __init__(self) -> None:
        self._likenesses = Likenesses()

    def add(self, step: Step) -> int | None:
        """See `Ordering`."""
        self._likenesses.add(step)
        return None

    def notes(self, step: Step) -> tuple[str, ...]:
        """Which earlier message it is most like."""
        told = self._likenesses.of(step)
        return (told,) if told else ()
