"""Foreign text made safe: for terminals by showing what could steer them, for JSON by escaping."""

from __future__ import annotations

import json
import math
from typing import Any

_BIDI = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_SEPARATORS = (0x2028, 0x2029)
_SURROGATES = range(0xD800, 0xE000)

_SYMBOLS: dict[int, str] = {
    number: chr(0x2400 + number) for number in range(32) if number not in (0x09, 0x0A)
}
_SYMBOLS[0x7F] = "\u2421"
_SYMBOLS |= {number: f"\\x{number:02x}" for number in range(0x80, 0xA0)}
_SYMBOLS |= {number: f"\\u{number:04x}" for number in (*_BIDI, *_SEPARATORS, *_SURROGATES)}


def visible(text: str) -> str:
    """The text with control characters and direction marks as visible symbols.

    Newlines and tabs stay; nothing that a terminal would obey does.
    """
    return text.translate(_SYMBOLS)


def one_line(text: str) -> str:
    """The text made visible, its white space single spaces."""
    return visible(" ".join(text.split()))


def shortened(text: str, longest: int) -> str:
    """The text, or its beginning with an ellipsis, in at most so many characters."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def to_json(value: Any, *, indent: int | None = None) -> str:
    """JSON in ASCII, half surrogate pairs escaped, numbers that JSON lacks as null."""
    try:
        return json.dumps(value, indent=indent, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), indent=indent, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
