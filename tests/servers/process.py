"""Servers in processes of their own: started, waited for, always stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_LOOK_AGAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A running server."""

    base_url: str
    """Ends in `/v1`."""
    pid: int


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def fake_openai(*arguments: str) -> Iterator[ServerProcess]:
    """The fake OpenAI server with these options; see `openai_server.main`."""
    command = [sys.executable, "-m", "tests.servers.openai_server", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            base_url = process.stdout.readline().strip()
            if not base_url:
                raise RuntimeError(f"the server did not start: {' '.join(command)}")
            yield ServerProcess(base_url, process.pid)
        finally:
            process.stdin.close()


@contextmanager
def started(
    command: Sequence[str],
    port: int,
    health: str,
    output: Path,
    *,
    environment: Mapping[str, str],
    patience_s: float,
) -> Iterator[ServerProcess]:
    """A server that answers on `health`, a path, once it is ready.

    Raises RuntimeError with the end of its output when it ends or is not ready in time.
    """
    address = f"http://127.0.0.1:{port}"
    with output.open("wb") as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,
        )
        try:
            if problem := _problem(process, address + health, patience_s):
                tail = output.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{command[0]} {problem}; it said:\n{tail}")
            yield ServerProcess(f"{address}/v1", process.pid)
        finally:
            _stop(process)


def _problem(process: subprocess.Popen[bytes], url: str, patience_s: float) -> str:
    """Why the server is not ready; empty as soon as it is."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            return f"ended with {process.returncode}"
        try:
            with opener.open(url, timeout=5):
                return ""
        except (OSError, urllib.error.URLError):
            time.sleep(_LOOK_AGAIN_S)
    return f"was not ready after {patience_s:.0f} s"


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server and whatever it started."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
            process.wait(timeout=5)
            return
        except ProcessLookupError:
            process.wait()
            return
        except subprocess.TimeoutExpired:
            continue
