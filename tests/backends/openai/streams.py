"""Streams of chat completions, event by event."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from simulator.domain.models import Completion
from tests.backends.openai.asking import completion_of, providers_with, request
from tests.servers.http import Exchange, HttpServer

DONE = "data: [DONE]\n\n"


@asynccontextmanager
async def says(
    *replies: Iterable[Any], provider: str = "vllm", model: str = "some-model"
) -> AsyncIterator[Any]:
    """A model of a server that streams these events, one reply after the other.

    The last reply is given again and again; text goes out as it is.
    """
    turns = iter(replies)

    async def answer(exchange: Exchange) -> None:
        await exchange.begin(200, {})
        for event in next(turns, replies[-1]):
            data = event if isinstance(event, str) else f"data: {json.dumps(event)}\n\n"
            await exchange.chunk(data.encode())
        await exchange.end()

    async with HttpServer(answer) as server:
        variable = f"{provider.upper()}_BASE_URL"
        environment = {variable: f"{server.address}/v1", f"{provider.upper()}_API_KEY": "k"}
        backend = providers_with(environment)[provider].open(model)
        try:
            yield backend
        finally:
            await backend.close()


async def read(*events: Any, provider: str = "vllm", **more: Any) -> Completion:
    async with says(events, provider=provider) as backend:
        return await completion_of(backend, request(**more))


async def read_response(*events: dict[str, Any]) -> Completion:
    """What a model of the responses API is heard to say."""
    async with says(events, provider="openai", model="o3-pro") as backend:
        return await completion_of(backend, request())


def delta(finish: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}
