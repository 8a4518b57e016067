from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.backends.ollama.address import address_from
from simulator.backends.ollama.provider import OllamaProvider
from simulator.backends.options import BackendOptions, Connections, Timeouts
from simulator.backends.pool import BackendPool
from simulator.domain.models import PullProgress
from simulator.errors import (
    BackendUnavailableError,
    ModelNotFoundError,
    NotFoundError,
    UsageError,
)
from tests.backends.ollama.asking import asked, options
from tests.servers.http import Exchange, HttpServer
from tests.servers.ollama_server import InstalledModel, OllamaServer
from tests.servers.ollama_wire import Trouble


@asynccontextmanager
async def provided(server: OllamaServer) -> AsyncIterator[OllamaProvider]:
    async with server.serving() as url:
        yield OllamaProvider(options(url))


async def pulled(provider: OllamaProvider, name: str) -> list[PullProgress]:
    return [progress async for progress in provider.pull(name)]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("example.com", "http://example.com:11434"),
        ("example.com:80", "http://example.com:80"),
        ("1.2.3.4", "http://1.2.3.4:11434"),
        (":5000", "http://127.0.0.1:5000"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:5000", "http://127.0.0.1:5000"),
        ("[::]:5000", "http://[::1]:5000"),
        ("[::1]", "http://[::1]:11434"),
        ("http://example.com", "http://example.com:80"),
        ("HTTPS://example.com", "https://example.com:443"),
        ("https://example.com/ollama/", "https://example.com:443/ollama"),
        ("http://localhost:11434/v1", "http://localhost:11434"),
        (' "example.com" ', "http://example.com:11434"),
        ("http://ada:s3cret@example.com:1", "http://example.com:1"),
    ],
)
def test_addresses_are_read_as_ollama_reads_them(text: str, url: str) -> None:
    assert address_from({"OLLAMA_HOST": text}).url == url
    assert address_from({"OLLAMA_BASE_URL": text}).url == url


@pytest.mark.parametrize("text", ["http://a:b:c", "host:port", "host:99999", "ftp://host", "a b"])
def test_what_is_no_address_is_refused_by_the_name_of_its_variable(text: str) -> None:
    with pytest.raises(UsageError, match="OLLAMA_BASE_URL"):
        address_from({"OLLAMA_BASE_URL": text})


@example("http://a..b")
@example("http://" + "a" * 70)
@example("[::1")
@example("http://[v1.a]")
@example("a/\x00?b#c")
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_no_address_breaks_more_than_itself(text: str) -> None:
    with contextlib.suppress(UsageError):
        OllamaProvider(BackendOptions({"OLLAMA_HOST": text})).open("llama3.2")


def test_credentials_of_an_address_do_not_show() -> None:
    address = address_from({"OLLAMA_HOST": "http://ada:s3cr%40t@example.com"})
    assert address.credentials == ("ada", "s3cr@t")
    assert "s3cr" not in repr(address)


@pytest.mark.parametrize(
    ("text", "places"), [("", 4), ("2", 2), ("0", 4), ("many", 4), (" 16 ", 16)]
)
def test_a_server_is_given_what_it_answers_at_a_time(text: str, places: int) -> None:
    provider = OllamaProvider(BackendOptions({"OLLAMA_NUM_PARALLEL": text}))
    assert provider.connections == Connections(places, places)


async def test_models_are_opened_by_name_without_asking() -> None:
    pool = BackendPool(options("127.0.0.1:1"))
    backend = pool.get("ollama/hf.co/org/model:Q4_K_M")
    assert backend.model == "ollama/hf.co/org/model:Q4_K_M"
    assert backend.endpoint == "http://127.0.0.1:1"
    await pool.close()
    with pytest.raises(NotFoundError, match="names no model"):
        pool.get("ollama/")


