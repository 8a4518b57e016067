from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulator.store.sqlite import SqliteStore
from tests.store.examples import a_run, an_experiment


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    """A store with experiment E1 and its runs R1 and R2."""
    store = await SqliteStore.open(path, busy_timeout_s=0.05)
    await store.add_experiment(an_experiment())
    await store.add_run(a_run("R1"))
    await store.add_run(a_run("R2"))
    yield store
    await store.close()
