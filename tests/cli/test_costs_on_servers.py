"""Tokens, money and marks of models behind real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest

from simulator.domain.journal import Usage
from simulator.domain.prices import Price
from simulator.presentation.usage import usage_text
from tests.cli.shell import Shell
from tests.servers.ollama_server import InstalledModel, OllamaServer
from tests.servers.openai_replies import Filtered, Refusal
from tests.servers.openai_server import FakeOpenAI

KEY = "sk-very-secret-0123456789"
TALK = ["--messages", "4", "--days", "1", "-s", "7"]
MINI = Price(input_usd=0.15, output_usd=0.6, cached_input_usd=0.075)


@pytest.fixture
async def openai(shell: Shell) -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as server:
        server.api_key = KEY
        shell.environment |= {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": KEY}
        yield server


@pytest.fixture
async def ollama(shell: Shell) -> AsyncIterator[OllamaServer]:
    server = OllamaServer()
    async with server.serving() as address:
        shell.environment["OLLAMA_HOST"] = address
        yield server


async def test_calls_of_a_priced_model_are_counted_and_paid_by_the_table(
    shell: Shell, openai: FakeOpenAI
) -> None:
    openai.cached_tokens = 5
    words = ["run", "prison", "-m", "openai/gpt-4o-mini-2024-07-18", *TALK, "--cost-limit", "1"]
    openai.models = ("gpt-4o-mini-2024-07-18",)
    done = await asyncio.to_thread(shell.run, *words)
    assert done.returncode == 0, done.stderr
    run = (await asyncio.to_thread(shell.data, "show", "last"))["run"]
    used = Usage(**run["usage"])
    assert (used.calls, used.cached_tokens, used.unpriced_calls) == (4, 20, 0)
    assert used.cost_usd == pytest.approx(MINI.cost_usd(used))
    assert f"Used: {usage_text(used)}." in done.stderr and "$0.0001" in done.stderr
    assert KEY not in done.stdout + done.stderr


async def test_calls_of_unknown_price_are_counted_as_such(shell: Shell, openai: FakeOpenAI) -> None:
    openai.models = ("gpt-nobody-listed",)
    words = ["run", "prison", "-m", "openai/gpt-nobody-listed", *TALK]
    done = await asyncio.to_thread(shell.run, *words)
    assert done.returncode == 0, done.stderr
    assert " tokens, price unknown." in done.stderr
    run = (await asyncio.to_thread(shell.data, "show", "last"))["run"]
    assert (run["usage"]["cost_usd"], run["usage"]["unpriced_calls"]) == (0.0, 4)


async def test_refusals_filters_and_thoughts_are_shown(shell: Shell, openai: FakeOpenAI) -> None:
    numbers = count()
    openai.reasoning = "Let me think."

    def reply(body: Any) -> str:
        return [Refusal("I will not."), Filtered("I was"), "Yes.", "No."][next(numbers)]

    openai.reply = reply
    done = await asyncio.to_thread(shell.run, "run", "prison", "-m", "openai/gpt-4o-mini", *TALK)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[1].endswith(" (refused): I will not.")
    assert lines[2].endswith(" (withheld by the provider): I was")
    assert "(" not in lines[3]
    assert "4 messages were spoken; 1 refusal, 1 withheld reply. " in done.stderr
    shown = await asyncio.to_thread(shell.ok, "show", "last", "--reasoning")
    assert shown.count("thought before it spoke: Let me think.") == 4
    assert "Let me think." not in await asyncio.to_thread(shell.ok, "show", "last")


async def test_a_cut_prompt_is_told_at_once_and_marked_for_good(
    shell: Shell, ollama: OllamaServer
) -> None:
    ollama.knows_truncate = False
    ollama.models = [InstalledModel("llama3.2:latest", 1024)]
    ollama.reply = lambda body: "I say " + "word " * 200
    talk = ["run", "prison", "-m", "ollama/llama3.2", "--messages", "10", "--days", "1", "-s", "7",
            "--max-tokens", "250"]  # fmt: skip
    done = await asyncio.to_thread(shell.run, *talk)
    assert done.returncode == 0, done.stderr
    assert "the server of ollama/llama3.2 did not keep all of the prompt: it read " in done.stderr
    assert "(prompt truncated): I say" in done.stdout
    shown = await asyncio.to_thread(shell.data, "show", "last")
    marked = [message["call"]["prompt_truncated"] for message in shown["messages"][1:]]
    assert any(marked)
    told = await asyncio.to_thread(shell.run, *talk, "--json")
    events = [json.loads(line) for line in told.stdout.splitlines()]
    cuts = [event for event in events if event["type"] == "prompt_truncated"]
    assert len(cuts) == sum(marked)
    assert set(cuts[0]) == {
        "type", "run_id", "scope", "speaker", "model", "prompt_tokens", "context_length",
    }  # fmt: skip
    markdown = await asyncio.to_thread(shell.ok, "export", "last", "-f", "markdown")
    assert "(prompt truncated)" in markdown