class TestReports:
    async def test_list_the_models_with_what_they_can_do(self) -> None:
        server = OllamaServer(
            models=[
                InstalledModel("llama3.2:latest", 131072),
                InstalledModel("nomic-embed-text:v1.5", 2048, ("embedding",)),
            ]
        )
        async with provided(server) as provider:
            report = await provider.report()
        chat, embedding = report.models
        assert report.reachable
        assert report.configured
        assert report.error is None
        assert chat.model == "ollama/llama3.2"
        assert chat.abilities == {"seed", "logprobs", "choices"}
        assert chat.context_length == 131072
        assert chat.digest == server.models[0].digest
        assert chat.size_bytes == 2019393189
        assert chat.parameters == "3.2B"
        assert chat.quantization == "Q4_K_M"
        assert chat.price is not None
        assert chat.price.output_usd == 0.0
        assert embedding.model == "ollama/nomic-embed-text:v1.5"
        assert embedding.abilities == frozenset()

    async def test_say_the_same_of_a_model_as_the_model_itself(self) -> None:
        server = OllamaServer()
        async with asked(server) as backend:
            card = await backend.describe()
            report = await OllamaProvider(options(backend.endpoint)).report()
        assert report.models == (card,)

    async def test_say_what_to_do_when_no_server_answers(self, unused_tcp_port: int) -> None:
        started = time.monotonic()
        report = await OllamaProvider(options(f"127.0.0.1:{unused_tcp_port}")).report()
        assert time.monotonic() - started < 2.0
        assert not report.reachable
        assert report.configured
        assert "no server answers" in str(report.error)
        assert "ollama serve" in str(report.error and report.error.remedy)

    async def test_do_not_count_a_server_that_nobody_named(self) -> None:
        report = await OllamaProvider(BackendOptions()).report()
        assert report.address == "http://127.0.0.1:11434"
        assert report.configured == report.reachable

    async def test_never_raise(self) -> None:
        server = OllamaServer(page_everywhere=True)
        async with provided(server) as provider:
            report = await provider.report()
        assert not report.reachable
        assert "web page" in str(report.error)
        nonsense = await OllamaProvider(options("ftp://ada:s3cret@host")).report()
        assert "OLLAMA_HOST" in str(nonsense.error)
        assert "s3cret" not in repr(nonsense)


class TestPulls:
    async def test_tell_how_far_they_have_come(self) -> None:
        server = OllamaServer()
        async with provided(server) as provider:
            progress = await pulled(provider, "qwen3:0.6b")
            names = [card.model for card in (await provider.report()).models]
        assert progress[0] == PullProgress("pulling manifest")
        assert [each.completed_bytes for each in progress if each.total_bytes] == [None, 2500, 5000]
        assert progress[-1] == PullProgress("success")
        assert "ollama/qwen3:0.6b" in names

    async def test_of_what_does_not_exist_say_so(self) -> None:
        async with provided(OllamaServer()) as provider:
            with pytest.raises(ModelNotFoundError, match=r"ollama/qwen33: .*no such model"):
                await pulled(provider, "qwen33")

    @pytest.mark.parametrize("trouble", [Trouble.CUT_WITHIN, Trouble.NO_DONE, Trouble.ERROR_WITHIN])
    async def test_that_break_off_can_go_on(self, trouble: Trouble) -> None:
        server = OllamaServer()
        server.troubles.append(trouble)
        async with provided(server) as provider:
            with pytest.raises(BackendUnavailableError) as caught:
                await pulled(provider, "qwen3:0.6b")
            assert "again" in (caught.value.remedy or "")
            assert (await pulled(provider, "qwen3:0.6b"))[-1].status == "success"

    @pytest.mark.parametrize(
        ("said", "timeouts"),
        [
            ({"status": "pulling manifest"}, Timeouts(first_token_s=0.05)),
            ({"status": "pulling", "total": 9, "completed": 3}, Timeouts(stall_s=0.05)),
        ],
    )
    async def test_of_a_server_that_falls_silent_end(
        self, said: dict[str, Any], timeouts: Timeouts
    ) -> None:
        async def answer(exchange: Exchange) -> None:
            await exchange.begin(content_type="application/x-ndjson")
            await exchange.chunk(json.dumps(said) + "\n")
            await exchange.hold(asyncio.Event())

        async with HttpServer(answer) as server:
            provider = OllamaProvider(
                BackendOptions({"OLLAMA_HOST": server.address}, timeouts=timeouts)
            )
            with pytest.raises(
                BackendUnavailableError, match=r"sent nothing for 0\.05 s"
            ) as caught:
                await asyncio.wait_for(pulled(provider, "qwen3:0.6b"), 10)
        assert "goes on where it stopped" in (caught.value.remedy or "")

    async def test_without_a_server_say_how_to_start_it(self, unused_tcp_port: int) -> None:
        provider = OllamaProvider(options(f"127.0.0.1:{unused_tcp_port}"))
        with pytest.raises(BackendUnavailableError) as caught:
            await pulled(provider, "qwen3:0.6b")
        assert "ollama serve" in (caught.value.remedy or "")
