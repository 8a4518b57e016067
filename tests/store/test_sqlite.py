"""What is SQLite's own: the file, its faults, other processes, the writer's groups."""

# ruff: noqa: ASYNC240

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, closing, contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from simulator.domain.journal import Step
from simulator.errors import (
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    SimulatorError,
    StoreCorruptError,
    StoreError,
    StoreUnavailableError,
)
from simulator.store import sqlite_errors, sqlite_follow, sqlite_schema
from simulator.store.sqlite import SqliteStore
from tests.store.examples import a_run, a_step, an_experiment

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "tests.store.writer_process")
PATIENCE_S = 30


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    """A store with experiment E1 and its runs R1 and R2."""
    store = await SqliteStore.open(path, busy_timeout_s=0.05)
    await store.add_experiment(an_experiment())
    await store.add_run(a_run("R1"))
    await store.add_run(a_run("R2"))
    yield store
    await store.close()


@contextmanager
def busy_writer(store: SqliteStore) -> Iterator[asyncio.Future[bool]]:
    """Keeps the writer at work, so that everything submitted meanwhile makes one group."""
    started, go_on = Event(), Event()

    def wait(connection: sqlite3.Connection) -> bool:
        started.set()
        return go_on.wait(PATIENCE_S)

    future = store._submit(wait)
    assert started.wait(PATIENCE_S)
    try:
        yield future
    finally:
        go_on.set()


def raw(path: Path) -> "closing[sqlite3.Connection]":
    return closing(sqlite3.connect(path, isolation_level=None))


def pragma(path: Path, name: str) -> object:
    with raw(path) as connection:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]


async def next_step(steps: AsyncIterator[Step]) -> Step:
    return await anext(steps)


async def on_writer(store: SqliteStore, statement: str) -> Any:
    return await store._submit(lambda c: c.execute(statement).fetchone(), writes=False)


class TestFile:
    async def test_a_new_file_is_its_owners(self, tmp_path: Path) -> None:
        path = tmp_path / "a" / "b" / "new.db"
        store = await SqliteStore.open(path)
        await store.add_experiment(an_experiment())
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
        await store.close()
        assert modes == {"new.db": 0o600, "new.db-wal": 0o600, "new.db-shm": 0o600}
        assert path.parent.stat().st_mode & 0o777 == 0o700

    async def test_it_is_marked_as_ours(self, store: SqliteStore, path: Path) -> None:
        assert pragma(path, "application_id") == sqlite_schema.APPLICATION_ID
        assert pragma(path, "user_version") == 1

    async def test_commits_are_durable(self, store: SqliteStore) -> None:
        assert await on_writer(store, "PRAGMA journal_mode") == ("wal",)
        assert await on_writer(store, "PRAGMA synchronous") == (2,)
        assert await on_writer(store, "PRAGMA foreign_keys") == (1,)

    async def test_closing_leaves_one_file(self, store: SqliteStore, path: Path) -> None:
        await store.commit(a_step())
        await store.close()
        assert [file.name for file in path.parent.iterdir()] == [path.name]
        assert pragma(path, "integrity_check") == "ok"

    async def test_every_document_has_a_version(self, store: SqliteStore, path: Path) -> None:
        await store.commit(a_step())
        with raw(path) as connection:
            for table in ("experiments", "runs", "messages"):
                versions = connection.execute(f"SELECT schema_version FROM {table}").fetchall()
                assert set(versions) == {(1,)}

    async def test_queries_use_indexes(self, store: SqliteStore, path: Path) -> None:
        with raw(path) as connection:
            plans = [
                connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
                for query in (
                    "SELECT document FROM messages WHERE run_id = 'R' AND position > 3"
                    " ORDER BY position, rowid",
                    "SELECT id FROM runs WHERE experiment_id = 'E' ORDER BY created_ms DESC,"
                    " id DESC",
                    "SELECT id FROM runs ORDER BY created_ms DESC, id DESC LIMIT 5",
                )
            ]
        text = str(plans)
        assert "messages_by_position" in text
        assert "SCAN messages" not in text
        assert "TEMP B-TREE" not in text


