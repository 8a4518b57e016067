"""What the fake OpenAI server says: the same to the same request, within what it allows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from random import Random
from typing import Any, Literal

from tests.servers.openai_faults import Body

_SENTENCES = """the guard walks slowly through a corridor café naïve Brücke señor 日本語 привет 🙂
and then asks why nobody answered while prisoners whisper about bread, water, sleep. Perhaps
tomorrow!"""
WORDS = _SENTENCES.split()

Finish = Literal["stop", "length", "content_filter"]


class Refusal(str):
    """A reply that refuses; it travels as `refusal`, not as content."""


class Filtered(str):
    """A reply that the provider's filter cut off where this text ends."""


@dataclass(frozen=True, slots=True)
class Said:
    """A reply and what it took; tokens are words with the space before them."""

    tokens: Sequence[str]
    finish: Finish
    prompt_tokens: int
    refused: bool = False
    reasoning: Sequence[str] = ()
    cached_tokens: int = 0

    @property
    def text(self) -> str:
        return "".join(self.tokens)

    @property
    def completion_tokens(self) -> int:
        return len(self.tokens) + len(self.reasoning)


def pieces_of(text: str) -> list[str]:
    """Tokens that are the text again when joined."""
    return re.findall(r"\s*\S+|\s+$", text)


def messages_of(body: Body) -> list[tuple[str, str]]:
    """Roles and texts of a request to either API."""
    listed: Any = body.get("messages", body.get("input", []))
    if isinstance(listed, str):
        listed = [{"role": "user", "content": listed}]
    if body.get("instructions"):
        listed = [{"role": "system", "content": body["instructions"]}, *listed]
    return [(entry["role"], _text(entry.get("content"))) for entry in listed]


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content or ())


def prompt_tokens(body: Body) -> int:
    """Words of all messages, and three more for each and for the reply's start."""
    return 3 + sum(3 + len(pieces_of(text)) for _, text in messages_of(body))


def words(body: Body, *, least: int = 4, most: int = 14) -> str:
    """Words drawn from a hash of the messages and the seed; JSON where a schema asks for it."""
    rng = Random(json.dumps([messages_of(body), body.get("seed")]))
    if schema := _schema(body):
        return json.dumps(_instance(schema, rng), ensure_ascii=False)
    if options := _choice(body):
        return rng.choice(options)
    return " ".join(rng.choices(WORDS, k=rng.randint(least, most)))


def of_length(tokens: int) -> Callable[[Body], str]:
    """Replies of exactly this many tokens."""
    return lambda body: words(body, least=tokens, most=tokens)


def said(body: Body, reply: str, *, reasoning: str = "", cached_tokens: int = 0) -> Said:
    """A reply within the request's stop texts and token limit."""
    finish: Finish = "content_filter" if isinstance(reply, Filtered) else "stop"
    stops = body.get("stop") or ()
    for stop in (stops,) if isinstance(stops, str) else stops:
        reply_end = str(reply).find(stop)
        reply = type(reply)(reply[:reply_end]) if reply_end >= 0 else reply
    tokens, thoughts = pieces_of(reply), pieces_of(reasoning)
    limit = body.get("max_completion_tokens", body.get("max_tokens", body.get("max_output_tokens")))
    if limit is not None and len(thoughts) + len(tokens) > limit:
        thoughts = thoughts[:limit]
        tokens, finish = tokens[: limit - len(thoughts)], "length"
    return Said(
        tokens, finish, prompt_tokens(body), isinstance(reply, Refusal), thoughts, cached_tokens
    )


def logprob_of(token: str, count: int) -> dict[str, Any]:
    """A token's entry in `logprobs.content`, with this many of the likeliest in its place."""
    rng = Random(token)
    others = [word for word in WORDS if word != token.strip()]
    ranked = [token, *(f" {word}" for word in rng.sample(others, max(0, count - 1)))]
    top = [_logprob(each, place) for place, each in enumerate(ranked[:count])]
    return {**_logprob(token, 0), "top_logprobs": top}


def _logprob(token: str, place: int) -> dict[str, Any]:
    """The likeliest token has one half, the next a quarter, and so on."""
    return {"token": token, "logprob": -log(2) * (place + 1), "bytes": list(token.encode())}


def _schema(body: Body) -> Any:
    chat = body.get("response_format") or {}
    responses = (body.get("text") or {}).get("format") or {}
    if chat.get("type") == "json_schema":
        return chat["json_schema"].get("schema")
    if responses.get("type") == "json_schema":
        return responses["schema"]
    return body.get("json_schema")


def _choice(body: Body) -> list[str] | None:
    """Options in the way of vLLM."""
    return (body.get("structured_outputs") or {}).get("choice") or body.get("guided_choice")


def _instance(schema: Mapping[str, Any], rng: Random) -> Any:
    if "enum" in schema:
        return rng.choice(schema["enum"])
    if schema.get("type") == "object":
        return {name: _instance(part, rng) for name, part in schema["properties"].items()}
    if schema.get("type") in ("integer", "number"):
        return rng.randint(0, 9)
    return " ".join(rng.choices(WORDS, k=3))
