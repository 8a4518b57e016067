"""A MongoDB store, and the bare database behind it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from simulator.store.mongo import MongoStore
from simulator.store.mongo_address import parse_address
from simulator.store.opening import StoreOptions
from tests.servers.mongo.launching import MongoServer
from tests.store.mongo.notices import Notices


@pytest.fixture
async def store(mongo_url: str) -> AsyncIterator[MongoStore]:
    opened = await MongoStore.open(mongo_url, StoreOptions(), print)
    yield opened
    await opened.close()


@pytest.fixture
async def database(mongo_url: str) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    """The database without our adapter before it."""
    async with AsyncMongoClient[dict[str, Any]](mongo_url) as client:
        yield client[parse_address(mongo_url, "").database]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MongoServer]:
    """A server of the test's own, to be killed and made to fail: always the stand-in.

    PyMongo looks after ten times as soon as usual for what became of it.
    """
    monkeypatch.setattr("pymongo.common.MIN_HEARTBEAT_INTERVAL", 0.05)
    with MongoServer(tmp_path / "mongo") as server:
        yield server


@pytest.fixture
def heard() -> Notices:
    return Notices()