class TestOpening:
    async def refused(self, path: Path, error: type[SimulatorError], match: str) -> None:
        before = path.read_bytes() if path.is_file() else None
        with pytest.raises(error, match=match) as caught:
            await SqliteStore.open(path, busy_timeout_s=0.05)
        assert str(path) in caught.value.message
        assert caught.value.remedy
        assert before is None or path.read_bytes() == before

    @pytest.mark.parametrize("content", [b"hello\n", b"\0" * 5000, os.urandom(20_000)])
    async def test_garbage(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        await self.refused(path, StoreCorruptError, "is not a database")

    async def test_another_applications(self, path: Path) -> None:
        with raw(path) as connection:
            connection.execute("CREATE TABLE experiments (id)")
        await self.refused(path, StoreCorruptError, "another application")

    async def test_marked_by_another_application(self, path: Path) -> None:
        with raw(path) as connection:
            connection.execute("PRAGMA application_id = 7")
        await self.refused(path, StoreCorruptError, "another application")

    async def test_of_a_newer_version(self, store: SqliteStore, path: Path) -> None:
        await store.close()
        with raw(path) as connection:
            connection.execute("PRAGMA user_version = 2")
        await self.refused(path, StoreCorruptError, "schema 2, which is newer")

    async def test_without_its_tables(self, store: SqliteStore, path: Path) -> None:
        await store.close()
        with raw(path) as connection:
            connection.execute("DROP TABLE messages")
        await self.refused(path, StoreCorruptError, "tables are missing")

    async def test_truncated(self, store: SqliteStore, path: Path) -> None:
        await store.close()
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size // 2)
        await self.refused(path, StoreCorruptError, "damaged")

    async def test_below_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        await self.refused(tmp_path / "file" / "store.db", StoreUnavailableError, "opened")
        await self.refused(tmp_path / "file" / "a" / "store.db", StoreUnavailableError, "opened")

    async def test_a_folder(self, tmp_path: Path) -> None:
        await self.refused(tmp_path, StoreUnavailableError, "cannot be opened")

    @pytest.mark.parametrize("which", ["file", "folder"])
    async def test_not_writable(
        self, path: Path, which: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        denied = path if which == "file" else path.parent
        monkeypatch.setattr(os, "access", lambda asked, mode: asked != denied)
        await self.refused(path, PermissionDeniedError, "may not be written")

    @pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not bind root")
    async def test_in_a_folder_of_somebody_else(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o500)
        await self.refused(tmp_path / "store.db", PermissionDeniedError, "may not be written")

    async def test_locked(self, store: SqliteStore, path: Path) -> None:
        await store.close()
        with raw(path) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
            with pytest.raises(StoreUnavailableError, match="locked"):
                await SqliteStore.open(path, busy_timeout_s=0.05)
        again = await SqliteStore.open(path)
        await again.close()

    async def test_many_at_once_on_a_new_file(self, path: Path) -> None:
        stores = await asyncio.gather(*(SqliteStore.open(path) for _ in range(8)))
        await stores[0].add_experiment(an_experiment())
        assert await stores[7].experiment("E1") == an_experiment()
        for store in stores:
            await store.close()

    async def test_an_older_file_is_brought_up_to_date(
        self, store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await store.close()
        step = ("ALTER TABLE runs ADD COLUMN colour TEXT", "CREATE TABLE more (x)")
        monkeypatch.setattr(sqlite_schema, "MIGRATIONS", (*sqlite_schema.MIGRATIONS, step))
        newer = await SqliteStore.open(path)
        assert await newer.run("R1") == a_run("R1")
        await newer.close()
        assert pragma(path, "user_version") == 2
        with raw(path) as connection:
            assert connection.execute("SELECT colour FROM runs").fetchall() == [(None,)] * 2

    async def test_a_failed_migration_changes_nothing(
        self, store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await store.close()
        step = ("CREATE TABLE more (x)", "CREATE TABLE runs (x)")
        monkeypatch.setattr(sqlite_schema, "MIGRATIONS", (*sqlite_schema.MIGRATIONS, step))
        with pytest.raises(StoreError, match="refused"):
            await SqliteStore.open(path)
        assert pragma(path, "user_version") == 1
        with raw(path) as connection, pytest.raises(sqlite3.OperationalError):
            connection.execute("SELECT * FROM more")


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

    async def test_asking_for_news_backs_off(self, monkeypatch: pytest.MonkeyPatch) -> None:
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
        news = sqlite_follow.News(version)
        with news.follow("R1") as event:
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
