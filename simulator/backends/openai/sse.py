"""Server-sent events, as far as streams of models have them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from simulator.backends.lines import MOST_BYTES, LineReader


class EventReader:
    """The JSON values of a stream of events.

    The `openai` package has a reader too, but with that one a stream that was cut looks like one
    that ended.
    """

    def __init__(self) -> None:
        self._lines = LineReader()
        self._data: list[bytes] = []
        self._data_bytes = 0
        self.done = False
        """Whether the server said `[DONE]`."""

    def feed(self, block: bytes) -> Iterator[Any]:
        """The values that a block of bytes, cut anywhere, completes.

        Raises:
            ValueError: One is no JSON, or has more than `MOST_BYTES` bytes.
            RecursionError: One is nested too deep.
        """
        for line in self._lines.feed(block):
            yield from self._line(line)

    def end(self) -> Iterator[Any]:
        """The value whose closing blank line never came; raises as `feed` does."""
        yield from self._line(self._lines.end())
        yield from self._line(b"")

    def _line(self, line: bytes) -> Iterator[Any]:
        line = line.rstrip(b"\r")
        if line.startswith(b"data:"):
            self._data.append(line[5:].strip())
            self._data_bytes += len(line)
            if self._data_bytes > MOST_BYTES:
                raise ValueError(f"an event of more than {MOST_BYTES} bytes")
        elif not line and self._data:
            data = b"\n".join(self._data)
            self._data, self._data_bytes = [], 0
            if data == b"[DONE]":
                self.done = True
            elif data:  # some servers keep a connection open by events with nothing in them
                yield json.loads(data)
