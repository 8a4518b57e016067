"""Ways to ask the fake Ollama."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

from simulator.backends.ollama.address import address_from
from simulator.backends.ollama.backend import OllamaBackend
from simulator.backends.options import BackendOptions
from simulator.domain.models import Chunk, Completion, GenerateRequest
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling
from tests.servers.ollama_server import OllamaServer

NAME = "llama3.2"
QUESTION = GenerateRequest(
    Prompt.of(ChatMessage("system", "You are a guard."), ChatMessage("user", "Who are you?")),
    Sampling(),
    seed=7,
)


def options(url: str, **variables: str) -> BackendOptions:
    return BackendOptions({"OLLAMA_HOST": url, **variables})


@asynccontextmanager
async def asked(server: OllamaServer, name: str = NAME) -> AsyncIterator[OllamaBackend]:
    """A backend for a server that runs in the block."""
    async with server.serving() as url:
        backend = OllamaBackend(name, address_from({"OLLAMA_HOST": url}))
        try:
            yield backend
        finally:
            await backend.close()


async def chunks_of(backend: OllamaBackend, request: GenerateRequest) -> list[Chunk]:
    async with aclosing(backend.generate(request)) as chunks:
        return [chunk async for chunk in chunks]


async def completion_of(
    backend: OllamaBackend, request: GenerateRequest = QUESTION, **changes: Any
) -> Completion:
    """The completion, which says the same as the chunks before it."""
    *pieces, last = await chunks_of(backend, replace(request, **changes))
    assert last.completion is not None
    assert "".join(piece.text for piece in pieces) == last.completion.text
    assert all(piece.completion is None for piece in pieces)
    return last.completion
