"""How replies are read, in all the ways that servers send them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from simulator.domain.journal import Usage
from simulator.domain.sampling import Sampling
from simulator.errors import BackendUnavailableError, EndpointError
from tests.backends.openai.asking import Behind, chunks_of, completion_of, providers_with, request
from tests.backends.openai.streams import DONE, delta, read
from tests.servers.http import Exchange, HttpServer
from tests.servers.openai_faults import LEGAL, Trouble
from tests.servers.openai_replies import Filtered, Refusal

APIS = ["openai/gpt-4o-mini", "openai/o3-pro", "azure/gpt-4o-mini"]
SAID = "Halt! Qui va là? 日本語 🙂 and some more words"


@pytest.mark.parametrize("model", APIS)
@pytest.mark.parametrize("trouble", LEGAL)
async def test_unusual_but_legal_streams_give_the_whole_reply(
    behind: Behind, model: str, trouble: Trouble
) -> None:
    behind.server.reply = lambda body: SAID
    plain = await behind.ask(model)
    behind.server.faults = lambda number, body: trouble
    completion = await behind.ask(model)
    assert (completion.text, completion.stop_reason) == (SAID, "stop")
    assert completion.usage == plain.usage


@pytest.mark.parametrize("model", APIS)
async def test_tokens_are_counted_as_the_server_counts_them(behind: Behind, model: str) -> None:
    behind.server.reply = lambda body: "one two three"
    behind.server.reasoning = "let me think"
    behind.server.cached_tokens = 5
    completion = await behind.ask(model)
    usage = completion.usage
    assert usage.completion_tokens == 6
    assert usage.reasoning_tokens == 3
    assert usage.cached_tokens == 5 < usage.prompt_tokens
    assert completion.text == "one two three"
    assert completion.reasoning == "let me think"


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_reasoning_is_no_part_of_the_reply_whatever_its_field(
    behind: Behind, field: str
) -> None:
    behind.server.reasoning, behind.server.reasoning_field = "hm hm", field
    completion = await behind.ask("deepseek/some-model")
    assert completion.reasoning == "hm hm"
    assert "hm" not in completion.text.split()


@pytest.mark.parametrize("model", APIS)
async def test_a_refusal_is_data(behind: Behind, model: str) -> None:
    behind.server.reply = lambda body: Refusal("I cannot help with that.")
    completion = await behind.ask(model)
    assert completion.text == "I cannot help with that."
    assert completion.stop_reason == "refusal"


@pytest.mark.parametrize("model", APIS)
async def test_a_reply_that_a_filter_cut_off_is_data(behind: Behind, model: str) -> None:
    behind.server.reply = lambda body: Filtered("First you take")
    completion = await behind.ask(model)
    assert completion.text == "First you take"
    assert completion.stop_reason == "content_filter"


@pytest.mark.parametrize("model", APIS)
async def test_a_reply_that_meets_its_limit_says_so(behind: Behind, model: str) -> None:
    behind.server.reply = lambda body: " ".join("word" for _ in range(40))
    completion = await behind.ask(model, Sampling(max_tokens=20))
    assert completion.stop_reason == "length"
    assert completion.usage.completion_tokens == 20


@pytest.mark.parametrize("model", APIS)
async def test_a_reply_without_a_reason_for_its_end_is_whole(behind: Behind, model: str) -> None:
    behind.server.faults = lambda number, body: Trouble.NO_FINISH
    completion = await behind.ask(model)
    assert completion.text
    assert completion.stop_reason == ("stop" if model == "openai/o3-pro" else "unknown")


async def test_a_server_that_counts_nothing_gets_an_estimate_and_a_warning(
    behind: Behind, caplog: pytest.LogCaptureFixture
) -> None:
    behind.server.faults = lambda number, body: Trouble.NO_USAGE
    behind.server.reply = lambda body: "one two three four"
    backend = behind.open("llamacpp/some-model")
    completion = await completion_of(backend, request())
    assert completion.usage.prompt_tokens >= 7
    assert completion.usage.completion_tokens >= 4
    assert completion.usage.estimated_calls == 1
    await completion_of(backend, request())
    assert caplog.text.count("llamacpp/some-model counted no tokens") == 1


async def test_each_piece_is_streamed_as_it_comes(behind: Behind) -> None:
    behind.server.reply = lambda body: "one two three"
    chunks = await chunks_of(behind.open("openai/gpt-4o-mini"), request())
    assert [chunk.text for chunk in chunks if chunk.text] == ["one", " two", " three"]


async def test_the_weights_are_named_as_the_server_names_them(behind: Behind) -> None:
    first, second = await behind.ask(), await behind.ask()
    assert first.model_digest is not None and first.model_digest.startswith("gpt-4o-mini fp_")
    assert first == second


async def test_a_reply_given_up_frees_its_connection(behind: Behind) -> None:
    behind.server.faults = lambda number, body: Trouble.STALL_IN_STREAM if number == 0 else None
    backend = behind.open("openai/gpt-4o-mini")
    stream = backend.generate(request())
    while not (await anext(stream)).text:
        pass
    await stream.aclose()
    assert (await completion_of(backend, request())).text


async def test_many_replies_stream_at_once(behind: Behind) -> None:
    backend = behind.open("openai/gpt-4o-mini")
    replies = await asyncio.gather(
        *(completion_of(backend, request(seed=seed)) for seed in range(50))
    )
    alone = [await completion_of(backend, request(seed=seed)) for seed in range(0, 50, 10)]
    assert replies[::10] == alone


async def test_usage_may_come_with_every_chunk_and_the_last_holds() -> None:
    counts = [{"prompt_tokens": 9, "completion_tokens": n, "total_tokens": 9 + n} for n in (0, 1)]
    events = [delta(content="a") | {"usage": counts[0]}, delta("stop") | {"usage": counts[1]}]
    completion = await read(*events, DONE)
    assert completion.usage == Usage(prompt_tokens=9, completion_tokens=1)


async def test_a_stream_may_end_without_saying_done() -> None:
    """`transformers serve` has no `[DONE]`, and counts in the chunk that finishes."""
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    completion = await read(delta(role="assistant"), delta(content="hi"),
                            delta("stop") | {"usage": usage})  # fmt: skip
    assert (completion.text, completion.usage.prompt_tokens) == ("hi", 3)


async def test_reasoning_that_only_the_total_counts_is_paid_like_the_reply() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 45}
    completion = await read(delta("stop", content="hi") | {"usage": usage}, DONE)
    assert completion.usage.completion_tokens == 35
    assert completion.usage.reasoning_tokens == 30


async def test_deepseek_counts_cached_tokens_in_a_way_of_its_own() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 1, "prompt_cache_hit_tokens": 8}
    completion = await read(delta("stop", content="hi") | {"usage": usage}, DONE)
    assert completion.usage.cached_tokens == 8


async def test_no_more_tokens_were_cached_than_there_were() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 1, "prompt_cache_hit_tokens": 16}
    completion = await read(delta("stop", content="hi") | {"usage": usage}, DONE)
    assert completion.usage.cached_tokens == 10


async def test_the_first_name_of_the_weights_holds() -> None:
    events = [delta() | {"model": ""}, delta(content="hi") | {"model": "m"}]
    completion = await read(*events, delta("stop") | {"model": "another"}, DONE)
    assert completion.model_digest == "m"


async def test_the_connection_of_a_whole_reply_serves_the_next_request() -> None:
    async def answer(exchange: Exchange) -> None:
        await exchange.begin(200, {})
        await exchange.chunk(f"data: {json.dumps(delta('stop', content='hi'))}\n\n{DONE}".encode())
        await asyncio.sleep(0)
        await exchange.end()

    async with HttpServer(answer) as server:
        backend = providers_with({"VLLM_BASE_URL": f"{server.address}/v1"})["vllm"].open("m")
        for seed in range(3):
            await completion_of(backend, request(seed=seed))
        await backend.close()
        assert server.connections_taken == 1


@pytest.mark.parametrize(("provider", "cost_usd"), [("openrouter", 0.0125), ("vllm", 0.0)])
async def test_a_cost_is_believed_where_it_is_in_dollars(provider: str, cost_usd: float) -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 1, "cost": 0.0125}
    events = [
        ": OPENROUTER PROCESSING\n\n",
        delta("stop", content="hi"),
        delta() | {"usage": usage},
    ]
    completion = await read(*events, DONE, provider=provider)
    assert completion.usage.cost_usd == cost_usd


async def test_content_may_be_a_list_of_parts_with_thoughts_among_them() -> None:
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    completion = await read(
        delta(content=[thinking]), delta(content=[{"type": "text", "text": "hi"}]), delta("stop")
    )
    assert (completion.text, completion.reasoning) == ("hi", "hm")


async def test_the_first_reason_for_an_end_holds() -> None:
    completion = await read(delta("length", content="a"), delta("stop"), DONE)
    assert (completion.text, completion.stop_reason) == ("a", "length")


async def test_an_empty_reply_is_a_reply() -> None:
    completion = await read(delta(role="assistant", content=""), delta("stop"), DONE)
    assert (completion.text, completion.stop_reason) == ("", "stop")


@pytest.mark.parametrize("end", ["\n\n", "\r\n\r\n"])
async def test_lines_may_end_in_either_way_and_the_last_one_in_none(end: str) -> None:
    lines = [f"data: {json.dumps(delta(content='a'))}{end}", f"data:{json.dumps(delta('stop'))}"]
    assert (await read(*lines)).text == "a"


async def test_line_separators_within_a_reply_do_not_end_a_line() -> None:
    event = "data: " + json.dumps(delta("stop", content="a\u2028b\x85c"), ensure_ascii=False)
    assert (await read(f"{event}\n\n")).text == "a\u2028b\x85c"


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([], "empty stream"),
        ([DONE], "empty stream"),
        ([": keep-alive\n\n"], "empty stream"),
        ([delta(content="half a")], "cut off"),
        ([delta(content="a") | {"usage": {"prompt_tokens": 1}}], "cut off"),
        (["data: {nothing\n\n"], "no reply"),
        (["data: [1, 2]\n\n"], "no reply"),
        (["data: 7\n\n"], "no reply"),
        ([{"choices": "none"}], "no reply"),
        ([{"choices": [{"delta": "text"}]}], "no reply"),
        ([delta(content={"a": 1}), delta("stop")], "no reply"),
        (["data: \xff\xfe\n\n".encode("latin-1").decode("latin-1")], "no reply"),
        ([delta(content="a"), delta("error")], "broken off"),
        ([delta(content="a"), delta("insufficient_system_resource")], "broken off"),
        ([delta(content="a"), {"error": "CUDA out of memory"}], "CUDA out of memory"),
        ([{"error": {"code": 502, "message": "upstream died"}}], "upstream died"),
    ],
)  # fmt: skip
async def test_a_stream_that_is_no_whole_reply_is_worth_another_attempt(
    events: list[Any], why: str
) -> None:
    with pytest.raises(BackendUnavailableError, match=why):
        await read(*events)


@pytest.mark.parametrize("model", APIS)
@pytest.mark.parametrize(
    "trouble",
    [
        Trouble.CUT_BEFORE_ANSWER, Trouble.CUT_IN_STREAM, Trouble.ENDS_EARLY,
        Trouble.EMPTY_STREAM, Trouble.GARBAGE, Trouble.ERROR_IN_STREAM,
    ],
)  # fmt: skip
async def test_broken_streams_are_worth_another_attempt(
    behind: Behind, model: str, trouble: Trouble
) -> None:
    behind.server.faults = lambda number, body: trouble
    with pytest.raises(BackendUnavailableError, match=model):
        await behind.ask(model)


@pytest.mark.parametrize("model", APIS)
async def test_an_answer_that_is_no_stream_is_not_the_api(behind: Behind, model: str) -> None:
    behind.server.faults = lambda number, body: Trouble.NOT_A_STREAM
    with pytest.raises(EndpointError, match="application/json, not a stream"):
        await behind.ask(model)
