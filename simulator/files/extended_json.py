"""Documents that MongoDB's tools write: extended JSON, canonical, relaxed or of version 1."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TextIO

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBERS = {"$numberInt": int, "$numberLong": int, "$numberDouble": float, "$numberDecimal": float}
_BETWEEN = re.compile(r"[\s,\[\]]*")
_INDENT = re.compile(r"[ \t]*")
_PIECE = 1 << 20
"""Characters that are read at once, at least."""
_CUT = 12
"""An error so near to the end of what was read may come of the cut."""


def documents(stream: TextIO) -> Iterator[tuple[str, Any]]:
    """The documents of a text, each with its place; ValueError stands for a bad one.

    The text may be one document, several after each other, as one object a line is, or an array
    of them. It is never held as a whole.
    """
    return _Reader(stream).documents()


class _Reader:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._decoder = json.JSONDecoder(object_hook=_typed)
        self._text = ""
        self._at = 0
        self._line = 1
        self._line_start = 0
        """Where the line of `_at` begins; negative when that was let go."""

    def documents(self) -> Iterator[tuple[str, Any]]:
        while self._skip(_BETWEEN):
            line = self._line
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if _may_be_cut(error) and self._read():
                    continue
                yield self._place(error.pos), ValueError(f"no JSON: {error.msg}")
                self._skip_broken()
            except (ValueError, RecursionError) as error:
                yield self._place(self._at), ValueError(f"no JSON: {error}")
                self._skip_broken()
            else:
                yield f"line {line}", value
                self._go_to(end)

    def _read(self) -> bool:
        """Read on, and let go of what is done with; False at the end of the text."""
        piece = self._stream.read(max(_PIECE, len(self._text) - self._at))
        if piece:
            self._text = self._text[self._at :] + piece
            self._line_start -= self._at
            self._at = 0
        return bool(piece)

    def _go_to(self, end: int) -> None:
        lines = self._text.count("\n", self._at, end)
        if lines:
            self._line += lines
            self._line_start = self._text.rindex("\n", self._at, end) + 1
        self._at = end

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        """Pass over what matches; False at the end of the text."""
        while True:
            found = pattern.match(self._text, self._at)
            self._go_to(found.end() if found else self._at)
            if self._at < len(self._text):
                return True
            if not self._read():
                return False

    def _skip_broken(self) -> None:
        """Go to the next line that begins a document no deeper than the broken one."""
        depth = self._at - self._line_start
        while True:
            newline = self._text.find("\n", self._at)
            self._go_to(len(self._text) if newline < 0 else newline + 1)
            if newline < 0:
                if not self._read():
                    return
                continue
            start = self._line
            if not self._skip(_INDENT):
                return
            indent = self._at - self._line_start
            if self._line == start and indent <= depth and self._text[self._at] in "{[":
                return

    def _place(self, at: int) -> str:
        line = self._line + self._text.count("\n", self._at, at)
        start = self._text.rfind("\n", self._at, at) + 1 or self._line_start
        return f"line {line}, column {at - start + 1}"


def _may_be_cut(error: json.JSONDecodeError) -> bool:
    return error.msg.startswith("Unterminated string") or error.pos + _CUT > len(error.doc)


def _typed(value: dict[str, Any]) -> Any:
    """A value without its type: `{"$oid": x}` is x, `{"$date": …}` an aware time.

    What is not as its type says stays as it is written.
    """
    if len(value) != 1:
        return value
    ((key, inner),) = value.items()
    if key == "$oid":
        return str(inner).lower()
    try:
        if key == "$date":
            return moment(inner)
        if key in _NUMBERS:
            return _NUMBERS[key](inner)
    except (ValueError, TypeError, OverflowError):
        return inner
    return value


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
