"""The fake server says what OpenAI publishes, so that tests against it mean something."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from tests.servers.openai_faults import Fault, Trouble, failing, rate_limited, server_error
from tests.servers.openai_replies import Refusal, words
from tests.servers.openai_server import Capacity, FakeOpenAI

ASKED = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello."}], "seed": 3}
STREAMED = {**ASKED, "stream": True, "stream_options": {"include_usage": True}}
INPUT = {"model": "gpt-4o-mini", "input": "Hello."}


@pytest.fixture
async def server() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as opened:
        yield opened


@pytest.fixture
async def client(server: FakeOpenAI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.base_url, trust_env=False) as opened:
        yield opened


async def events(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> list[Any]:
    answer = await client.post(path, json=body)
    assert answer.headers["content-type"].startswith("text/event-stream")
    data = [line[6:] for line in answer.text.splitlines() if line.startswith("data: ")]
    return [text if text == "[DONE]" else json.loads(text) for text in data]


@pytest.mark.parametrize("reply", [words, lambda body: Refusal("I will not.")])
@pytest.mark.parametrize("more", [{}, {"logprobs": True, "top_logprobs": 4}, {"max_tokens": 2}])
async def test_chat_completions_are_as_published(
    server: FakeOpenAI, client: httpx.AsyncClient, reply: Any, more: dict[str, Any]
) -> None:
    server.strict, server.reply = True, reply
    *chunks, done = await events(client, "/chat/completions", STREAMED | more)
    assert done == "[DONE]"
    parsed = [ChatCompletionChunk.model_validate(chunk, extra="forbid") for chunk in chunks]
    deltas = [chunk.choices[0].delta for chunk in parsed[:-1]]
    assert deltas[0].role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in parsed[:-1] if chunk.choices][-1]
    assert parsed[-1].choices == [] and parsed[-1].usage is not None
    answer = await client.post("/chat/completions", json=ASKED | more)
    whole = ChatCompletion.model_validate(answer.json(), extra="forbid")
    assert "".join(d.content or d.refusal or "" for d in deltas) == (
        whole.choices[0].message.content or whole.choices[0].message.refusal
    )
    assert whole.usage == parsed[-1].usage


@pytest.mark.parametrize("reply", [words, lambda body: Refusal("I will not.")])
@pytest.mark.parametrize("reasoning", ["", "Let me see."])
async def test_responses_are_as_published(
    server: FakeOpenAI, client: httpx.AsyncClient, reply: Any, reasoning: str
) -> None:
    server.strict, server.reply, server.reasoning = True, reply, reasoning
    event_type: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
    sent = await events(client, "/responses", INPUT | {"stream": True})
    parsed = [event_type.validate_python(event) for event in sent]
    assert [event.sequence_number for event in parsed] == list(range(len(sent)))
    assert parsed[-1].type == "response.completed"
    whole = Response.model_validate((await client.post("/responses", json=INPUT)).json())
    assert parsed[-1].response.output_text == whole.output_text


@pytest.mark.parametrize(
    ("model", "more", "problem"),
    [
        ("gpt-4o-mini", {"top_k": 3}, "Unrecognized request argument supplied: top_k"),
        ("gpt-4o-mini", {"stop": list("abcde")}, "Invalid 'stop': array too long"),
        ("gpt-4o-mini", {"temperature": 2.5}, "Invalid 'temperature'"),
        ("gpt-4o-mini", {"reasoning_effort": "low"}, "reasoning_effort"),
        ("gpt-4o-mini", {"stream_options": {"include_usage": True}}, "stream_options"),
        ("o3", {"temperature": 0.5}, "Unsupported parameter: 'temperature'"),
        ("o3", {"max_tokens": 5}, "Use 'max_completion_tokens' instead."),
        ("gpt-5-mini", {"reasoning_effort": "none"}, "Supported values are: 'minimal'"),
        ("o3-pro", {}, "only supported in v1/responses"),
        ("gpt-9", {}, "The model `gpt-9` does not exist"),
    ],
)
async def test_what_openai_refuses_is_refused(
    server: FakeOpenAI, client: httpx.AsyncClient, model: str, more: dict[str, Any], problem: str
) -> None:
    server.strict = True
    answer = await client.post("/chat/completions", json=ASKED | {"model": model} | more)
    assert answer.status_code in (400, 404)
    assert problem in answer.json()["error"]["message"]


@pytest.mark.parametrize("model", ["o3", "gpt-5-mini", "gpt-5.1", "gpt-4o-mini"])
async def test_what_openai_takes_is_taken(
    server: FakeOpenAI, client: httpx.AsyncClient, model: str
) -> None:
    server.strict, server.models = True, (model,)
    body = ASKED | {"model": model, "max_completion_tokens": 5}
    assert (await client.post("/chat/completions", json=body)).status_code == 200


async def test_a_wrong_key_is_echoed_in_parts_only(
    server: FakeOpenAI, client: httpx.AsyncClient
) -> None:
    server.api_key = "right"
    headers = {"authorization": "Bearer sk-proj-0123456789abcdef"}
    answer = await client.post("/chat/completions", json=ASKED, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "invalid_api_key"
    assert "sk-proj-" in answer.text and "sk-proj-0123456789abcdef" not in answer.text


async def test_replies_depend_on_the_messages_and_the_seed_alone(client: httpx.AsyncClient) -> None:
    async def text(**more: Any) -> str:
        answer = await client.post("/chat/completions", json=ASKED | more)
        return str(answer.json()["choices"][0]["message"]["content"])

    assert await text() == await text(user="ada")
    assert await text() != await text(seed=4)


@pytest.mark.parametrize("trouble", [Trouble.SPLIT_CHARACTERS, Trouble.KEEP_ALIVES])
async def test_legal_oddities_leave_the_reply_whole(
    server: FakeOpenAI, client: httpx.AsyncClient, trouble: Trouble
) -> None:
    server.reply = lambda body: "naïve 日本語 🙂"
    plain = await events(client, "/chat/completions", STREAMED)
    server.faults = lambda number, body: trouble
    odd = await events(client, "/chat/completions", STREAMED)
    assert [e["choices"] for e in odd[:-1]] == [e["choices"] for e in plain[:-1]]


async def test_a_stall_lasts_until_the_server_is_released(
    server: FakeOpenAI, client: httpx.AsyncClient
) -> None:
    server.faults = lambda number, body: Trouble.STALL_IN_STREAM
    asked = asyncio.create_task(events(client, "/chat/completions", STREAMED))
    done, _ = await asyncio.wait([asked], timeout=0.1)
    assert not done
    server.released.set()
    assert (await asked)[-1] == "[DONE]"


async def test_beyond_its_capacity_it_refuses(
    server: FakeOpenAI, client: httpx.AsyncClient
) -> None:
    server.capacity = Capacity(in_flight=1)
    server.faults = lambda number, body: Trouble.STALL_BEFORE_ANSWER if number == 0 else None
    first = asyncio.create_task(client.post("/chat/completions", json=ASKED))
    await server.busy()
    second = await client.post("/chat/completions", json=ASKED)
    assert (second.status_code, second.headers["retry-after"]) == (429, "1")
    assert second.headers["retry-after-ms"] == "1000"
    server.released.set()
    assert (await first).status_code == 200
    assert server.refused == 1


async def test_a_share_of_requests_fails_in_the_same_places_each_time() -> None:
    def seen() -> list[Fault | None]:
        fault_of = failing(0.2, 7, (rate_limited(), server_error(), Trouble.GARBAGE))
        return [fault_of(number, {}) for number in range(1000)]

    faults = seen()
    assert faults == seen()
    assert 150 < sum(fault is not None for fault in faults) < 250
