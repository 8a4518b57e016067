from __future__ import annotations

import asyncio
from typing import Any

import pytest

from simulator.backends.ollama.address import address_from
from simulator.backends.ollama.backend import OllamaBackend
from simulator.domain.models import GenerateRequest
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling
from simulator.errors import BackendUnavailableError
from tests.backends.ollama.asking import NAME, QUESTION, asked, chunks_of, completion_of
from tests.servers.http import Exchange, HttpServer
from tests.servers.ollama_server import InstalledModel, OllamaServer
from tests.servers.ollama_wire import Trouble

ON_THE_WIRE: dict[str, tuple[Any, str, Any]] = {
    "temperature": (0.0, "options.temperature", 0.0),
    "top_p": (0.25, "options.top_p", 0.25),
    "top_k": (3, "options.top_k", 3),
    "max_tokens": (2, "options.num_predict", 2),
    "stop": (("\n", "Guard:"), "options.stop", ["\n", "Guard:"]),
    "context_length": (8192, "options.num_ctx", 8192),
    "reasoning_effort": ("high", "think", "high"),
}
"""Of each option: a value, where it is sent, and how."""


def sent(body: dict[str, Any], path: str) -> Any:
    for key in path.split("."):
        body = body[key]
    return body


@pytest.mark.parametrize("option", sorted(OllamaBackend.sampling_options - {"seed"}))
async def test_every_option_that_is_claimed_is_sent(option: str) -> None:
    value, path, expected = ON_THE_WIRE[option]
    server = OllamaServer()
    async with asked(server) as backend:
        await completion_of(backend, sampling=Sampling.model_validate({option: value}))
    assert sent(server.chats[0], path) == expected


async def test_options_that_are_not_set_are_left_to_the_server() -> None:
    server = OllamaServer()
    async with asked(server) as backend:
        await completion_of(backend)
    body = server.chats[0]
    assert body["options"] == {"seed": 7}
    assert set(body) == {"model", "messages", "stream", "options", "truncate"}


@pytest.mark.parametrize(
    ("effort", "think"), [("none", False), ("minimal", "low"), ("low", "low"), ("medium", "medium")]
)
async def test_reasoning_effort_is_sent_in_the_words_of_ollama(effort: Any, think: Any) -> None:
    server = OllamaServer()
    async with asked(server) as backend:
        await completion_of(backend, sampling=Sampling(reasoning_effort=effort))
    assert server.chats[0]["think"] == think


@pytest.mark.parametrize(
    ("seed", "folded"), [(1, 1), (2**31 - 2, 2**31 - 2), (0, 2**31 - 1), (2**31, 1)]
)
async def test_seeds_are_folded_to_what_ollama_takes(seed: int, folded: int) -> None:
    server = OllamaServer()
    async with asked(server) as backend:
        await completion_of(backend, seed=seed)
    assert server.chats[0]["options"]["seed"] == folded


async def test_a_reply_streams_and_is_counted() -> None:
    server = OllamaServer(reply=lambda body: "I am the guard.", cached_tokens=5)
    async with asked(server) as backend:
        pieces = [chunk.text for chunk in await chunks_of(backend, QUESTION)]
        completion = await completion_of(backend)
    assert pieces == ["I", " am", " the", " guard.", ""]
    assert completion.text == "I am the guard."
    assert completion.stop_reason == "stop"
    assert completion.usage.prompt_tokens == 15
    assert completion.usage.completion_tokens == 4
    assert completion.usage.cached_tokens == 5
    assert completion.model_digest == InstalledModel("llama3.2:latest").digest
    assert not completion.prompt_truncated


async def test_the_model_is_looked_up_once() -> None:
    server = OllamaServer()
    async with asked(server) as backend:
        await asyncio.gather(*(completion_of(backend) for _ in range(5)))
    assert server.paths.count("GET /api/tags") == 1
    assert server.paths.count("POST /api/show") == 1


async def test_neighbours_of_one_role_are_sent_as_one_message() -> None:
    server = OllamaServer()
    prompt = Prompt.of(
        ChatMessage("system", "Rules."), ChatMessage("user", "A: hi"), ChatMessage("user", "B: ho")
    )
    async with asked(server) as backend:
        await completion_of(backend, prompt=prompt)
    assert server.chats[0]["messages"] == [
        {"role": "system", "content": "Rules."},
        {"role": "user", "content": "A: hi\nB: ho"},
    ]


async def test_a_reply_that_reaches_its_limit_ends_with_length() -> None:
    async with asked(OllamaServer(reply=lambda body: "one two three")) as backend:
        completion = await completion_of(backend, sampling=Sampling(max_tokens=2))
    assert (completion.text, completion.stop_reason) == ("one two", "length")


async def test_an_empty_reply_is_a_completion() -> None:
    async with asked(OllamaServer(reply=lambda body: "")) as backend:
        completion = await completion_of(backend)
    assert (completion.text, completion.stop_reason) == ("", "stop")
    assert completion.usage.completion_tokens == 0


async def test_thoughts_are_no_part_of_the_reply() -> None:
    server = OllamaServer(thought="They want bread.", reply=lambda body: "No.")
    async with asked(server) as backend:
        completion = await completion_of(backend)
    assert completion.text == "No."
    assert completion.reasoning == "They want bread."
    assert completion.usage.completion_tokens == 4


@pytest.mark.parametrize("text", ["naïve Brücke 日本語 привет 🙂", "a\x85b\u2028c\x0bd\x1ce\r\nf"])
async def test_texts_arrive_whole_however_the_network_splits_them(text: str) -> None:
    server = OllamaServer(reply=lambda body: text)
    server.troubles.append(Trouble.SPLIT_CHARACTERS)
    async with asked(server) as backend:
        assert (await completion_of(backend)).text == text
        assert (await completion_of(backend)).text == text


