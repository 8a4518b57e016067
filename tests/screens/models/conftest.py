from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from screens.laboratory import Laboratory
from simulator.adapters import backend_options
from simulator.backends.pool import BackendPool
from simulator.catalogue import Catalogue
from simulator.domain.models import EndpointReport, ModelBackend, ModelCard, PullProgress
from simulator.domain.prices import Price
from simulator.errors import BackendUnavailableError, ModelAccessError
from simulator.settings import Settings
from tests.servers.ollama_server import OllamaServer

HOSTILE = "vllm/[/foo] [bold red]\x1b[31m\u202e"
SLOW = "scripted/babble?token_delay_ms=20000"


@dataclass
class Shelf:
    """Real models, but providers that say what a test wants."""

    pool: BackendPool
    reports: dict[str, EndpointReport] = field(default_factory=dict)
    """What providers say; the others are asked."""
    asked: tuple[str, ...] = ("pocket", "scripted")
    waiting: dict[str, asyncio.Event] = field(default_factory=dict)
    """Providers that answer once their event is set."""

    def providers(self) -> tuple[str, ...]:
        return (*self.asked, *self.reports)

    async def report(self, provider: str) -> EndpointReport:
        if provider in self.waiting:
            await self.waiting[provider].wait()
        return self.reports.get(provider) or await self.pool.report(provider)

    def get(self, model: str) -> ModelBackend:
        return self.pool.get(model)

    def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        return self.pool.pull(model)


@pytest.fixture
async def shelf(settings: Settings) -> AsyncIterator[Shelf]:
    async with _pool(settings) as pool:
        yield Shelf(pool)


@asynccontextmanager
async def _pool(settings: Settings) -> AsyncIterator[BackendPool]:
    pool = BackendPool(replace(backend_options(settings), max_failures=1))
    try:
        yield pool
    finally:
        await pool.close()


@pytest.fixture
async def ollama(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OllamaServer]:
    """A server; ask for it before the shelf, which reads its address."""
    server = OllamaServer()
    async with server.serving() as address:
        monkeypatch.setenv("OLLAMA_HOST", address)
        yield server


@pytest.fixture
def lab(laboratory: Laboratory, shelf: Shelf) -> Laboratory:
    """The laboratory with the models of the shelf."""
    return replace(laboratory, catalogue=Catalogue(shelf))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the program was started, with nothing in it."""
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def many() -> dict[str, EndpointReport]:
    """Providers of all kinds."""
    cards = (
        ModelCard(
            "ollama/llama3.1:8b", frozenset({"seed", "logprobs"}), 131072, "sha256:0123456789ab",
            4_920_000_000, "8.0B", "Q4_K_M",
        ),
        ModelCard("ollama/qwen3:0.6b", frozenset({"seed"}), 40960, None, 523_000_000, "752M"),
    )  # fmt: skip
    price = Price(input_usd=0.15, output_usd=0.60)
    paid = ModelCard("openai/gpt-4o-mini", frozenset({"logprobs"}), 128000, price=price)
    return {
        "ollama": EndpointReport("ollama", "http://127.0.0.1:11434", models=cards),
        "openai": EndpointReport("openai", "https://api.openai.com/v1", models=(paid,)),
        "vllm": EndpointReport(
            "vllm", "http://127.0.0.1:8000/v1", models=(ModelCard(HOSTILE, context_length=8192),)
        ),
        "groq": unconfigured("groq", "GROQ_API_KEY"),
        "mistral": troubled("mistral"),
    }


def unconfigured(provider: str, variable: str) -> EndpointReport:
    error = ModelAccessError(
        f"No key is set for the models of {provider}.",
        remedy=f"Set {variable} in the environment or in .env.",
    )
    return EndpointReport(provider, "", error, configured=False)


def troubled(provider: str) -> EndpointReport:
    error = BackendUnavailableError(
        f"{provider} at https://api.{provider}.example/v1: nothing answers there.",
        remedy="Check the network.",
    )
    return EndpointReport(provider, f"https://api.{provider}.example/v1", error)
