"""What both front ends do, on the adapters that the settings name.

With `adapters`, the only module that knows every adapter.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from itertools import count, product
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from simulator.adapters import Warn, backend_options, open_request_cache, open_usual_store
from simulator.archive import Archive
from simulator.backends.pool import BackendPool
from simulator.catalogue import Catalogue
from simulator.domain.designs import Design
from simulator.domain.events import Listener
from simulator.domain.grids import Axis, Grid, Option
from simulator.domain.models import Backends, ModelBackend, ModelCard
from simulator.domain.ports import ExperimentStore, Kind, Person
from simulator.domain.prompts import Prompt
from simulator.domain.records import IMPORTED, Agent, Experiment, Run
from simulator.engine import readiness
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
    DesignInvalidError,
    LeaseLostError,
    SimulatorError,
    UsageError,
)
from simulator.kinds.registry import KINDS as KINDS
from simulator.lanes import in_lanes, unhurried
from simulator.process import fresh_id, fresh_seed, is_dead, owner_name, provenance
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


class Services(Archive):
    """The archive and what is played on it, for front ends."""

    def __init__(
        self,
        settings: Settings,
        store: ExperimentStore,
        backends: Backends,
        kinds: Mapping[str, Kind] = KINDS,
        warn: Warn = _log.warning,
    ) -> None:
        super().__init__(settings, store, kinds)
        self._backends = backends
        self._warn = warn
        self._theatre = Theatre(
            store, backends, self._clock, owner_name(), settings.creator, is_dead
        )

    # ------------------------------------------------------------ runs

    def _checked(
        self, design: Design, parameters: Mapping[str, JsonValue], condition: str = ""
    ) -> Any:
        """The design with parameters in it, sound as a whole."""
        kind = self.kind(design.kind)
        resolved = kind.resolve(design, parameters)
        problems = [str(problem) for problem in kind.problems(resolved)]
        if problems:
            raise DesignInvalidError(
                f"{design.name!r} cannot run with {condition or 'these parameters'}: {problems[0]}",
                problems=tuple(problems),
            )
        return resolved

    def preview(
        self, design: Design, parameters: Mapping[str, JsonValue], seed: int = 0
    ) -> tuple[Agent, ...]:
        """The agents with every prompt rendered, as a run with this seed would have them."""
        return self.kind(design.kind).cast(self._checked(design, parameters), seed)

    def ignored_options(self, agent: Agent) -> frozenset[str]:
        """Sampling options that the agent's model does not take; empty if it cannot be opened."""
        try:
            return readiness.unheard_options(self._backends, agent)
        except SimulatorError:
            return frozenset()

    async def launch(
        self,
        design: Design,
        parameters: Mapping[str, JsonValue],
        *,
        seed: int | None = None,
        repeat: int = 1,
        experiment: Experiment | None = None,
        limits: Limits | None = None,
    ) -> list[Run]:
        """Queue runs of a design under one set of parameters; see `launch_grid`."""
        grid = Grid((Axis("parameters", (Option("", parameters),)),))
        return await self.launch_grid(
            design, grid, seed=seed, repeat=repeat, experiment=experiment, limits=limits
        )

    async def launch_grid(
        self,
        design: Design,
        grid: Grid,
        *,
        seed: int | None = None,
        repeat: int = 1,
        experiment: Experiment | None = None,
        limits: Limits | None = None,
        hear: Callable[[int], None] = lambda stored: None,
    ) -> list[Run]:
        """Queue runs of every cell of a grid; the design is stored as an experiment first.

        The first repetition of all cells comes first, then the second one. Cells share their seeds
        (they are blocked by it), so that what differs between them is not the draw.

        Args:
            design: As written; its data is read in first.
            grid: What this launch sets over it.
            seed: Of the first repetition, the next ones count up from it; None draws one.
            repeat: How many runs of each cell.
            experiment: Where the design is stored already; None stores it or finds it.
            limits: Those that the runs will be played under.
            hear: Is told how many runs are stored by now.

        Raises:
            UsageError: These are too many runs, or a limit of money could not be kept.
            DesignInvalidError: A cell cannot be run.
            BackendError: A model cannot be had.
            SimulatorError: As `completed`; nothing is stored in any of these cases.
        """
        grid.check_size(repeat)
        if experiment is None:
            design = await self.completed(design)
        first_seed = fresh_seed() if seed is None else seed
        resolved = [
            (cell.parameters, self._checked(design, cell.parameters, grid.condition(cell)))
            async for cell in unhurried(grid.cells())
        ]
        kind = self.kind(design.kind)
        casts = [
            (parameters, run_seed, kind.cast(checked, run_seed))
            async for run_seed, (parameters, checked) in unhurried(
                product(range(first_seed, first_seed + repeat), resolved)
            )
        ]
        # Repetitions differ in nothing that is checked here.
        everybody = [agent for _, _, agents in casts[: grid.size] for agent in agents]
        self.check_limits(limits, everybody)
        cards = await self._check_models(everybody)
        habits = {
            model: readiness.habits_of(self._backends.get(model), card)
            for model, card in cards.items()
        }
        async for cell, (_, checked), (_, _, agents) in unhurried(
            zip(grid.cells(), resolved, casts, strict=False)
        ):
            if kind.outlook(checked).must_fit:
                works = kind.workload(checked, agents, habits)
                readiness.check_room(cards, works, grid.condition(cell))
        experiment = experiment or await self.save_design(design)
        made_with = await asyncio.to_thread(provenance, cards.values())
        runs = [
            Run(
                id=fresh_id(),
                experiment_id=experiment.id,
                kind=design.kind,
                design_hash=experiment.design_hash,
                parameters=dict(parameters),
                seed=run_seed,
                agents=agents,
                provenance=made_with,
                creator=self.settings.creator,
                created_at=self._clock.now(),
            )
            async for parameters, run_seed, agents in unhurried(casts)
        ]
        stored = count(1)

        async def store(run: Run) -> None:
            await self.store.add_run(run)
            hear(next(stored))

        await in_lanes(store, runs)
        return runs

    def backend(self, model: str) -> ModelBackend:
        """The model; no request is sent. Raises as `Backends.get`."""
        return self._backends.get(model)

    async def _check_models(self, agents: Sequence[Agent]) -> dict[str, ModelCard]:
        """See that every model is there, and warn of what they do not take; their cards."""
        models = dict.fromkeys(agent.model for agent in agents)
        for model in models:
            self._backends.get(model)
        cards = await readiness.check_models(self._backends, models)
        speaking = [agent for agent in agents if agent.number]
        ignored = readiness.ignored_options(self._backends, speaking)
        for sentence in (*readiness.other_names(cards), *ignored):
            self._warn(sentence)
        return dict(zip(models, cards, strict=True))

    def check_limits(self, limits: Limits | None, agents: Iterable[Agent]) -> None:
        """Raises UsageError when a limit of money could not be kept for want of a price."""
        if limits is not None and limits.cost_usd is not None:
            readiness.check_prices(self._backends, dict.fromkeys(agent.model for agent in agents))

    async def play(
        self,
        run: Run,
        *,
        listener: Listener,
        control: RunControl | None = None,
        person: Person | None = None,
        budget: Budget | None = None,
    ) -> Played:
        """Play a queued run, or one that stopped, to its end; see `engine.runner.play_run`."""
        design = await self.resolved(run)
        return await play_run(
            self._theatre, run, self.kind(run.kind), design,
            listener=listener, control=control, person=person, budget=budget,
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
