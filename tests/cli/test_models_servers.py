"""The verbs of models on real sockets: fake servers that speak Ollama's and OpenAI's APIs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.cli.shell import Shell, Terminal
from tests.servers.http import Exchange
from tests.servers.ollama_server import InstalledModel, OllamaServer
from tests.servers.ollama_wire import Trouble
from tests.servers.openai_server import FakeOpenAI
from tests.servers.process import free_port

KEY = "sk-very-secret-0123456789"


class Desk:
    """A user whose variables name the servers; commands run while the servers answer."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell

    async def run(self, *words: str) -> CompletedProcess[str]:
        return await asyncio.to_thread(self.shell.run, *words)

    async def ok(self, *words: str) -> str:
        return await asyncio.to_thread(self.shell.ok, *words)

    async def data(self, *words: str) -> Any:
        return await asyncio.to_thread(self.shell.data, *words)

    async def error(self, *words: str) -> tuple[int, dict[str, Any]]:
        return await asyncio.to_thread(self.shell.error, *words)

    async def on_terminal(self, *words: str, then: Callable[[Terminal], None]) -> tuple[int, str]:
        """The exit code and all that was drawn, after `then` has used the terminal."""

        def work() -> tuple[int, str]:
            with self.shell.terminal(*words) as screen:
                then(screen)
                return screen.end(), screen.raw.decode("utf-8", "replace")

        return await asyncio.to_thread(work)


@pytest.fixture
async def ollama(shell: Shell) -> AsyncIterator[OllamaServer]:
    server = OllamaServer()
    async with server.serving() as address:
        shell.environment["OLLAMA_HOST"] = address
        yield server


