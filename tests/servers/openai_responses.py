"""Bodies of the responses API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.servers.openai_chat import Event
from tests.servers.openai_faults import Body, Trouble
from tests.servers.openai_replies import Said, logprob_of


def whole(body: Body, said: Said, number: int) -> Event:
    """The reply to a request that asked for no stream."""
    *_, last = events(body, said, number)
    response: Event = last["response"]
    return response


def events(
    body: Body, said: Said, number: int, *, trouble: Trouble | None = None
) -> Iterator[Event]:
    """The events of a stream; it has no `[DONE]`."""
    for place, (kind, fields) in enumerate(_unnumbered(body, said, number, trouble)):
        yield {"type": kind, "sequence_number": place, **fields}


def _unnumbered(
    body: Body, said: Said, number: int, trouble: Trouble | None
) -> Iterator[tuple[str, Event]]:
    response = _response(body, number)
    yield "response.created", {"response": response}
    yield "response.in_progress", {"response": response}
    output: list[Event] = []
    if said.reasoning:
        yield from _reasoning(said, number)
        output.append(_reasoning_item(said, number))
    if said.tokens or said.finish == "stop":
        yield from _message(body, said, number, len(output))
        output.append(_message_item(body, said, number))
    usage = None if trouble is Trouble.NO_USAGE else _usage(said)
    status = "completed" if said.finish == "stop" else "incomplete"
    reason = {"length": "max_output_tokens"}.get(said.finish, said.finish)
    details = None if status == "completed" else {"reason": reason}
    ended = {"status": status, "incomplete_details": details, "output": output, "usage": usage}
    yield f"response.{status}", {"response": response | ended}


def _reasoning(said: Said, number: int) -> Iterator[tuple[str, Event]]:
    item = _reasoning_item(said, number)
    at = {"item_id": item["id"], "output_index": 0, "summary_index": 0}
    yield "response.output_item.added", {"output_index": 0, "item": item | {"summary": []}}
    empty = {"type": "summary_text", "text": ""}
    yield "response.reasoning_summary_part.added", {**at, "part": empty}
    for thought in said.reasoning:
        yield "response.reasoning_summary_text.delta", {**at, "delta": thought}
    (part,) = item["summary"]
    yield "response.reasoning_summary_text.done", {**at, "text": part["text"]}
    yield "response.reasoning_summary_part.done", {**at, "part": part}
    yield "response.output_item.done", {"output_index": 0, "item": item}


def _message(body: Body, said: Said, number: int, index: int) -> Iterator[tuple[str, Event]]:
    item = _message_item(body, said, number)
    at = {"item_id": item["id"], "output_index": index, "content_index": 0}
    begun = item | {"status": "in_progress", "content": []}
    yield "response.output_item.added", {"output_index": index, "item": begun}
    (part,) = item["content"]
    if said.refused:
        yield "response.content_part.added", {**at, "part": {"type": "refusal", "refusal": ""}}
        for token in said.tokens:
            yield "response.refusal.delta", {**at, "delta": token}
        yield "response.refusal.done", {**at, "refusal": said.text}
    else:
        empty = {"type": "output_text", "annotations": [], "logprobs": [], "text": ""}
        yield "response.content_part.added", {**at, "part": empty}
        for place, token in enumerate(said.tokens):
            logprobs = part["logprobs"][place : place + 1]
            yield "response.output_text.delta", {**at, "delta": token, "logprobs": logprobs}
        done = {**at, "text": said.text, "logprobs": part["logprobs"]}
        yield "response.output_text.done", done
    yield "response.content_part.done", {**at, "part": part}
    yield "response.output_item.done", {"output_index": index, "item": item}


def _reasoning_item(said: Said, number: int) -> Event:
    summary = [{"type": "summary_text", "text": "".join(said.reasoning)}]
    return {"id": f"rs_{number:024d}", "type": "reasoning", "summary": summary}


def _message_item(body: Body, said: Said, number: int) -> Event:
    part: Event = {"type": "refusal", "refusal": said.text}
    if not said.refused:
        wanted = "message.output_text.logprobs" in (body.get("include") or ())
        count = body.get("top_logprobs") or 0
        logprobs = [logprob_of(token, count) for token in said.tokens] if wanted else []
        part = {
            "type": "output_text", "annotations": [], "logprobs": logprobs, "text": said.text,
        }  # fmt: skip
    return {
        "id": f"msg_{number:024d}",
        "type": "message",
        "status": "completed" if said.finish == "stop" else "incomplete",
        "content": [part],
        "role": "assistant",
    }


def _response(body: Body, number: int) -> Event:
    return {
        "id": f"resp_{number:024d}",
        "object": "response",
        "created_at": 1767225600 + number,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "metadata": {},
        "model": body.get("model", ""),
        "output": [],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None} | (body.get("reasoning") or {}),
        "service_tier": "default",
        "store": body.get("store", True),
        "temperature": body.get("temperature", 1.0),
        "text": body.get("text") or {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [],
        "top_logprobs": body.get("top_logprobs", 0),
        "top_p": body.get("top_p", 1.0),
        "truncation": "disabled",
        "usage": None,
        "user": None,
    }


def _usage(said: Said) -> dict[str, Any]:
    return {
        "input_tokens": said.prompt_tokens,
        "input_tokens_details": {"cached_tokens": said.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": said.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": len(said.reasoning)},
        "total_tokens": said.prompt_tokens + said.completion_tokens,
    }
