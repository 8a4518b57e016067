"""Options that pages name within a sentence are there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from simulator.cli.commands import VERBS, cli
from tests.faults.programs import ROOT
from tests.test_docs import PAGES

NAMING = [*PAGES, *sorted(ROOT.glob("screens/help/*.md"))]
_START = "python main.py "


def spans(text: str) -> Iterator[list[str]]:
    """The words of everything between backticks, but for blocks and the originals' own flags."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    text = re.sub(r"^\|[^|]*(?=\|)", "", text, flags=re.M)
    for span in re.findall(r"`([^`]+)`", text):
        yield span.removeprefix(_START).split()


def options(words: list[str]) -> list[str]:
    found = [re.match(r"--[a-z][a-z0-9_-]*", word) for word in words]
    return [match[0].replace("_", "-") for match in found if match]


def meant(words: list[str]) -> click.Command | None:
    """The verb that words begin with."""
    command = cli.get_command(click.Context(cli), words[0]) if words[0] in VERBS else None
    if isinstance(command, click.Group):
        within = command.commands.get(words[1]) if len(words) > 1 else None
        return within or command
    return command


def taken(command: click.Command) -> set[str]:
    found = {
        name
        for one in command.params
        for name in (*one.opts, *one.secondary_opts)
        if isinstance(one, click.Option)
    }
    return found | {"--help"}


@cache
def all_taken() -> frozenset[str]:
    found = taken(cli)
    for verb in VERBS:
        command = meant([verb])
        assert command is not None
        within = command.commands.values() if isinstance(command, click.Group) else ()
        found |= {name for one in (command, *within) for name in taken(one)}
    return frozenset(found)


@pytest.mark.parametrize("page", NAMING, ids=lambda page: str(page.relative_to(ROOT)))
def test_options_that_a_page_names_exist(page: Path) -> None:
    unknown = []
    for words in spans(page.read_text("utf-8")):
        command = meant(words) if words else None
        known = all_taken() if command is None else taken(command)
        is_other = command is None and words and not words[0].startswith("--")
        if not is_other:
            unknown += [" ".join(words) for name in options(words) if name not in known]
    assert not unknown
