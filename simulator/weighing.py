"""How long runs are expected to take, so that the longest can be begun first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.domain.records import Run
from simulator.domain.workloads import Habits, Workload
from simulator.errors import SimulatorError
from simulator.experience import Experience, experience
from simulator.lanes import unhurried
from simulator.services import Services

_S_PER_TOKEN = 0.02
_S_PER_PROMPT_TOKEN = 0.0005
_S_PER_CALL = 0.2
"""Taken for models whose speed nobody has measured: only how runs compare counts."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a run is expected to take, from its beginning."""

    work_s: float
    """Seconds of its models, one after another."""
    calls: int

    @property
    def call_s(self) -> float:
        """Of that, what a call takes."""
        return self.work_s / max(self.calls, 1)


_UNKNOWN = Weight(0.0, 0)
_Key = tuple[str, str, tuple[str, ...]]


class Scales:
    """Weighs runs; what it has learnt of models and cells it keeps."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: dict[str, Experience | None] = {}
        self._weights: dict[_Key, Weight] = {}

    async def weigh(self, runs: Sequence[Run]) -> list[Weight]:
        """What each run is expected to take.

        A run whose design cannot be had weighs nothing: why that is shows when it is played.
        """
        models = {agent.model for run in runs for agent in run.agents} - self._known.keys()
        if models:
            learnt = await experience(self._services.store, models)
            self._known |= {model: learnt.get(model) for model in models}
        habits = {model: known.habits for model, known in self._known.items() if known}
        return [await self._weight(run, habits) async for run in unhurried(runs)]

    async def _weight(self, run: Run, habits: Mapping[str, Habits]) -> Weight:
        key = (
            run.experiment_id,
            json.dumps(run.parameters, sort_keys=True),
            tuple(agent.model for agent in run.agents),
        )
        if key not in self._weights:
            try:
                design = await self._services.resolved(run)
                works = self._services.kind(run.kind).workload(design, run.agents, habits)
                self._weights[key] = self._total(works)
            except SimulatorError:
                self._weights[key] = _UNKNOWN
        return self._weights[key]

    def _total(self, works: Sequence[Workload]) -> Weight:
        return Weight(
            sum(map(self._seconds, works)), sum(work.calls + work.scored for work in works)
        )

    def _seconds(self, work: Workload) -> float:
        known = self._known.get(work.model)
        if known is not None and known.speed is not None:
            measured = known.speed.seconds(work.completion_tokens, work.scored_bytes)
            if measured is not None:
                return measured
        return (
            work.calls * _S_PER_CALL
            + work.completion_tokens * _S_PER_TOKEN
            + (work.prompt_tokens + work.scored_bytes) * _S_PER_PROMPT_TOKEN
        )
