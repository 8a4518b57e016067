"""What is SQLite's own: the file, its faults, other processes, the writer's groups."""

# ruff: noqa: ASYNC240

import asyncio
import json
import os
import sqlite3
from pathlib import Path

import pytest

from simulator.domain.records import RunQuery
from simulator.errors import (
    PermissionDeniedError,
    SimulatorError,
    StoreCorruptError,
    StoreError,
    StoreUnavailableError,
)
from simulator.store import sqlite_schema
from simulator.store.sqlite import SqliteStore
from tests.store.examples import a_batch, a_run, a_step, an_experiment
from tests.store.sqlite.tools import (
    on_writer,
    pragma,
    raw,
)

RUN_OF_VERSION_2 = json.dumps(
    {
        "kind": "conversation", "design_hash": "d" * 64, "seed": 1, "agents": [],
        "provenance": {"simulator_version": "0.1", "python_version": "3", "platform": "Linux"},
    }
)  # fmt: skip


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
        assert pragma(path, "user_version") == len(sqlite_schema.MIGRATIONS)

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
            for table, version in (("experiments", 3), ("runs", 3), ("messages", 1)):
                versions = connection.execute(f"SELECT schema_version FROM {table}").fetchall()
                assert set(versions) == {(version,)}

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
            connection.execute("PRAGMA user_version = 99")
        await self.refused(path, StoreCorruptError, "schema 99, which is newer")

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
        known = len(sqlite_schema.MIGRATIONS)
        step = ("ALTER TABLE runs ADD COLUMN colour TEXT", "CREATE TABLE more (x)")
        monkeypatch.setattr(sqlite_schema, "MIGRATIONS", (*sqlite_schema.MIGRATIONS, step))
        newer = await SqliteStore.open(path)
        assert await newer.run("R1") == a_run("R1")
        await newer.close()
        assert pragma(path, "user_version") == known + 1
        with raw(path) as connection:
            assert connection.execute("SELECT colour FROM runs").fetchall() == [(None,)] * 2

    async def test_favourites_of_version_1_become_their_creators_stars(self, path: Path) -> None:
        with raw(path) as connection:
            for statement in sqlite_schema.MIGRATIONS[0]:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {sqlite_schema.APPLICATION_ID}")
            connection.execute("PRAGMA user_version = 1")
            for id_, favourite in (("E1", 1), ("E2", 0)):
                connection.execute(
                    "INSERT INTO experiments VALUES"
                    " (?, 'Prison', 'conversation', 'd', 'ada', '', ?, 0, '{\"design\": {}}', 1)",
                    (id_, favourite),
                )
        store = await SqliteStore.open(path)
        assert (await store.experiment("E1")).starred_by == ("ada",)
        assert (await store.experiment("E2")).starred_by == ()
        await store.close()

    async def test_runs_of_version_2_are_of_no_batch(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = ("R1", "E1", "ada", "paused", "{}", "", "[]", 0, RUN_OF_VERSION_2, 2)
        with monkeypatch.context() as then:
            then.setattr(sqlite_schema, "MIGRATIONS", sqlite_schema.MIGRATIONS[:2])
            then.setattr(sqlite_schema, "_TABLES", {"experiments", "runs", "messages"})
            await (store := await SqliteStore.open(path)).add_experiment(an_experiment())
            await store.close()
        with raw(path) as connection:
            connection.execute(
                "INSERT INTO runs (id, experiment_id, creator, status, usage, note, starred_by,"
                " created_ms, document, schema_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                run,
            )
        store = await SqliteStore.open(path)
        assert [(one.batch_id, one.cell) for one in await store.runs(RunQuery())] == [(None, None)]
        await store.add_batch(a_batch())
        await store.add_run(a_run("R2", batch_id="B1", cell=0))
        assert [one.id for one in await store.runs(RunQuery(batch_id="B1"))] == ["R2"]
        await store.close()

    async def test_a_failed_migration_changes_nothing(
        self, store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await store.close()
        known = len(sqlite_schema.MIGRATIONS)
        step = ("CREATE TABLE more (x)", "CREATE TABLE runs (x)")
        monkeypatch.setattr(sqlite_schema, "MIGRATIONS", (*sqlite_schema.MIGRATIONS, step))
        with pytest.raises(StoreError, match="refused"):
            await SqliteStore.open(path)
        assert pragma(path, "user_version") == known
        with raw(path) as connection, pytest.raises(sqlite3.OperationalError):
            connection.execute("SELECT * FROM more")
