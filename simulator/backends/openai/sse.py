"""Server-sent events, as far as streams of models have them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any


MOST_BYTES = 8 << 20
"""Of one event."""


class EventReader:
    """The JSON values of a stream of events.

    The `openai` package has a reader too, but with that one a stream that was cut looks like one
    that ended.
    """

    def __init__(self) -> None:
        self._line: list[bytes] = []
        """The line whose end has not come, in pieces."""
        self._data: list[bytes] = []
        self._size_bytes = 0
        """Of the event whose end has not come."""
        self.done = False
        """Whether the server said `[DONE]`."""

    def feed(self, block: bytes) -> Iterator[Any]:
        """The values that a block of bytes, cut anywhere, completes.

        Raises:
            ValueError: One is no JSON, or an event has more than 8 MiB.
            RecursionError: One is nested too deep.
        """
        *ends, rest = block.split(b"\n")
        for end in ends:
            self._add(end)
            yield from self._complete()
        self._add(rest)

    def end(self) -> Iterator[Any]:
        """The value whose closing blank line never came; raises as `feed` does."""
        yield from self._complete()
        yield from self._complete()

    def _add(self, piece: bytes) -> None:
        self._size_bytes += len(piece)
        if self._size_bytes > MOST_BYTES:
            raise ValueError(f"an event of more than {MOST_BYTES} bytes")
        self._line.append(piece)

    def _complete(self) -> Iterator[Any]:
        """The value that the end of a line completes."""
        line = b"".join(self._line).rstrip(b"\r")
        self._line.clear()
        if not line:
            self._size_bytes = 0
        if line.startswith(b"data:"):
            self._data.append(line[5:].strip())
        elif not line and self._data:
            data = b"\n".join(self._data)
            self._data.clear()
            if data == b"[DONE]":
                self.done = True
            elif data:  # some servers keep a connection open by events without anything in them
                yield json.loads(data)
