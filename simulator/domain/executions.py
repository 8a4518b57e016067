"""What playing a batch is told, what it tells meanwhile, and how it ended."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from simulator.errors import SimulatorError

WINDOW_S = 30.0
"""Over which speeds are measured."""


@dataclass(frozen=True, slots=True)
class Caps:
    """What ends the playing of a batch; None does not limit."""

    tokens: int | None = None
    """Of prompts and replies, of all runs of the batch together."""
    cost_usd: float | None = None
    """Of all runs of the batch together."""
    seconds: float | None = None
    """From the start of this playing."""
    failures: int | None = None
    """Runs that fail while it is played; so many end it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch has come."""

    done: int = 0
    """Runs that are completed."""
    failed: int = 0
    """Runs that failed, and those that cannot be played."""
    live: int = 0
    """Runs that are being played here."""
    waiting: int = 0
    """Runs that are to be played yet, those that others play now among them."""
    elsewhere: int = 0
    """Of those, how many others play, as far as that is known."""
    cancelled: int = 0
    """Runs that were stopped, which nobody plays on."""
    messages_per_s: float | None = None
    """Here, lately; None where nothing is known yet."""
    left_s: float | None = None
    """Seconds that the rest will take at the speed of late; None where nothing is known yet."""

    @property
    def total(self) -> int:
        """Runs of the batch."""
        return self.done + self.failed + self.live + self.waiting + self.cancelled


EndReason = Literal[
    "finished", "paused", "cancelled", "tokens", "cost", "time", "failures", "models", "store"
]
"""Why the playing of a batch ended: nothing was left, somebody ordered it, a cap was reached, the
models of what is left do not answer, or the store does not."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How the playing of a batch ended."""

    reason: EndReason
    progress: Progress
    problem: SimulatorError | None = None
    """What ended it, where that was no order and no cap of time."""
    failures: dict[str, SimulatorError] = field(default_factory=dict)
    """What stopped each run that failed here or could not be played, by run."""
    given_up: dict[tuple[str, ...], SimulatorError] = field(default_factory=dict)
    """Models that answered none of several runs in a row, with what the last one met; what is
    left of their runs was not begun."""


class Pace:
    """How fast messages and work come, over the last while."""

    def __init__(self) -> None:
        self.messages = 0
        """So far."""
        self.work_s = 0.0
        """Expected seconds of what was done so far."""
        self._marks: deque[tuple[float, int, float]] = deque()

    def mark(self, now: float) -> None:
        """Remember how much there is at this moment, in seconds from any start."""
        self._marks.append((now, self.messages, self.work_s))
        while len(self._marks) > 2 and self._marks[1][0] <= now - WINDOW_S:
            self._marks.popleft()

    def speeds(self) -> tuple[float | None, float | None]:
        """Messages a second, and work a second; None where nothing is known yet."""
        if len(self._marks) < 2:
            return None, None
        (since, messages, work_s), (until, *_) = self._marks[0], self._marks[-1]
        span = until - since
        if span <= 0:
            return None, None
        return (self.messages - messages) / span, (self.work_s - work_s) / span
