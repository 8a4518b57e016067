"""A laboratory for tests: a real store in a file, scripted models, a clock that stands still."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from simulator.backends.retrying import RetryingBackend
from simulator.backends.scripted import Script, ScriptedBackend, ScriptOptions
from simulator.domain.events import Event
from simulator.domain.journal import Step
from simulator.domain.models import GenerateRequest, ModelBackend
from simulator.domain.ports import ExperimentStore, Kind, Person
from simulator.domain.records import Experiment, Provenance, Run
from simulator.engine.control import RunControl
from simulator.engine.limits import Budget
from simulator.engine.runner import Played, play_run
from simulator.engine.theatre import Theatre
from simulator.errors import NotFoundError
from simulator.kinds.conversation.design import ConversationDesign
from simulator.kinds.conversation.kind import ConversationKind
from simulator.store.sqlite import SqliteStore

MODEL = "scripted/test"


class StillClock:
    """Time that only moves when it is told to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.seconds

    def forward(self, seconds: float) -> None:
        self.seconds += seconds
        self.time += timedelta(seconds=seconds)


@dataclass
class ScriptedPool:
    """Backends by name; waits of retries take no time."""

    backends: dict[str, ModelBackend] = field(default_factory=dict)

    def get(self, model: str) -> ModelBackend:
        if model not in self.backends:
            raise NotFoundError(f"There is no model {model!r}.")
        return self.backends[model]

    def script(
        self,
        script: Script | Sequence[str],
        *,
        model: str = MODEL,
        options: ScriptOptions | None = None,
    ) -> None:
        async def no_wait(seconds: float) -> None:
            return None

        inner = ScriptedBackend(script, model=model, options=options)
        self.backends[model] = RetryingBackend(inner, sleep=no_wait)


@dataclass
class Lab:
    """Plays designs and keeps what was heard."""

    store: ExperimentStore
    pool: ScriptedPool
    clock: StillClock
    events: list[Event] = field(default_factory=list)
    kind: Kind = field(default_factory=ConversationKind)
    owner: str = "test:1:1"
    _made: int = 0

    def theatre(self) -> Theatre:
        return Theatre(self.store, self.pool, self.clock, self.owner)

    async def queue(
        self, design: Any, *, seed: int = 1, parameters: Mapping[str, JsonValue] | None = None
    ) -> tuple[Run, Any]:
        """A stored run of a design, and the design resolved."""
        self._made += 1
        resolved = self.kind.resolve(design, parameters or {})
        experiment = Experiment(
            id=f"E{self._made:025d}", name=design.name, kind=design.kind, design={},
            design_hash="0" * 32, creator="ada", created_at=self.clock.now(),
        )  # fmt: skip
        run = Run(
            id=f"R{self._made:025d}", experiment_id=experiment.id, kind=design.kind,
            design_hash="0" * 32, seed=seed, agents=self.kind.cast(resolved, seed),
            provenance=Provenance(simulator_version="0", python_version="3", platform="test"),
            creator="ada", created_at=self.clock.now(),
        )  # fmt: skip
        await self.store.add_experiment(experiment)
        await self.store.add_run(run)
        return run, resolved

    async def play(
        self,
        run: Run,
        resolved: Any,
        *,
        control: RunControl | None = None,
        person: Person | None = None,
        listener: Callable[[Event], None] | None = None,
        budget: Budget | None = None,
    ) -> Played:
        def hear(event: Event) -> None:
            self.events.append(event)
            if listener is not None:
                listener(event)

        return await play_run(
            self.theatre(), run, self.kind, resolved, listener=hear, control=control,
            person=person, budget=budget,
        )  # fmt: skip

    async def run(self, design: Any, *, seed: int = 1, **launch: JsonValue) -> list[Step]:
        """Play a design from its beginning to its end; its journal."""
        queued, resolved = await self.queue(design, seed=seed, parameters=launch)
        played = await self.play(queued, resolved)
        assert played.problem is None, played.problem
        return await self.store.steps(queued.id)


@asynccontextmanager
async def open_lab(folder: Path) -> AsyncIterator[Lab]:
    store = await SqliteStore.open(folder / "lab.db")
    lab = Lab(store, ScriptedPool(), StillClock())
    lab.pool.script(lambda request: f"reply {len(request.prompt)} of {request.seed % 1000}")
    try:
        yield lab
    finally:
        await store.close()


def design(**fields: Any) -> ConversationDesign:
    """Guards and prisoners with the given fields over the defaults."""
    data: dict[str, Any] = {
        "name": "Test",
        "starting_message": "Begin.",
        "messages": 6,
        "days": 1,
        "model": MODEL,
        "roles": [
            {"name": "guard", "starting_prompt": "You are a guard."},
            {"name": "prisoner", "starting_prompt": "You are a prisoner."},
        ],
        "summarizer": {"starting_prompt": "You summarize."},
    }
    return ConversationDesign.model_validate(data | fields)


def prompts_seen(lab: Lab, model: str = MODEL) -> list[list[tuple[str, str]]]:
    """Record what the model is shown from now on."""
    seen: list[list[tuple[str, str]]] = []

    def script(request: GenerateRequest) -> str:
        seen.append([(entry.role, entry.content) for entry in request.prompt])
        return f"word {len(seen)}"

    lab.pool.script(script, model=model)
    return seen


def spoken(steps: Sequence[Step]) -> list[Step]:
    """The agents' turns, in order."""
    return [
        step
        for step in steps
        if step.in_transcript and step.role not in ("researcher", "summarizer")
    ]
