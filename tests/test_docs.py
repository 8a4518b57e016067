"""The pages are true: commands run, designs are sound, links lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from simulator.backends.pricing import PriceTable
from simulator.files.designs import read_design
from simulator.kinds.registry import KINDS
from tests.faults.programs import ROOT, Program

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)


def commands(page: Path) -> list[list[str]]:
    lines = [line for block in blocks(page, "console") for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith(("python main.py", "cp "))]


@pytest.mark.xdist_group("pages")  # groups begin first, and this takes long
@pytest.mark.parametrize(
    ("page", "least"),
    [
        ("README.md", 10),
        ("docs/costs.md", 3),
        ("docs/setup.md", 2),
        ("docs/debate.md", 3),
        ("docs/chatroom.md", 4),
        ("docs/telephone.md", 3),
        ("docs/chains.md", 3),
        ("docs/iterated.md", 3),
    ],
)
def test_the_commands_of_a_page_work_in_their_order(
    program: Program, page: str, least: int
) -> None:
    listed = commands(ROOT / page)
    assert len(listed) >= least
    for command in listed:
        if command[0] == "cp":
            shutil.copy(ROOT / command[1], program.home / command[2])
            continue
        done = program.run(*command[2:])
        assert done.returncode == 0, (command, done.stdout, done.stderr)


def test_the_readme_promises_two_make_targets() -> None:
    first = blocks(ROOT / "README.md", "console")[0].split("\n")
    assert first[:2] == ["make demo", "make test"]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(r"^demo:", makefile, re.M) and re.search(r"^test:", makefile, re.M)


@pytest.mark.parametrize(
    "page",
    [
        "docs/conversation.md",
        "docs/debate.md",
        "docs/chatroom.md",
        "docs/telephone.md",
        "docs/iterated.md",
    ],
)
def test_the_designs_in_the_docs_are_sound(page: str) -> None:
    found = blocks(ROOT / page, "yaml")
    assert found
    for block in found:
        read_design(block, page, KINDS)


def test_the_prices_in_the_docs_can_be_read(tmp_path: Path) -> None:
    (block,) = blocks(ROOT / "docs" / "costs.md", "toml")
    (tmp_path / "prices.toml").write_text(block, encoding="utf-8")
    prices = PriceTable.load(tmp_path / "prices.toml")
    assert prices.price("azure/team-4o") is not None
    assert prices.price("vllm/any") is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"
