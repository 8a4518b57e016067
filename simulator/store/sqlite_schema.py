"""The tables, their versions, and how a file is opened."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from simulator.errors import StoreUnavailableError
from simulator.store import sqlite_errors as errors

APPLICATION_ID = 0x4C4C4D53
"""Marks a file as ours; `LLMS` in ASCII."""

_VERSION_1 = (
    """CREATE TABLE experiments (
        id TEXT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        design_hash TEXT NOT NULL,
        creator TEXT NOT NULL,
        note TEXT NOT NULL,
        favourite INTEGER NOT NULL,
        created_ms INTEGER NOT NULL,
        document TEXT NOT NULL,
        schema_version INTEGER NOT NULL)""",
    "CREATE INDEX experiments_by_age ON experiments (created_ms, id)",
    """CREATE TABLE runs (
        id TEXT NOT NULL PRIMARY KEY,
        experiment_id TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
        creator TEXT NOT NULL,
        status TEXT NOT NULL,
        usage TEXT NOT NULL,
        outcome TEXT,
        error TEXT,
        note TEXT NOT NULL,
        favourite INTEGER NOT NULL,
        created_ms INTEGER NOT NULL,
        started_ms INTEGER,
        finished_ms INTEGER,
        lease_owner TEXT,
        lease_expires_ms INTEGER,
        document TEXT NOT NULL,
        schema_version INTEGER NOT NULL)""",
    "CREATE INDEX runs_by_experiment ON runs (experiment_id, created_ms, id)",
    "CREATE INDEX runs_by_age ON runs (created_ms, id)",
    """CREATE TABLE messages (
        run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        scope TEXT NOT NULL,
        idx INTEGER NOT NULL,
        position INTEGER NOT NULL,
        created_ms INTEGER NOT NULL,
        document TEXT NOT NULL,
        schema_version INTEGER NOT NULL DEFAULT 1)""",
    "CREATE UNIQUE INDEX messages_by_name ON messages (run_id, scope, idx)",
    "CREATE INDEX messages_by_position ON messages (run_id, position)",
)

_VERSION_2 = (
    "ALTER TABLE experiments ADD COLUMN starred_by TEXT NOT NULL DEFAULT '[]'",
    "UPDATE experiments SET starred_by = json_array(creator)"
    " WHERE favourite AND typeof(creator) = 'text'",
    "ALTER TABLE experiments DROP COLUMN favourite",
    "ALTER TABLE runs ADD COLUMN starred_by TEXT NOT NULL DEFAULT '[]'",
    "UPDATE runs SET starred_by = json_array(creator) WHERE favourite AND typeof(creator) = 'text'",
    "ALTER TABLE runs DROP COLUMN favourite",
    "ALTER TABLE runs ADD COLUMN lease_user TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX runs_by_lease ON runs (lease_expires_ms) WHERE lease_owner IS NOT NULL",
)

_VERSION_3 = (
    """CREATE TABLE batches (
        id TEXT NOT NULL PRIMARY KEY,
        experiment_id TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        specification TEXT NOT NULL,
        specification_hash TEXT NOT NULL,
        estimate TEXT,
        "order" TEXT NOT NULL,
        creator TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        amended_ms TEXT NOT NULL,
        schema_version INTEGER NOT NULL)""",
    "CREATE INDEX batches_by_age ON batches (created_ms, id)",
    "CREATE INDEX batches_by_experiment ON batches (experiment_id, created_ms, id)",
    "CREATE INDEX batches_by_specification ON batches (specification_hash, created_ms, id)",
    # Runs outlive the record of their batch, and come before it from other stores.
    "ALTER TABLE runs ADD COLUMN batch_id TEXT",
    "ALTER TABLE runs ADD COLUMN cell INTEGER",
    "CREATE INDEX runs_by_batch ON runs (batch_id, created_ms, id) WHERE batch_id IS NOT NULL",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_VERSION_1, _VERSION_2, _VERSION_3)
"""The statements that lead from each version to the next, from version 0, an empty file."""

_TABLES = {"experiments", "batches", "runs", "messages"}
_WAL_LIMIT_BYTES = 64 * 1024 * 1024
_RETRY_S = 0.01


def open_database(
    path: Path, *, busy_timeout_s: float
) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    """Open the file, make it if it is missing, and bring its tables up to date.

    Args:
        path: Absolute. Missing parent folders are made; a new file has mode 0600.
        busy_timeout_s: Seconds to wait while another process holds the file.

    Returns:
        A connection for writing and one for reading, both in autocommit mode.

    Raises:
        StoreCorruptError: The file is damaged, another application's, or of a newer schema.
        StoreUnavailableError: The file cannot be opened, or is locked.
        PermissionDeniedError: The file or its folder may not be written.
    """
    with errors.translated(path):
        make_file(path)
        writing = connect(path, busy_timeout_s)
        try:
            _check_identity(writing, path)
            _use_wal(writing, path, busy_timeout_s)
            _migrate(writing, path)
            reading = connect(path, busy_timeout_s)
            reading.execute("PRAGMA query_only = ON").close()
        except BaseException:
            writing.close()
            raise
        return writing, reading


def make_file(path: Path) -> None:
    """Make the file with its folders, for its owner only. Raises OSError if it may not be used."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        raise PermissionError(13, "Permission denied", str(path))


def connect(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    """A connection in autocommit mode that any thread may use."""
    connection = sqlite3.connect(
        path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA foreign_keys = ON").close()
    return connection


def _check_identity(connection: sqlite3.Connection, path: Path) -> None:
    # One transaction, because another process may be making the tables just now.
    connection.execute("BEGIN")
    application = _pragma(connection, "application_id")
    version = _pragma(connection, "user_version")
    tables = _tables(connection)
    connection.execute("COMMIT")
    if application == 0 and version == 0 and not tables:
        return
    if application != APPLICATION_ID:
        raise errors.not_ours(path)
    if version > len(MIGRATIONS):
        raise errors.too_new(path, version)


def _use_wal(connection: sqlite3.Connection, path: Path, busy_timeout_s: float) -> None:
    if set_wal(connection, busy_timeout_s) != "wal":
        raise StoreUnavailableError(
            f"the file system of {path} does not allow a write-ahead log",
            remedy="Put the database on a local disk.",
        )
    connection.execute("PRAGMA synchronous = FULL").close()
    connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT_BYTES}").close()


def set_wal(connection: sqlite3.Connection, busy_timeout_s: float) -> str:
    """The journal mode after asking for a write-ahead log."""
    # SQLite does not wait for other processes by itself when it changes the journal mode.
    deadline = time.monotonic() + busy_timeout_s
    while True:
        try:
            mode: str = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() >= deadline:
                raise
            time.sleep(_RETRY_S)
        else:
            return mode


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    if _pragma(connection, "user_version") < len(MIGRATIONS):
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Read again inside the transaction: another process may have been first.
            for statements in MIGRATIONS[_pragma(connection, "user_version") :]:
                for statement in statements:
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    if not _tables(connection) >= _TABLES:
        raise errors.incomplete(path)


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    value: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value


def _tables(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {name for (name,) in rows}
