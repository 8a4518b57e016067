"""What is SQLite's own: the file, its faults, other processes, the writer's groups."""

# ruff: noqa: ASYNC240

import asyncio
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simulator.domain.records import Lease
from simulator.errors import (
    ConflictError,
    LeaseLostError,
    NotFoundError,
    PermissionDeniedError,
    SimulatorError,
    StoreCorruptError,
    StoreError,
    StoreUnavailableError,
)
from simulator.store import sqlite_errors
from simulator.store.sqlite import SqliteStore
from tests.store.examples import a_run, a_step, an_experiment
from tests.store.sqlite.tools import (
    PATIENCE_S,
    PROGRAM,
    ROOT,
    busy_writer,
    next_step,
    on_writer,
    pragma,
    raw,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class TestGroups:
    def count_commits(self, store: SqliteStore) -> list[str]:
        commits: list[str] = []
        store._writer._connection.set_trace_callback(
            lambda statement: commits.append(statement) if statement == "COMMIT" else None
        )
        return commits

    async def test_what_waits_shares_a_transaction(self, store: SqliteStore) -> None:
        commits = self.count_commits(store)
        with busy_writer(store):
            waiting = [store._submit(lambda c: None) for _ in range(3)]
            tasks = [asyncio.ensure_future(store.commit(a_step(index))) for index in range(64)]
            await store.run("R1")
        await asyncio.gather(*waiting, *tasks)
        assert len(commits) == 2
        assert len(await store.steps("R1")) == 64

    async def test_steps_of_a_group_are_appended_at_once_under_their_leases(
        self, store: SqliteStore
    ) -> None:
        lease = Lease("ada", NOW + timedelta(hours=1))
        await store.acquire("R1", lease, now=NOW)
        statements: list[str] = []
        store._writer._connection.set_trace_callback(statements.append)
        for owners in (["ada", None, "ada"], ["ada", "bob", "ada"]):
            place = len(await store.steps("R1"))
            with busy_writer(store):
                group = [
                    asyncio.ensure_future(store.commit(a_step(place + number), owner=owner))
                    for number, owner in enumerate(owners)
                ]
                await store.run("R1")
            answers = await asyncio.gather(*group, return_exceptions=True)
            assert [isinstance(answer, LeaseLostError) for answer in answers] == [
                owner == "bob" for owner in owners
            ]
            if "bob" not in owners:
                assert sum("INSERT" in statement for statement in statements) == 1
        assert await store.steps("R1") == [a_step(index) for index in (0, 1, 2, 3, 5)]

    async def test_a_group_is_acknowledged_at_once(
        self, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls: list[object] = []
        call_loop = store._writer._call_loop

        def note(callback: Callable[..., object], *args: object) -> None:
            calls.append(callback)
            call_loop(callback, *args)

        monkeypatch.setattr(store._writer, "_call_loop", note)
        with busy_writer(store):
            tasks = [asyncio.ensure_future(store.commit(a_step(index))) for index in range(64)]
            await store.run("R1")
        await asyncio.gather(*tasks)
        assert len(calls) == 2

    async def test_nothing_waits_for_company(self, store: SqliteStore) -> None:
        commits = self.count_commits(store)
        for index in range(10):
            await store.commit(a_step(index))
        assert len(commits) == 10

    async def test_a_refused_write_fails_alone(self, store: SqliteStore) -> None:
        await store.commit(a_step(0))
        commits = self.count_commits(store)
        with busy_writer(store):
            group = [
                asyncio.ensure_future(write)
                for write in (
                    store.commit(a_step(1)),
                    store.commit(a_step(0, content="other")),
                    store.add_run(a_run("R3"), [a_step(0, "R3"), a_step(0, "R3")]),
                    store.add_run(a_run("R1")),
                    store.commit(a_step(0, "gone")),
                    store.add_experiment(an_experiment()),
                    store.add_run(a_run("R4"), [a_step(0, "R4")]),
                    store.commit(a_step(2)),
                )
            ]
            await store.run("R1")
        answers = await asyncio.gather(*group, return_exceptions=True)
        kinds = [None if answer is None else type(answer) for answer in answers]
        conflict = ConflictError
        refused = [None, conflict, conflict, conflict, NotFoundError, conflict, None, None]
        assert kinds == refused
        assert await store.steps("R1") == [a_step(index) for index in range(3)]
        assert await store.steps("R3") == []
        assert await store.steps("R4") == [a_step(0, "R4")]
        assert len(commits) == 2

    @pytest.mark.parametrize("statement", ["SELECT 1", "ROLLBACK"])
    async def test_a_broken_transaction_is_played_again(
        self, store: SqliteStore, statement: str
    ) -> None:
        def fail(connection: sqlite3.Connection) -> None:
            connection.execute(statement)
            raise sqlite3.OperationalError("a fault of SQLite's")

        with busy_writer(store):
            first = asyncio.ensure_future(store.commit(a_step(0)))
            refused = asyncio.ensure_future(store.commit(a_step(0, content="other")))
            await store.run("R1")
            broken = store._submit(fail)
            last = asyncio.ensure_future(store.commit(a_step(1)))
            await store.run("R1")
        answers = await asyncio.gather(first, refused, broken, last, return_exceptions=True)
        assert answers[0] is None
        assert isinstance(answers[1], ConflictError)
        assert type(answers[2]) is StoreError
        assert answers[3] is None
        assert await store.steps("R1") == [a_step(0), a_step(1)]

    async def test_the_last_group_is_written(self, store: SqliteStore) -> None:
        with busy_writer(store):
            commits = [asyncio.ensure_future(store.commit(a_step(index))) for index in range(5)]
            await store.run("R1")
            closing = asyncio.ensure_future(store._writer.close())
            await store.run("R1")
        async with asyncio.timeout(PATIENCE_S):
            await closing
            await asyncio.gather(*commits)
        assert len(await store.steps("R1")) == 5

    async def test_an_unforeseen_error_does_not_stop_the_writer(self, store: SqliteStore) -> None:
        def fail(connection: sqlite3.Connection) -> None:
            raise RuntimeError("a fault of ours")

        with pytest.raises(RuntimeError, match="a fault of ours"):
            await store._submit(fail)
        await store.commit(a_step(0))

    async def test_reading_does_not_wait_for_writing(self, store: SqliteStore) -> None:
        await store.commit(a_step(0))
        with busy_writer(store):
            writing = asyncio.ensure_future(store.commit(a_step(1)))
            assert await store.run("R1") == a_run("R1")
            assert await store.steps("R1") == [a_step(0)]
            assert not writing.done()
        await writing

    async def test_a_cancelled_commit_is_still_made(self, store: SqliteStore) -> None:
        async with aclosing(store.follow("R1")) as steps, asyncio.timeout(PATIENCE_S):
            following = asyncio.ensure_future(next_step(steps))
            await store._foreign_version()
            await store.run("R1")
            with busy_writer(store):
                commit = asyncio.ensure_future(store.commit(a_step(0)))
                await store.run("R1")
                commit.cancel()
            assert await following == a_step(0)
        assert commit.cancelled()


class TestFaults:
    async def test_a_locked_file(self, store: SqliteStore, path: Path) -> None:
        await store.commit(a_step(0))
        with raw(path) as other:
            other.execute("BEGIN IMMEDIATE")
            answers = await asyncio.gather(
                *(store.commit(a_step(index)) for index in (1, 2)), return_exceptions=True
            )
            assert await store.steps("R1") == [a_step(0)]
        for answer in answers:
            assert isinstance(answer, StoreUnavailableError)
            assert "locked" in answer.message
            assert str(path) in answer.message
        await store.commit(a_step(1))
        assert len(await store.steps("R1")) == 2

    async def test_a_full_disk(self, store: SqliteStore) -> None:
        await store.commit(a_step(0))
        (pages,) = await on_writer(store, "PRAGMA page_count")
        await on_writer(store, f"PRAGMA max_page_count = {pages + 8}")
        big = "x" * 100_000
        answers = await asyncio.gather(
            store.commit(a_step(1)),
            store.commit(a_step(2, content=big)),
            store.commit(a_step(3)),
            store.add_run(a_run("R3"), [a_step(0, "R3"), a_step(1, "R3", content=big)]),
            return_exceptions=True,
        )
        assert (answers[0], answers[2]) == (None, None)
        for answer in (answers[1], answers[3]):
            assert isinstance(answer, StoreUnavailableError)
            assert "the disk is full" in answer.message
            assert answer.remedy
        assert [step.index for step in await store.steps("R1")] == [0, 1, 3]
        with pytest.raises(NotFoundError):
            await store.run("R3")
        await on_writer(store, "PRAGMA max_page_count = 100000")
        await store.commit(a_step(2, content=big))
        assert [step.index for step in await store.steps("R1")] == [0, 1, 2, 3]
        assert await on_writer(store, "PRAGMA integrity_check") == ("ok",)

    async def test_a_page_is_damaged(self, store: SqliteStore, path: Path) -> None:
        for index in range(200):
            await store.commit(a_step(index))
        await store.close()
        with path.open("r+b") as file:
            file.seek(4096 * 3)
            file.write(b"\xff" * (path.stat().st_size - 4096 * 3))
        damaged = await SqliteStore.open(path)
        with pytest.raises(StoreCorruptError, match="damaged"):
            await damaged.steps("R1")
        with pytest.raises(StoreCorruptError, match="damaged"):
            for index in range(200, 400):
                await damaged.commit(a_step(index))
        await damaged.close()

    @pytest.mark.parametrize("document", ["", "{}", "{not json", b"\xff", b'{"a": 1}'])
    async def test_a_document_is_damaged(
        self, store: SqliteStore, path: Path, document: object
    ) -> None:
        await store.commit(a_step(0))
        with raw(path) as connection:
            for table in ("messages", "runs", "experiments"):
                connection.execute(f"UPDATE {table} SET document = ?", (document,))
        for call in (
            store.steps("R1"),
            store.run("R1"),
            store.experiment("E1"),
            store.commit(a_step(0)),
        ):
            with pytest.raises(StoreCorruptError, match="cannot be read"):
                await call

    @pytest.mark.parametrize(
        ("code", "error", "match"),
        [
            (sqlite3.SQLITE_NOTADB, StoreCorruptError, "not a database"),
            (sqlite3.SQLITE_CORRUPT_INDEX, StoreCorruptError, "damaged"),
            (sqlite3.SQLITE_FULL, StoreUnavailableError, "disk is full"),
            (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreUnavailableError, "locked"),
            (sqlite3.SQLITE_READONLY_DIRECTORY, PermissionDeniedError, "may not be written"),
            (sqlite3.SQLITE_CANTOPEN, StoreUnavailableError, "cannot be opened"),
            (sqlite3.SQLITE_IOERR_FSYNC, StoreUnavailableError, "cannot be read or written"),
            (sqlite3.SQLITE_TOOBIG, StoreError, "too large"),
            (sqlite3.SQLITE_MISUSE, StoreError, "refused: text"),
        ],
    )
    async def test_errors_are_translated(
        self, path: Path, code: int, error: type[SimulatorError], match: str
    ) -> None:
        original = sqlite3.OperationalError("text")
        original.sqlite_errorcode = code
        translation = sqlite_errors.translate(original, path)
        assert type(translation) is error
        assert str(path) in translation.message
        with pytest.raises(error, match=match):
            raise translation

    async def test_an_io_error_on_a_full_disk(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sqlite_errors, "_free_bytes", lambda path: 0)
        original = sqlite3.OperationalError("text")
        original.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
        assert "disk is full" in sqlite_errors.translate(original, path).message


class TestProcesses:
    def start(self, path: Path, run_id: str, scopes: int, count: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [*PROGRAM, str(path), run_id, str(scopes), str(count)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )

    async def test_what_was_acknowledged_survives_a_kill(
        self, store: SqliteStore, path: Path
    ) -> None:
        await store.close()
        with self.start(path, "R1", scopes=8, count=100_000) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(200)]
            process.kill()
            lines += process.stdout.readlines()
            assert process.wait(PATIENCE_S) == -9
        acknowledged = {tuple(line.split()) for line in lines if line.endswith(b"\n")}
        assert pragma(path, "integrity_check") == "ok"
        again = await SqliteStore.open(path)
        journal = await again.steps("R1")
        stored = {(step.scope.encode(), str(step.index).encode()) for step in journal}
        assert len(acknowledged) >= 200
        assert acknowledged <= stored
        for scope in range(8):
            indexes = [step.index for step in journal if step.scope == str(scope)]
            assert indexes == list(range(len(indexes)))
        await again.close()

    async def test_two_processes_write_to_one_file(self, path: Path, store: SqliteStore) -> None:
        with (
            self.start(path, "R1", scopes=2, count=150) as one,
            self.start(path, "R2", scopes=2, count=150) as two,
        ):
            async with aclosing(store.follow("R1")) as steps, asyncio.timeout(PATIENCE_S):
                followed = [await anext(steps) for _ in range(300)]
            await asyncio.to_thread(one.communicate)
            await asyncio.to_thread(two.communicate)
            assert (one.returncode, two.returncode) == (0, 0)
        assert {(step.scope, step.index) for step in followed} == {
            (scope, index) for scope in "01" for index in range(150)
        }
        assert len(await store.steps("R2")) == 300
        assert pragma(path, "integrity_check") == "ok"


class TestFollowing:
    async def test_a_late_step_is_not_missed(self, store: SqliteStore) -> None:
        await store.commit(a_step(0))
        await store.commit(a_step(5, position=5))
        async with aclosing(store.follow("R1")) as steps, asyncio.timeout(PATIENCE_S):
            assert [(await anext(steps)).position for _ in range(2)] == [0, 5]
            await store.commit(a_step(3, position=3))
            await store.commit(a_step(6, position=6))
            assert [(await anext(steps)).position for _ in range(2)] == [3, 6]

    async def test_asking_for_news_backs_off(
        self, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        versions = iter([1] * 8 + [2] * 3)
        waits: list[float] = []
        done = asyncio.Event()

        async def version() -> int:
            return next(versions)

        async def note(wait_s: float) -> None:
            waits.append(wait_s)
            if len(waits) == 11:
                done.set()
                await asyncio.Event().wait()

        monkeypatch.setattr(asyncio, "sleep", note)
        monkeypatch.setattr(store, "_foreign_version", version)
        with store._news.follow("R1") as event:
            await asyncio.wait_for(done.wait(), PATIENCE_S)
            assert event.is_set()
        assert waits == [0.02, 0.04, 0.08, 0.16, 0.32, 0.5, 0.5, 0.5, 0.02, 0.04, 0.08]

    async def test_nobody_asks_when_nobody_follows(self, store: SqliteStore) -> None:
        await store.commit(a_step(0))
        async with aclosing(store.follow("R1")) as one, aclosing(store.follow("R2")):
            assert await anext(one) == a_step(0)
            assert len(asyncio.all_tasks()) == 2
        await store.run("R1")
        assert asyncio.all_tasks() == {asyncio.current_task()}

    async def test_own_writes_are_not_taken_for_others(self, store: SqliteStore) -> None:
        before = await store._foreign_version()
        await store.commit(a_step(0))
        assert await store._foreign_version() == before
        other = await SqliteStore.open(store.path)
        await other.commit(a_step(1))
        await other.close()
        assert await store._foreign_version() != before

    async def test_asking_takes_no_lock(self, store: SqliteStore, path: Path) -> None:
        with raw(path) as other:
            other.execute("BEGIN IMMEDIATE")
            assert await store._foreign_version() > 0


def test_the_connection_is_closed_with_the_store(path: Path) -> None:
    async def use() -> Callable[[], object]:
        store = await SqliteStore.open(path)
        await store.close()
        return lambda: store._writer._connection.execute("SELECT 1")

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        asyncio.run(use())()
