"""The real program in a process of its own, in an empty home."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.forks import OF_PYTHON, Forks

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Program:
    """Runs `python main.py` with a store and a home of its own."""

    home: Path
    forks: Forks | None = None
    """Where commands that are only waited for are run; None starts a process for each."""

    @property
    def database(self) -> Path:
        return self.home / "lab.db"

    def environment(self) -> dict[str, str]:
        return OF_PYTHON | {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "SIMULATOR_LOG_DIR": str(self.home / "logs"),
            "SIMULATOR_STORE": f"sqlite:///{self.database}",
            "SIMULATOR_USER": "ada",
        }

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(ROOT / "main.py"), *arguments]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*arguments), cwd=self.home, env=self.environment(), text=True,
            encoding="utf-8", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        if self.forks is not None:
            command = self.command(*arguments)
            return self.forks.run(command, self.home, self.environment(), PATIENCE_S)
        process = self.start(*arguments)
        out, err = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def json(self, *arguments: str) -> Any:
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, (done.stdout, done.stderr)
        return json.loads(done.stdout)["data"]

    def transcript(self, run_id: str) -> list[tuple[Any, ...]]:
        """What must be the same however often a run was interrupted."""
        keys = ("scope", "index", "day", "speaker", "role", "content")
        messages: Sequence[dict[str, Any]] = self.json("show", run_id)["messages"]
        return [tuple(message[key] for key in keys) for message in messages]


def lines_of(text: str) -> list[dict[str, Any]]:
    """JSON lines; a line that was cut off by the end of the process is left out."""
    whole, _, _ = text.rpartition("\n")
    return [json.loads(line) for line in whole.splitlines()]
