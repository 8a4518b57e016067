from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import Shell

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
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def design(shell: Shell) -> Path:
    path = shell.folder / "talk.yaml"
    path.write_text(DESIGN, encoding="utf-8")
    return path
