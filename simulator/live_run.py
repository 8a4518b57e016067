"""One run while this process plays it: how far it is, what is being said, what it asks."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from simulator.domain.events import (
    Event,
    ModelRetried,
    PromptTruncated,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    StepCommitted,
    StepReplayed,
    TextStreamed,
    TurnStarted,
)
from simulator.domain.journal import Step, Usage
from simulator.domain.records import Run
from simulator.engine.control import RunControl
from simulator.errors import SimulatorError
from simulator.presentation.notices import fallback_text, retry_text, truncation_text
from simulator.presentation.orderings import ordering_of
from simulator.presentation.plans import Plan
from simulator.presentation.speaking import Speaking, Turns

KEPT_STEPS = 200
"""Steps of a live run that are kept at hand; the store has them all."""
KEPT_NOTICES = 20
RATE_WINDOW_S = 3.0
"""Over which the speed of a run is measured."""

RunState = Literal["waiting", "playing", "paused", "ended"]


@dataclass(frozen=True, slots=True)
class Question:
    """What a run asks a person; the answer is one of the options."""

    text: str
    options: tuple[str, ...]
    answer: asyncio.Future[str]


class LiveRun:
    """One run while this process plays it."""

    def __init__(self, run: Run, plan: Plan, *, is_held: bool) -> None:
        self.run = run
        """As last known; its status is on record."""
        self.plan = plan
        self.control = RunControl()
        self.state: RunState = "waiting"
        self.turns = 0
        """Turns of participants so far."""
        self.steps = 0
        """Steps of the journal so far."""
        self.heard = 0
        """Steps of the transcript so far, of which `recent` has the latest."""
        self.day: int | None = None
        self.usage = Usage()
        self.ordering = ordering_of(run.kind, plan.design, by_time=True)
        """How its messages are read; it counts questions of debates, and chains of texts."""
        self._speaking = Turns()
        self.question: Question | None = None
        self.problem: SimulatorError | None = None
        """What stopped it."""
        self.recent: deque[Step] = deque(maxlen=KEPT_STEPS)
        """The latest steps of the transcript, in the order in which they were told."""
        self.notices: deque[str] = deque(maxlen=KEPT_NOTICES)
        """Retries, prompts that were cut and the like, for people."""
        self.revision = 0
        """Grows with everything that happens."""
        self._released = asyncio.Event()
        if not is_held:
            self._released.set()
        self._arrivals: deque[tuple[float, int]] = deque()

    @property
    def is_held(self) -> bool:
        """Whether it waits to be released, and not only for its place."""
        return not self._released.is_set()

    @property
    def is_over(self) -> bool:
        """Whether nobody plays it any more."""
        return self.state == "ended"

    @property
    def speaking(self) -> Speaking | None:
        """The turn in progress to show; there may be others beside it."""
        return self._speaking.in_focus

    @property
    def tokens_per_s(self) -> float:
        """Pieces of replies that arrived a second, lately; most models send one for a token."""
        now = time.monotonic()
        while self._arrivals and self._arrivals[0][0] < now - RATE_WINDOW_S:
            self._arrivals.popleft()
        return sum(count for _, count in self._arrivals) / RATE_WINDOW_S

    async def choose(self, question: str, options: Sequence[str]) -> str:
        """Ask whoever watches; see the `Person` port."""
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.question = Question(question, tuple(options), answer)
        self.revision += 1
        try:
            return await answer
        finally:
            self.question = None
            self.revision += 1

    def release(self) -> None:
        """Let it begin, if it was held."""
        self._released.set()

    async def released(self) -> None:
        """Wait until it may begin."""
        await self._released.wait()

    def hear(self, event: Event) -> None:
        """Take in what happens; see `Listener`."""
        self.revision += 1
        match event:
            case RunStarted(run=run):
                self.run, self.state = run, "playing"
            case TurnStarted():
                self._speaking.begin(event.scope, event.speaker, event.role, event.day)
                self.day = event.day
            case TextStreamed(scope=scope, speaker=speaker, text=text):
                self._speaking.stream(scope, speaker, text)
                self._arrived()
            case ModelRetried(scope=scope, speaker=speaker):
                self._speaking.begin_again(scope, speaker)
                self.notices.append(
                    retry_text(event, self.ordering.part_of(event.scope, event.day))
                )
            case PromptTruncated():
                self.notices.append(
                    truncation_text(event, self.ordering.part_of(event.scope, event.day))
                )
            case StepCommitted(step=step) | StepReplayed(step=step):
                self._count(step)
            case RunPaused():
                self.state = "paused"
            case RunResumed():
                self.state = "playing"
            case RunFinished(run=run):
                self.run = run
                self._speaking.clear()

    def end(self, run: Run, problem: SimulatorError | None) -> None:
        """It is played no more."""
        self.run, self.problem, self.state = run, problem, "ended"
        self._speaking.clear()
        self.revision += 1

    def _arrived(self) -> None:
        now = time.monotonic()
        if self._arrivals and now - self._arrivals[-1][0] < 0.1:
            at, count = self._arrivals.pop()
            self._arrivals.append((at, count + 1))
        else:
            self._arrivals.append((now, 1))
            self.tokens_per_s  # noqa: B018 - forgets what is old while nobody looks

    def _count(self, step: Step) -> None:
        self.steps += 1
        self.turns += self.plan.is_turn(step)
        self.day = step.day
        if step.call is not None:
            self.usage = Usage.total((self.usage, step.call.usage))
        self._speaking.end(step.scope, step.speaker)
        self.ordering.add(step)
        if step.in_transcript:
            self.heard += 1
            self.recent.append(step)
        elif step.method == "fallback":
            self.notices.append(fallback_text(step))
