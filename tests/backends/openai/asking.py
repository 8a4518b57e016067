"""Asks models behind a fake server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.backends.openai.endpoints import load_endpoints
from simulator.backends.options import BackendOptions
from simulator.backends.providers import Provider, all_providers
from simulator.domain.models import Chunk, Completion, GenerateRequest, ModelBackend
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling
from tests.servers.openai_server import FakeOpenAI

KEY = "sk-test-0123456789abcdefghij"
PROMPT = Prompt.of(ChatMessage("system", "You are a guard."), ChatMessage("user", "Who is there?"))


def environment_for(server: FakeOpenAI) -> dict[str, str]:
    """Variables that send every endpoint of the table, and Azure, to one server."""
    variables = {"AZURE_OPENAI_ENDPOINT": server.azure_endpoint, "AZURE_OPENAI_API_KEY": KEY}
    for endpoint in load_endpoints().values():
        variables[endpoint.base_url_variables[0]] = server.base_url
        variables[endpoint.key_variables[0]] = KEY
    return variables


def providers_with(
    environment: Mapping[str, str], endpoints_file: Path | None = None
) -> Mapping[str, Provider]:
    return all_providers(BackendOptions(environment=environment, endpoints_file=endpoints_file))


def request(
    sampling: Sampling | None = None, *, prompt: Prompt = PROMPT, seed: int = 7, **more: Any
) -> GenerateRequest:
    return GenerateRequest(prompt, sampling or Sampling(), seed, **more)


async def chunks_of(backend: ModelBackend, asked: GenerateRequest) -> list[Chunk]:
    return [chunk async for chunk in backend.generate(asked)]


async def completion_of(backend: ModelBackend, asked: GenerateRequest) -> Completion:
    """The completion, after checking that it says what was streamed, and comes last."""
    *pieces, last = await chunks_of(backend, asked)
    assert last.completion is not None
    assert all(piece.completion is None for piece in pieces)
    assert last.completion.text == "".join(piece.text for piece in pieces)
    return last.completion


@dataclass
class Behind:
    """Opens models behind a server, and closes them at the end."""

    server: FakeOpenAI
    opened: list[ModelBackend] = field(default_factory=list)

    def open(self, model: str, **variables: str) -> ModelBackend:
        provider, _, name = model.partition("/")
        providers = providers_with(environment_for(self.server) | variables)
        backend = providers[provider].open(name)
        self.opened.append(backend)
        return backend

    async def ask(
        self, model: str = "openai/gpt-4o-mini", sampling: Sampling | None = None, **more: Any
    ) -> Completion:
        return await completion_of(self.open(model), request(sampling, **more))

    @property
    def sent(self) -> dict[str, Any]:
        """The body of the last request."""
        return self.server.requests[-1].body

    async def close(self) -> None:
        for backend in self.opened:
            await backend.close()
