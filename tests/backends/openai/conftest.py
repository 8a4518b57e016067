"""A fake server, and models behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.backends.openai.asking import Behind
from tests.servers.openai_server import FakeOpenAI


@pytest.fixture
async def server() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as server:
        yield server


@pytest.fixture
async def behind(server: FakeOpenAI) -> AsyncIterator[Behind]:
    behind = Behind(server)
    yield behind
    await behind.close()
