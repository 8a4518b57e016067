"""The ways in which the fake OpenAI server fails, and the bodies of OpenAI's own errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from enum import Enum, auto
from random import Random
from typing import Any

Body = dict[str, Any]
"""A request's JSON object."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer given in place of the right one."""

    status: int
    content: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


class Trouble(Enum):
    """Something that goes wrong on the way of the right answer, or nearly does."""

    CUT_BEFORE_ANSWER = auto()
    CUT_IN_STREAM = auto()
    ENDS_EARLY = auto()
    """The body ends as it should, but after half of the reply: no finish, no `[DONE]`."""
    STALL_BEFORE_ANSWER = auto()
    """Until the server is released."""
    STALL_IN_STREAM = auto()
    EMPTY_STREAM = auto()
    GARBAGE = auto()
    """In the middle of the stream, an event that is not JSON."""
    ERROR_IN_STREAM = auto()
    NOT_A_STREAM = auto()
    """The reply as one JSON object although a stream was asked for."""
    SPLIT_CHARACTERS = auto()
    """Chunks of the body end within a character's bytes; this and all that follow are legal."""
    KEEP_ALIVES = auto()
    """Comments between the events."""
    NULL_CONTENT = auto()
    """Chat only: some deltas have `null` for their content."""
    FINISH_TWICE = auto()
    """Chat only."""
    NO_FINISH = auto()
    """Chat only: no chunk says why the reply ended."""
    NO_USAGE = auto()
    USAGE_IN_EVERY_CHUNK = auto()
    """Chat only: the counts so far, with each chunk."""


Fault = Answer | Trouble


