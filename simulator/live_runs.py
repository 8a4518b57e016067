"""The runs that this process plays in the background, and what is known of each while it plays.

Front ends read it whenever they draw: nothing here waits for a screen.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Literal, Self

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
from simulator.engine.limits import Budget, Limits
from simulator.errors import InterruptedRunError, SimulatorError, UsageError
from simulator.presentation.notices import fallback_text, retry_text, truncation_text
from simulator.presentation.plans import Plan, plan_of
from simulator.services import Services

_log = logging.getLogger(__name__)

KEPT_STEPS = 200
"""Steps of a live run that are kept at hand; the store has them all."""
KEPT_NOTICES = 20
RATE_WINDOW_S = 3.0
"""Over which the speed of a run is measured."""

RunState = Literal["waiting", "playing", "paused", "ended"]


@dataclass(slots=True)
class Speaking:
    """A turn in progress; a turn that is begun anew is another one."""

    speaker: str
    role: str
    day: int | None
    pieces: list[str] = field(default_factory=list)
    """Of the reply so far, raw."""

    @property
    def text(self) -> str:
        """The reply so far."""
        return "".join(self.pieces)


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
        self.speaking: Speaking | None = None
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
                self.speaking = Speaking(event.speaker, event.role, event.day)
                self.day = event.day
            case TextStreamed(text=text):
                self._stream(text)
            case ModelRetried():
                if self.speaking is not None:
                    speaking = self.speaking
                    self.speaking = Speaking(speaking.speaker, speaking.role, speaking.day)
                self.notices.append(retry_text(event))
            case PromptTruncated():
                self.notices.append(truncation_text(event))
            case StepCommitted(step=step) | StepReplayed(step=step):
                self._count(step)
            case RunPaused():
                self.state = "paused"
            case RunResumed():
                self.state = "playing"
            case RunFinished(run=run):
                self.run, self.speaking = run, None

    def end(self, run: Run, problem: SimulatorError | None) -> None:
        """It is played no more."""
        self.run, self.problem, self.state = run, problem, "ended"
        self.speaking = None
        self.revision += 1

    def _stream(self, text: str) -> None:
        if self.speaking is not None:
            self.speaking.pieces.append(text)
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
        if self.speaking is not None and step.speaker == self.speaking.speaker:
            self.speaking = None
        if step.in_transcript:
            self.heard += 1
            self.recent.append(step)
        elif step.method == "fallback":
            self.notices.append(fallback_text(step))


class LiveRuns:
    """Plays runs in the background: as many at a time as the settings allow, the first ones first.

    Leaving the block leaves every run in order: what was played is paused, what waited is queued.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._runs: dict[str, LiveRun] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(services.settings.max_live_runs)

    async def __aenter__(self) -> Self:
        """Begin with no runs."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop playing."""
        await self.close()

    async def close(self) -> None:
        """Pause what is played, and wait until that is on record, or the store is silent."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def runs(self) -> Mapping[str, LiveRun]:
        """By id, those that were started first first; those that ended too, until forgotten."""
        return self._runs

    @property
    def playing(self) -> int:
        """How many are being played, or paused with their place kept."""
        return sum(live.state in ("playing", "paused") for live in self._runs.values())

    @property
    def unfinished(self) -> int:
        """How many are being played or wait."""
        return sum(not live.is_over for live in self._runs.values())

    def counts(self) -> Counter[str]:
        """How many runs are in each state; those that ended, by their status."""
        return Counter(
            live.run.status if live.is_over else live.state for live in self._runs.values()
        )

    async def start(
        self,
        runs: Sequence[Run],
        *,
        cost_usd: float | None = None,
        tokens: int | None = None,
        paused: bool = False,
    ) -> None:
        """Play runs that are queued or were left unfinished.

        Args:
            runs: As stored.
            cost_usd: Dollars that they may cost together; None takes the settings' limit.
            tokens: Tokens that they may use together; None takes the settings' limit.
            paused: Whether they wait until they are resumed.

        Raises:
            UsageError: One of them is being played by this process already, or is completed; or a
                limit of money cannot be kept.
            DesignChangedError: A design was changed after its run began.
        """
        settings = self._services.settings
        limits = Limits(
            settings.token_limit if tokens is None else tokens,
            settings.cost_limit if cost_usd is None else cost_usd,
        )
        for run in runs:
            self._must_be_startable(run)
        self._services.check_limits(limits, [agent for run in runs for agent in run.agents])
        budget = None if limits == Limits() else Budget(limits)
        live_runs = [
            LiveRun(run, await self._plan(run), is_held=paused and run.status == "queued")
            for run in runs
        ]
        for live in live_runs:
            run_id = live.run.id
            self._runs.pop(run_id, None)
            self._runs[run_id] = live
            task = asyncio.create_task(self._played(live, budget), name=f"run {run_id}")
            self._tasks[run_id] = task
            task.add_done_callback(partial(self._forget_task, run_id))

    def _forget_task(self, run_id: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(run_id) is task:
            del self._tasks[run_id]

    def _must_be_startable(self, run: Run) -> None:
        known = self._runs.get(run.id)
        if known is not None and not known.is_over:
            raise UsageError(
                f"Run {run.id} is being played here already.", remedy="Look at it in the monitor."
            )
        if run.status == "completed":
            raise UsageError(
                f"Run {run.id} is completed.", remedy="Fork it to go on from one of its messages."
            )

    async def _plan(self, run: Run) -> Plan:
        return plan_of(self._services.kind(run.kind), run, await self._services.resolved(run))

    async def _played(self, live: LiveRun, budget: Budget | None) -> None:
        problem: SimulatorError | None = None
        try:
            await live.released()
            async with self._places:
                played = await self._services.play(
                    live.run, listener=live.hear, control=live.control, person=live,
                    budget=budget,
                )  # fmt: skip
            live.run, problem = played.run, played.problem
        except SimulatorError as error:
            problem = None if isinstance(error, InterruptedRunError) else error
            _log.error("run %s: %s", live.run.id, error.message)
        except Exception as fault:
            _log.exception("run %s could not be played", live.run.id)
            problem = SimulatorError(
                f"The run stopped on a fault in the program: {type(fault).__name__}.",
                remedy="The log has the details.",
            )
        finally:
            live.end(live.run, problem)

    # ------------------------------------------------------------ the hand on a run

    def pause(self, run_id: str) -> None:
        """Hold a run after the turn in progress."""
        live = self._live(run_id)
        live.control.pause()
        live.revision += 1

    def resume(self, run_id: str) -> None:
        """Let a run go on, or begin."""
        live = self._live(run_id)
        live.control.resume()
        live.release()
        live.revision += 1

    def step(self, run_id: str) -> None:
        """Let a run take one more step, then hold it."""
        live = self._live(run_id)
        live.control.step()
        live.release()
        live.revision += 1

    async def stop(self, run_id: str) -> None:
        """End a run; what was said is kept, and it can be resumed."""
        live = self._live(run_id)
        task = self._tasks.get(run_id)
        if live.state == "waiting":
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            return
        live.control.stop()
        if task is not None:
            await asyncio.wait([task])

    def say(self, run_id: str, words: str, *, speaker: str) -> None:
        """Put words into a run before its next turn.

        Raises:
            UsageError: The design lets nobody, or not as that speaker; or there are no words.
        """
        live = self._live(run_id)
        allowed = live.plan.interjections
        if not words.strip():
            raise UsageError("There are no words to say.", remedy="Write some.")
        is_agent = any(agent.name == speaker for agent in live.run.agents if agent.number)
        if allowed == "none" or (is_agent and allowed != "anyone"):
            raise UsageError(
                "The design of this run does not let people speak"
                f"{' as an agent' if is_agent else ''}.",
                remedy="Set `interjections: anyone` in a copy of it.",
            )
        live.control.interject(words, speaker=speaker)
        live.revision += 1

    def answer(self, run_id: str, option: str) -> None:
        """Answer what a run asks. Raises UsageError when it asks nothing, or has no such option."""
        question = self._live(run_id).question
        if question is None or option not in question.options or question.answer.done():
            raise UsageError("The run asks for no such answer.", remedy="Look at what it asks now.")
        question.answer.set_result(option)

    def forget_ended(self) -> None:
        """Take the runs that ended off the list; the store keeps them."""
        for run_id in [run_id for run_id, live in self._runs.items() if live.is_over]:
            del self._runs[run_id]

    def _live(self, run_id: str) -> LiveRun:
        live = self._runs.get(run_id)
        if live is None or live.is_over:
            raise UsageError(
                f"Run {run_id} is not being played here.",
                remedy="Resume it first, or steer it where it is played.",
            )
        return live
