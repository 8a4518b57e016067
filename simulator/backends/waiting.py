"""How long a server asks to wait."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MOST_S = 31 * 24 * 3600.0
"""Whoever asks for more than a month says nothing that makes sense."""

_AGAIN = re.compile(r"(?:try again|retry) in ([\d.hms ]{1,40})", re.IGNORECASE)
_PARTS = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|h|m|s)")
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_RESETS = ("requests", "tokens")


def retry_after_s(headers: Mapping[str, str], message: str = "") -> float | None:
    """Seconds that an answer asks to wait, up to a month; None when it does not say.

    Read from `retry-after-ms`, `retry-after` (seconds or a date), the `x-ratelimit-reset-*` of
    what is used up, and the wordings of OpenAI and Gemini.
    """
    wait_s = _told_s(headers, message)
    return wait_s if wait_s is not None and wait_s <= MOST_S else None


def _told_s(headers: Mapping[str, str], message: str) -> float | None:
    if (wait_ms := _number(headers.get("retry-after-ms"))) is not None:
        return wait_ms / 1000
    if told := headers.get("retry-after"):
        wait_s = _number(told)
        return wait_s if wait_s is not None else _until_s(told)
    used_up = [
        reset
        for what in _RESETS
        if headers.get(f"x-ratelimit-remaining-{what}", "0") == "0"
        and (reset := _duration_s(headers.get(f"x-ratelimit-reset-{what}", ""))) is not None
    ]
    if used_up:
        return max(used_up)
    again = _AGAIN.search(message)
    return _duration_s(again[1]) if again else None


def _number(text: str | None) -> float | None:
    """A number of at least 0."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if value >= 0 else None


def _until_s(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _duration_s(text: str) -> float | None:
    """Seconds of `1s`, `6m0s` or `120ms`."""
    parts = _PARTS.findall(text[:40])
    return sum(float(value) * _UNITS_S[unit] for value, unit in parts) if parts else None
