from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from simulator.backends.ollama.address import address_from
from simulator.backends.ollama.backend import OllamaBackend
from simulator.errors import (
    BackendError,
    BackendUnavailableError,
    ContextOverflowError,
    EndpointError,
    ModelAccessError,
    ModelNotFoundError,
    RateLimitedError,
    SimulatorError,
)
from tests.backends.ollama.asking import QUESTION, asked, chunks_of, completion_of
from tests.servers.http import Exchange, HttpServer
from tests.servers.ollama_server import InstalledModel, OllamaServer
from tests.servers.ollama_wire import PAGE, Trouble

MEANING: Mapping[Trouble, tuple[type[SimulatorError], str]] = {
    Trouble.BUSY: (RateLimitedError, "maximum pending requests"),
    Trouble.RATE_LIMIT: (RateLimitedError, "too many requests"),
    Trouble.BROKEN: (BackendUnavailableError, "exit status 2"),
    Trouble.CUT_BEFORE: (BackendUnavailableError, "broke off"),
    Trouble.CUT_WITHIN: (BackendUnavailableError, "broke off"),
    Trouble.EMPTY: (BackendUnavailableError, "before its end"),
    Trouble.NO_DONE: (BackendUnavailableError, "before its end"),
    Trouble.GARBAGE: (BackendUnavailableError, "not part of a reply"),
    Trouble.NOT_AN_OBJECT: (BackendUnavailableError, "not part of a reply"),
    Trouble.ERROR_WITHIN: (BackendUnavailableError, "unexpected EOF"),
    Trouble.OVERFLOW_WITHIN: (ContextOverflowError, "exceeds the available context"),
    Trouble.HTML: (EndpointError, "web page"),
    Trouble.REDIRECT: (EndpointError, "web page"),
    Trouble.FOREIGN: (EndpointError, "does not speak HTTP"),
    Trouble.NO_THINKING: (BackendError, "does not support thinking"),
    Trouble.NO_MEMORY: (BackendError, "not enough memory"),
    Trouble.FORBIDDEN: (ModelAccessError, "does not let us in"),
}


@asynccontextmanager
async def listening(answer: bytes) -> AsyncIterator[int]:
    """Something that says this to whatever it hears, and hangs up; its port."""

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(answered, "127.0.0.1", 0) as listener:
        yield listener.sockets[0].getsockname()[1]


async def refuses(
    backend: OllamaBackend, kind: type[SimulatorError], words: str, remedy: str
) -> None:
    """Whatever is asked of the backend fails like this; it is closed then."""
    for asking in (backend.describe(), completion_of(backend)):
        with pytest.raises(SimulatorError) as caught:
            await asking
        assert type(caught.value) is kind
        assert words in caught.value.message
        assert remedy in (caught.value.remedy or "")
    await backend.close()


def backend_at(url: str) -> OllamaBackend:
    return OllamaBackend("llama3.2", address_from({"OLLAMA_HOST": url}))


@pytest.mark.parametrize("trouble", MEANING, ids=lambda trouble: trouble.name.lower())
async def test_a_failure_is_told_apart_and_the_next_request_is_answered(trouble: Trouble) -> None:
    kind, words = MEANING[trouble]
    server = OllamaServer(reply=lambda body: "one two three four five")
    server.troubles.append(trouble)
    async with asked(server) as backend:
        with pytest.raises(SimulatorError) as caught:
            await chunks_of(backend, QUESTION)
        assert type(caught.value) is kind
        assert words in caught.value.message
        assert "ollama/llama3.2" in caught.value.message
        assert backend.endpoint in caught.value.message
        assert (await completion_of(backend)).text == "one two three four five"


async def test_a_server_that_names_a_time_to_wait_is_heard() -> None:
    server = OllamaServer()
    server.troubles.append(Trouble.RATE_LIMIT)
    async with asked(server) as backend:
        with pytest.raises(RateLimitedError) as caught:
            await chunks_of(backend, QUESTION)
    assert caught.value.retry_after_s == 7.0


async def test_a_model_that_cannot_think_says_what_to_leave_out() -> None:
    server = OllamaServer()
    server.troubles.append(Trouble.NO_THINKING)
    async with asked(server) as backend:
        with pytest.raises(BackendError) as caught:
            await chunks_of(backend, QUESTION)
    assert "reasoning_effort" in (caught.value.remedy or "")


async def test_a_missing_model_says_how_to_get_it_and_what_is_like_it() -> None:
    server = OllamaServer(models=[InstalledModel("llama3.2:latest"), InstalledModel("phi4:14b")])
    async with asked(server, "lama3.2") as backend:
        for asking in (backend.describe(), completion_of(backend)):
            with pytest.raises(ModelNotFoundError) as caught:
                await asking
            remedy = caught.value.remedy or ""
            assert "python main.py models pull ollama/lama3.2" in remedy
            assert "'llama3.2'" in remedy


async def test_a_model_that_is_removed_meanwhile_is_missing() -> None:
    server = OllamaServer()
    async with asked(server) as backend:
        await completion_of(backend)
        server.models.clear()
        with pytest.raises(ModelNotFoundError):
            await completion_of(backend)


async def test_a_missing_server_says_how_to_start_it(unused_tcp_port: int) -> None:
    backend = backend_at(f"127.0.0.1:{unused_tcp_port}")
    await refuses(backend, BackendUnavailableError, "no server answers", "ollama serve")


async def test_a_server_that_goes_away_is_unavailable() -> None:
    server = OllamaServer()
    async with server.serving() as url:
        backend = backend_at(url)
        await completion_of(backend)
    with pytest.raises(BackendUnavailableError):
        await completion_of(backend)
    await backend.close()


