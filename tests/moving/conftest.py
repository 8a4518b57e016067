from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from simulator.store.sqlite import SqliteStore
from tests.moving.copying import stores


@pytest.fixture
async def two() -> AsyncIterator[list[SqliteStore]]:
    async with stores(2) as opened:
        yield opened
