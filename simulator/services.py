"""What both front ends do, on the adapters that the settings name.

The only module that knows every adapter.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from pydantic import JsonValue

from simulator.backends.pool import BackendPool
from simulator.domain.events import Listener
from simulator.domain.journal import Step
from simulator.domain.nearest import nearest
from simulator.domain.ports import Backends, ExperimentStore, Kind, Person
from simulator.domain.problems import Design
from simulator.domain.records import Agent, Experiment, ExperimentQuery, Run, RunQuery
from simulator.engine.control import RunControl
from simulator.engine.forking import fork_run
from simulator.engine.runner import Played, Theatre, play_run
from simulator.engine.verifying import Verification, verify_run
from simulator.errors import (
    DesignChangedError,
    DesignInvalidError,
    NotFoundError,
    PermissionDeniedError,
    UsageError,
)
from simulator.files.designs import (
    design_document,
    design_hash,
    document_hash,
    load_design,
    read_document,
)
from simulator.files.originals import Imported, read_originals
from simulator.files.seeds import find_design_file, seed_designs
from simulator.kinds.registry import KINDS as KINDS
from simulator.process import SystemClock, fresh_id, fresh_seed, is_dead, owner_name, provenance
from simulator.settings import Settings
from simulator.store.opening import open_store

_Record = TypeVar("_Record", Experiment, Run)

SHORTEST_FRAGMENT = 4
"""Characters of an id that are enough to name it, when no other id has them."""


RESOLVED_DESIGNS = 256
"""Designs kept ready, since the runs of a launch share theirs."""
START_SPACING_S = 0.0004
"""Seconds between the starts of runs that are launched together.

Runs that begin in the same instant stay in step and want the event loop, the store and the
models' servers in the same instant at every turn, each waiting for all the others.
"""


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open the store and hold it for as long as the block runs.

    Raises:
        UsageError: The store's address is of no known form.
        StoreUnavailableError: The store cannot be opened.
    """
    store = await open_store(settings.store_url)
    backends = BackendPool()
    try:
        yield Services(settings, store, backends)
    finally:
        await backends.close()
        await store.close()


