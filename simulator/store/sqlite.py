"""The embedded store: one SQLite file, safe with several processes on it."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable, Collection, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from pydantic import JsonValue

from simulator.domain.batches import Batch, BatchOrder, BatchQuery
from simulator.domain.journal import Step, Usage
from simulator.domain.records import (
    Experiment,
    ExperimentQuery,
    Lease,
    Outcome,
    Run,
    RunQuery,
    RunStatus,
    StoreCard,
)
from simulator.errors import SimulatorError
from simulator.store import following
from simulator.store import sqlite_errors as errors
from simulator.store import sqlite_reads as reads
from simulator.store import sqlite_writes as writes
from simulator.store.sqlite_codec import (
    Column,
    batch_row,
    experiment_row,
    pack,
    pack_json,
    pack_model,
    run_row,
    step_row,
    to_ms,
)
from simulator.store.sqlite_schema import MIGRATIONS, open_database
from simulator.store.sqlite_writer import Writer

T = TypeVar("T")


class SqliteStore:
    """An `ExperimentStore` in one file. It belongs to the event loop that opened it.

    One thread writes and one reads, each with its own connection, so that reading never waits for
    writing. See `ExperimentStore` for what each method promises.
    """

    def __init__(
        self, path: Path, writing: sqlite3.Connection, reading: sqlite3.Connection
    ) -> None:
        """Use `SqliteStore.open` instead."""
        self.path = path
        """The database file."""
        self._reading = reading
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="sqlite-reader")
        self._news = following.News(self._listen)
        self._writer = Writer(writing, path, self._news.touched)
        self._submit = self._writer.submit
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, path: str | Path, *, busy_timeout_s: float = 10.0) -> SqliteStore:
        """Open the file, or make it, with its folders, readable by its owner only.

        Args:
            path: The database file.
            busy_timeout_s: Seconds to wait while another process holds the file.

        Raises:
            StoreCorruptError: The file is damaged, another application's, or of a newer schema.
            StoreUnavailableError: The file cannot be opened, or is locked.
            PermissionDeniedError: The file or its folder may not be written.
        """
        file = _absolute(path)
        opening = partial(open_database, file, busy_timeout_s=busy_timeout_s)
        return cls(file, *await asyncio.to_thread(opening))

    async def close(self) -> None:
        """Finish pending writes and let go; those who follow come to an end."""
        if self._closing is None:
            self._news.close()
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        await self._news.ended()
        await asyncio.get_running_loop().run_in_executor(self._reader, self._reading.close)
        self._reader.shutdown()
        await self._writer.close()

    # ------------------------------------------------------------ experiments

    async def add_experiment(self, experiment: Experiment) -> None:
        """Raises ConflictError when the id is taken."""
        row = experiment_row(experiment)
        await self._submit(lambda connection: writes.add_experiment(connection, row))

    async def experiment(self, experiment_id: str) -> Experiment:
        """Raises NotFoundError."""
        return await self._read(lambda c: reads.experiment(c, experiment_id))

    async def experiments(self, query: ExperimentQuery) -> list[Experiment]:
        """The newest first."""
        return await self._read(lambda c: reads.experiments(c, query))

    async def annotate_experiment(
        self,
        experiment_id: str,
        *,
        note: str | None = None,
        star: str | None = None,
        unstar: str | None = None,
    ) -> None:
        """Change the note, or a user's star, if given. Raises NotFoundError."""
        await self._submit(
            lambda c: writes.annotate(c, "experiments", experiment_id, note, star, unstar)
        )

    async def revise_experiment(self, experiment: Experiment, *, was: str) -> None:
        """Replace name, note, design and hash while there are no runs.

        Raises NotFoundError; ConflictError with runs, or with another design than `was`.
        """
        await self._submit(lambda c: writes.revise_experiment(c, experiment, was))

    async def delete_experiment(
        self, experiment_id: str, *, now: datetime, despite: Collection[str] = ()
    ) -> int:
        """Delete it with all that is its own; how many runs went. NotFoundError, ConflictError."""
        now_ms = to_ms(now)
        return await self._submit(
            lambda c: writes.delete_experiment(c, experiment_id, now_ms, despite)
        )

    # ------------------------------------------------------------ batches

    async def add_batch(self, batch: Batch) -> None:
        """Raises ConflictError when the id is taken, NotFoundError without its experiment."""
        row = batch_row(batch)
        await self._submit(lambda c: writes.add_batch(c, row))

    async def batch(self, batch_id: str) -> Batch:
        """Raises NotFoundError."""
        return await self._read(lambda c: reads.batch(c, batch_id))

    async def batches(self, query: BatchQuery) -> list[Batch]:
        """The newest first."""
        return await self._read(lambda c: reads.batches(c, query))

    async def update_batch(
        self,
        batch_id: str,
        *,
        order: BatchOrder | None = None,
        specification: dict[str, JsonValue] | None = None,
        specification_hash: str | None = None,
        estimate: dict[str, JsonValue] | None = None,
        amended_at: datetime | tuple[datetime, ...] = (),
    ) -> None:
        """Change only what is given; `amended_at` is added to the others. NotFoundError."""
        changes = _given(
            {
                '"order"': order,
                "specification": None if specification is None else pack_json(specification),
                "specification_hash": specification_hash and pack(specification_hash),
                "estimate": None if estimate is None else pack_json(estimate),
            }
        )
        times = amended_at if isinstance(amended_at, tuple) else (amended_at,)
        amended_ms = [to_ms(moment) for moment in times]
        await self._submit(lambda c: writes.update_batch(c, batch_id, changes, amended_ms))

    async def delete_batch(self, batch_id: str) -> None:
        """Delete the record of it, none of its runs. Raises NotFoundError."""
        await self._submit(lambda c: writes.delete_batch(c, batch_id))

    async def run_ids(self, batch_id: str) -> set[str]:
        """The ids of a batch's runs."""
        return await self._read(lambda c: reads.run_ids(c, batch_id))

    # ------------------------------------------------------------ runs

    async def add_run(self, run: Run, steps: Sequence[Step] = ()) -> None:
        """Store a run with the journal it starts from, all or nothing.

        Raises ConflictError, NotFoundError, DesignChangedError; ValueError when a step belongs to
        another run.
        """
        if any(step.run_id != run.id for step in steps):
            raise ValueError(f"a step of another run in the journal of {run.id}")
        row, rows, made_for = run_row(run), [step_row(step) for step in steps], run.design_hash
        await self._submit(
            lambda c: writes.add_run(c, row, rows, made_for), touches=run.id if rows else None
        )

    async def add_runs(self, runs: Sequence[Run]) -> list[str]:
        """Store runs, all or none but those whose ids are taken: these. Raises as `add_run`."""
        rows = [(run_row(run), run.design_hash) for run in runs]
        return await self._submit(lambda c: writes.add_runs(c, rows))

    async def run(self, run_id: str) -> Run:
        """Raises NotFoundError."""
        return await self._read(lambda c: reads.run(c, run_id))

    async def runs(self, query: RunQuery) -> list[Run]:
        """In the order that the query names."""
        return await self._read(lambda c: reads.runs(c, query))

    async def count_runs(self, experiment_ids: Sequence[str]) -> dict[str, int]:
        """How many runs each experiment has; experiments without runs count 0."""
        return await self._read(lambda c: reads.count_runs(c, experiment_ids))

    async def count_messages(
        self, run_ids: Sequence[str], *, whole_journal: bool = False
    ) -> dict[str, int]:
        """How many messages, or steps, each run has; runs without any count 0."""
        return await self._read(lambda c: reads.count_messages(c, run_ids, whole_journal))

    async def update_run(
        self,
        run_id: str,
        *,
        status: RunStatus | None = None,
        usage: Usage | None = None,
        outcome: Outcome | None = None,
        error: str | None = None,
        started_at: datetime | None = None,
        finished_at: datetime | None = None,
    ) -> None:
        """Change only what is given. Raises NotFoundError."""
        changes = _ending(status, usage, outcome, error, finished_at)
        changes["started_ms"] = None if started_at is None else to_ms(started_at)
        given = _given(changes)
        await self._submit(lambda c: writes.update(c, "runs", run_id, given))

    async def annotate_run(
        self,
        run_id: str,
        *,
        note: str | None = None,
        star: str | None = None,
        unstar: str | None = None,
    ) -> None:
        """Change the note, or a user's star, if given. Raises NotFoundError."""
        await self._submit(lambda c: writes.annotate(c, "runs", run_id, note, star, unstar))

    async def delete_run(
        self, run_id: str, *, now: datetime, despite: Collection[str] = ()
    ) -> None:
        """Delete it with its journal. NotFoundError; ConflictError when somebody plays it."""
        now_ms = to_ms(now)
        await self._submit(lambda c: writes.delete_run(c, run_id, now_ms, despite))

    # ------------------------------------------------------------ leases

    async def acquire(
        self, run_id: str, lease: Lease, *, now: datetime, replacing: str | None = None
    ) -> Lease | None:
        """None when the lease is ours now, else the one in the way. Raises NotFoundError."""
        now_ms = to_ms(now)
        return await self._submit(lambda c: writes.acquire(c, run_id, lease, now_ms, replacing))

    async def renew(self, run_id: str, lease: Lease) -> bool:
        """Push our lease's end back; False when we no longer own the run."""
        return await self._submit(lambda c: writes.renew(c, run_id, lease))

    async def lease(self, run_id: str) -> Lease | None:
        """Who plays the run, whether or not the lease has run out. Raises NotFoundError."""
        return await self._read(lambda c: reads.lease_of(c, run_id))

    async def leases(self, *, now: datetime) -> dict[str, Lease]:
        """The leases that have not run out at `now`, by run."""
        now_ms = to_ms(now)
        return await self._read(lambda c: reads.leases(c, now_ms))

    async def release(
        self,
        run_id: str,
        owner: str,
        *,
        status: RunStatus | None = None,
        usage: Usage | None = None,
        outcome: Outcome | None = None,
        error: str | None = None,
        finished_at: datetime | None = None,
    ) -> bool:
        """Give the run back with its end on record; False when we do not own it."""
        changes = _given(_ending(status, usage, outcome, error, finished_at))
        return await self._submit(lambda c: writes.release(c, run_id, owner, changes))

    # ------------------------------------------------------------ journals

    async def commit(self, step: Step, *, owner: str | None = None) -> None:
        """Append a step. Raises ConflictError, NotFoundError, LeaseLostError.

        The step is queued before the first suspension: calls are committed in order.
        """
        row = step_row(step)
        await self._submit(
            lambda c: writes.commit_step(c, row, owner), touches=step.run_id, step=(row, owner)
        )

    async def steps(self, run_id: str, *, after: int = -1) -> list[Step]:
        """The journal in order of commitment, from positions greater than `after`."""
        rows = await self._read(lambda c: reads.steps(c, run_id, after))
        return [step for _, step in rows]

    async def follow(self, run_id: str, *, after: int = -1) -> AsyncGenerator[Step, None]:
        """Steps as they are committed, by any process, until it or the store is closed."""

        async def read(
            after: int, limit: int, known: Collection[Hashable]
        ) -> list[tuple[Hashable, Step]]:
            return list(await self._read(lambda c: reads.steps(c, run_id, after, limit, known)))

        async with aclosing(following.follow(self._news, read, run_id, after)) as steps:
            async for step in steps:
                yield step

    async def describe(self) -> StoreCard:
        """What the store is and holds."""
        asked = time.monotonic()
        await self._read(reads.data_version)
        round_trip_s = time.monotonic() - asked
        experiments, batches, runs, messages = await self._read(reads.counts)
        return StoreCard(
            kind="sqlite", place=str(self.path), server_version=sqlite3.sqlite_version,
            schema_version=len(MIGRATIONS), may_write=True, change_streams=False,
            clock_skew_s=0.0, round_trip_s=round_trip_s,
            experiments=experiments, batches=batches, runs=runs, messages=messages,
        )  # fmt: skip

    # ------------------------------------------------------------ inside

    async def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        if self._closing is not None:
            raise errors.closed(self.path)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, self._translated, read)

    def _translated(self, read: Callable[[sqlite3.Connection], T]) -> T:
        with errors.translated(self.path):
            return read(self._reading)

    async def _foreign_version(self) -> int:
        return await self._submit(reads.data_version, writes=False)

    async def _listen(self) -> None:
        """Tell of other processes' writes: asked for soon after one, more seldom without."""
        known: int | None = None
        wait_s = following.FIRST_WAIT_S
        while True:
            try:
                version: int | None = await self._foreign_version()
            except SimulatorError:
                # Those who follow meet the error themselves when they read.
                version = None
            if version != known:
                known = version
                wait_s = following.FIRST_WAIT_S
                self._news.touched_all()
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, following.LONGEST_WAIT_S)


def _absolute(path: str | Path) -> Path:
    return Path(path).absolute()


def _ending(
    status: RunStatus | None,
    usage: Usage | None,
    outcome: Outcome | None,
    error: str | None,
    finished_at: datetime | None,
) -> dict[str, Column]:
    return {
        "status": status,
        "usage": None if usage is None else pack_model(usage),
        "outcome": None if outcome is None else pack_model(outcome),
        "error": None if error is None else pack(error),
        "finished_ms": None if finished_at is None else to_ms(finished_at),
    }


def _given(changes: Mapping[str, Column]) -> dict[str, Column]:
    return {column: value for column, value in changes.items() if value is not None}
