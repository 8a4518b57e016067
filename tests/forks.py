"""Runs of `main.py` in forks of one process that has imported what it imports.

The imports take five times as long as most commands do. A fork has the arguments, folder,
environment and files of a new process, and ends as one.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tests.servers.process import ROOT

OF_PYTHON = {"PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8"}
"""What Python heeds in the processes of tests."""


class Forks:
    """Starts forks while it is entered.

    Args:
        environment: Of the process that is forked; only what Python itself heeds counts.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._heeded = heeded(environment)
        self._orders, self._theirs = socket.socketpair()

    def can_be(self, environment: Mapping[str, str]) -> bool:
        """Whether a new Python would start in this environment as the forked one did."""
        return heeded(environment) == self._heeded

    def run(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run the command, `main.py` with its arguments, without input; seconds at most.

        Raises subprocess.TimeoutExpired.
        """
        with (
            Path(os.devnull).open("rb") as nothing,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            files = [file.fileno() for file in (nothing, out, err)]
            fork = self._started(command, folder, environment, files)
            try:
                code = fork.wait(timeout)
            except subprocess.TimeoutExpired:
                fork.send_signal(signal.SIGKILL)
                fork.wait(timeout)
                raise
            return subprocess.CompletedProcess(command, code, _text(out), _text(err))

    def on_terminal(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], terminal: int
    ) -> Fork:
        """Start the command with the terminal, an open file, in a session of its own."""
        return self._started(command, folder, environment, [terminal] * 3)

    def _started(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        files: Sequence[int],
    ) -> Fork:
        order = {"command": command, "folder": str(folder), "environment": dict(environment)}
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._orders, [b"!"], [*files, theirs.fileno()])
        ours.sendall(json.dumps(order).encode())
        ours.shutdown(socket.SHUT_WR)
        return Fork(command, ours)

    def __enter__(self) -> Self:
        with self._theirs as orders:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.forking_main"], cwd=ROOT, env=self._heeded,
                stdin=orders.fileno(), stdout=subprocess.DEVNULL,
            )  # fmt: skip
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._orders.close()
        self._process.wait()


class Fork:
    """One fork that was started, as `subprocess.Popen` has a process; it must be waited for."""

    def __init__(self, command: Sequence[str], answers: socket.socket) -> None:
        self._command = command
        self._answers = answers
        self._lines = answers.makefile()
        self.pid = int(self._lines.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float) -> int:
        """Its exit code, or minus the signal. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._answers], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self._command, timeout)
            self.returncode = int(self._lines.readline())
            self._lines.close()
            self._answers.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it is known to have ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


def heeded(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that Python heeds before any program does."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(("PYTHON", "LC_")) or name in ("LANG", "TZ")
    }


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "surrogateescape")
