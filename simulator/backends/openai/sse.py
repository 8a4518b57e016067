"""Server-sent events, as far as streams of models have them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any


class EventReader:
    """The JSON values of a stream of events.

    The `openai` package has a reader too, but with that one a stream that was cut looks like one
    that ended.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self.done = False
        """Whether the server said `[DONE]`."""

    def feed(self, block: bytes) -> Iterator[Any]:
        """The values that a block of bytes, cut anywhere, completes.

        Raises ValueError when one is no JSON.
        """
        *lines, self._rest = (self._rest + block).split(b"\n")
        for line in lines:
            yield from self._line(line.rstrip(b"\r"))

    def end(self) -> Iterator[Any]:
        """The value whose closing blank line never came; raises as `feed` does."""
        line, self._rest = self._rest, b""
        yield from self._line(line.rstrip(b"\r"))
        yield from self._line(b"")

    def _line(self, line: bytes) -> Iterator[Any]:
        if line.startswith(b"data:"):
            self._data.append(line[5:].strip())
        elif not line and self._data:
            data = b"\n".join(self._data)
            self._data.clear()
            if data == b"[DONE]":
                self.done = True
            elif data:
                yield json.loads(data)
