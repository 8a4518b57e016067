"""Streams that no server in its right mind sends."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from simulator.backends.lines import MOST_BYTES
from simulator.backends.openai.reply import MOST_CHARACTERS
from simulator.backends.openai.sse import EventReader
from simulator.errors import BackendUnavailableError
from tests.backends.openai.streams import DONE, delta, read

BLOCK = b"x" * 2**16


def fed(blocks: Iterator[bytes]) -> int:
    """Bytes that a reader takes before it gives up."""
    reader, taken = EventReader(), 0
    for block in blocks:
        try:
            assert list(reader.feed(block)) == []
        except ValueError:
            return taken
        taken += len(block)
    raise AssertionError("it took everything")


def test_a_line_without_an_end_is_given_up_soon() -> None:
    started = time.process_time()
    assert fed(BLOCK for _ in range(1000)) <= MOST_BYTES
    assert time.process_time() - started < 1


def test_an_event_without_an_end_is_given_up_soon() -> None:
    started = time.process_time()
    assert fed(b"data: " + BLOCK + b"\n" for _ in range(1000)) <= MOST_BYTES
    assert time.process_time() - started < 1


def test_events_cut_into_single_bytes_are_read_whole() -> None:
    reader, stream = EventReader(), b'data: {"a":\r\ndata: 1}\r\n\r\ndata:\n\ndata: [DONE]\n\n'
    values = [value for byte in stream for value in reader.feed(bytes([byte]))]
    assert (values, reader.done) == ([{"a": 1}], True)


def test_much_in_many_events_is_read() -> None:
    reader, event = EventReader(), b'data: "' + BLOCK + b'"\n\n'
    assert sum(len(list(reader.feed(event))) for _ in range(1000)) == 1000


@pytest.mark.parametrize("field", ["content", "reasoning_content"])
async def test_a_reply_without_an_end_is_broken(field: str) -> None:
    event = f"data: {json.dumps(delta(**{field: 'x' * 2**20}))}\n\n"
    with pytest.raises(BackendUnavailableError, match="no reply of a model"):
        await read(*(MOST_CHARACTERS // 2**20 + 1) * [event], delta("stop"), DONE)


@pytest.mark.parametrize(
    "event",
    [
        "data: " + "[" * 100_000 + "\n\n",
        'data: {"choices":' + "[" * 100_000 + "\n\n",
        {"choices": [{"delta": {}, "logprobs": {"content": [{"token": "A", "logprob": 10**400}]}}]},
    ],
)
async def test_what_cannot_be_read_is_broken(event: Any) -> None:
    with pytest.raises(BackendUnavailableError, match="no reply of a model"):
        await read(event, DONE)


async def test_an_error_with_an_odd_code_is_an_error() -> None:
    for code in ("\u00b2", "9" * 5000, 10**30, [1], {"a": 1}):
        with pytest.raises(BackendUnavailableError, match="upstream died"):
            await read({"error": {"code": code, "message": "upstream died"}})


async def test_counts_and_costs_that_make_no_sense_are_not_believed() -> None:
    for odd in (float("inf"), float("nan"), 10**400, -3):
        usage = {"prompt_tokens": odd, "completion_tokens": 2, "cost": odd}
        event = delta("stop", content="hi") | {"usage": usage}
        completion = await read(event, DONE, provider="openrouter")
        assert completion.usage.cost_usd == 0.0
        assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (0, 2)
