"""A server that speaks OpenAI's HTTP API to the letter, and fails as it is told to.

python -m tests.servers.openai_server --help
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import ssl
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.servers import openai_chat, openai_faults, openai_responses, openai_rules
from tests.servers.http import Exchange, HttpRequest, HttpServer
from tests.servers.openai_chat import Event
from tests.servers.openai_faults import Answer, Body, Fault, Trouble
from tests.servers.openai_replies import Said, of_length, prompt_tokens, said, words

_AZURE = re.compile(r"/openai/deployments/([^/]+)/chat/completions")
_HEADERS = {
    "openai-organization": "org-fake",
    "openai-processing-ms": "1",
    "openai-version": "2020-10-01",
    "x-ratelimit-limit-requests": "10000",
    "x-ratelimit-limit-tokens": "200000",
    "x-ratelimit-remaining-requests": "9999",
    "x-ratelimit-remaining-tokens": "199984",
    "x-ratelimit-reset-requests": "8.64s",
    "x-ratelimit-reset-tokens": "4ms",
}


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Body


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the server takes; beyond it, requests are refused with 429."""

    in_flight: int | None = None
    per_second: float | None = None
    """Requests begun in any second, spread evenly."""
    retry_after_s: float | None = 1.0
    """What it tells those it refuses to wait; None tells them nothing."""


