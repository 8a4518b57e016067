"""Queues runs of designs, after everything that could stop them was looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from simulator.archive import Archive
from simulator.domain.designs import Design
from simulator.domain.grids import Axis, Grid, Option
from simulator.domain.models import Backends, ModelBackend, ModelCard
from simulator.domain.ports import ExperimentStore, Kind
from simulator.domain.records import Agent, Experiment, Provenance, Run
from simulator.engine import readiness
from simulator.engine.limits import Limits
from simulator.errors import DesignInvalidError, SimulatorError
from simulator.lanes import unhurried
from simulator.process import fresh_id, fresh_seed, provenance
from simulator.settings import Settings

RUNS_AT_ONCE = 100
"""Runs that are given to the store in one piece."""

Hear = Callable[[int], None]
"""Is told how many runs are stored by now."""


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """What runs have in common that differ in their seed alone; looked at once for all of them."""

    parameters: Mapping[str, JsonValue]
    text: str = ""
    """What tells it apart, such as `days=2, goal=escape`."""
    cell: int | None = None
    """Its place among the cells of a batch."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run that is to be queued."""

    condition: Condition
    seed: int
    run_id: str | None = None
    """None makes a fresh one."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Runs that nothing stands in the way of."""

    wanted: Sequence[Wanted]
    casts: Sequence[tuple[Agent, ...]]
    """The agents of each."""
    provenance: Provenance


class Launcher(Archive):
    """The archive, and what is launched into it."""

    def __init__(
        self,
        settings: Settings,
        store: ExperimentStore,
        kinds: Mapping[str, Kind],
        backends: Backends,
        warn: Callable[[str], None],
    ) -> None:
        super().__init__(settings, store, kinds)
        self._backends = backends
        self._warn = warn

    def warn(self, sentence: str) -> None:
        """Tell the user something that they should know, and that stops nothing."""
        self._warn(sentence)

    def backend(self, model: str) -> ModelBackend:
        """The model; no request is sent. Raises as `Backends.get`."""
        return self._backends.get(model)

    def preview(
        self, design: Design, parameters: Mapping[str, JsonValue], seed: int = 0
    ) -> tuple[Agent, ...]:
        """The agents with every prompt rendered, as a run with this seed would have them."""
        return self.kind(design.kind).cast(self._checked(design, Condition(parameters)), seed)

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
        hear: Hear = lambda stored: None,
    ) -> list[Run]:
        """Queue runs of every cell of a grid; the design is stored as an experiment first.

        The first repetition of all cells comes first, then the second one. Cells share their seeds
        (they are blocked by it), so that what differs between them is not the draw. They are in no
        batch; `batches.launched` makes one.

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
        conditions = [
            Condition(cell.parameters, grid.condition(cell))
            async for cell in unhurried(grid.cells())
        ]
        wanted = [
            Wanted(condition, run_seed)
            for run_seed in range(first_seed, first_seed + repeat)
            for condition in conditions
        ]
        ready = await self.readied(design, wanted, limits)
        experiment = experiment or await self.save_design(design)
        return await self.queue(experiment, ready, hear=hear)

    async def readied(
        self, design: Design, wanted: Sequence[Wanted], limits: Limits | None = None
    ) -> Ready:
        """Look at everything that could stop runs; nothing is stored.

        Args:
            design: With its data.
            wanted: The runs.
            limits: Those that they will be played under.

        Raises as `launch_grid`.
        """
        kind = self.kind(design.kind)
        checked: dict[Condition, Any] = {}
        first: dict[Condition, tuple[Agent, ...]] = {}
        casts: list[tuple[Agent, ...]] = []
        async for one in unhurried(dict.fromkeys(run.condition for run in wanted)):
            checked[one] = self._checked(design, one)
        async for run in unhurried(wanted):
            casts.append(kind.cast(checked[run.condition], run.seed))
            # Repetitions differ in nothing that is looked at below.
            first.setdefault(run.condition, casts[-1])
        everybody = [agent for agents in first.values() for agent in agents]
        self.check_limits(limits, everybody)
        cards = await self._check_models(everybody)
        habits = {
            model: readiness.habits_of(self._backends.get(model), card)
            for model, card in cards.items()
        }
        async for condition, agents in unhurried(first.items()):
            if kind.outlook(checked[condition]).must_fit:
                works = kind.workload(checked[condition], agents, habits)
                readiness.check_room(cards, works, condition.text)
        return Ready(wanted, casts, await asyncio.to_thread(provenance, cards.values()))

    async def queue(
        self,
        experiment: Experiment,
        ready: Ready,
        *,
        batch_id: str | None = None,
        hear: Hear = lambda stored: None,
    ) -> list[Run]:
        """Store runs, to be played.

        Args:
            experiment: Whose design they are of.
            ready: What `readied` gave.
            batch_id: Of the batch that they belong to.
            hear: Is told how many are stored by now.
        """
        now = self._clock.now()
        runs = [
            Run(
                id=wanted.run_id or fresh_id(),
                experiment_id=experiment.id,
                kind=experiment.kind,
                design_hash=experiment.design_hash,
                parameters=dict(wanted.condition.parameters),
                batch_id=batch_id,
                cell=None if batch_id is None else wanted.condition.cell,
                seed=wanted.seed,
                agents=agents,
                provenance=ready.provenance,
                creator=self.settings.creator,
                created_at=now,
            )
            async for wanted, agents in unhurried(zip(ready.wanted, ready.casts, strict=True))
        ]
        for start in range(0, len(runs), RUNS_AT_ONCE):
            part = runs[start : start + RUNS_AT_ONCE]
            await self.store.add_runs(part)
            for number in range(start + 1, start + len(part) + 1):
                hear(number)
        return runs

    def _checked(self, design: Design, condition: Condition) -> Any:
        """The design with parameters in it, sound as a whole."""
        kind = self.kind(design.kind)
        resolved = kind.resolve(design, condition.parameters)
        problems = [str(problem) for problem in kind.problems(resolved)]
        if problems:
            raise DesignInvalidError(
                f"{design.name!r} cannot run with {condition.text or 'these parameters'}: "
                f"{problems[0]}",
                problems=tuple(problems),
            )
        return resolved

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
