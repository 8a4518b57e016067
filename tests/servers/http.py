"""A small HTTP/1.1 server whose answers can be as broken as a test wants them.

Persistent connections, `Content-Length` and chunked bodies, raw bytes, connections cut at any
point. It takes requests with a `Content-Length` body only, which is what API clients send.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it came; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The body; raises ValueError when it is not JSON."""
        return json.loads(self.content)


class Exchange:
    """One request and the answer to it."""

    def __init__(
        self, request: HttpRequest, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.request = request
        self._reader = reader
        self._writer = writer
        self._open_body = False
        self.ended = False
        """Whether the connection cannot be used for another request."""

    async def respond(
        self,
        status: int,
        content: bytes | str,
        headers: Mapping[str, str] | None = None,
        *,
        content_type: str = "application/json",
    ) -> None:
        """A whole answer."""
        data = content.encode() if isinstance(content, str) else content
        fields = {"content-type": content_type, "content-length": str(len(data))}
        await self.raw(_head(status, fields | dict(headers or {})) + data)

    async def begin(
        self,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        *,
        content_type: str = "text/event-stream; charset=utf-8",
    ) -> None:
        """Begin an answer in chunks."""
        fields = {"content-type": content_type, "transfer-encoding": "chunked"}
        self._open_body = True
        await self.raw(_head(status, fields | dict(headers or {})))

    async def chunk(self, data: bytes | str) -> None:
        """A chunk of the body, exactly these bytes."""
        content = data.encode() if isinstance(data, str) else data
        if content:
            await self.raw(b"%x\r\n%b\r\n" % (len(content), content))

    async def end(self) -> None:
        """The end of a body in chunks."""
        self._open_body = False
        await self.raw(b"0\r\n\r\n")

    async def raw(self, data: bytes) -> None:
        """Bytes as they are. Raises ConnectionError when the client has gone."""
        self._writer.write(data)
        await self._writer.drain()

    def cut(self) -> None:
        """Close the connection at once, in the middle of whatever was being said."""
        self.ended = True
        self._writer.transport.abort()

    async def hold(self, until: asyncio.Event) -> None:
        """Say nothing until the event; raises ConnectionError when the client goes first."""
        gone = asyncio.ensure_future(self._reader.read(1))
        released = asyncio.ensure_future(until.wait())
        try:
            await asyncio.wait((gone, released), return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                raise ConnectionResetError("the client has gone")
        finally:
            gone.cancel()
            released.cancel()
            await asyncio.gather(gone, released, return_exceptions=True)

    @property
    def can_go_on(self) -> bool:
        """Whether the answer is whole, so that the next request may follow."""
        wants_close = self.request.headers.get("connection", "").lower() == "close"
        return not (self.ended or self._open_body or wants_close)


Handler = Callable[[Exchange], Awaitable[None]]


class HttpServer:
    """Listens on a free port of 127.0.0.1 while it is entered."""

    def __init__(
        self, handler: Handler, *, port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self._handler = handler
        self._tls = tls
        self._port = port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.connections_taken = 0
        self.problems: list[BaseException] = []
        """What went wrong in the handler; raised again when the server is left."""

    @property
    def address(self) -> str:
        """Such as `http://127.0.0.1:41234`; stays the same after the server is left."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", self._port, ssl=self._tls, backlog=1024
        )
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()
        if self.problems and error is None:
            raise self.problems[0]

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections_taken += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                exchange = Exchange(request, reader, writer)
                await self._handler(exchange)
                if not exchange.can_go_on:
                    return
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            return
        except Exception as error:
            self.problems.append(error)
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> HttpRequest | None:
    """The next request; None when the client has closed the connection in between."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    content = await reader.readexactly(int(headers.get("content-length", "0")))
    url = urlsplit(target)
    return HttpRequest(method, url.path, dict(parse_qsl(url.query)), headers, content)


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:  # such as 529, which some services send
        phrase = ""
    lines = [
        f"HTTP/1.1 {status} {phrase}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
