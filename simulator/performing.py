"""One run of a batch: while it waits for its turn, and while it is played."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass

from simulator.domain.events import (
    Event,
    Listener,
    RunPaused,
    RunResumed,
    RunStarted,
    StepCommitted,
    StepReplayed,
    TextStreamed,
    TurnStarted,
)
from simulator.domain.executions import Pace
from simulator.domain.journal import Step
from simulator.domain.records import Lease, Run, RunStatus
from simulator.engine.control import RunControl
from simulator.engine.theatre import LEASE_S
from simulator.weighing import Weight


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that waits for a place; the rest of it is read when it has one."""

    run_id: str
    status: RunStatus
    models: tuple[str, ...]
    """All that it asks, sorted."""
    weight: Weight

    @classmethod
    def of(cls, run: Run, weight: Weight) -> Waiting:
        """The run as it is stored."""
        models = tuple(sorted({agent.model for agent in run.agents}))
        return cls(run.id, run.status, models, weight)

    def place(self, salt: str) -> tuple[float, bool, str]:
        """Sorts runs as they are to be begun: the longest first, then what was begun before.

        Args:
            salt: Puts runs that are equal in that into an order of its own, so that several who
                play one batch do not all reach for the same; empty keeps the order of launch.
        """
        order = hashlib.blake2b((salt + self.run_id).encode()).hexdigest() if salt else self.run_id
        return -self.weight.work_s, self.status == "queued", order


class Silences:
    """Tells leases that nobody renews although they have not run out, as clocks have jumped."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[Lease, float]] = {}

    def is_silent(self, run_id: str, lease: Lease, now: float) -> bool:
        """Whether a lease stands as it did when it must have been renewed long ago.

        Args:
            run_id: Whose it is.
            lease: As it is in the store.
            now: Seconds from any start.
        """
        known, since = self._seen.get(run_id, (None, now))
        if known != lease:
            self._seen[run_id] = lease, now
            return False
        return now - since > 2 * LEASE_S


class LiveOne:
    """A run of a batch while it is played."""

    task: asyncio.Task[None]
    """Plays it."""

    def __init__(self, waiting: Waiting, pace: Pace, listener: Listener) -> None:
        self.waiting = waiting
        self.control = RunControl()
        self.state = "waiting"
        """What it is when it is played no more, in the words of `Progress`."""
        self.left_s = waiting.weight.work_s
        """What is left of its expected seconds."""
        self.has_begun = False
        """Whether it is ours by now."""
        self.is_left = False
        """Whether it is to be left at its next step."""
        self._pace = pace
        self._listener = listener
        self._turns: set[tuple[str, int]] = set()
        """In progress: scope and index of each."""
        self._holds = False

    def leave(self) -> None:
        """Leave the run, `paused`, once the turns in progress are committed."""
        self.is_left = True
        if self._holds:
            self._part()
        else:
            self.control.pause()

    def hear(self, event: Event) -> None:
        """Take in what happens; see `Listener`."""
        match event:
            case TextStreamed():
                pass
            case RunStarted():
                self.has_begun = True
            case TurnStarted():
                self._turns.add((event.scope, event.index))
            case StepCommitted(step=step):
                self._turns.discard((step.scope, step.index))
                self._pace.messages += step.in_transcript
                self._pace.work_s += self._worked(step)
            case StepReplayed(step=step):
                self._worked(step)
            case RunPaused():
                self._holds = True
            case RunResumed():
                self._holds = False
        self._listener(event)
        if self._holds and self.is_left:
            self._part()

    def skip_rest(self) -> None:
        """It has ended; what was expected of it beyond that is done with."""
        self._pace.work_s += self.left_s
        self.left_s = 0.0

    def _worked(self, step: Step) -> float:
        if step.call is None and not step.scores:
            return 0.0
        done_s = min(self.waiting.weight.call_s, self.left_s)
        self.left_s -= done_s
        return done_s

    def _part(self) -> None:
        if not self._turns:
            self.task.cancel()
