"""Which store an address means."""

from __future__ import annotations

from pathlib import Path

from simulator.domain.ports import ExperimentStore
from simulator.errors import StoreUnavailableError, UsageError


def sqlite_path(url: str) -> Path:
    """The file of `sqlite:///PATH`, or of a bare path."""
    return Path(url.removeprefix("sqlite:///")).expanduser()


async def open_store(url: str) -> ExperimentStore:
    """The store at `sqlite:///PATH`, or at a bare path.

    Raises:
        UsageError: The address is of no known form.
        StoreUnavailableError: The store cannot be opened; so are the errors of its adapter.
    """
    scheme, found, _ = url.partition("://")
    if scheme == "sqlite" or not found:
        from simulator.store.sqlite import SqliteStore

        return await SqliteStore.open(sqlite_path(url))
    if scheme.startswith("mongodb"):
        raise StoreUnavailableError(
            "This version keeps experiments in SQLite only.",
            remedy="Use --store sqlite:///PATH, or leave the store unset.",
        )
    raise UsageError(
        f"A store of the form {scheme}://… is unknown.", remedy="Use --store sqlite:///PATH."
    )
