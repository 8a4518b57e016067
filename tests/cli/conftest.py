from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.logs import close_logging
from tests.cli.shell import Shell
from tests.forks import Forks

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


@pytest.fixture(autouse=True)
def no_log_left() -> Iterator[None]:
    """Commands that are run in this process leave its log as they found it."""
    yield
    close_logging()