class Services:
    """Experiments and runs, for front ends."""

    def __init__(
        self,
        settings: Settings,
        store: ExperimentStore,
        backends: Backends,
        kinds: Mapping[str, Kind] = KINDS,
    ) -> None:
        self.settings = settings
        self.store = store
        self.kinds = kinds
        self._backends = backends
        self._resolved: dict[tuple[str, str, str], Any] = {}
        self._clock = SystemClock()
        self._theatre = Theatre(store, backends, self._clock, owner_name(), is_dead)

    # ------------------------------------------------------------ designs and experiments

    async def design_named(self, name: str) -> tuple[Design, Experiment | None]:
        """The design that a file, a seed or an experiment has; the experiment if it is stored.

        Args:
            name: A path to a YAML file, the name of a design in `experiments_seed`, or the id,
                part of the id, or name of a stored experiment; tried in this order.
        """
        path = find_design_file(name)
        if path is not None:
            return load_design(path, self.kinds), None
        experiment = await self.find_experiment(name)
        return self.design_of(experiment), experiment

    def design_of(self, experiment: Experiment) -> Design:
        """A stored design. Raises DesignChangedError when the program cannot read it."""
        return read_document(
            self.kind(experiment.kind), experiment.design, experiment.name, experiment.note
        )

    async def save_design(
        self, design: Design, *, parent_id: str | None = None, favourite: bool = False
    ) -> Experiment:
        """The experiment of this name and design; a new one only when there is none."""
        known = ExperimentQuery(name=design.name, design_hash=design_hash(design))
        if parent_id is None:
            for experiment in await self.store.experiments(known):
                return experiment
        experiment = Experiment(
            id=fresh_id(),
            name=design.name,
            kind=design.kind,
            design=design_document(design),
            design_hash=design_hash(design),
            note=design.note,
            favourite=favourite,
            creator=self.settings.creator,
            parent_id=parent_id,
            created_at=self._clock.now(),
        )
        await self.store.add_experiment(experiment)
        return experiment

    async def duplicate(self, experiment: Experiment, name: str) -> Experiment:
        """A copy under another name, without the runs."""
        design = self.design_of(experiment).model_copy(update={"name": name})
        return await self.save_design(design, parent_id=experiment.id)

    async def find_experiment(self, name: str) -> Experiment:
        """The experiment of that id, part of an id, or name.

        Raises:
            NotFoundError: None, with near names.
            UsageError: Several.
        """
        found = await self.store.experiments(ExperimentQuery(name=name))
        if not found and len(name) >= SHORTEST_FRAGMENT:
            found = await self.store.experiments(ExperimentQuery(id_fragment=name.upper()))
        if not found:
            every = await self.store.experiments(ExperimentQuery())
            names = [experiment.name for experiment in every]
            folded = [e for e in every if e.name.casefold() == name.casefold()]
            if len(folded) == 1:
                return folded[0]
            seeds = [path.stem for path in seed_designs()]
            raise NotFoundError(
                f"There is no design file, experiment or seed called {name!r}.",
                remedy=f"Did you mean {meant!r}?"
                if (meant := nearest(name, [*seeds, *names]))
                else f"Seeds are {', '.join(seeds)}; `ls` lists experiments.",
            )
        return _only(found, name, lambda experiment: experiment.id)

    async def delete_experiment(self, experiment: Experiment) -> int:
        """Delete it with its runs; how many runs went. Only its creator may."""
        self._must_own(experiment.creator, f"Experiment {experiment.name!r}")
        return await self.store.delete_experiment(experiment.id)

    # ------------------------------------------------------------ runs

    async def find_run(self, name: str) -> Run:
        """The run of that id, part of an id, or `last` for the newest.

        Raises:
            NotFoundError: None.
            UsageError: Several.
        """
        if name == "last":
            newest = await self.store.runs(RunQuery(limit=1))
            if not newest:
                raise NotFoundError("There are no runs yet.", remedy="Start one with `run prison`.")
            return newest[0]
        found: list[Run] = []
        if len(name) >= SHORTEST_FRAGMENT:
            found = await self.store.runs(RunQuery(id_fragment=name.upper(), limit=20))
        if not found:
            raise NotFoundError(f"There is no run {name!r}.", remedy="`ls --runs` lists them.")
        return _only(found, name, lambda run: run.id)

    async def resolved(self, run: Run) -> Any:
        """The design of a run with its parameters in it.

        Raises:
            DesignChangedError: The stored design is not the one that the run began with.
        """
        key = (run.experiment_id, run.design_hash, json.dumps(run.parameters, sort_keys=True))
        if key not in self._resolved:
            experiment = await self.store.experiment(run.experiment_id)
            if document_hash(experiment.design) != run.design_hash:
                raise DesignChangedError(
                    f"The design of experiment {experiment.name!r} was changed after run "
                    f"{run.id} began.",
                    remedy="Start a new run of the changed design; this one can still be read.",
                )
            if len(self._resolved) >= RESOLVED_DESIGNS:
                self._resolved.clear()
            design = self.design_of(experiment)
            self._resolved[key] = self.kind(run.kind).resolve(design, run.parameters)
        return self._resolved[key]

    def _checked(self, design: Design, parameters: Mapping[str, JsonValue]) -> Any:
        """The design with parameters in it, sound as a whole."""
        kind = self.kind(design.kind)
        resolved = kind.resolve(design, parameters)
        problems = [str(problem) for problem in kind.problems(resolved)]
        if problems:
            raise DesignInvalidError(
                f"{design.name!r} cannot run with these parameters: {problems[0]}",
                problems=tuple(problems),
            )
        return resolved

    def preview(
        self, design: Design, parameters: Mapping[str, JsonValue], seed: int = 0
    ) -> tuple[Agent, ...]:
        """The agents with every prompt rendered, as a run with this seed would have them."""
        return self.kind(design.kind).cast(self._checked(design, parameters), seed)

    async def launch(
        self,
        design: Design,
        parameters: Mapping[str, JsonValue],
        *,
        seed: int | None = None,
        repeat: int = 1,
        experiment: Experiment | None = None,
    ) -> list[Run]:
        """Queue runs of a design; the design is stored as an experiment first.

        Args:
            design: As written.
            parameters: What this launch sets over it.
            seed: Of the first run, the next ones count up from it; None draws one.
            repeat: How many runs.
            experiment: Where the design is stored already; None stores it or finds it.
        """
        resolved = self._checked(design, parameters)
        kind = self.kind(design.kind)
        first_seed = fresh_seed() if seed is None else seed
        casts = [kind.cast(resolved, first_seed + number) for number in range(repeat)]
        for model in dict.fromkeys(agent.model for agents in casts for agent in agents):
            self._backends.get(model)
        experiment = experiment or await self.save_design(design)
        runs = [
            Run(
                id=fresh_id(),
                experiment_id=experiment.id,
                kind=design.kind,
                design_hash=experiment.design_hash,
                parameters=dict(parameters),
                seed=first_seed + number,
                agents=agents,
                provenance=provenance(),
                creator=self.settings.creator,
                created_at=self._clock.now(),
            )
            for number, agents in enumerate(casts)
        ]
        for run in runs:
            await self.store.add_run(run)
        return runs

    async def play(
        self,
        run: Run,
        *,
        listener: Listener,
        control: RunControl | None = None,
        person: Person | None = None,
    ) -> Played:
        """Play a queued run, or one that stopped, to its end; see `engine.runner.play_run`."""
        design = await self.resolved(run)
        return await play_run(
            self._theatre, run, self.kind(run.kind), design,
            listener=listener, control=control, person=person,
        )  # fmt: skip

    async def play_all(
        self, runs: Sequence[Run], *, listener: Listener, person: Person | None = None
    ) -> list[Played]:
        """Play runs side by side, as many at a time as the settings allow, in any order of end."""
        live = self.settings.max_live_runs
        places = asyncio.Semaphore(live)

        async def play(run: Run, wait_s: float) -> Played:
            async with places:
                await asyncio.sleep(wait_s)
                return await self.play(run, listener=listener, person=person)

        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(play(run, number * START_SPACING_S if number < live else 0.0))
                for number, run in enumerate(runs)
            ]
        return [task.result() for task in tasks]

    async def leave_paused(self, run: Run) -> Run:
        """The run as it is in the store; `paused` if its play was given up before it began."""
        stored = await self.store.run(run.id)
        if stored.status != "queued" or await self.store.lease(run.id) is not None:
            return stored
        await self.store.update_run(run.id, status="paused")
        return stored.model_copy(update={"status": "paused"})

    async def is_abandoned(self, run: Run) -> bool:
        """Whether a run is on record as running although nobody plays it."""
        if run.status != "running":
            return False
        lease = await self.store.lease(run.id)
        return lease is None or is_dead(lease.owner) or lease.expires_at < self._clock.now()

    async def fork(
        self, parent: Run, *, at: int, replace: str | None = None, seed: int | None = None
    ) -> Run:
        """Queue a run that shares the parent's steps up to `at`; play it to go on."""
        run, steps = fork_run(
            parent, await self.store.steps(parent.id), at=at, run_id=fresh_id(),
            creator=self.settings.creator, now=self._clock.now(), replace=replace, seed=seed,
        )  # fmt: skip
        await self.store.add_run(run, steps)
        return run

    async def verify(self, run: Run, *, ask_models: bool = False) -> Verification:
        """Replay a run against its journal; with `ask_models`, also ask for each reply again."""
        return await verify_run(
            run, self.kind(run.kind), await self.resolved(run), store=self.store,
            clock=self._clock, backends=self._backends if ask_models else None,
        )  # fmt: skip

    async def delete_run(self, run: Run) -> None:
        """Delete it with its journal. Only its creator may."""
        self._must_own(run.creator, f"Run {run.id}")
        await self.store.delete_run(run.id)

    async def transcript(self, run: Run) -> tuple[Experiment, list[Step]]:
        """A run's experiment and its journal."""
        return await self.store.experiment(run.experiment_id), await self.store.steps(run.id)

    # ------------------------------------------------------------ import

    async def import_originals(self, texts: Mapping[str, str]) -> tuple[Imported, int]:
        """Take over documents of the original program; what was there already is left alone.

        Returns:
            What was read, and how many of its experiments and runs were new.
        """
        imported = read_originals(texts)
        new = 0
        for experiment in imported.experiments:
            if not await self.store.experiments(ExperimentQuery(id_fragment=experiment.id)):
                await self.store.add_experiment(experiment)
                new += 1
        for one in imported.runs:
            if not await self.store.runs(RunQuery(id_fragment=one.run.id)):
                await self.store.add_run(one.run, one.steps)
                new += 1
        return imported, new

    def kind(self, name: str) -> Kind:
        """The kind of that name. Raises DesignChangedError when this version has none."""
        if name not in self.kinds:
            raise DesignChangedError(
                f"This version does not know experiments of the kind {name!r}.",
                remedy=f"It knows {', '.join(self.kinds)}.",
            )
        return self.kinds[name]

    def _must_own(self, creator: str, what: str) -> None:
        if creator != self.settings.creator:
            raise PermissionDeniedError(
                f"{what} belongs to {creator}; only its creator may delete it.",
                remedy="Duplicate it instead.",
            )


def _only(found: Sequence[_Record], name: str, id_of: Callable[[_Record], str]) -> _Record:
    if len(found) > 1:
        ids = ", ".join(id_of(one) for one in found[:5])
        raise UsageError(f"{name!r} is not unique: {ids}{', …' if len(found) > 5 else ''}.")
    return found[0]
