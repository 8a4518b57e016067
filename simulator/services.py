"""What both front ends do, on the adapters that the settings name.

With `adapters`, the only module that knows every adapter.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.adapters import Warn, backend_options, open_request_cache, open_usual_store
from simulator.backends.pool import BackendPool
from simulator.catalogue import Catalogue
from simulator.domain.events import Listener
from simulator.domain.models import Backends
from simulator.domain.ports import ExperimentStore, Kind, Person
from simulator.domain.prompts import Prompt
from simulator.domain.records import IMPORTED, Run
from simulator.engine.control import RunControl
from simulator.engine.forking import fork_run
from simulator.engine.limits import Budget
from simulator.engine.limits import Limits as Limits
from simulator.engine.replaying import prompts_of
from simulator.engine.runner import Played, play_run
from simulator.engine.tenure import Tenure
from simulator.engine.theatre import Theatre
from simulator.engine.verifying import Verification, verify_run
from simulator.errors import (
    DesignChangedError,
    LeaseLostError,
    UsageError,
)
from simulator.kinds.registry import KINDS as KINDS
from simulator.launching import Launcher
from simulator.process import fresh_id, is_dead, owner_name, provenance
from simulator.settings import Settings

if TYPE_CHECKING:
    from simulator.importing import ImportReport

_log = logging.getLogger(__name__)

START_SPACING_S = 0.0006
"""Seconds between the starts of runs that are launched together.

Runs that begin in the same instant stay in step and want the event loop, the store and the
models' servers in the same instant at every turn, each waiting for all the others.
"""


@asynccontextmanager
async def open_services(settings: Settings, warn: Warn = _log.warning) -> AsyncIterator[Services]:
    """Open the store and hold it for as long as the block runs.

    Args:
        settings: What to open.
        warn: Hears sentences that the user should know, and that stop nothing.

    Raises:
        UsageError: The store's address is of no known form, or settings contradict each other.
        StoreUnavailableError: The store cannot be opened.
    """
    async with AsyncExitStack() as stack:
        store = await open_usual_store(settings, warn)
        stack.push_async_callback(store.close)
        cache = await stack.enter_async_context(open_request_cache(settings, warn))
        backends = BackendPool(backend_options(settings, cache))
        stack.push_async_callback(backends.close)
        yield Services(settings, store, backends, warn=warn)


@asynccontextmanager
async def open_catalogue(settings: Settings) -> AsyncIterator[Catalogue]:
    """The models as they are: without a store, the request cache, recordings and replays.

    A request that fails is sent again once: somebody waits to hear what is wrong.
    """
    options = replace(backend_options(settings), record=None, replay=None, max_failures=2)
    backends = BackendPool(options)
    try:
        yield Catalogue(backends)
    finally:
        await backends.close()


class Services(Launcher):
    """The archive, and what is launched and played on it, for front ends."""

    def __init__(
        self,
        settings: Settings,
        store: ExperimentStore,
        backends: Backends,
        kinds: Mapping[str, Kind] = KINDS,
        warn: Warn = _log.warning,
    ) -> None:
        super().__init__(settings, store, kinds, backends, warn)
        self._theatre = Theatre(
            store, backends, self._clock, owner_name(), settings.creator, is_dead
        )

    # ------------------------------------------------------------ runs

    async def play(
        self,
        run: Run,
        *,
        listener: Listener,
        control: RunControl | None = None,
        person: Person | None = None,
        budget: Budget | None = None,
        once: bool = False,
    ) -> Played:
        """Play a queued run, or one that stopped, to its end; see `engine.runner.play_run`."""
        design = await self.resolved(run)
        return await play_run(
            self._theatre, run, self.kind(run.kind), design,
            listener=listener, control=control, person=person, budget=budget, once=once,
        )  # fmt: skip

    async def play_all(
        self,
        runs: Sequence[Run],
        *,
        listener: Listener,
        person: Person | None = None,
        budget: Budget | None = None,
    ) -> list[Played]:
        """Play runs side by side, as many at a time as the settings allow, in any order of end.

        They share the budget.
        """
        live = self.settings.max_live_runs
        places = asyncio.Semaphore(live)

        async def play(run: Run, wait_s: float) -> Played:
            async with places:
                await asyncio.sleep(wait_s)
                return await self.play(run, listener=listener, person=person, budget=budget)

        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(play(run, number * START_SPACING_S if number < live else 0.0))
                for number, run in enumerate(runs)
            ]
        return [task.result() for task in tasks]

    async def leave_paused(self, run: Run) -> Run:
        """The run as it is in the store; `paused` if its play was given up before it began.

        A run that somebody else has taken meanwhile is left alone.
        """
        stored = await self.store.run(run.id)
        if stored.status != "queued":
            return stored
        with suppress(LeaseLostError), Tenure(self._theatre, run.id) as tenure:
            await tenure.acquire()
            taken = await self.store.run(run.id)
            await tenure.release(status="paused" if taken.outcome is None else "completed")
        return await self.store.run(run.id)

    async def fork(
        self, parent: Run, *, at: int, replace: str | None = None, seed: int | None = None
    ) -> Run:
        """Queue a run that shares the parent's steps up to `at`; play it to go on.

        Raises:
            UsageError: There is no such step, or the parent was imported.
            DesignChangedError: The program renders other prompts than the parent has.
        """
        self.must_be_ours(parent)
        if self.kind(parent.kind).cast(await self.resolved(parent), parent.seed) != parent.agents:
            raise DesignChangedError(
                f"The design no longer gives the agents and prompts of run {parent.id}.",
                remedy="Start a new run of the design instead.",
            )
        run, steps = fork_run(
            parent, await self.store.steps(parent.id), at=at, run_id=fresh_id(),
            creator=self.settings.creator, now=self._clock.now(), replace=replace, seed=seed,
        )  # fmt: skip
        run = run.model_copy(update={"provenance": await asyncio.to_thread(provenance)})
        await self.store.add_run(run, steps)
        return run

    async def verify(
        self,
        run: Run,
        *,
        ask_models: bool = False,
        hear: Callable[[float], None] = lambda share: None,
    ) -> Verification:
        """Replay a run against its journal; with `ask_models`, also ask for each reply again."""
        self.must_be_ours(run)
        return await verify_run(
            run, self.kind(run.kind), await self.resolved(run), store=self.store,
            clock=self._clock, backends=self._backends if ask_models else None, hear=hear,
        )  # fmt: skip

    async def prompts(self, run: Run) -> dict[tuple[str, int], Prompt]:
        """What models were shown for each reply, by scope and index; see `replaying.prompts_of`.

        Raises:
            UsageError: The run was imported, so nobody knows.
            DesignChangedError: The program gives other prompts now.
        """
        self.must_be_ours(run)
        return await prompts_of(
            run, self.kind(run.kind), await self.resolved(run), store=self.store, clock=self._clock
        )

    # ------------------------------------------------------------ import

    async def import_originals(
        self,
        places: Sequence[str],
        *,
        dry_run: bool = False,
        hear: Callable[[float], None] = lambda share: None,
    ) -> ImportReport:
        """Take over what the original program stored; see `importing.import_originals`."""
        from simulator.importing import import_originals

        return await import_originals(
            self.store, places, dry_run=dry_run, hear=hear, notify=self._warn
        )

    def must_be_ours(self, run: Run) -> None:
        """Raises UsageError when the run was imported, so that it cannot be played or replayed."""
        if run.outcome is not None and run.outcome.reason == IMPORTED:
            raise UsageError(
                f"Run {run.id} was imported from the original program, without its model calls.",
                remedy="It can be read and exported, but not forked, verified or played.",
            )
