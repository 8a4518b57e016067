"""Stores to copy between, and what tests see of a copy."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from simulator.domain.batches import BatchQuery
from simulator.domain.copies import at_rest
from simulator.domain.journal import Usage
from simulator.domain.ports import ExperimentStore
from simulator.domain.records import ExperimentQuery, Outcome, RunQuery
from simulator.moving.moved import Moved
from simulator.moving.mover import Mover
from simulator.store.sqlite import SqliteStore
from tests.lab import StillClock
from tests.store.examples import NOON, a_run, a_step, an_experiment, at

WRITES = (
    "add_experiment", "annotate_experiment", "add_run", "annotate_run", "update_run",
    "add_batch", "update_batch", "acquire", "commit", "release", "renew",
)  # fmt: skip

Stores = list[ExperimentStore]
"""To copy from the first to the second."""
_PIDS = count(1)


class Watched:
    """A store whose calls are counted, and may be answered by something else."""

    def __init__(self, store: ExperimentStore) -> None:
        self.store = store
        self.calls: list[str] = []
        self.before: Callable[[str, tuple[Any, ...]], None] = lambda name, arguments: None
        self.after: Callable[[str, tuple[Any, ...]], None] = lambda name, arguments: None

    @property
    def writes(self) -> list[str]:
        return [name for name in self.calls if name in WRITES]

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.store, name)

        async def watched(*arguments: Any, **options: Any) -> Any:
            self.calls.append(name)
            self.before(name, arguments)
            answer = await method(*arguments, **options)
            self.after(name, arguments)
            return answer

        return watched


class NoonClock(StillClock):
    def __init__(self) -> None:
        super().__init__()
        self.time = NOON


@asynccontextmanager
async def stores(number: int) -> AsyncIterator[list[SqliteStore]]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        opened = []
        for place in range(number):
            store = await SqliteStore.open(folder / f"{place}.db")
            stack.push_async_callback(store.close)
            opened.append(store)
        yield opened


async def push(source: Any, target: Any, **options: Any) -> Moved:
    """Copy everything."""
    fields: dict[str, Any] = {"owner": "here:1:1", "user": "ada", "clock": NoonClock()} | options
    mover = Mover(source, target, **fields)
    return await mover.move(await source.experiments(ExperimentQuery()))


async def push_afresh(source: Any, target: Any) -> Moved:
    """As `push`, in a process that starts after all others have died."""
    owner = f"here:{next(_PIDS)}:1"
    return await push(source, target, owner=owner, is_dead=lambda other: other != owner)


async def content(store: ExperimentStore) -> dict[str, Any]:
    """All that must arrive, in an order of its own."""
    runs = await store.runs(RunQuery())
    journals = {run.id: await store.steps(run.id) for run in runs}
    return {
        "experiments": {one.id: one for one in await store.experiments(ExperimentQuery())},
        "batches": {batch.id: batch for batch in await store.batches(BatchQuery())},
        "runs": {run.id: at_rest(run) for run in runs},
        "journals": {
            run_id: sorted(steps, key=lambda s: (s.position, s.scope, s.index))
            for run_id, steps in journals.items()
        },
    }


async def fill(store: ExperimentStore, runs: int = 3, steps: int = 4) -> None:
    await store.add_experiment(an_experiment())
    for number in range(runs):
        run = a_run(f"R{number}", status="completed", started_at=at(1), finished_at=at(9),
                    usage=Usage(calls=steps), outcome=Outcome(reason="messages"))  # fmt: skip
        await store.add_run(run, [a_step(index, run.id) for index in range(steps)])
