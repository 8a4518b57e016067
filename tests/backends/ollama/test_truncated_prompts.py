from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from simulator.domain.events import Event, PromptTruncated, TurnStarted
from simulator.domain.journal import Step
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.records import Run
from simulator.domain.sampling import Sampling
from simulator.engine.control import RunControl
from simulator.errors import ContextOverflowError
from tests.backends.ollama.asking import QUESTION, asked, chunks_of, completion_of
from tests.lab import Lab, design, spoken
from tests.servers.ollama_server import InstalledModel, OllamaServer
from tests.servers.ollama_wire import Trouble

SYSTEM = ChatMessage("system", "You are a guard and you guard.")


def conversation(words: int, *, messages: int = 10) -> Prompt:
    """A prompt of about so many words, in alternating messages."""
    text = " ".join(["word"] * (words // messages))
    turns = [ChatMessage("assistant" if turn % 2 else "user", text) for turn in range(messages)]
    return Prompt.of(SYSTEM, *turns)


async def test_a_server_that_cuts_a_prompt_is_found_out() -> None:
    server = OllamaServer()
    small = Sampling(context_length=1024)
    async with asked(server) as backend:
        whole = await completion_of(backend, prompt=conversation(100), sampling=small)
        assert not whole.prompt_truncated
        cut = await completion_of(backend, prompt=conversation(3000), sampling=small)
    assert cut.prompt_truncated
    assert cut.text
    assert len(server.seen[-1]) < 11
    assert server.seen[-1][0]["content"] == SYSTEM.content


async def test_a_server_that_shows_all_of_a_long_prompt_is_believed() -> None:
    server = OllamaServer()
    async with asked(server) as backend:
        for words in (100, 1000, 3000, 3800):
            completion = await completion_of(
                backend, prompt=conversation(words), sampling=Sampling(context_length=4096)
            )
            assert not completion.prompt_truncated
    assert all(len(messages) == 11 for messages in server.seen)


async def test_a_server_takes_no_more_context_than_its_model_has() -> None:
    server = OllamaServer(models=[InstalledModel("llama3.2:latest", 1024)])
    prompt = conversation(3000, messages=1)
    async with asked(server) as backend:
        large = Sampling(context_length=32768)
        await completion_of(backend, prompt=conversation(100), sampling=large)
        completion = await completion_of(backend, prompt=prompt, sampling=large)
    assert server.chats[-1]["options"]["num_ctx"] == 32768
    assert completion.prompt_truncated


async def test_a_server_that_runs_out_of_context_while_it_replies_is_found_out() -> None:
    server = OllamaServer(reply=lambda body: " ".join(["word"] * 300))
    async with asked(server) as backend:
        completion = await completion_of(
            backend, prompt=conversation(900), sampling=Sampling(context_length=1024)
        )
    assert completion.prompt_truncated
    assert len(server.seen[-1]) == 11


async def test_a_server_is_asked_to_refuse_before_it_is_let_cut() -> None:
    server = OllamaServer()
    async with asked(server) as backend:
        await completion_of(
            backend, prompt=conversation(3000), sampling=Sampling(context_length=1024)
        )
    first, second = server.chats
    assert first["truncate"] is False
    assert "truncate" not in second
    assert first["messages"] == second["messages"]
    assert first["options"] == second["options"]


async def test_a_cut_of_one_message_does_not_pass_unnoticed() -> None:
    server = OllamaServer()
    async with asked(server) as backend:
        completion = await completion_of(
            backend, prompt=conversation(1010), sampling=Sampling(context_length=1024)
        )
    assert len(server.seen[-1]) == 10
    assert completion.prompt_truncated


async def test_a_prompt_that_is_refused_even_so_overflows() -> None:
    server = OllamaServer()
    server.troubles.extend([Trouble.OVERFLOW, Trouble.OVERFLOW])
    async with asked(server) as backend:
        with pytest.raises(ContextOverflowError) as caught:
            await chunks_of(backend, replace(QUESTION, sampling=Sampling(context_length=64)))
    assert "context_length" in (caught.value.remedy or "")
    assert len(server.chats) == 2


TALK = {"messages": 12, "sampling": {"context_length": 256}}


@pytest.mark.parametrize("knows_truncate", [True, False], ids=["new server", "old server"])
async def test_a_run_tells_and_keeps_which_prompts_were_cut(lab: Lab, knows_truncate: bool) -> None:
    server = OllamaServer(reply=lambda body: " ".join(["word"] * 60), knows_truncate=knows_truncate)
    async with asked(server) as backend:
        lab.pool.backends[backend.model] = backend
        steps = spoken(await lab.run(design(model=backend.model, **TALK)))
    calls = [step.call for step in steps if step.call is not None]
    flags = [call.prompt_truncated for call in calls]
    assert flags[0] is False
    assert flags[-1] is True
    assert flags == sorted(flags)
    assert {call.model_digest for call in calls} == {server.models[0].digest}
    assert {(call.endpoint, call.context_length) for call in calls} == {(backend.endpoint, 256)}
    told = [event for event in lab.events if isinstance(event, PromptTruncated)]
    assert len(told) >= sum(flags)
    assert {event.context_length for event in told} == {256}


def long_then_short(body: Any) -> str:
    """Fills the context, and then says little, so that only the prompts are too long."""
    return " ".join(["word"] * (60 if is_short(body) else 3))


def is_short(body: Any) -> bool:
    return sum(len(message["content"]) for message in body["messages"]) < 16_000


def flags(steps: Sequence[Step]) -> list[bool]:
    return [step.call is not None and step.call.prompt_truncated for step in steps]


async def test_a_resumed_run_finds_the_same_cuts_as_one_that_was_not_stopped(lab: Lab) -> None:
    """By the counts of replayed steps, as an old server says nothing else."""
    server = OllamaServer(reply=long_then_short, knows_truncate=False)
    async with asked(server) as backend:
        lab.pool.backends[backend.model] = backend
        talk = design(model=backend.model, messages=62, sampling={"context_length": 2048})
        whole = await lab.run(talk)
        run, resolved = await lab.queue(talk)
        assert (await _played_until(lab, run, resolved, 60)).status == "cancelled"
        await lab.play(run, resolved)
        resumed = await lab.store.steps(run.id)
    assert flags(resumed) == flags(whole)
    assert flags(whole)[60:] == [True, True, True]


async def _played_until(lab: Lab, run: Run, resolved: Any, index: int) -> Run:
    control = RunControl()

    def listener(event: Event) -> None:
        if isinstance(event, TurnStarted) and event.index == index:
            control.stop()

    return (await lab.play(run, resolved, control=control, listener=listener)).run
