from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.cli.entry import main
from simulator.logs import close_logging
from tests.cli.shell import Shell
from tests.forks import Forks

Simulator = Callable[..., tuple[int, str, str]]
"""A command, word by word: its exit code, output and errors."""
DESIGN = """\
kind: conversation
name: Talk
starting_message: Begin.
messages: 4
model: scripted/babble
roles:
  - name: guard
    starting_prompt: You are a guard.
  - name: prisoner
    starting_prompt: You are a prisoner.
factors:
  mood:
    calm: {}
    angry:
      guard:
        Mood: You are angry.
"""


@pytest.fixture
def shell(tmp_path: Path, forks: Forks | None) -> Shell:
    return Shell(tmp_path, forks)


@pytest.fixture
def design(shell: Shell) -> Path:
    path = shell.folder / "talk.yaml"
    path.write_text(DESIGN, encoding="utf-8")
    return path


@pytest.fixture
def simulator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Simulator:
    """The command line in this process, in a folder and with a store of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SIMULATOR_STORE", f"sqlite:///{tmp_path / 'lab.db'}")
    monkeypatch.setenv("SIMULATOR_LOG_DIR", str(tmp_path / "logs"))
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        code = main(words)
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture(autouse=True)
def no_log_left() -> Iterator[None]:
    """Commands that are run in this process leave its log as they found it."""
    yield
    close_logging()
