"""A program in a pseudo-terminal: what it writes, and when."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import psutil

COLUMNS, LINES = 120, 40
PATIENCE_S = 60.0
_CONTROLS = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|.)"
)


class Terminal:
    """Keys go in; letters come out, without what moves the cursor or colours them."""

    def __init__(self, child: int, descriptor: int) -> None:
        self._process = psutil.Process(child)
        self._descriptor = descriptor
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""

    @property
    def cpu_s(self) -> float:
        """Seconds of CPU that the program has used, all threads."""
        used = self._process.cpu_times()
        return used.user + used.system

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._descriptor, keys.encode())

    def forget(self) -> None:
        """Look only at what comes from now on."""
        self._read(0.0)
        self._text = ""

    def until_shown(self, letters: str) -> float:
        """Seconds until these were written since the last `forget`; TimeoutError if never."""
        began = time.perf_counter()
        while letters not in _CONTROLS.sub("", self._text):
            if time.perf_counter() > began + PATIENCE_S:
                raise TimeoutError(f"The program did not show it: {self._text[-500:]!r}")
            self._read(0.2)
        return time.perf_counter() - began

    def idle(self, seconds: float) -> None:
        """Let the program write, and read all of it."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)
            self._text = self._text[-4096:]

    def _read(self, patience_s: float) -> None:
        ready, _, _ = select.select([self._descriptor], [], [], patience_s)
        if not ready:
            return
        try:
            written = os.read(self._descriptor, 1 << 16)
        except OSError:
            shown = _CONTROLS.sub("", self._text)[-2000:]
            raise RuntimeError(f"The program ended: {shown}") from None
        self._text += self._decoder.decode(written)


@contextmanager
def terminal(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[Terminal]:
    """Run a program for as long as the block does."""
    child, descriptor = pty.fork()
    if child == 0:
        os.execvpe(command[0], list(command), dict(environment))
    try:
        size = struct.pack("HHHH", LINES, COLUMNS, 0, 0)
        fcntl.ioctl(descriptor, termios.TIOCSWINSZ, size)
        yield Terminal(child, descriptor)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(descriptor)
