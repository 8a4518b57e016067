"""This process among all that share a store, its clock and its ids."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
import platform
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from simulator import __version__
from simulator.domain.ids import make_id
from simulator.domain.models import ModelCard
from simulator.domain.records import Machine, ModelState, Provenance

RECORDED_PACKAGES = (
    "inflect", "numpy", "ollama", "openai", "pydantic", "rapidfuzz", "tokenizers",
)  # fmt: skip
"""Whose versions could change prompts, requests or the built-in model's words."""
RECORDED_EXTRAS = ("accelerate", "torch", "transformers")
"""Whose versions could change the words of local models, where they are installed."""
DISTRIBUTION = "llm-interaction-simulator"

_GIT_PATIENCE_S = 5.0
_ROOT = Path(__file__).resolve().parents[1]


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


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Look for no unreachable objects in the block.

    For work that makes very many objects at once: the collector would look through all of them
    again and again, for longer than the work itself takes.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def provenance(cards: Iterable[ModelCard] = ()) -> Provenance:
    """With what a run is launched by this process; the first call takes some 20 ms.

    Args:
        cards: The models of the launch, as they are now.
    """
    models = {
        card.model: ModelState(model=card.model, digest=card.digest, price=card.price)
        for card in cards
    }
    states = tuple(models[name] for name in sorted(models))
    return _of_this_process().model_copy(update={"models": states})


@cache
def _of_this_process() -> Provenance:
    packages = {name: version(name) for name in RECORDED_PACKAGES}
    for name in RECORDED_EXTRAS:
        with contextlib.suppress(PackageNotFoundError):
            packages[name] = version(name)
    return Provenance(
        simulator_version=__version__,
        commit=_commit(),
        python_version=platform.python_version(),
        platform=f"{sys.platform} {platform.machine()}",
        packages=dict(sorted(packages.items())),
        machine=_hardware(),
    )


def _commit() -> str | None:
    """What the program's files are a checkout of, or were installed from."""
    if not (_ROOT / ".git").exists():
        with contextlib.suppress(PackageNotFoundError, ValueError, KeyError, TypeError):
            told = json.loads(distribution(DISTRIBUTION).read_text("direct_url.json") or "{}")
            return str(told["vcs_info"]["commit_id"])
        return None
    # What a hook or an alias of the user's says of another repository is not meant here.
    variables = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
    try:
        said = subprocess.run(
            ["git", "-C", str(_ROOT), "describe", "--always", "--dirty", "--abbrev=40", "--match="],
            env=variables | {"GIT_OPTIONAL_LOCKS": "0"}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=True, timeout=_GIT_PATIENCE_S,
        )  # fmt: skip
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return said.stdout.strip() or None


def _hardware() -> Machine:
    processor = "" if sys.platform == "linux" else platform.processor()
    with contextlib.suppress(OSError):
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        if found := re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE):
            processor = found[1].strip()
    memory_gib = None
    with contextlib.suppress(AttributeError, OSError, ValueError):
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        memory_gib = round(total / 2**30, 1) if total > 0 else None
    return Machine(
        processor=processor, cores=os.cpu_count(), memory_gib=memory_gib,
        accelerators=_accelerators(),
    )  # fmt: skip


def _accelerators() -> tuple[str, ...]:
    """As NVIDIA's driver tells on Linux; asking it otherwise would wake them up."""
    names = []
    for file in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        with contextlib.suppress(OSError):
            text = file.read_text(encoding="utf-8", errors="replace")
            if found := re.search(r"^Model:\s*(.+)$", text, re.MULTILINE):
                names.append(found[1].strip())
    return tuple(names)


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
