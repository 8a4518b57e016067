"""A collection on the MongoDB of the tests: a real server's where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.collection import Collection

from tests.servers.mongo.choosing import MongoUnderTest
from tests.servers.mongo.launching import MongoServer

Documents = Collection[dict[str, Any]]


@pytest.fixture
def documents(mongo: MongoUnderTest, mongo_url: str) -> Documents:
    """An empty collection."""
    return mongo.opened(mongo_url)["documents"]


@pytest.fixture
def stand_in(mongo: MongoUnderTest) -> None:
    """Skip what only the stand-in does, such as saying what it does not implement."""
    if mongo.is_authoritative:
        pytest.skip("a real server does more than the stand-in")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MongoServer]:
    """A stand-in of its own, which a test may kill.

    PyMongo looks after ten times as soon as usual for what became of it.
    """
    monkeypatch.setattr("pymongo.common.MIN_HEARTBEAT_INTERVAL", 0.05)
    with MongoServer(tmp_path / "mongo") as server:
        yield server
