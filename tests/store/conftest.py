"""Every adapter of the store; the contract suite runs once for each."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from simulator.domain.ports import ExperimentStore
from simulator.store.sqlite import SqliteStore
from tests.store.examples import a_run, an_experiment

StoreFactory = Callable[[], Awaitable[ExperimentStore]]


async def open_sqlite(place: Path) -> ExperimentStore:
    return await SqliteStore.open(place / "store.db")


ADAPTERS: dict[str, Callable[[Path], Awaitable[ExperimentStore]]] = {
    "sqlite": open_sqlite,
}


@pytest.fixture(params=ADAPTERS)
async def store_factory(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[StoreFactory]:
    """Opens one more store object on the test's own database; all are closed afterwards."""
    opened: list[ExperimentStore] = []

    async def open_one() -> ExperimentStore:
        store = await ADAPTERS[request.param](tmp_path)
        opened.append(store)
        return store

    yield open_one
    for store in opened:
        await store.close()


@pytest.fixture
async def store(store_factory: StoreFactory) -> ExperimentStore:
    return await store_factory()


@pytest.fixture
async def playing(store: ExperimentStore) -> ExperimentStore:
    """A store with experiment E1 and its runs R1 and R2, both without steps."""
    await store.add_experiment(an_experiment())
    await store.add_run(a_run("R1"))
    await store.add_run(a_run("R2"))
    return store
