"""Requests, and models made of a coroutine, for the tests of what wraps them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from simulator.backends.scripted import ScriptedBackend
from simulator.domain.journal import StopReason, Usage
from simulator.domain.models import Chunk, Completion, GenerateRequest, ModelBackend
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling

Server = Callable[[GenerateRequest], AsyncGenerator[Chunk, None]]


class ServedBackend(ScriptedBackend):
    """A model behind a server that is a function."""

    endpoint = "http://127.0.0.1:1/v1"
    price = None  # type: ignore[assignment]

    def __init__(self, server: Server, *, model: str = "lab/test") -> None:
        super().__init__(["unused"], model=model)
        self._server = server

    def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        return self._server(request)


def request(text: str = "Lights out.", *, seed: int = 1, repetition: int = 0) -> GenerateRequest:
    return GenerateRequest(
        Prompt.of(ChatMessage("user", text)), Sampling(temperature=0.5), seed, repetition
    )


def whole(text: str, stop_reason: StopReason = "stop", **more: object) -> Chunk:
    """The last chunk of a reply."""
    usage = Usage(prompt_tokens=7, completion_tokens=len(text.split()), cost_usd=0.25)
    return Chunk(completion=Completion(text, stop_reason, usage, **more))  # type: ignore[arg-type]


async def chunks(backend: ModelBackend, asked: GenerateRequest) -> list[Chunk]:
    return [chunk async for chunk in backend.generate(asked)]


async def reply(backend: ModelBackend, asked: GenerateRequest) -> Completion:
    last = (await chunks(backend, asked))[-1]
    assert last.completion is not None
    return last.completion
