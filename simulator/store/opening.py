"""Which store an address means."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from simulator.domain.ports import ExperimentStore
from simulator.errors import UsageError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """How a database on a server is used; a file needs none of it."""

    database: str = "simulator"
    """Where the address names none."""
    timeout_s: float = 5.0
    """Seconds until a server must answer when the store is opened."""
    patience_s: float = 900.0
    """Seconds that an open store waits for a server that went away."""
    pool_size: int = 20
    """Connections to one server at a time."""
    may_make: bool = True
    """Whether an empty database is set up; else it counts as not found."""


def sqlite_path(url: str) -> Path:
    """The file of `sqlite:///PATH`, or of a bare path."""
    return Path(url.removeprefix("sqlite:///")).expanduser()


def is_mongodb(url: str) -> bool:
    """Whether the address is of a MongoDB."""
    return url.startswith(("mongodb://", "mongodb+srv://"))


async def open_store(
    url: str,
    options: StoreOptions | None = None,
    notify: Callable[[str], None] = _log.warning,
) -> ExperimentStore:
    """The store at `sqlite:///PATH`, at a bare path, or at `mongodb://…`.

    Args:
        url: May hold a password; no message has it.
        options: For a database on a server.
        notify: Hears sentences for the user: that the server went away, that it is back.

    Raises:
        UsageError: The address is of no known form.
        StoreUnavailableError: The store cannot be opened; so are the errors of its adapter.
    """
    scheme, found, _ = url.partition("://")
    if scheme == "sqlite" or not found:
        from simulator.store.sqlite import SqliteStore

        return await SqliteStore.open(sqlite_path(url))
    if is_mongodb(url):
        from simulator.store.mongo import MongoStore

        return await MongoStore.open(url, options or StoreOptions(), notify)
    raise UsageError(
        f"A store of the form {scheme}://… is unknown.",
        remedy="Use --store sqlite:///PATH or --store mongodb://HOST/DATABASE.",
    )
