"""The pages are true: commands run, designs are sound, links lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from simulator.files.designs import read_design
from simulator.kinds.registry import KINDS
from tests.faults.programs import ROOT, Program

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)


def commands() -> list[list[str]]:
    lines = [line for block in blocks(ROOT / "README.md", "console") for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith(("python main.py", "cp "))]


def test_the_readmes_commands_work_in_their_order(tmp_path: Path) -> None:
    program = Program(tmp_path)
    assert len(commands()) >= 10
    for command in commands():
        if command[0] == "cp":
            shutil.copy(ROOT / command[1], tmp_path / command[2])
            continue
        done = program.run(*command[2:])
        assert done.returncode == 0, (command, done.stdout, done.stderr)


def test_the_readme_promises_two_make_targets() -> None:
    first = blocks(ROOT / "README.md", "console")[0].split("\n")
    assert first[:2] == ["make demo", "make test"]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(r"^demo:", makefile, re.M) and re.search(r"^test:", makefile, re.M)


def test_the_designs_in_the_docs_are_sound() -> None:
    found = blocks(ROOT / "docs" / "conversation.md", "yaml")
    assert found
    for block in found:
        read_design(block, "docs/conversation.md", KINDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"
