"""Fixtures and questions for the tests of the SQLite store."""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from typing import Any

from simulator.domain.journal import Step
from simulator.store.sqlite import SqliteStore

ROOT = Path(__file__).parents[3]
PROGRAM = (sys.executable, "-m", "tests.store.writer_process")
PATIENCE_S = 30


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
