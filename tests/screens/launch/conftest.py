from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from screens.laboratory import Laboratory
from simulator.domain.designs import Design
from simulator.live_runs import LiveRuns
from simulator.services import open_catalogue, open_services
from simulator.settings import Settings
from tests.lab import design
from tests.screens.host import NOW
from tests.servers.ollama_server import OllamaServer

FACTORS = {
    "goal": {"escape": {}, "yard time": {"prisoner": {"Goal": "Get yard time."}}},
    "risks": {"no": {}, "yes": {"shared": {"Risks": "Words can hurt."}}},
}
TALK = design(
    name="Prison", model="scripted/babble", messages=6, factors=FACTORS,
    sampling={"temperature": 0.7, "max_tokens": 40},
)  # fmt: skip


async def stored(laboratory: Laboratory, written: Design = TALK) -> str:
    """The id of an experiment with that design."""
    return (await laboratory.services.save_design(written)).id


OpenLaboratory = Callable[[], AbstractAsyncContextManager[Laboratory]]


@pytest.fixture
def open_laboratory(settings: Settings) -> OpenLaboratory:
    """Opens one under the environment as it is by then."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Laboratory]:
        async with (
            open_services(settings) as services,
            open_catalogue(settings) as catalogue,
            LiveRuns(services) as live,
        ):
            yield Laboratory(services, catalogue, live, now=lambda: NOW)

    return opened


@pytest.fixture
async def ollama(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OllamaServer]:
    """A server that is to be asked."""
    server = OllamaServer()
    async with server.serving() as address:
        monkeypatch.setenv("OLLAMA_HOST", address)
        yield server
