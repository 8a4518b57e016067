"""Documents that MongoDB's tools write: extended JSON, canonical, relaxed or of version 1."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBERS = {"$numberInt": int, "$numberLong": int, "$numberDouble": float, "$numberDecimal": float}


def documents(text: str) -> Iterator[tuple[int, Any]]:
    """The top-level JSON values of a text, each with its line; ValueError stands for a bad one.

    The text may be one value, or several after each other, as one object a line is.
    """
    decoder = json.JSONDecoder()
    text = text.removeprefix("\ufeff")
    at = _skip(text, 0)
    line, counted = 1, 0
    while at < len(text):
        line, counted = line + text.count("\n", counted, at), at
        try:
            value, end = decoder.raw_decode(text, at)
            yield line, plain(value)
        except (ValueError, RecursionError, OverflowError, TypeError) as error:
            yield line, ValueError(f"no JSON: {getattr(error, 'msg', None) or error}")
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
        at = _skip(text, end)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at


def plain(value: Any) -> Any:
    """A value without its types: `{"$oid": x}` is x, `{"$date": …}` an aware time.

    What is not as its type says stays as it is written.
    """
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (key, inner), *_ = value.items()
        if key == "$oid":
            return str(inner).lower()
        try:
            if key == "$date":
                return moment(plain(inner))
            if key in _NUMBERS:
                return _NUMBERS[key](inner)
        except (ValueError, TypeError, OverflowError):
            return inner
    return {key: plain(item) for key, item in value.items()}


def moment(value: Any) -> datetime:
    """A time from ISO 8601 or milliseconds since 1970; without a zone it is taken for UTC.

    Raises:
        ValueError: It is neither.
    """
    if isinstance(value, datetime):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _EPOCH + timedelta(milliseconds=value)
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no time")
    read = datetime.fromisoformat(value)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
