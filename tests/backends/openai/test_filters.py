"""Replies that a provider breaks off for what is in them."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.errors import BackendUnavailableError, ContextOverflowError
from tests.backends.openai.streams import DONE, delta, read, read_response

SAID = {"type": "response.output_text.delta", "delta": "First you"}
USAGE = {"input_tokens": 9, "output_tokens": 2, "total_tokens": 11}


def failed(code: str, **more: Any) -> dict[str, Any]:
    error = {"code": code, "message": "The response failed."}
    return {"type": "response.failed", "response": {"status": "failed", "error": error, **more}}


@pytest.mark.parametrize(
    "error",
    [
        {"code": "content_filter", "message": "The response was filtered.", "status": 400},
        {"message": "Content Exists Risk", "type": "invalid_request_error"},
        {"code": 403, "message": "flagged", "metadata": {"reasons": ["violence"]}},
    ],
)
async def test_a_filter_within_a_stream_leaves_what_was_said(error: dict[str, Any]) -> None:
    completion = await read(delta(content="First you"), {"error": error}, DONE)
    assert (completion.text, completion.stop_reason) == ("First you", "content_filter")
    assert completion.usage.estimated_calls == 1


@pytest.mark.parametrize("code", ["invalid_prompt", "bio_policy", "misalignment_policy_violation"])
async def test_a_response_that_a_filter_stops_is_data(code: str) -> None:
    completion = await read_response(SAID, failed(code, usage=USAGE))
    assert (completion.text, completion.stop_reason) == ("First you", "content_filter")
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (9, 2)


async def test_a_response_that_fails_otherwise_is_an_error() -> None:
    with pytest.raises(BackendUnavailableError):
        await read_response(SAID, failed("server_error"))
    with pytest.raises(ContextOverflowError):
        await read_response(SAID, failed("context_length_exceeded"))