@pytest.fixture
async def openai(shell: Shell) -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as server:
        server.api_key = KEY
        shell.environment |= {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": KEY}
        yield server


@pytest.fixture
def desk(shell: Shell) -> Desk:
    return Desk(shell)


async def test_models_of_servers_are_listed_with_all_that_is_known(
    desk: Desk, ollama: OllamaServer, openai: FakeOpenAI
) -> None:
    rows = [line.split() for line in (await desk.ok("models")).splitlines()]
    assert ["ollama", "ready", "1", desk.shell.environment["OLLAMA_HOST"]] in rows
    assert ["openai", "ready", "1", openai.base_url] in rows
    assert ["ollama/llama3.2", "131,072", "3.2B", "Q4_K_M", "2.0", "GB", "free", "choices,",
            "logprobs,", "seed"] in rows  # fmt: skip
    (reported,) = await desk.data("models", "ls", "ollama")
    card = reported["models"][0]
    assert (card["parameters"], card["quantization"]) == ("3.2B", "Q4_K_M")
    assert card["size_bytes"] == 2019393189
    (hosted,) = await desk.data("models", "ls", "openai")
    assert hosted["models"][0]["price"]["input_usd"] > 0


async def test_a_server_that_is_set_but_silent_is_told_apart(desk: Desk) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    desk.shell.environment["OLLAMA_HOST"] = address
    done = await desk.run("models")
    assert done.returncode == 0
    assert ["ollama", "in", "trouble", address] in [x.split() for x in done.stdout.splitlines()]
    assert f"\nOllama at {address}: no server answers. Start it" in done.stdout
    assert "openai" not in done.stdout
    code, error = await desk.error("models", "check", "ollama/llama3.2")
    assert (code, error["code"]) == (6, "model_unavailable")


async def test_a_model_that_the_server_does_not_list_is_shown_as_such(
    desk: Desk, openai: FakeOpenAI
) -> None:
    assert (await desk.data("models", "show", "openai/gpt-4o-mini"))["listed"] is True
    assert (await desk.data("models", "show", "openai/nope"))["listed"] is False
    assert "listed     not by its server\n" in await desk.ok("models", "show", "openai/nope")
    openai.models = ()
    assert (await desk.data("models", "show", "openai/nope"))["listed"] is None


async def test_a_provider_that_cannot_be_used_fails_its_listing(desk: Desk) -> None:
    base_url = f"http://127.0.0.1:{free_port()}/v1"
    desk.shell.environment |= {"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": KEY}
    code, error = await desk.error("models", "ls", "openai")
    assert (code, error["code"]) == (6, "model_unavailable")
    assert error["message"] == f"openai at {base_url}: nothing answers there."
    code, error = await desk.error("models", "ls", "groq")
    assert (code, error["code"]) == (4, "model_access")
    assert "GROQ_API_KEY" in error["suggestion"]


async def test_all_says_what_to_set(desk: Desk) -> None:
    listed = await desk.ok("models", "ls", "--all")
    assert "openai: Set OPENAI_API_KEY in the environment or in .env.\n" in listed
    reports = await desk.data("models", "ls", "--all")
    assert {"azure", "groq", "vllm"} <= {report["provider"] for report in reports}


async def test_a_check_of_a_wrong_address_tells_of_one_retry_and_ends(desk: Desk) -> None:
    base_url = f"http://127.0.0.1:{free_port()}/v1"
    desk.shell.environment |= {"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": KEY}
    done = await desk.run("models", "check", "openai/gpt-4o-mini")
    assert done.returncode == 6
    assert done.stdout.count("nothing answers there; asking again in 0.") == 1
    assert "nothing answers there" in done.stderr and "OPENAI_BASE_URL" in done.stderr


@pytest.mark.parametrize("model", ["ollama/llama3.2", "openai/gpt-4o-mini"])
async def test_servers_that_follow_the_wire_format_pass_their_checks(
    desk: Desk, ollama: OllamaServer, openai: FakeOpenAI, model: str
) -> None:
    lines = (await desk.ok("models", "check", model)).splitlines()
    found = {line.split()[1]: line.split()[0] for line in lines[1:-1]}
    assert found["score"] == "absent"
    assert {name for name, status in found.items() if status == "ok"} >= {
        "reply", "prompt", "seed", "logprobs", "choices",
    }  # fmt: skip
    assert "failed" not in found.values()


async def test_a_wrong_key_ends_a_check_and_is_never_shown(desk: Desk, openai: FakeOpenAI) -> None:
    openai.api_key = "another"
    done = await desk.run("models", "check", "openai/gpt-4o-mini")
    assert done.returncode == 4
    assert "OPENAI_API_KEY" in done.stderr
    for text in (done.stdout, done.stderr, desk.shell.log()):
        assert KEY not in text and KEY[-8:] not in text


async def test_a_model_that_is_not_there_is_not_found(desk: Desk, ollama: OllamaServer) -> None:
    for verb in ("show", "check"):
        code, error = await desk.error("models", verb, "ollama/qwen3:0.6b")
        assert (code, error["code"]) == (3, "model_not_found")
        assert "models pull ollama/qwen3:0.6b" in error["suggestion"]


async def test_a_model_can_be_pulled_and_used(desk: Desk, ollama: OllamaServer) -> None:
    done = await desk.run("models", "pull", "ollama/qwen3:0.6b")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "pulling manifest"
    assert any(line.endswith(" 100 %") for line in lines)
    assert lines[-1].endswith("models check ollama/qwen3:0.6b")
    assert "ollama/qwen3:0.6b" in await desk.ok("models", "ls", "ollama")


async def test_a_download_for_programs_is_json_lines(desk: Desk, ollama: OllamaServer) -> None:
    lines = (await desk.ok("models", "pull", "ollama/qwen3:0.6b", "--json")).splitlines()
    *events, envelope = [json.loads(line) for line in lines]
    assert {event["type"] for event in events} == {"pull_progress"}
    assert events[-1]["status"] == "success"
    assert envelope["data"] == {"model": "ollama/qwen3:0.6b"}


async def test_a_download_that_broke_off_can_be_begun_again(
    desk: Desk, ollama: OllamaServer
) -> None:
    ollama.troubles.append(Trouble.CUT_WITHIN)
    code, error = await desk.error("models", "pull", "ollama/qwen3:0.6b")
    assert (code, error["code"]) == (6, "model_unavailable")
    await desk.ok("models", "pull", "ollama/qwen3:0.6b")


class EndlessLibrary(OllamaServer):
    """A download gets half way and no further."""

    async def _pull(self, exchange: Exchange) -> None:
        await exchange.begin(content_type="application/x-ndjson")
        half = {"status": "pulling half", "total": 5_000_000, "completed": 2_500_000}
        await exchange.chunk(json.dumps(half).encode() + b"\n")
        await self._stall(exchange)


async def test_ctrl_c_ends_a_download_and_says_how_to_go_on(desk: Desk) -> None:
    server = EndlessLibrary()
    async with server.serving() as address:
        desk.shell.environment["OLLAMA_HOST"] = address

        def interrupt(screen: Terminal) -> None:
            screen.expect("pulling half")
            screen.expect("2.5/5.0 MB")
            screen.type("\x03")

        code, drawn = await desk.on_terminal("models", "pull", "ollama/x", then=interrupt)
    assert code == 130
    assert "Stopped. The same command goes on where it stopped." in drawn
    assert "Traceback" not in drawn
    assert drawn.rindex("\x1b[?25h") > drawn.rindex("\x1b[?25l")


async def test_a_model_that_no_library_has_cannot_be_pulled(
    desk: Desk, ollama: OllamaServer
) -> None:
    code, error = await desk.error("models", "pull", "ollama/lama")
    assert (code, error["code"]) == (3, "model_not_found")


async def test_hostile_names_do_not_steer_the_terminal(desk: Desk, ollama: OllamaServer) -> None:
    ollama.models = [InstalledModel("\x1b[2Jevil[bold]:latest")]
    code, drawn = await desk.on_terminal("models", then=lambda screen: None)
    assert code == 0
    assert "\x1b[2J" not in drawn
    assert "\u241b[2Jevil[bold]" in drawn


async def test_a_terminal_is_shown_the_first_of_many_models(
    desk: Desk, ollama: OllamaServer
) -> None:
    ollama.models = [InstalledModel(f"model{number:02}") for number in range(30)]
    code, drawn = await desk.on_terminal("models", then=lambda screen: None)
    assert code == 0
    assert "model11" in drawn and "model12" not in drawn
    told = " ".join(drawn.split())
    assert "18 more; `" in told and "models ls ollama` lists all." in told
    code, drawn = await desk.on_terminal("models", "ls", "ollama", then=lambda screen: None)
    assert "model29" in drawn
    assert "model29" in await desk.ok("models")
