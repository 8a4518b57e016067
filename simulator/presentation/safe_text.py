"""Foreign text made safe: for terminals by showing what could steer them, for JSON by escaping."""

from __future__ import annotations

import json
import math
import re
from typing import Any

_BIDI = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_SEPARATORS = (0x2028, 0x2029)
_SURROGATES = range(0xD800, 0xE000)
_UNSEEN = (
    0x00AD, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x200B, *range(0x2060, 0x2066),
    *range(0x206A, 0x2070), 0x3164, *range(0xFE00, 0xFE0E), 0xFEFF, 0xFFA0, *range(0xFFF0, 0xFFFC),
    *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), 0xE0001, *range(0xE0020, 0xE0080),
    *range(0xE0100, 0xE01F0),
)  # fmt: skip
"""Characters that take no room, or look like it, in which words could be hidden (Unicode's
default ignorable ones, and interlinear annotations)."""


def _escape(number: int) -> str:
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


_SYMBOLS: dict[int, str] = {
    number: chr(0x2400 + number) for number in range(32) if number not in (0x09, 0x0A)
}
_SYMBOLS[0x7F] = "\u2421"
_SYMBOLS |= {
    number: _escape(number)
    for number in (*range(0x80, 0xA0), *_BIDI, *_SEPARATORS, *_SURROGATES, *_UNSEEN)
}

# Scripts whose letters change where they are joined, and pictures that are put together.
_JOINED = (
    "[\u0600-\u1fff\ua840-\uabff\u2190-\u2bff\ufe0f"
    "\U00010a00-\U00011fff\U0001e900-\U0001e95f\U0001f000-\U0001faff]"
)
_PICTURES = (
    "[#*0-9\u00a9\u00ae\u203c\u2049\u2100-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_LOOSE = re.compile(
    f"(?<!{_JOINED})[\u200c\u200d]|[\u200c\u200d](?!{_JOINED})|(?<!{_PICTURES})[\ufe0e\ufe0f]"
    "|(?<![\u1820-\u18aa])[\u180b-\u180f]"
)
"""Joiners and selectors of variants that stand where they change nothing that is seen."""
_JOINERS = re.compile("[\u200c\u200d\ufe0e\ufe0f\u180b-\u180f]")
_UNSAFE = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u200c\u200d\ufe0e\ufe0f\u180b-\u180f\ud800-\udfff"
    + "".join(map(chr, (*_BIDI, *_SEPARATORS, *(number for number in _UNSEEN if number < 0x10000))))
    + "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001-\U000e01ef]"
)


def visible(text: str) -> str:
    """The text with control characters, direction marks and unseen characters as symbols.

    Newlines and tabs stay, and what joins letters into words and pictures into one; nothing that
    a terminal would obey does. A text without any is returned as it is.
    """
    if text.isascii():
        # Many times as fast as searching; the copy is thrown away if nothing has changed.
        shown = text.translate(_SYMBOLS)
        return text if shown == text else shown
    if _UNSAFE.search(text) is None:
        return text
    if _JOINERS.search(text) is not None:
        text = _LOOSE.sub(lambda found: _escape(ord(found[0])), text)
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
