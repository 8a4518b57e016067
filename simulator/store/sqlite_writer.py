"""One thread that writes, and groups what waits into one transaction."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

from simulator.errors import SimulatorError
from simulator.store import sqlite_errors as errors
from simulator.store.sqlite_writes import OwnedStep, commit_steps

T = TypeVar("T")

_GROUP_LIMIT = 512


class _Write(Generic[T]):
    """One write on its way, and what became of it."""

    __slots__ = ("apply", "error", "future", "result", "step", "touches", "writes")

    def __init__(
        self,
        apply: Callable[[sqlite3.Connection], T],
        future: asyncio.Future[T],
        touches: str | None,
        writes: bool,
        step: OwnedStep | None,
    ) -> None:
        self.apply = apply
        self.future = future
        self.touches = touches
        self.writes = writes
        self.step = step
        self.result: T | None = None
        self.error: BaseException | None = None


class Writer:
    """The only writer of this process to one file; made and used on one event loop.

    Whatever has gathered while a transaction was being made durable goes into the next one;
    nothing waits for company. A write that is refused fails alone.
    """

    def __init__(
        self, connection: sqlite3.Connection, path: Path, touched: Callable[[str], None]
    ) -> None:
        """Start the thread.

        Args:
            connection: In autocommit mode; the writer closes it.
            path: The database file, for messages.
            touched: Called on the event loop with the id of each run that got a step.
        """
        self._connection = connection
        self._path = path
        self._touched = touched
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[_Write[Any] | None] = SimpleQueue()
        self._finished: asyncio.Future[None] = self._loop.create_future()
        self._closed = False
        self._thread = Thread(target=self._work, name="sqlite-writer", daemon=True)
        self._thread.start()

    def submit(
        self,
        apply: Callable[[sqlite3.Connection], T],
        *,
        touches: str | None = None,
        writes: bool = True,
        step: OwnedStep | None = None,
    ) -> asyncio.Future[T]:
        """Queue a write; the future is done when it is durable.

        Cancelling the future does not take the write back.

        Args:
            apply: Runs on the writer's thread, inside a transaction that it shares. It raises a
                SimulatorError only when it has left no trace.
            touches: The run that gets a step, if any.
            writes: False for a question to the writer's connection, outside of transactions.
            step: What it appends to a journal, if that is all: it may be appended with others.

        Raises:
            StoreUnavailableError: The store is closed.
        """
        if self._closed:
            raise errors.closed(self._path)
        write = _Write(apply, self._loop.create_future(), touches, writes, step)
        self._queue.put(write)
        return write.future

    async def close(self) -> None:
        """Finish what is queued, then close the connection. Call it once."""
        self._closed = True
        self._queue.put(None)
        await self._finished
        self._thread.join()

    def _work(self) -> None:
        more = True
        while more:
            group, more = self._next_group()
            if group:
                self._write(group)
                self._call_loop(self._acknowledge, group)
        with suppress(sqlite3.Error):
            self._connection.close()
        self._call_loop(self._finish)

    def _next_group(self) -> tuple[list[_Write[Any]], bool]:
        """What waits now, in order, after waiting for the first; False with the last group."""
        write = self._queue.get()
        group: list[_Write[Any]] = []
        while write is not None:
            group.append(write)
            if len(group) == _GROUP_LIMIT:
                return group, True
            try:
                write = self._queue.get_nowait()
            except Empty:
                return group, True
        return group, False

    def _write(self, group: list[_Write[Any]]) -> None:
        """Write the group in one transaction, or each by itself if that fails as a whole."""
        questions = [write for write in group if not write.writes]
        if questions:
            for question in questions:
                self._apply(question)
            group = [write for write in group if write.writes]
        if not group:
            return
        if not self._begin(group) or self._transact(group):
            return
        if len(group) == 1:
            return
        for start, write in enumerate(group):
            if not self._begin(group[start:]):
                return
            self._transact([write])

    def _begin(self, group: list[_Write[Any]]) -> bool:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except Exception as error:
            for write in group:
                write.error = self._translate(error)
            return False
        return True

    def _transact(self, group: list[_Write[Any]]) -> bool:
        connection = self._connection
        try:
            appended = self._append_steps(group)
            for write in group:
                write.error = None
                if appended and write.step is not None:
                    continue
                try:
                    write.result = write.apply(connection)
                except SimulatorError as refusal:
                    write.error = refusal
            connection.execute("COMMIT")
        except Exception as error:
            with suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            for write in group:
                write.error = write.error or self._translate(error)
            return False
        return True

    def _append_steps(self, group: list[_Write[Any]]) -> bool:
        """Append the steps of a group at once; False, and nothing is done, where one is refused."""
        steps = [write.step for write in group if write.step is not None]
        if len(steps) < 2:
            return False
        self._connection.execute("SAVEPOINT steps")
        try:
            if commit_steps(self._connection, steps):
                self._connection.execute("RELEASE steps")
                return True
        except sqlite3.IntegrityError:
            pass
        self._connection.execute("ROLLBACK TO steps")
        self._connection.execute("RELEASE steps")
        return False

    def _translate(self, error: Exception) -> Exception:
        if not isinstance(error, sqlite3.Error | sqlite3.Warning | OSError | ValueError):
            return error
        refusal = errors.translate(error, self._path)
        refusal.__cause__ = error
        return refusal

    def _apply(self, question: _Write[Any]) -> None:
        try:
            question.result = question.apply(self._connection)
        except Exception as error:
            question.error = self._translate(error)

    def _call_loop(self, callback: Callable[..., object], *args: object) -> None:
        # The loop is closed when a program ends without closing its store.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback, *args)

    def _acknowledge(self, group: list[_Write[Any]]) -> None:
        for write in group:
            future = write.future
            if write.error is None:
                if not future.done():
                    future.set_result(write.result)
                if write.touches is not None:
                    self._touched(write.touches)
            elif not future.done():
                future.set_exception(write.error)

    def _finish(self) -> None:
        if not self._finished.done():
            self._finished.set_result(None)
