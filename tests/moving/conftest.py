from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulator.store.opening import open_store
from tests.moving.copying import Stores


@pytest.fixture(params=["sqlite-sqlite", "sqlite-mongodb", "mongodb-sqlite"])
async def two(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    """Two empty stores, to copy from the first to the second."""
    opened: Stores = []
    for place, kind in enumerate(str(request.param).split("-")):
        url = f"sqlite:///{tmp_path / str(place)}.db"
        if kind == "mongodb":
            url = request.getfixturevalue("mongo_url")
        opened.append(await open_store(url))
    yield opened
    for store in opened:
        await store.close()
