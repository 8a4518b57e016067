"""Says what a launch will take before anything of it is stored or asked of a model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from simulator.domain.designs import Design
from simulator.domain.estimates import Estimate, KnownModel, Reckoning
from simulator.domain.grids import Cells
from simulator.domain.models import ModelBackend, ModelCard
from simulator.domain.records import Agent
from simulator.domain.workloads import Workload
from simulator.engine.readiness import habits_of
from simulator.errors import (
    BackendUnavailableError,
    DesignInvalidError,
    SimulatorError,
)
from simulator.experience import experience
from simulator.lanes import unhurried
from simulator.services import Services

CARD_PATIENCE_S = 5.0
"""Seconds that a model's server has to say what it knows of it."""

Hear = Callable[[int], None]
"""Is told how many cells are reckoned by now."""


async def estimate(
    services: Services,
    design: Design,
    grid: Cells,
    repeat: int = 1,
    hear: Hear = lambda reckoned: None,
) -> Estimate:
    """What a launch of a grid will take; see `Estimator.estimate`."""
    return await Estimator(services, design).estimate(grid, repeat, hear)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell that can be run."""

    workloads: tuple[Workload, ...]
    asks_person: bool


class Estimator:
    """Estimates launches of one design; what it learns of models and cells it keeps."""

    def __init__(self, services: Services, design: Design) -> None:
        self._services = services
        self._design = design
        self._kind = services.kind(design.kind)
        self._known: dict[str, KnownModel] = {}
        self._cells: dict[str, _Cell | tuple[str, ...]] = {}

    async def estimate(
        self, grid: Cells, repeat: int = 1, hear: Hear = lambda reckoned: None
    ) -> Estimate:
        """What a launch of a grid will take.

        Models that cannot be asked, and cells that cannot be run, are in the estimate. The event
        loop is left to others every few milliseconds.

        Args:
            grid: The cells: what the launch sets over the design.
            repeat: How many runs of each cell.
            hear: Is told of the progress now and then.

        Raises:
            UsageError: These are too many runs; nothing was reckoned.
        """
        grid.check_size(repeat)
        settings = self._services.settings
        reckoning = Reckoning(repeat, settings.max_live_runs, self._known.__getitem__)
        reckoned = 0
        async for cell in unhurried(grid.cells()):
            found = await self._cell(cell.parameters)
            if isinstance(found, _Cell):
                reckoning.add(found.workloads, asks_person=found.asks_person)
            else:
                reckoning.add_bad(found)
            reckoned += 1
            hear(reckoned)
        return reckoning.estimate()

    def forget(self) -> None:
        """Ask and measure anew: servers may have started, runs may have ended since."""
        self._known.clear()
        self._cells.clear()

    async def _cell(self, parameters: Mapping[str, JsonValue]) -> _Cell | tuple[str, ...]:
        key = json.dumps(parameters, sort_keys=True)
        if key not in self._cells:
            self._cells[key] = await self._reckoned(parameters)
        return self._cells[key]

    async def _reckoned(self, parameters: Mapping[str, JsonValue]) -> _Cell | tuple[str, ...]:
        kind = self._kind
        try:
            resolved = kind.resolve(self._design, parameters)
        except DesignInvalidError as error:
            return error.problems or (error.message,)
        problems = kind.problems(resolved)
        if problems:
            return tuple(map(str, problems))
        agents = kind.cast(resolved, 0)
        await self._learn(agents)
        habits = {model: known.habits for model, known in self._known.items()}
        return _Cell(kind.workload(resolved, agents, habits), kind.outlook(resolved).needs_person)

    async def _learn(self, agents: Sequence[Agent]) -> None:
        """Find out what is not known yet of the agents' models."""
        models = [
            model for model in dict.fromkeys(agent.model for agent in agents)
            if model not in self._known
        ]  # fmt: skip
        if not models:
            return
        learnt = await asyncio.gather(*map(self._described, models))
        past = await experience(self._services.store, models)
        for known in learnt:
            told = past.get(known.model)
            if told is not None:
                habits = known.habits
                if told.habits.reply is not None or told.habits.helper_reply is not None:
                    habits = replace(
                        told.habits, scores_choices=habits.scores_choices,
                        keeps_room=habits.keeps_room,
                    )  # fmt: skip
                known = replace(known, habits=habits, speed=told.speed)
            self._known[known.model] = known

    async def _described(self, model: str) -> KnownModel:
        try:
            backend = self._services.backend(model)
        except SimulatorError as error:
            return KnownModel(model, problem=error)
        try:
            async with asyncio.timeout(CARD_PATIENCE_S):
                card = await backend.describe()
        except SimulatorError as error:
            return KnownModel(model, price=backend.price, problem=error)
        except TimeoutError:
            silent = BackendUnavailableError(
                f"The server of {model} did not answer within {CARD_PATIENCE_S:g} s.",
                remedy="See whether it is well.",
            )
            return KnownModel(model, price=backend.price, problem=silent)
        return _known(model, backend, card)


def _known(model: str, backend: ModelBackend, card: ModelCard) -> KnownModel:
    return KnownModel(
        model,
        habits_of(backend, card),
        price=backend.price,
        context_length=card.context_length,
        # Models of this process that have weights; scripts only wait.
        is_computed_here=not backend.endpoint and card.digest is not None,
    )
