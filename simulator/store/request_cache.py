"""Replies of models by the requests that they answered, in a SQLite file of their own."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from simulator.errors import StoreError
from simulator.store.sqlite_schema import connect, make_file, set_wal

_T = TypeVar("_T")

_VERSION = 1
_BUSY_TIMEOUT_S = 10.0
_TABLE = """CREATE TABLE IF NOT EXISTS replies (
    digest BLOB NOT NULL PRIMARY KEY,
    request TEXT NOT NULL,
    model TEXT NOT NULL,
    reply TEXT NOT NULL,
    created_ms INTEGER NOT NULL)"""


@dataclass(frozen=True, slots=True)
class CachedReplies:
    """The replies of one model in a cache."""

    model: str
    """`provider/model`."""
    replies: int
    size_bytes: int
    oldest: datetime
    """Aware, UTC."""
    newest: datetime


class RequestCacheFile:
    """The file, with its faults told. Made and used on one event loop; safe with others on it.

    The file is opened when first needed, and made, with its folders, readable by its owner only.
    Every method raises StoreError when the file cannot be used.
    """

    def __init__(
        self,
        path: Path,
        *,
        expiry: timedelta | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Make one.

        Args:
            path: The file.
            expiry: How long replies are good for; None for ever.
            now: Seconds since 1970.
        """
        self.path = path
        self._expiry = expiry
        self._now = now
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="request-cache")
        self._connection: sqlite3.Connection | None = None

    async def get(self, key: str) -> str | None:
        """What was put there, if it has not run out."""

        def work(connection: sqlite3.Connection) -> str | None:
            row = connection.execute(
                "SELECT reply FROM replies WHERE digest = ? AND created_ms > ?",
                (_digest(key), self._oldest_ms()),
            ).fetchone()
            return None if row is None else str(row[0])

        return await self._on_thread(work)

    async def put(self, key: str, model: str, value: str) -> None:
        """Keep a value; the first one stays until it has run out."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO replies VALUES (:digest, :key, :model, :value, :now)"
                " ON CONFLICT (digest) DO UPDATE SET reply = :value, created_ms = :now"
                " WHERE created_ms <= :oldest",
                {
                    "digest": _digest(key), "key": key, "model": model, "value": value,
                    "now": self._now_ms(), "oldest": self._oldest_ms(),
                },
            )  # fmt: skip

        await self._on_thread(work)

    async def contents(self) -> list[CachedReplies]:
        """What is there, by model; also what has run out."""

        def work(connection: sqlite3.Connection) -> list[CachedReplies]:
            rows = connection.execute(
                "SELECT model, count(*), sum(length(request) + length(reply)),"
                " min(created_ms), max(created_ms) FROM replies GROUP BY model ORDER BY model"
            ).fetchall()
            return [
                CachedReplies(model, replies, size, _moment(oldest), _moment(newest))
                for model, replies, size, oldest, newest in rows
            ]

        return await self._on_thread(work)

    async def clear(self, *, older_than: timedelta | None = None, model: str | None = None) -> int:
        """Forget replies, all of them or those that are so old and of that model; how many."""
        before_ms = None if older_than is None else self._now_ms() - _milliseconds(older_than)

        def work(connection: sqlite3.Connection) -> int:
            gone = connection.execute(
                "DELETE FROM replies WHERE created_ms <= ifnull(?, created_ms)"
                " AND model = ifnull(?, model)",
                (before_ms, model),
            ).rowcount
            with suppress(sqlite3.OperationalError):  # somebody else reads it just now
                connection.execute("VACUUM")
            return gone

        return await self._on_thread(work)

    async def close(self) -> None:
        """Let go of the file."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    async def _on_thread(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        def guarded() -> _T:
            try:
                if self._connection is None:
                    self._connection = self._opened()
                return work(self._connection)
            except (sqlite3.Error, OSError, ValueError) as error:
                raise StoreError(
                    f"The request cache {self.path} cannot be used: {error}.",
                    remedy="Allow writing to it, or delete it: its replies are asked for again.",
                ) from error

        return await asyncio.get_running_loop().run_in_executor(self._thread, guarded)

    def _opened(self) -> sqlite3.Connection:
        make_file(self.path)
        connection = connect(self.path, _BUSY_TIMEOUT_S)
        try:
            set_wal(connection, _BUSY_TIMEOUT_S)
            connection.execute("PRAGMA synchronous = NORMAL")
            version: int = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > _VERSION:
                raise ValueError(f"it is of the newer version {version}")
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA user_version = {_VERSION}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _now_ms(self) -> int:
        return round(self._now() * 1000)

    def _oldest_ms(self) -> int:
        return 0 if self._expiry is None else self._now_ms() - _milliseconds(self._expiry)


class ForgivingCache:
    """A `RequestCache` that never fails a run: at the first fault it warns and is no more."""

    def __init__(self, file: RequestCacheFile, warn: Callable[[str], None]) -> None:
        self._file = file
        self._warn = warn
        self._is_broken = False

    async def get(self, key: str) -> str | None:
        """See the port."""
        if self._is_broken:
            return None
        try:
            return await self._file.get(key)
        except StoreError as error:
            self._give_up(error)
            return None

    async def put(self, key: str, model: str, value: str) -> None:
        """See the port."""
        if self._is_broken:
            return
        try:
            await self._file.put(key, model, value)
        except StoreError as error:
            self._give_up(error)

    async def close(self) -> None:
        """Let go of the file."""
        await self._file.close()

    def _give_up(self, error: StoreError) -> None:
        if not self._is_broken:
            self._is_broken = True
            self._warn(f"{error.message} Every model is asked instead. {error.remedy}")


def _digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=32).digest()


def _milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