@pytest.mark.parametrize("page", ["<!DOCTYPE html><p>Hello", "null", "[]", '"ok"', "", "{}"])
@pytest.mark.parametrize("status", [200, 404, 500])
async def test_another_server_in_its_place_is_an_error_of_ours(page: str, status: int) -> None:
    async def answer(exchange: Exchange) -> None:
        await exchange.respond(status, page, content_type="text/html")

    async with HttpServer(answer) as server:
        backend = backend_at(server.address)
        with pytest.raises((EndpointError, BackendUnavailableError)) as caught:
            await completion_of(backend)
        assert server.address in caught.value.message
        await backend.close()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, ModelAccessError),
        (404, EndpointError),
        (429, RateLimitedError),
        (502, BackendUnavailableError),
        (503, BackendUnavailableError),
    ],
)
async def test_a_page_in_the_place_of_an_answer_means_what_its_status_says(
    status: int, kind: type[SimulatorError]
) -> None:
    async def answer(exchange: Exchange) -> None:
        headers = {"retry-after": "7"}
        await exchange.respond(status, PAGE, headers, content_type="text/html")

    async with HttpServer(answer) as server:
        backend = backend_at(server.address)
        with pytest.raises(SimulatorError) as caught:
            await completion_of(backend)
        await backend.close()
    assert type(caught.value) is kind
    assert "html" not in caught.value.message
    if isinstance(caught.value, RateLimitedError):
        assert caught.value.retry_after_s == 7.0


@pytest.mark.parametrize("told", ["inf", "nan", "-1", "9" * 400, "soon", ""])
async def test_a_time_to_wait_that_is_none_is_not_heard(told: str) -> None:
    async def answer(exchange: Exchange) -> None:
        await exchange.respond(429, '{"error": "busy"}', {"retry-after": told})

    async with HttpServer(answer) as server:
        backend = backend_at(server.address)
        with pytest.raises(RateLimitedError, match="busy") as caught:
            await completion_of(backend)
        await backend.close()
    assert caught.value.retry_after_s is None


async def test_a_line_without_an_end_is_no_part_of_a_reply() -> None:
    ollama = OllamaServer()

    async def answer(exchange: Exchange) -> None:
        if exchange.request.path != "/api/chat":
            await ollama.handle(exchange)
            return
        await exchange.begin(content_type="application/x-ndjson")
        while True:
            await exchange.chunk(b"x" * 65536)

    async with HttpServer(answer) as server:
        backend = backend_at(server.address)
        with pytest.raises(BackendUnavailableError, match="not part of a reply"):
            await asyncio.wait_for(completion_of(backend), 10)
        await backend.close()


async def test_a_server_that_only_chats_is_enough() -> None:
    ollama = OllamaServer(reply=lambda body: "Hello.")

    async def answer(exchange: Exchange) -> None:
        if exchange.request.path == "/api/chat":
            await ollama.handle(exchange)
        else:
            await exchange.respond(404, "404 page not found", content_type="text/plain")

    async with HttpServer(answer) as server:
        backend = backend_at(server.address)
        completion = await completion_of(backend)
        with pytest.raises(EndpointError, match="not Ollama"):
            await backend.describe()
        await backend.close()
    assert (completion.text, completion.model_digest) == ("Hello.", None)


async def test_https_to_a_server_without_tls_is_no_secure_connection() -> None:
    async with listening(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n") as port:
        backend = backend_at(f"https://127.0.0.1:{port}")
        await refuses(backend, EndpointError, "no secure connection", "http://")


async def test_a_listener_that_hangs_up_is_unavailable() -> None:
    async with listening(b"") as port:
        await refuses(backend_at(f"127.0.0.1:{port}"), BackendUnavailableError, "broke off", "")


async def test_credentials_are_sent_and_never_shown() -> None:
    server = OllamaServer()
    async with server.serving() as url:
        host = url.removeprefix("http://")
        backend = OllamaBackend(
            "gone", address_from({"OLLAMA_HOST": f"http://ada:s3cret@{host}"}), api_key="k3y"
        )
        with pytest.raises(ModelNotFoundError) as caught:
            await completion_of(backend)
        await backend.close()
    assert server.headers[0]["authorization"].startswith("Basic ")
    told = f"{caught.value} {caught.value.remedy} {backend.endpoint} {backend!r} {vars(backend)!r}"
    assert "s3cret" not in told
    assert "k3y" not in told


@pytest.mark.parametrize("status", [200, 400, 401, 429, 500])
async def test_what_a_server_repeats_of_the_credentials_is_masked(status: int) -> None:
    async def answer(exchange: Exchange) -> None:
        sent = exchange.request.headers["authorization"]
        known = base64.b64decode(sent.split()[1]).decode() if sent.startswith("Basic") else sent
        told = json.dumps({"error": f"{known} ({sent.split()[1]}) may not"})
        await exchange.respond(status, told)

    async with HttpServer(answer) as server:
        host = server.address.removeprefix("http://")
        for address, key in (
            (server.address, "hidden-k3y"),
            (f"http://ada:hidden-pa55@{host}", None),
        ):
            backend = OllamaBackend("llama3.2", address_from({"OLLAMA_HOST": address}), api_key=key)
            with pytest.raises(SimulatorError, match=r"\*\*\*") as caught:
                await chunks_of(backend, QUESTION)
            await backend.close()
            told = f"{caught.value} {caught.value.remedy}"
            assert "hidden" not in told
            assert base64.b64encode(b"ada:hidden-pa55").decode() not in told


async def test_proxies_are_not_used_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(variable, nowhere)
        async with asked(OllamaServer()) as backend:
            assert (await completion_of(backend)).text
