"""Lines out of a stream of bytes that a server may cut anywhere, or never end."""

from __future__ import annotations

MOST_BYTES = 8 * 2**20
"""Of one line: far more than any server sends, far less than a machine can hold."""


class LineReader:
    """The lines of a stream, in a time that grows with its bytes only."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._rest_bytes = 0

    def feed(self, block: bytes) -> list[bytes]:
        r"""The lines that a block completes, without their `\n`.

        Raises ValueError when an unfinished line has more than `MOST_BYTES` bytes.
        """
        if b"\n" not in block:
            self._keep(block)
            return []
        *lines, rest = (self.end() + block).split(b"\n")
        self._keep(rest)
        return lines

    def end(self) -> bytes:
        """What came after the last whole line."""
        line = b"".join(self._rest)
        self._rest, self._rest_bytes = [], 0
        return line

    def _keep(self, part: bytes) -> None:
        self._rest.append(part)
        self._rest_bytes += len(part)
        if self._rest_bytes > MOST_BYTES:
            raise ValueError(f"a line has more than {MOST_BYTES} bytes")
