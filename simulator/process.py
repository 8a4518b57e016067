"""This process among all that share a store, its clock and its ids."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import secrets
import socket
import sys
import threading
import time
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

from simulator import __version__
from simulator.domain.ids import make_id
from simulator.domain.records import Provenance

RECORDED_PACKAGES = (
    "inflect", "numpy", "ollama", "openai", "pydantic", "rapidfuzz", "tokenizers",
)  # fmt: skip
"""Whose versions could change prompts, requests or the built-in model's words."""


class SystemClock:
    """The machine's time, in whole milliseconds."""

    def now(self) -> datetime:
        """Aware, UTC."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; those that the machine sleeps count too."""
        if sys.platform == "linux":
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        if sys.platform == "darwin":
            return time.clock_gettime(time.CLOCK_MONOTONIC)
        return time.monotonic()


class _FreshIds:
    """Ids in the order in which they are made, also within a millisecond."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._time_ms = 0
        self._entropy = 0

    def next(self) -> str:
        """One that is greater than all before."""
        with self._lock:
            now_ms = time.time_ns() // 1_000_000
            if now_ms > self._time_ms:
                # The highest bit is left to those that follow in the same millisecond.
                self._time_ms, self._entropy = now_ms, secrets.randbits(79)
            else:
                self._entropy += 1 + secrets.randbits(40)
            return make_id(self._time_ms, self._entropy.to_bytes(10, "big"))


_ids = _FreshIds()


def fresh_id() -> str:
    """A new id that nobody else makes; greater than those that this process made before."""
    return _ids.next()


def fresh_seed() -> int:
    """A seed for a run that was given none: six digits, so that it can be typed again."""
    return secrets.randbelow(900_000) + 100_000


def owner_name() -> str:
    """Names this process: machine, process id and start, such as `lab-3f2a81:4711:8842`."""
    pid = os.getpid()
    return f"{_machine()}:{pid}:{_started(pid)}"


def is_dead(owner: str) -> bool:
    """Whether `owner` names a process of this machine, or a play of it, that runs no more.

    False for owners of other machines, about which nothing is known.
    """
    machine, _, process = owner.partition(":")
    pid, _, rest = process.partition(":")
    if machine != _machine() or not pid.isdigit():
        return False
    return _started(int(pid)) != rest.partition(":")[0]


@cache
def provenance() -> Provenance:
    """With what a run is made by this process."""
    return Provenance(
        simulator_version=__version__,
        python_version=platform.python_version(),
        platform=f"{sys.platform} {platform.machine()}",
        packages={name: version(name) for name in RECORDED_PACKAGES},
    )


def _machine() -> str:
    """Host name with a mark that tells apart boots and process namespaces of one name."""
    marks = [socket.gethostname()]
    for path in ("/proc/sys/kernel/random/boot_id", "/etc/machine-id"):
        try:
            marks.append(Path(path).read_text(encoding="ascii").strip())
        except OSError:
            continue
    with contextlib.suppress(OSError):
        marks.append(str(Path("/proc/self/ns/pid").readlink()))
    digest = hashlib.blake2b("\n".join(marks).encode(), digest_size=3).hexdigest()
    return f"{marks[0].replace(':', '-')}-{digest}"


def _started(pid: int) -> str:
    """When a process started, in clock ticks; `gone` when there is none, `0` when unknown."""
    with contextlib.suppress(OSError):
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        state, *fields = stat.rpartition(")")[2].split()
        return "gone" if state == "Z" else fields[18]
    # On Windows, signal 0 would be Ctrl-C.
    if os.name == "posix":
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return "gone"
        except PermissionError:
            return "0"
    return "0"