async def test_texts_that_are_no_unicode_can_be_sent() -> None:
    server = OllamaServer()
    async with asked(server) as backend:
        await completion_of(backend, prompt=Prompt.of(ChatMessage("user", "half \ud83d of it")))
    assert server.chats[0]["messages"][0]["content"] == "half \ud83d of it"


class TestChoices:
    REQUEST = GenerateRequest(
        QUESTION.prompt, Sampling(), 7, choices=("Guard_1", 'the "other" one', "Prisoner_2")
    )

    async def test_are_held_to_the_options_and_unwrapped(self) -> None:
        server = OllamaServer(reply=lambda body: 'the "other" one')
        async with asked(server) as backend:
            completion = await completion_of(backend, self.REQUEST)
        assert completion.text == 'the "other" one'
        schema = server.chats[0]["format"]
        (option,) = schema["properties"].values()
        assert option == {"type": "string", "enum": list(self.REQUEST.choices)}
        assert schema["required"] == list(schema["properties"])

    async def test_that_were_cut_off_are_told_as_they_came(self) -> None:
        server = OllamaServer(reply=lambda body: 'the "other" one')
        async with asked(server) as backend:
            completion = await completion_of(backend, self.REQUEST, sampling=Sampling(max_tokens=2))
        assert completion.stop_reason == "length"
        assert completion.text.startswith("{")


class TestLogprobs:
    async def test_of_the_first_token_are_told_most_probable_first(self) -> None:
        server = OllamaServer(reply=lambda body: "B indeed", thought="Hm.")
        async with asked(server) as backend:
            completion = await completion_of(backend, top_logprobs=3)
        assert (server.chats[0]["logprobs"], server.chats[0]["top_logprobs"]) == (True, 3)
        assert [token.token for token in completion.first_token] == ["B", "B1", "B2"]
        assert completion.first_token[0].logprob == pytest.approx(-0.693, abs=0.001)

    async def test_no_more_are_asked_for_than_the_server_gives(self) -> None:
        server = OllamaServer()
        async with asked(server) as backend:
            await completion_of(backend, top_logprobs=50)
        assert server.chats[0]["top_logprobs"] == 20

    async def test_a_server_that_gives_none_twice_loses_the_ability(self) -> None:
        async with asked(OllamaServer(has_logprobs=False)) as backend:
            completion = await completion_of(backend, top_logprobs=3)
            assert completion.first_token == ()
            assert "logprobs" in backend.abilities
            await completion_of(backend, top_logprobs=3)
            assert backend.abilities == {"seed", "choices"}

    async def test_a_server_that_ever_gave_some_keeps_the_ability(self) -> None:
        server = OllamaServer()
        async with asked(server) as backend:
            await completion_of(backend, top_logprobs=3)
            server.has_logprobs = False
            for _ in range(3):
                await completion_of(backend, top_logprobs=3)
            assert "logprobs" in backend.abilities

    @pytest.mark.parametrize("told", ["NaN", "-Infinity", "Infinity", "1e999", "0.5"])
    async def test_that_are_no_probabilities_are_not_believed(self, told: str) -> None:
        async def answer(exchange: Exchange) -> None:
            line = (
                '{"message": {"role": "assistant", "content": "A"}, "done": true, "logprobs": '
                f'[{{"token": "A", "logprob": -0.1, "top_logprobs": '
                f'[{{"token": "A", "logprob": -0.1}}, {{"token": "B", "logprob": {told}}}]}}]}}\n'
            )
            await exchange.respond(200, line, content_type="application/x-ndjson")

        async with HttpServer(answer) as server:
            backend = OllamaBackend(NAME, address_from({"OLLAMA_HOST": server.address}))
            completion = await completion_of(backend, top_logprobs=2)
            await backend.close()
        assert (completion.text, completion.first_token) == ("A", ())

    async def test_a_silent_reply_says_nothing_about_the_ability(self) -> None:
        async with asked(OllamaServer(reply=lambda body: "")) as backend:
            await completion_of(backend, top_logprobs=3)
            assert "logprobs" in backend.abilities


async def test_a_reply_without_an_end_is_given_up() -> None:
    server = OllamaServer(reply=lambda body: " ".join(["x" * 2**20] * 20))
    async with asked(server) as backend:
        with pytest.raises(BackendUnavailableError, match="has no end"):
            await completion_of(backend)


async def test_an_abandoned_reply_closes_its_connection() -> None:
    server = OllamaServer(reply=lambda body: "one two three four")
    server.troubles.append(Trouble.STALL_WITHIN)
    async with asked(server) as backend:
        chunks = backend.generate(QUESTION)
        assert (await anext(chunks)).text == "one"
        await server.stalled.wait()
        await chunks.aclose()
        await asyncio.wait_for(server.abandoned.wait(), 10)


async def test_connections_are_used_again() -> None:
    server = OllamaServer()
    async with asked(server) as backend:
        for _ in range(3):
            await completion_of(backend)
    assert server.connections == 1


async def test_missing_counts_are_estimated_and_said_so(caplog: pytest.LogCaptureFixture) -> None:
    server = OllamaServer(counts_prompts=False)
    async with asked(server) as backend:
        await completion_of(backend)
        completion = await completion_of(backend)
    assert 15 <= completion.usage.prompt_tokens <= 60
    assert completion.usage.estimated_calls == 1
    assert [r.message for r in caplog.records if r.name.startswith("simulator")] == [
        "ollama/llama3.2 does not count the tokens of prompts: estimated"
    ]


async def test_closing_again_does_nothing() -> None:
    async with asked(OllamaServer()) as backend:
        await completion_of(backend)
        await backend.close()
        await backend.close()
