"""Real processes of `python main.py`, with and without a terminal.

Commands that are only waited for or have a terminal are forks of a process that has imported what
they need; those that are met on their way or have input start anew, as do all without `forks`.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.forks import OF_PYTHON, Fork, Forks

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Shell:
    """A user with an empty home and a store of their own."""

    def __init__(self, folder: Path, forks: Forks | None = None) -> None:
        self.folder = folder
        self.forks = forks
        self.home = folder / "home"
        self.home.mkdir()
        self.store = folder / "lab.db"
        self.log_dir = folder / "logs"
        self.environment = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "SIMULATOR_STORE": f"sqlite:///{self.store}",
            "SIMULATOR_LOG_DIR": str(self.log_dir),
            **OF_PYTHON,
        }

    def command(self, *words: str) -> list[str]:
        return [sys.executable, str(ROOT / "main.py"), *words]

    def run(
        self, *words: str, stdin: str | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        command, env = self.command(*words), self.environment | dict(env or {})
        if self.forks is not None and stdin is None and self.forks.can_be(env):
            return self.forks.run(command, self.folder, env, PATIENCE_S)
        return subprocess.run(
            command, cwd=self.folder, env=env, input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True, encoding="utf-8", errors="surrogateescape", timeout=PATIENCE_S,
        )  # fmt: skip

    def ok(self, *words: str, stdin: str | None = None) -> str:
        done = self.run(*words, stdin=stdin)
        assert done.returncode == 0, (done.stdout, done.stderr)
        return done.stdout

    def data(self, *words: str) -> Any:
        document = json.loads(self.ok(*words, "--json"))
        assert document["status"] == "ok"
        assert document["warnings"] == []
        return document["data"]

    def error(self, *words: str) -> tuple[int, dict[str, Any]]:
        done = self.run(*words, "--json")
        assert done.stderr == ""
        document = json.loads(done.stdout.splitlines()[-1])
        assert document["status"] == "error"
        return done.returncode, document["error"]

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*words), cwd=self.folder, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            encoding="utf-8", errors="surrogateescape",
        )  # fmt: skip

    def terminal(self, *words: str, rows: int = 24, columns: int = 80) -> Terminal:
        return Terminal(self, words, rows, columns)

    def log(self) -> str:
        return (self.log_dir / "simulator.log").read_text(encoding="utf-8")

    def short_run(self, model: str = "scripted/babble", *words: str) -> dict[str, Any]:
        """Play two messages; the run, its experiment and messages as `show` has them."""
        self.ok("run", "prison", "-m", model, "--messages", "2", "--days", "1", "-s", "7", *words)
        shown: dict[str, Any] = self.data("show", "last")
        return shown


class Terminal:
    """A process on a pseudo-terminal of its own."""

    def __init__(self, shell: Shell, words: tuple[str, ...], rows: int, columns: int) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        command, env = shell.command(*words), {"TERM": "xterm-256color"} | shell.environment
        self.process: Fork | subprocess.Popen[bytes]
        if shell.forks is not None and shell.forks.can_be(env):
            self.process = shell.forks.on_terminal(command, shell.folder, env, slave)
        else:
            self.process = subprocess.Popen(
                command, cwd=shell.folder, env=env, stdin=slave, stdout=slave, stderr=slave,
                start_new_session=True, preexec_fn=_take_terminal,
            )  # fmt: skip
        os.close(slave)
        self.raw = b""

    @property
    def text(self) -> str:
        """All that was drawn, without colours and movements of the cursor."""
        return ANSI.sub("", self.raw.decode("utf-8", "replace"))

    def expect(self, text: str, *, after: int = 0) -> int:
        """Wait until the text was drawn; where it ends."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.text[after:]:
            if not self._read(deadline):
                raise AssertionError(f"{text!r} never came: {self.text[-2000:]!r}")
        return self.text.index(text, after) + len(text)

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self) -> int:
        """Wait until the process has ended; its exit code."""
        deadline = time.monotonic() + PATIENCE_S
        while self._read(deadline):
            pass
        return self.process.wait(PATIENCE_S)

    def hang_up(self) -> None:
        """Close the window."""
        os.close(self._master)
        self._master = -1

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(PATIENCE_S)
        if self._master >= 0:
            os.close(self._master)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise AssertionError(f"the terminal stays silent: {self.text[-2000:]!r}")
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False
        self.raw += data
        return bool(data)


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
