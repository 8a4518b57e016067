"""Ollama's own client, with a stream of chats that asks for and tells more."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping

import httpx
import ollama
from pydantic import JsonValue, ValidationError

from simulator.backends.lines import LineReader
from simulator.backends.ollama.address import Address, no_address

CONNECT_TIMEOUT_S = 10.0
"""Waiting for replies is limited elsewhere; a machine that is not there should show sooner."""


class ErrorLine(Exception):
    """The server reported an error after it had begun to answer."""


class BrokenLine(Exception):
    """A line of the answer is not what it should be."""

    def __init__(self, line: bytes) -> None:
        super().__init__("a line of the answer is broken")
        self.line = line


class ChatPart(ollama.ChatResponse):
    """One line of a streamed chat."""

    message: ollama.Message = ollama.Message(role="assistant")
    prompt_eval_cached_count: int | None = None
    error: JsonValue = None


class OllamaClient(ollama.AsyncClient):
    """The client of the `ollama` package for one server.

    Its own `chat` cannot ask the server not to cut prompts, leaves out how much of a prompt was
    cached, and breaks lines at characters that JSON allows in a text, such as U+0085.
    """

    def __init__(
        self,
        address: Address,
        *,
        api_key: str | None = None,
        timeout_s: float | None = None,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
    ) -> None:
        """Make one.

        Args:
            address: Of the server.
            api_key: For servers behind a gate.
            timeout_s: For each wait for the server; None waits for ever.
            connect_timeout_s: For a connection.

        Raises:
            UsageError: The address cannot be one.
        """
        try:
            super().__init__(
                address.url,
                headers={"authorization": f"Bearer {api_key}"} if api_key else None,
                auth=address.credentials,
                timeout=httpx.Timeout(timeout_s, connect=connect_timeout_s),
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
                trust_env=not address.is_loopback,
                follow_redirects=False,
            )
        except httpx.InvalidURL:
            raise no_address(address.variable) from None

    async def close(self) -> None:
        """Close the connections; calling it again does nothing."""
        await self._client.aclose()

    async def chat_parts(self, body: Mapping[str, object]) -> AsyncGenerator[ChatPart, None]:
        """Stream the lines of a chat.

        Raises:
            httpx.HTTPError: The connection failed, or the server answered with an error; of the
                latter, the body was read.
            BrokenLine: A line is not what it should be.
            ErrorLine: The server gave up.
        """
        # Escapes keep texts sendable that are no valid Unicode, such as lone surrogates.
        content = json.dumps(body)
        async with self._client.stream("POST", "/api/chat", content=content) as response:
            if response.status_code != httpx.codes.OK:
                await response.aread()
                response.raise_for_status()
            reader = LineReader()
            async for data in response.aiter_bytes():
                try:
                    lines = reader.feed(data)
                except ValueError as error:
                    raise BrokenLine(reader.end()) from error
                for line in lines:
                    if line.strip():
                        yield _part(line)
            if (rest := reader.end()).strip():
                yield _part(rest)


def _part(line: bytes) -> ChatPart:
    try:
        part = ChatPart.model_validate_json(line)
    except ValidationError as error:
        raise BrokenLine(line) from error
    if part.error:
        raise ErrorLine(part.error if isinstance(part.error, str) else json.dumps(part.error))
    return part