class FakeOpenAI:
    """The server, listening on a free port of 127.0.0.1 while it is entered.

    It also answers on Azure's paths. Set the attributes at any time; they hold from the next
    request on.
    """

    def __init__(self, *, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Received] = []
        """All that came, oldest first."""
        self.reply: Callable[[Body], str] = words
        """What it says; see also `Refusal` and `Filtered` in `openai_replies`."""
        self.faults: Callable[[int, Body], Fault | None] = lambda number, body: None
        """What goes wrong, by the number of the request for a reply, from 0."""
        self.models: Sequence[str] = ("gpt-4o-mini",)
        """Listed; the only ones that it has when it is strict."""
        self.api_key: str | None = None
        """The key that requests must have; None takes any and none."""
        self.strict = False
        """Whether requests are refused that OpenAI itself would refuse."""
        self.context_length: int | None = None
        """Tokens that a prompt may have."""
        self.capacity: Capacity | None = None
        self.token_delay_s = 0.0
        """Before each event of a stream."""
        self.reasoning = ""
        """What it thinks before each reply."""
        self.reasoning_field = "reasoning_content"
        """Where that stands in a chat completion; servers differ."""
        self.cached_tokens = 0
        self.released = asyncio.Event()
        """Set it to end all stalls."""
        self.in_flight = 0
        self.peak_in_flight = 0
        self.refused = 0
        """Requests beyond the capacity."""
        self._taken = asyncio.Event()
        self._numbers = 0
        self._next_start_s = 0.0
        self._http = HttpServer(self._answer, port=port, tls=tls)

    @property
    def base_url(self) -> str:
        """Ends in `/v1`."""
        return f"{self._http.address}/v1"

    @property
    def azure_endpoint(self) -> str:
        """What stands in `AZURE_OPENAI_ENDPOINT`."""
        return self._http.address

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    @property
    def asked(self) -> list[Received]:
        """The requests for replies."""
        return [request for request in self.requests if request.method == "POST"]

    async def busy(self, in_flight: int = 1) -> None:
        """Wait until it works on this many requests at once."""
        while self.in_flight < in_flight:
            self._taken.clear()
            await self._taken.wait()

    async def _answer(self, exchange: Exchange) -> None:
        request = exchange.request
        try:
            body = request.json() if request.content else {}
        except ValueError:
            body = None
        self.requests.append(
            Received(request.method, request.path, request.query, request.headers, body or {})
        )
        if (refused := self._refused(request)) is not None:
            await _give(exchange, refused)
        elif body is None:
            said = "We could not parse the JSON body of your request."
            await _give(exchange, openai_faults.error(400, said))
        elif request.method == "GET":
            await _give(exchange, self._listing(request.path))
        else:
            await self._reply_to(exchange, body)

    def _refused(self, request: HttpRequest) -> Answer | None:
        if self.api_key is None:
            return None
        if request.path.startswith("/openai/"):
            right = request.headers.get("api-key") == self.api_key
            return None if right else openai_faults.azure_wrong_key()
        key = request.headers.get("authorization", "").removeprefix("Bearer").strip()
        return None if key == self.api_key else openai_faults.wrong_key(key)

    def _listing(self, path: str) -> Answer:
        cards = {
            name: {"id": name, "object": "model", "created": 1721172741, "owned_by": "system"}
            for name in self.models
        }
        if path == "/v1/models":
            return Answer(200, json.dumps({"object": "list", "data": list(cards.values())}))
        name = path.removeprefix("/v1/models/")
        if name in cards:
            return Answer(200, json.dumps(cards[name]))
        if path.startswith("/v1/models/"):
            return openai_faults.model_not_found(name)
        return _no_such_path("GET", path)

    async def _reply_to(self, exchange: Exchange, body: Body) -> None:
        path = exchange.request.path
        if (azure := _AZURE.fullmatch(path)) is not None:
            body = {"model": azure[1], **body}
        number, self._numbers = self._numbers, self._numbers + 1
        fault = self._beyond_capacity() or self.faults(number, body)
        if fault is None and azure is not None and self.strict and azure[1] not in self.models:
            fault = openai_faults.azure_no_deployment()
        fault = fault or self._violation(path, body)
        if isinstance(fault, Answer):
            await _give(exchange, fault)
            return
        self.in_flight += 1
        self.peak_in_flight = max(self.peak_in_flight, self.in_flight)
        self._taken.set()
        try:
            reply = said(
                body, self.reply(body), reasoning=self.reasoning, cached_tokens=self.cached_tokens
            )
            await self._speak(exchange, body, reply, number, fault)
        finally:
            self.in_flight -= 1

    def _beyond_capacity(self) -> Answer | None:
        capacity = self.capacity
        if capacity is None:
            return None
        now_s = asyncio.get_running_loop().time()
        beyond = capacity.in_flight is not None and self.in_flight >= capacity.in_flight
        if capacity.per_second is not None and not beyond:
            beyond = now_s < self._next_start_s
            if not beyond:
                lag_s = min(now_s - self._next_start_s, 1.0)  # spares of up to a second may be used
                self._next_start_s = now_s - lag_s + 1.0 / capacity.per_second
        if not beyond:
            return None
        self.refused += 1
        wait_s = capacity.retry_after_s
        if wait_s is None:
            return openai_faults.rate_limited(after=None)
        return openai_faults.rate_limited(
            after=str(max(1, round(wait_s))),
            after_ms=round(1000 * wait_s),
            x_ratelimit_remaining_requests="0",
            x_ratelimit_reset_requests=f"{wait_s}s",
        )

    def _violation(self, path: str, body: Body) -> Answer | None:
        responses = path == "/v1/responses"
        if not (responses or path == "/v1/chat/completions" or _AZURE.fullmatch(path)):
            return _no_such_path("POST", path)
        if self.strict:
            check = openai_rules.responses_violation if responses else openai_rules.chat_violation
            if (wrong := check(body)) is not None:
                return wrong
            if body["model"] not in self.models:
                return openai_faults.model_not_found(body["model"])
        if self.context_length is not None and prompt_tokens(body) > self.context_length:
            return openai_faults.context_overflow(self.context_length, prompt_tokens(body))
        return None

    async def _speak(
        self, exchange: Exchange, body: Body, reply: Said, number: int, trouble: Trouble | None
    ) -> None:
        if trouble is Trouble.CUT_BEFORE_ANSWER:
            exchange.cut()
            return
        if trouble is Trouble.STALL_BEFORE_ANSWER:
            await exchange.hold(self.released)
        headers = {"x-request-id": f"req_{number:032x}", **_HEADERS}
        if not body.get("stream") or trouble is Trouble.NOT_A_STREAM:
            await exchange.respond(200, self._whole(exchange, body, reply, number), headers)
            return
        await exchange.begin(200, headers)
        events = list(self._events(exchange, body, reply, number, trouble))
        for place, event in enumerate(_sse(each) for each in events):
            if self.token_delay_s:
                await asyncio.sleep(self.token_delay_s)
            if trouble is not None and not await self._went_on(
                exchange, trouble, event, halfway=place == len(events) // 2
            ):
                return
            if trouble is Trouble.SPLIT_CHARACTERS:
                await _split(exchange, event)
            else:
                await exchange.chunk(event)
        if trouble is not Trouble.EMPTY_STREAM and exchange.request.path != "/v1/responses":
            await exchange.chunk(b"data: [DONE]\n\n")
        await exchange.end()

    async def _went_on(
        self, exchange: Exchange, trouble: Trouble, event: bytes, *, halfway: bool
    ) -> bool:
        """Make trouble before an event; whether the stream goes on after it."""
        if trouble is Trouble.KEEP_ALIVES:
            await exchange.chunk(b": keep-alive\n\n")
        if not halfway:
            return True
        match trouble:
            case Trouble.CUT_IN_STREAM:
                await exchange.chunk(event[: len(event) // 2])
                exchange.cut()
                return False
            case Trouble.ENDS_EARLY:
                await exchange.end()
                return False
            case Trouble.STALL_IN_STREAM:
                await exchange.hold(self.released)
            case Trouble.GARBAGE:
                await exchange.chunk(b'data: {"id": "chatcmpl-\x00 <garbage\n\n')
            case Trouble.ERROR_IN_STREAM:
                await exchange.chunk(_sse(_error_event(exchange.request.path)))
                await exchange.end()
                return False
        return True

    def _whole(self, exchange: Exchange, body: Body, reply: Said, number: int) -> bytes:
        if exchange.request.path == "/v1/responses":
            answer = openai_responses.whole(body, reply, number)
        else:
            answer = openai_chat.whole(body, reply, number, reasoning_field=self.reasoning_field)
        return json.dumps(answer, ensure_ascii=False).encode()

    def _events(
        self, exchange: Exchange, body: Body, reply: Said, number: int, trouble: Trouble | None
    ) -> Iterator[Event]:
        if trouble is Trouble.EMPTY_STREAM:
            return
        if exchange.request.path == "/v1/responses":
            yield from openai_responses.events(body, reply, number, trouble=trouble)
            return
        if exchange.request.path.startswith("/openai/"):
            yield openai_chat.azure_preamble()
        yield from openai_chat.events(
            body, reply, number, reasoning_field=self.reasoning_field, trouble=trouble
        )


def _sse(event: Event) -> bytes:
    data = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    name = f"event: {event['type']}\n" if "type" in event else ""
    return f"{name}data: {data}\n\n".encode()


def _error_event(path: str) -> Event:
    said = "The server had an error while processing your request. Sorry about that!"
    fault: Event = {"code": "server_error", "message": said, "param": None}
    if path == "/v1/responses":
        return {"type": "error", "sequence_number": 3, **fault}
    return {"error": {"type": "server_error", **fault}}


async def _split(exchange: Exchange, event: bytes) -> None:
    """In two chunks, the first of which ends with the first byte of a longer character."""
    inside = next((place for place, byte in enumerate(event) if byte > 0x7F), len(event) // 2)
    await exchange.chunk(event[: inside + 1])
    await exchange.chunk(event[inside + 1 :])


async def _give(exchange: Exchange, answer: Answer) -> None:
    await exchange.respond(
        answer.status, answer.content, answer.headers, content_type=answer.content_type
    )


def _no_such_path(method: str, path: str) -> Answer:
    return openai_faults.error(404, f"Invalid URL ({method} {path})")


async def _serve(arguments: argparse.Namespace) -> None:
    server = FakeOpenAI(port=arguments.port)
    server.api_key = arguments.key
    server.strict = arguments.strict
    server.token_delay_s = arguments.token_delay_ms / 1000
    if arguments.tokens:
        server.reply = of_length(arguments.tokens)
    if arguments.failing:
        server.faults = openai_faults.failing(arguments.failing, arguments.seed)
    if arguments.in_flight or arguments.per_second:
        told_s = None if arguments.retry_after_ms is None else arguments.retry_after_ms / 1000
        server.capacity = Capacity(arguments.in_flight, arguments.per_second, told_s)
    async with server:
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        await _end_of_input()


async def _end_of_input() -> None:
    """Wait until whoever started the process closes its input, or has died."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def wait() -> None:
        while os.read(0, 4096):
            pass
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait, daemon=True).start()
    await ended.wait()


def main(argv: Iterable[str] | None = None) -> None:
    """Serve until standard input ends; the first line of output is the base URL."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--key", help="refuse requests with another key")
    parser.add_argument("--strict", action="store_true", help="refuse what OpenAI would")
    parser.add_argument("--tokens", type=int, help="tokens of each reply")
    parser.add_argument("--token-delay-ms", type=float, default=0.0)
    parser.add_argument("--failing", type=float, help="share of requests that fail, 0 to 1")
    parser.add_argument("--seed", type=int, default=0, help="decides which requests fail")
    parser.add_argument("--in-flight", type=int, help="requests taken at a time")
    parser.add_argument("--per-second", type=float, help="requests taken in a second")
    parser.add_argument("--retry-after-ms", type=float, help="what those beyond that are told")
    asyncio.run(_serve(parser.parse_args(None if argv is None else list(argv))))


if __name__ == "__main__":
    main()
