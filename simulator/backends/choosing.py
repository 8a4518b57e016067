"""Replies held to one of several texts, in the ways that servers know."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

_KEY = "choice"


def schema(choices: Sequence[str]) -> dict[str, Any]:
    """OpenAI's description of a JSON object whose one value is one of the choices."""
    return {
        "name": _KEY,
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {_KEY: {"type": "string", "enum": list(choices)}},
            "required": [_KEY],
            "additionalProperties": False,
        },
    }


def grammar(choices: Sequence[str]) -> str:
    """A grammar of llama.cpp (GBNF) whose texts are the choices."""
    return "root ::= " + " | ".join(_quoted(choice) for choice in choices)


def unwrapped(text: str) -> str:
    """The choice within a reply that follows `schema`; any other reply as it is."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    chosen = value.get(_KEY) if isinstance(value, dict) else None
    return chosen if isinstance(chosen, str) else text


def _quoted(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, escaped)
    return f'"{text}"'
