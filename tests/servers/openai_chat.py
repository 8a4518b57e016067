"""Bodies of the chat completions API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.servers.openai_faults import Body, Trouble
from tests.servers.openai_replies import Said, logprob_of

Event = dict[str, Any]
"""An event's data; where it has a `type`, that is also the event's name."""

FINGERPRINT = "fp_50cad350e4"


def whole(body: Body, said: Said, number: int, *, reasoning_field: str) -> Event:
    """The reply to a request that asked for no stream."""
    message: dict[str, Any] = {"role": "assistant", "content": said.text, "refusal": None}
    if said.refused:
        message |= {"content": None, "refusal": said.text}
    if said.reasoning:
        message[reasoning_field] = "".join(said.reasoning)
    logprobs = None
    if body.get("logprobs"):
        count = body.get("top_logprobs") or 0
        logprobs = {"content": [logprob_of(token, count) for token in said.tokens], "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": logprobs, "finish_reason": said.finish}
    return _envelope(body, number, "chat.completion") | {
        "choices": [choice],
        "usage": _usage(said, said.completion_tokens),
    }


def events(
    body: Body, said: Said, number: int, *, reasoning_field: str, trouble: Trouble | None
) -> Iterator[Event]:
    """The chunks of a stream, without the `[DONE]`."""
    counted = bool((body.get("stream_options") or {}).get("include_usage"))
    envelope = _envelope(body, number, "chat.completion.chunk") | (
        {"usage": None} if counted else {}
    )
    top = (body.get("top_logprobs") or 0) if body.get("logprobs") else None

    def chunk(delta: Event, finish: str | None = None, logprobs: Event | None = None) -> Event:
        choice = {"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": finish}
        return {**envelope, "choices": [choice]}

    yield chunk({"role": "assistant", "content": "", "refusal": None})
    for thought in said.reasoning:
        yield chunk({reasoning_field: thought})
    if trouble is Trouble.NULL_CONTENT:
        yield chunk({"role": "assistant", "content": None})
    field = "refusal" if said.refused else "content"
    for place, token in enumerate(said.tokens, start=1 + len(said.reasoning)):
        logprobs = None
        if top is not None:
            logprobs = {"content": [logprob_of(token, top)], "refusal": None}
        event = chunk({field: token}, None, logprobs)
        if trouble is Trouble.USAGE_IN_EVERY_CHUNK:
            event["usage"] = _usage(said, place)
        yield event
    if trouble is not Trouble.NO_FINISH:
        yield chunk({"content": None} if trouble is Trouble.NULL_CONTENT else {}, said.finish)
    if trouble is Trouble.FINISH_TWICE:
        yield chunk({}, said.finish)
    if counted and trouble is not Trouble.NO_USAGE:
        yield {**envelope, "choices": [], "usage": _usage(said, said.completion_tokens)}


def azure_preamble() -> Event:
    """Azure's first chunk: what its filter found in the prompt."""
    safe = {name: {"filtered": False, "severity": "safe"} for name in ("hate", "violence")}
    found = [{"prompt_index": 0, "content_filter_results": safe}]
    return {
        "choices": [], "created": 0, "id": "", "model": "", "object": "",
        "prompt_filter_results": found,
    }  # fmt: skip


def _envelope(body: Body, number: int, kind: str) -> Event:
    return {
        "id": f"chatcmpl-{number:024d}",
        "object": kind,
        "created": 1767225600 + number,
        "model": body.get("model", ""),
        "service_tier": "default",
        "system_fingerprint": FINGERPRINT,
    }


def _usage(said: Said, completion_tokens: int) -> Event:
    return {
        "prompt_tokens": said.prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": said.prompt_tokens + completion_tokens,
        "prompt_tokens_details": {"cached_tokens": said.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": len(said.reasoning),
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
