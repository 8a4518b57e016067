"""Spans of time as people write them."""

from __future__ import annotations

import re
from datetime import timedelta

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_FORM = re.compile(r"([0-9]{1,9})\s*([smhdw])", re.IGNORECASE)


def parse_duration(text: str) -> timedelta:
    """The span of `30m`, `3h`, `4d` or `2w`: a whole number of s, m, h, d or w.

    Raises ValueError for anything else, and for nothing at all.
    """
    match = _FORM.fullmatch(text.strip())
    if match is None or not int(match[1]):
        raise ValueError(f"{text!r} is no duration such as 3h, 4d or 2w")
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2].lower()])
