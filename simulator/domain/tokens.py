"""How long a prompt is before any model has counted it."""

from __future__ import annotations

import math

from simulator.domain.prompts import Prompt

BYTES_PER_TOKEN = 3.0
"""Cautious: English has about 4.4 UTF-8 bytes to a token, most other languages 3 or more."""
MESSAGE_TOKENS = 8
"""What a chat template puts around a message, at most."""


def text_bytes(text: str) -> int:
    """Length of a text in UTF-8 bytes."""
    return len(text.encode("utf-8", "surrogatepass"))


def prompt_bytes(prompt: Prompt) -> int:
    """Length of all texts of a prompt in UTF-8 bytes."""
    return sum(text_bytes(entry.content) for entry in prompt)


def estimated_tokens(size_bytes: int, messages: int = 1) -> int:
    """Tokens that texts of a size will hardly exceed, with what a chat template adds."""
    return math.ceil(size_bytes / BYTES_PER_TOKEN) + messages * MESSAGE_TOKENS
