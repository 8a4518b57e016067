"""Every adapter of the store; the contract suite runs once for each."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from simulator.domain.ports import ExperimentStore
from simulator.store.opening import open_store
from tests.store.examples import a_run, an_experiment

StoreFactory = Callable[[], Awaitable[ExperimentStore]]


ADAPTERS = ("sqlite", "mongodb")


@pytest.fixture(params=ADAPTERS)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that is made when it is first opened."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return str(request.getfixturevalue("mongo_url"))


@pytest.fixture
async def store_factory(store_url: str) -> AsyncIterator[StoreFactory]:
    """Opens one more store object on the test's own database; all are closed afterwards."""
    opened: list[ExperimentStore] = []

    async def open_one() -> ExperimentStore:
        store = await open_store(store_url)
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
