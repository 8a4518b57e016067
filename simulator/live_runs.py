"""The runs that this process plays in the background.

Front ends read it whenever they draw: nothing here waits for a screen.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Self

from simulator.domain.records import Run
from simulator.engine.limits import Budget, Limits
from simulator.errors import InterruptedRunError, SimulatorError, UsageError
from simulator.live_run import LiveRun
from simulator.presentation.plans import Plan, plan_of
from simulator.services import Services

_log = logging.getLogger(__name__)


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
