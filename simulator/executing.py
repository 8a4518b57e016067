"""Plays the runs of a batch: the longest first, so many at a time, whatever happens to some."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from simulator.domain.batches import Batch, BatchOrder
from simulator.domain.events import Listener
from simulator.domain.executions import Caps, Ended, EndReason, Pace, Progress
from simulator.domain.ports import Clock
from simulator.domain.records import Lease, Run, RunQuery
from simulator.engine.control import RunControl
from simulator.engine.limits import Budget, Limits
from simulator.engine.runner import Played
from simulator.errors import (
    BackendUnavailableError,
    EndpointError,
    LeaseLostError,
    LimitReachedError,
    ModelAccessError,
    ModelNotFoundError,
    NotFoundError,
    QuotaExhaustedError,
    SimulatorError,
    StoreCorruptError,
    StoreUnavailableError,
)
from simulator.performing import LiveOne, Silences, Waiting
from simulator.process import SystemClock, owner_name, uncollected
from simulator.services import START_SPACING_S, Services
from simulator.weighing import Scales

_log = logging.getLogger(__name__)

REPORT_S = 0.5
"""Seconds between two reports of progress, at least."""
LOOK_S = 1.0
"""Seconds between two looks at what the batch is ordered, at least."""
LIST_S = 5.0
"""Seconds between two looks for runs that were added to it or given back by others, at least."""
LOOK_SHARE = 0.05
"""Part of the time that is spent on looking, at most."""
GIVEN_UP_AFTER = 5
"""Runs in a row that found a model gone, until no more of its runs are begun."""

_MODEL_IS_GONE = (
    BackendUnavailableError, EndpointError, ModelAccessError, ModelNotFoundError,
    QuotaExhaustedError,
)  # fmt: skip
_STORE_IS_GONE = (StoreUnavailableError, StoreCorruptError)
_HASTE: Mapping[EndReason, int] = {"tokens": 0, "cost": 0, "cancelled": 2, "store": 3}
"""How urgently live runs are let go of: 1 where nothing is said; only the more urgent ends what
ends already."""


def deaf(_: object) -> None:
    """Hear nothing."""


class Executor:
    """Plays what is queued or was interrupted of one batch, once.

    Runs are played as `Services.play` plays them: under leases, from their journals. So several
    executors of any processes and machines can play one batch, and one that is killed loses the
    turns in progress.
    """

    def __init__(
        self,
        services: Services,
        batch: Batch,
        *,
        caps: Caps | None = None,
        live_runs: int | None = None,
        retry: bool = False,
        joining: bool = False,
        hear: Callable[[Progress], None] = deaf,
        listener: Listener = deaf,
        clock: Clock | None = None,
    ) -> None:
        """Make one.

        Args:
            services: Plays the runs.
            batch: Whose.
            caps: What ends it; what its runs used before counts too.
            live_runs: Runs played at a time; None takes the settings' number.
            retry: Whether runs that failed, or were cancelled, are played on too.
            joining: Whether to go on until runs that others play have ended as well, and to take
                over those of others who died.
            hear: Hears of the progress, at most every `REPORT_S`, and at the end.
            listener: Hears what happens in the runs.
            clock: For tests.
        """
        self._services = services
        self._batch_id = batch.id
        self._caps = caps or Caps()
        limits = Limits(self._caps.tokens, self._caps.cost_usd)
        self._budget = None if limits == Limits() else Budget(limits)
        self._places = live_runs or services.settings.max_live_runs
        self._retry = retry
        self._joining = joining
        self._hear = hear
        self._listener = listener
        self._clock = clock or SystemClock()
        self._scales = Scales(services)
        self._pace = Pace()
        self._silences = Silences()

        self._waiting: list[Waiting] = []
        """The one to begin next last."""
        self._live: dict[str, LiveOne] = {}
        self._states: dict[str, str] = {}
        """Of all runs of the batch, in the words of `Progress`."""
        self._touched: set[str] = set()
        """Runs that were begun here, and those that shall not be."""
        self._counted: set[str] = set()
        """Runs of others whose use is on the budget."""
        self._failures: dict[str, SimulatorError] = {}
        self._strikes: Counter[tuple[str, ...]] = Counter()
        self._given_up: dict[tuple[str, ...], SimulatorError] = {}
        self._ending: EndReason | None = None
        self._problem: SimulatorError | None = None
        self._stirred = asyncio.Event()
        self._look_at = self._list_at = self._report_at = self._began = self._clock.monotonic()

    # ------------------------------------------------------------ from outside

    @property
    def controls(self) -> Mapping[str, RunControl]:
        """Steers runs that are being played here, by id."""
        return {run_id: one.control for run_id, one in self._live.items()}

    @property
    def progress(self) -> Progress:
        """How far it is."""
        counts = Counter(self._states.values())
        messages_per_s, work_per_s = self._pace.speeds()
        left_s = sum(one.weight.work_s for one in self._waiting)
        left_s += sum(one.left_s for one in self._live.values())
        return Progress(
            counts["done"], counts["failed"], counts["live"],
            counts["waiting"] + counts["elsewhere"], counts["elsewhere"], counts["cancelled"],
            messages_per_s, left_s / work_per_s if work_per_s else None,
        )  # fmt: skip

    async def play(self) -> Ended:
        """Play until nothing is left, or something ends it.

        Being cancelled leaves every run in order: what was played is paused, what waited is queued.

        Raises:
            UsageError: A limit of money cannot be kept, for want of a price.
            NotFoundError: There is no such batch.
            StoreUnavailableError: The store could not be read at the beginning.
        """
        self._obey((await self._services.store.batch(self._batch_id)).order)
        with uncollected():
            await self._list(first=True)
        self._began = self._clock.monotonic()
        self._pace.mark(self._began)
        self._fill(START_SPACING_S)
        try:
            await self._direct()
        finally:
            for one in self._live.values():
                one.task.cancel()
            await asyncio.gather(*(one.task for one in self._live.values()), return_exceptions=True)
        reason = self._ending or ("models" if self._given_up else "finished")
        progress = self.progress
        self._hear(progress)
        return Ended(reason, progress, self._problem, self._failures, self._given_up)

    # ------------------------------------------------------------ what goes on

    async def _direct(self) -> None:
        while True:
            try:
                await self._look()
            except _STORE_IS_GONE as error:
                # Whoever plays waits for it longer, and tells when it is in vain.
                _log.warning("batch %s could not be looked at: %s", self._batch_id, error.message)
                if not self._live:
                    self._end("store", error)
            self._fill()
            self._report()
            if not self._live and (self._ending or not (self._waiting or self._is_to_wait)):
                return
            self._stirred.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(REPORT_S):
                    await self._stirred.wait()

    @property
    def _is_to_wait(self) -> bool:
        return self._joining and "elsewhere" in self._states.values()

    async def _look(self) -> None:
        """Look at the clock, the batch's order, and for runs to play, as often as is due."""
        now = self._clock.monotonic()
        if self._caps.seconds is not None and now - self._began >= self._caps.seconds:
            self._end("time")
        if now >= self._look_at:
            await self._heed()
            self._look_at = self._next_look(now, LOOK_S)
        if self._ending is not None or (self._waiting and not self._joining):
            return
        is_idle = not (self._live or self._waiting or self._is_to_wait)
        if is_idle or now >= self._list_at:
            await self._list()
            self._list_at = self._next_look(now, LIST_S)

    def _next_look(self, began: float, least_s: float) -> float:
        now = self._clock.monotonic()
        return now + max(least_s, (now - began) / LOOK_SHARE)

    async def _heed(self) -> None:
        """Do what the batch is ordered, and what others have put on record of its live runs."""
        store = self._services.store
        try:
            self._obey((await store.batch(self._batch_id)).order)
        except NotFoundError as error:
            self._end("paused", error)
        # Of the others, the record is from before.
        begun = {run_id: one for run_id, one in self._live.items() if one.has_begun}
        if not begun or self._ending is not None:
            return
        for run in await store.runs(RunQuery(batch_id=self._batch_id, status="cancelled")):
            if run.id in begun:
                begun[run.id].control.stop("cancelled")
        for run in await store.runs(RunQuery(batch_id=self._batch_id, status="paused")):
            if run.id in begun:
                begun[run.id].leave()

    def _obey(self, order: BatchOrder) -> None:
        if order == "pause":
            self._end("paused")
        elif order == "cancel":
            self._end("cancelled")

    async def _list(self, *, first: bool = False) -> None:
        """Find the runs to play, and what became of the others."""
        # What ends in the meantime is known better than what is read of it now.
        live = set(self._live)
        runs = await self._services.store.runs(RunQuery(batch_id=self._batch_id))
        players = await self._services.players()
        retried = {"failed", "cancelled"} if first and self._retry else set()
        found: list[Run] = []
        for run in runs:
            if run.id in live:
                continue
            if run.status in retried or _is_open(run):
                if run.id in players and not await self._is_freed(run.id, players[run.id]):
                    self._states[run.id] = "elsewhere"
                elif run.id not in self._touched:
                    self._states[run.id] = "waiting"
                    found.append(run)
                continue
            self._states[run.id] = _state_of(run)
            if run.id not in self._touched | self._counted and self._budget is not None:
                self._budget.spend(run.usage)
                self._counted.add(run.id)
        for run_id in self._states.keys() - {run.id for run in runs} - live:
            del self._states[run_id]
        if first and self._budget is not None:
            agents = [agent for run in found for agent in run.agents]
            self._services.check_limits(self._budget.limits, agents)
        weights = await self._scales.weigh(found)
        self._waiting = [Waiting.of(*pair) for pair in zip(found, weights, strict=True)]
        salt = owner_name() if self._joining else ""
        self._waiting.sort(key=lambda one: one.place(salt), reverse=True)

    async def _is_freed(self, run_id: str, lease: Lease) -> bool:
        """Take a run from an owner who is silent; whether it is free now."""
        if not self._silences.is_silent(run_id, lease, self._clock.monotonic()):
            return False
        _log.warning("run %s is taken from %s, who is silent", run_id, lease.player)
        return await self._services.store.release(run_id, lease.owner, status="queued")

    def _fill(self, spacing_s: float = 0.0) -> None:
        """Begin runs while there are places."""
        while self._waiting and len(self._live) < self._places and self._ending is None:
            waiting = self._waiting.pop()
            self._touched.add(waiting.run_id)
            if waiting.models in self._given_up:
                continue
            one = LiveOne(waiting, self._pace, self._listener)
            self._states[waiting.run_id] = "live"
            wait_s = len(self._live) * spacing_s
            self._live[waiting.run_id] = one
            one.task = asyncio.create_task(self._play(one, wait_s), name=f"run {waiting.run_id}")
            one.task.add_done_callback(partial(self._is_over, one))

    async def _play(self, one: LiveOne, wait_s: float) -> None:
        run_id = one.waiting.run_id
        try:
            if wait_s:
                await asyncio.sleep(wait_s)
            run = await self._services.store.run(run_id)
            if run.status != one.waiting.status and run.status not in ("queued", "running"):
                # Others have played it in the meantime, or put on record that nobody shall.
                one.state = _state_of(run)
                return
            played = await self._services.play(
                run, listener=one.hear, control=one.control, budget=self._budget, once=True
            )
            one.state = _state_of(played.run)
            self._judge(one, played)
        except asyncio.CancelledError:
            if not one.is_left:
                raise
        except LeaseLostError as error:
            one.state = "elsewhere"
            self._touched.discard(run_id)
            _log.info("%s", error.message)
        except _STORE_IS_GONE as error:
            self._end("store", error)
        except SimulatorError as error:
            _log.error("run %s could not be played: %s", run_id, error.message)
            self._fail(one, error)
        except Exception as fault:
            _log.exception("run %s could not be played", run_id)
            what = f"The run stopped on a fault in the program: {type(fault).__name__}: {fault}"
            self._fail(one, SimulatorError(what, remedy="The log has the details."))

    def _is_over(self, one: LiveOne, task: asyncio.Task[None]) -> None:
        run_id = one.waiting.run_id
        del self._live[run_id]
        self._states[run_id] = one.state
        if one.state in ("done", "failed", "cancelled"):
            one.skip_rest()
        self._stirred.set()

    def _judge(self, one: LiveOne, played: Played) -> None:
        """Draw conclusions from how a run ended."""
        models, problem = one.waiting.models, played.problem
        if problem is None:
            self._strikes[models] = 0
        elif isinstance(problem, LimitReachedError):
            needed = self._budget.needed if self._budget else Limits()
            self._end("cost" if needed.tokens is None else "tokens", problem)
        elif isinstance(problem, _STORE_IS_GONE):
            self._end("store", problem)
        elif played.run.status == "failed":
            if isinstance(problem, _MODEL_IS_GONE):
                self._strikes[models] += 1
                if self._strikes[models] >= GIVEN_UP_AFTER:
                    self._given_up[models] = problem
            self._fail(one, problem)

    def _fail(self, one: LiveOne, problem: SimulatorError) -> None:
        one.state = "failed"
        self._failures[one.waiting.run_id] = problem
        most = self._caps.failures
        if most is not None and len(self._failures) >= most:
            self._end("failures", problem)

    # ------------------------------------------------------------ how it ends

    def _end(self, reason: EndReason, problem: SimulatorError | None = None) -> None:
        """Begin no more runs, and let go of those that are live as the reason demands.

        A cap of tokens or money leaves them alone: their next calls may still fit.
        """
        if self._ending is not None and _HASTE.get(reason, 1) <= _HASTE.get(self._ending, 1):
            return
        _log.info("batch %s: no more runs are begun: %s", self._batch_id, reason)
        self._ending, self._problem = reason, problem
        self._stirred.set()
        for one in self._live.values():
            if reason == "store":
                one.task.cancel()
            elif reason == "cancelled":
                one.control.stop("the batch was cancelled")
            elif reason not in ("tokens", "cost"):
                one.leave()

    def _report(self) -> None:
        now = self._clock.monotonic()
        if now >= self._report_at:
            self._report_at = now + REPORT_S
            self._pace.mark(now)
            self._hear(self.progress)


def _is_open(run: Run) -> bool:
    return run.status in ("queued", "running", "paused")


def _state_of(run: Run) -> str:
    if _is_open(run):
        return "waiting"
    return "done" if run.status == "completed" else run.status
