"""What the settings name: the store, models, and the cache of their replies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator.backends.options import BackendOptions, Timeouts
from simulator.domain.models import RequestCache
from simulator.domain.ports import ExperimentStore
from simulator.errors import NotFoundError, UsageError, remedies_for_address
from simulator.settings import Settings, default_measures, default_request_cache, environment
from simulator.store.measure_cache import MeasureCacheFile
from simulator.store.opening import StoreOptions, open_store, sqlite_path
from simulator.store.request_cache import ForgivingCache, RequestCacheFile

Warn = Callable[[str], None]
"""Tells the user what stops nothing."""


def store_options(settings: Settings) -> StoreOptions:
    """How a database on a server is used."""
    return StoreOptions(
        database=settings.database,
        timeout_s=settings.store_timeout_s,
        patience_s=settings.store_patience_s,
        pool_size=settings.store_pool_size,
    )


async def open_usual_store(settings: Settings, warn: Warn) -> ExperimentStore:
    """The store of the settings; see `store.opening.open_store`."""
    return await open_store(settings.store_url, store_options(settings), warn)


@asynccontextmanager
async def open_second_store(
    settings: Settings, warn: Warn, *, may_make: bool
) -> AsyncIterator[ExperimentStore]:
    """The store of other settings than the usual, for as long as the block runs.

    Args:
        settings: Name the store.
        warn: Hears of its server.
        may_make: Whether a database that is missing is made.

    Raises:
        NotFoundError: It is missing.
    """
    scheme, found, _ = settings.store_url.partition("://")
    if not may_make and (scheme == "sqlite" or not found):
        file = sqlite_path(settings.store_url)
        if not file.is_file():
            raise NotFoundError(
                f"There is no database {file}.", remedy="Check its path; only a push makes a file."
            )
    options = replace(store_options(settings), may_make=may_make)
    with remedies_for_address():
        store = await open_store(settings.store_url, options, warn)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def open_empty_store() -> AsyncIterator[ExperimentStore]:
    """A store that is gone after the block, to compare others with."""
    with TemporaryDirectory() as folder:
        store = await open_store(str(Path(folder, "empty.db")))
        try:
            yield store
        finally:
            await store.close()


def backend_options(settings: Settings, cache: RequestCache | None = None) -> BackendOptions:
    """What backends are opened with.

    Raises:
        UsageError: The settings ask to record and to replay.
    """
    if settings.record is not None and settings.replay is not None:
        raise UsageError(
            "Requests are to be recorded and replayed at the same time.",
            remedy="Leave out --record or --replay (SIMULATOR_RECORD, SIMULATOR_REPLAY).",
        )
    return BackendOptions(
        environment=environment(),
        endpoints_file=settings.endpoints_file,
        prices_file=settings.prices_file,
        timeouts=Timeouts(
            settings.first_token_timeout_s, settings.stall_timeout_s, settings.reply_timeout_s
        ),
        max_connections=settings.max_connections,
        cache=cache,
        record=settings.record,
        replay=settings.replay,
    )


@asynccontextmanager
async def open_request_cache(settings: Settings, warn: Warn) -> AsyncIterator[RequestCache | None]:
    """The request cache for as long as the block runs; None where it is off."""
    if not settings.cache:
        yield None
        return
    if settings.record is not None or settings.replay is not None:
        warn("The request cache is not used while requests are recorded or replayed.")
        yield None
        return
    file = request_cache_file(settings)
    try:
        yield ForgivingCache(file, warn)
    finally:
        await file.close()


@contextmanager
def open_measure_cache(warn: Warn) -> Iterator[MeasureCacheFile]:
    """The values of measures that are kept, for as long as the block runs."""
    file = MeasureCacheFile(default_measures(), warn)
    try:
        yield file
    finally:
        file.close()


def request_cache_file(settings: Settings) -> RequestCacheFile:
    """The file of the request cache; it is not opened before it is used."""
    return RequestCacheFile(default_request_cache(), expiry=settings.cache_expiry)


@dataclass(frozen=True, slots=True)
class ServerVariables:
    """The variables of one provider's server; empty where it has none."""

    provider: str
    address: str
    """Says where it is."""
    usual_address: str
    """Where it is otherwise."""
    key: str


def server_variables(settings: Settings) -> tuple[ServerVariables, ...]:
    """Which variables say where servers of models are, and hold their keys.

    Raises UsageError when the user's own endpoints are faulty.
    """
    from simulator.backends.openai.endpoints import load_endpoints

    azure = ServerVariables("azure", "AZURE_OPENAI_ENDPOINT", "", "AZURE_OPENAI_API_KEY")
    return (
        ServerVariables("ollama", "OLLAMA_HOST", "http://127.0.0.1:11434", "OLLAMA_API_KEY"),
        *(
            ServerVariables(
                name, next(iter(one.base_url_variables), ""), one.base_url,
                next(iter(one.key_variables), ""),
            )
            for name, one in load_endpoints(settings.endpoints_file).items()
        ),
        azure,
    )  # fmt: skip


def load_clients() -> None:
    """Import what speaks to models' servers; it takes a second, so it is for a thread."""
    import simulator.backends.ollama.backend
    import simulator.backends.openai.backend  # noqa: F401