def error(
    status: int,
    message: str,
    *,
    kind: str = "invalid_request_error",
    param: str | None = None,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """An error in OpenAI's form."""
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return Answer(status, json.dumps(body), headers or {})


def rate_limited(*, after: str | None = "1", after_ms: int | None = None, **more: str) -> Answer:
    """429; `after` is the value of `Retry-After`, `more` are headers with `_` for `-`."""
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    if after is not None:
        headers["retry-after"] = after
    if after_ms is not None:
        headers["retry-after-ms"] = str(after_ms)
    return error(
        429,
        "Rate limit reached for gpt-4o-mini in organization org-fake on requests per min (RPM): "
        "Limit 3, Used 3, Requested 1. Please try again in 1s. Visit "
        "https://platform.openai.com/account/rate-limits to learn more.",
        kind="requests",
        code="rate_limit_exceeded",
        headers=headers,
    )


def http_date(timestamp_s: float) -> str:
    """Seconds since 1970 as `Retry-After` may have them."""
    return formatdate(timestamp_s, usegmt=True)


def quota_exhausted() -> Answer:
    """429 that waiting does not help."""
    return error(
        429,
        "You exceeded your current quota, please check your plan and billing details. For more "
        "information on this error, read the docs: "
        "https://platform.openai.com/docs/guides/error-codes/api-errors.",
        kind="insufficient_quota",
        code="insufficient_quota",
    )


def request_too_large(status: int = 429, limit: int = 30000, asked: int = 50000) -> Answer:
    """429, or 413 of Groq: one request is more than a minute's tokens."""
    return error(
        status,
        f"Request too large for gpt-4o in organization org-fake on tokens per min (TPM): Limit "
        f"{limit}, Requested {asked}. The input or output tokens must be reduced in order to run "
        "successfully.",
        kind="tokens",
        code="rate_limit_exceeded",
        headers={"retry-after": "1"},
    )


def openrouter_flagged() -> Answer:
    """403 of OpenRouter for a prompt that it does not let pass."""
    said = 'some/model requires moderation on OpenRouter. Your input was flagged for "violence".'
    flagged = {"reasons": ["violence"], "flagged_input": "Halt or I …", "provider_name": "Some"}
    inner = {"message": said, "code": 403, "metadata": flagged}
    return Answer(403, json.dumps({"error": inner}))


def deepseek_risk() -> Answer:
    """400 of DeepSeek for a prompt that it does not let pass."""
    return error(400, "Content Exists Risk", code="invalid_request_error")


def server_error(status: int = 500) -> Answer:
    """500, 502, 503, 529 and their like."""
    said = {
        503: "The engine is currently overloaded, please try again later",
        529: "Overloaded",
    }.get(status, "The server had an error while processing your request. Sorry about that!")
    return error(status, said, kind="overloaded_error" if status == 529 else "server_error")


def html_page(status: int = 200, title: str = "Sign in to the network") -> Answer:
    """What a proxy or a wrong address answers."""
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{title}</body></html>"
    return Answer(status, page, content_type="text/html; charset=utf-8")


def context_overflow(limit: int = 8192, asked: int = 9001) -> Answer:
    """400: the prompt is too long; both in tokens."""
    return error(
        400,
        f"This model's maximum context length is {limit} tokens. However, your messages resulted "
        f"in {asked} tokens. Please reduce the length of the messages.",
        param="messages",
        code="context_length_exceeded",
    )


def model_not_found(model: str) -> Answer:
    """404."""
    return error(
        404,
        f"The model `{model}` does not exist or you do not have access to it.",
        code="model_not_found",
    )


def wrong_key(key: str) -> Answer:
    """401 that shows both ends of the key, as OpenAI's does."""
    if not key:
        return error(
            401,
            "You didn't provide an API key. You need to provide your API key in an Authorization "
            "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
        )
    masked = f"{key[:8]}{'*' * max(3, len(key) - 12)}{key[-4:]}"
    return error(
        401,
        f"Incorrect API key provided: {masked}. You can find your API key at "
        "https://platform.openai.com/account/api-keys.",
        code="invalid_api_key",
    )


def azure_wrong_key() -> Answer:
    """Azure's 401."""
    said = (
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide "
        "a valid key for an active subscription and use a correct regional API endpoint for your "
        "resource."
    )
    return Answer(401, json.dumps({"error": {"code": "401", "message": said}}))


def azure_no_deployment() -> Answer:
    """Azure's 404."""
    said = (
        "The API deployment for this resource does not exist. If you created the deployment within "
        "the last 5 minutes, please wait a moment and try again."
    )
    return Answer(404, json.dumps({"error": {"code": "DeploymentNotFound", "message": said}}))


def azure_prompt_filtered() -> Answer:
    """Azure's 400 for a prompt that it does not let pass."""
    said = (
        "The response was filtered due to the prompt triggering Azure OpenAI's content management "
        "policy. Please modify your prompt and retry."
    )
    filtered = {"filtered": True, "severity": "high"}
    inner = {
        "code": "ResponsibleAIPolicyViolation",
        "content_filter_result": {"violence": filtered},
    }
    body = {
        "message": said, "type": None, "param": "prompt", "code": "content_filter", "status": 400,
        "innererror": inner,
    }  # fmt: skip
    return Answer(400, json.dumps({"error": body}))


LEGAL: Sequence[Fault] = (Trouble.SPLIT_CHARACTERS, Trouble.KEEP_ALIVES, Trouble.NULL_CONTENT,
                          Trouble.FINISH_TWICE, Trouble.USAGE_IN_EVERY_CHUNK)  # fmt: skip
"""Unusual, but the reply is all there."""

PASSING: Sequence[Fault] = (
    rate_limited(after=None, after_ms=1),
    rate_limited(after="0"),
    server_error(500),
    server_error(502),
    server_error(503),
    server_error(529),
    html_page(502, "Bad gateway"),
    html_page(429, "Too many requests"),
    Trouble.CUT_BEFORE_ANSWER,
    Trouble.CUT_IN_STREAM,
    Trouble.ENDS_EARLY,
    Trouble.STALL_BEFORE_ANSWER,
    Trouble.STALL_IN_STREAM,
    Trouble.EMPTY_STREAM,
    Trouble.GARBAGE,
    Trouble.ERROR_IN_STREAM,
)
"""Failures after which the same request deserves another attempt."""


def failing(
    share: float, seed: int = 0, faults: Sequence[Fault] = (*PASSING, *LEGAL)
) -> Callable[[int, Body], Fault | None]:
    """Faults for this share of the requests, 0 to 1, each of them as often as any other."""

    def fault_of(number: int, body: Body) -> Fault | None:
        rng = Random(f"{seed}:{number}")
        return rng.choice(faults) if rng.random() < share else None

    return fault_of
