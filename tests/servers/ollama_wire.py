"""What Ollama's answers look like, and the ways in which they fail."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

Body = dict[str, Any]
"""A JSON object."""
MOMENT = "2026-01-01T00:00:00.123456789Z"


class Trouble(Enum):
    """What goes wrong with one answer."""

    BUSY = auto()
    BROKEN = auto()
    HTML = auto()
    CUT_BEFORE = auto()
    CUT_WITHIN = auto()
    STALL_BEFORE = auto()
    STALL_WITHIN = auto()
    EMPTY = auto()
    NO_DONE = auto()
    GARBAGE = auto()
    NOT_AN_OBJECT = auto()
    ERROR_WITHIN = auto()
    OVERFLOW = auto()
    OVERFLOW_WITHIN = auto()
    FOREIGN = auto()
    SPLIT_CHARACTERS = auto()
    REDIRECT = auto()
    NO_THINKING = auto()
    NO_MEMORY = auto()
    FORBIDDEN = auto()
    RATE_LIMIT = auto()


ANSWERS: Mapping[Trouble, tuple[int, str]] = {
    Trouble.BUSY: (503, "server busy, please try again.  maximum pending requests exceeded"),
    Trouble.BROKEN: (500, "llama runner process has terminated: exit status 2"),
    Trouble.NO_THINKING: (400, '"llama3.2:latest" does not support thinking'),
    Trouble.NO_MEMORY: (500, "model requires more system memory (9.1 GiB) than is available"),
    Trouble.FORBIDDEN: (401, "unauthorized"),
    Trouble.OVERFLOW: (400, "the prompt is longer than the context length currently available"),
    Trouble.RATE_LIMIT: (429, "too many requests"),
}
PAGE = "<!DOCTYPE html><html><body>Sign in to the network</body></html>"


def overflow(prompt_tokens: int, context: int) -> str:
    """llama.cpp's own refusal, which Ollama passes on as text."""
    message = (
        f"request ({prompt_tokens} tokens) exceeds the available context size ({context} tokens), "
        "try increasing it"
    )
    fault = {"code": 400, "message": message, "type": "exceed_context_size_error"}
    return json.dumps({"error": fault | {"n_prompt_tokens": prompt_tokens, "n_ctx": context}})


def line_of(body: Body, message: Body) -> Body:
    return {
        "model": body["model"], "created_at": MOMENT, "done": False,
        "message": {"role": "assistant"} | message,
    }  # fmt: skip


def encoded(line: Body) -> bytes:
    """As Go writes JSON: characters as they are, but line separators and a few more escaped."""
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
    for character in "\u2028\u2029<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode() + b"\n"


def tokens_of(text: str) -> list[str]:
    """Tokens that are the text again when joined: words with the space before them."""
    parts = text.split(" ")
    return [parts[0], *(f" {part}" for part in parts[1:])] if text else []


def logprob(token: str, count: int) -> Body:
    def entry(text: str, probability: float) -> Body:
        logprob = math.log(probability)
        return {"token": text, "logprob": logprob, "bytes": list(text.encode())}

    ranked = [
        entry(token if not place else f"{token}{place}", 0.5 ** (place + 1))
        for place in range(count)
    ]
    return entry(token, 0.5) | {"top_logprobs": ranked}
