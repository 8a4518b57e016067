"""How questions look, and that they can be answered on a very small terminal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from textual.command import CommandList, CommandPalette
from textual.widget import Widget
from textual.widgets import Button

from screens.dialogs import AskText, Confirm, Pick
from screens.dialogs.dialog import Dialog
from screens.help.dialog import HelpDialog
from screens.home.path_dialog import PathDialog
from screens.laboratory import Laboratory
from screens.transcript.fork_dialog import ForkDialog
from tests.screens.conftest import NARROW, WIDE, OpenScreen, Snap
from tests.screens.test_shell import Blank
from tests.screens.widgets.messages import message
from tests.waiting import until

HOSTILE = "[/foo] [bold red]x[/] \x1b[31m\u202e"
SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
TINY = (20, 5)
DIALOGS: dict[str, Callable[[], Dialog[Any]]] = {
    "confirm": lambda: Confirm(f"Delete {HOSTILE}?", "This cannot be taken back."),
    "pick": lambda: Pick("Begin with what?", [f"Seed {n} {HOSTILE}" for n in range(30)]),
    "pick nothing": lambda: Pick("Compare with which run?", []),
    "line": lambda: AskText("Write to which file?", f"/home/{HOSTILE}", "In this folder."),
    "lines": lambda: AskText("Note", "one\ntwo", multiline=True, yes="Keep"),
    "path": lambda: PathDialog("Import what?", "A design, or a folder.", yes="Import"),
    "fork": lambda: ForkDialog(message(1, f"Words {HOSTILE}")),
}
KINDS = pytest.mark.parametrize("name", DIALOGS)


@SIZES
@KINDS
async def test_how_they_look(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, name: str, size: tuple[int, int]
) -> None:
    async with open_screen(Blank(laboratory), size) as pilot:
        await pilot.app.push_screen(DIALOGS[name]())
        await pilot.pause()
        box = pilot.app.screen.query_one(".dialog")
        assert box.max_scroll_y == 0
        snap(pilot)


def is_seen(widget: Widget) -> bool:
    return widget.region.intersection(widget.screen.region).height > 0


@KINDS
async def test_a_tiny_terminal_shows_what_is_in_focus(
    laboratory: Laboratory, open_screen: OpenScreen, name: str
) -> None:
    async with open_screen(Blank(laboratory), TINY) as pilot:
        dialog = DIALOGS[name]()
        await pilot.app.push_screen(dialog)
        await pilot.pause()
        for _ in dialog.focus_chain:
            assert dialog.focused is not None
            await until(partial(is_seen, dialog.focused))
            await pilot.press("tab")
        await pilot.resize_terminal(*NARROW)
        await pilot.pause()
        assert all(button.region.height for button in dialog.query(Button))
        await pilot.press("escape")
        await until(lambda: pilot.app.screen is not dialog)


@SIZES
async def test_how_help_looks(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    async with open_screen(Blank(laboratory), size) as pilot:
        await pilot.app.push_screen(HelpDialog("home", [("n", "New", "Begin"), ("^q", "Quit", "")]))
        await pilot.pause()
        snap(pilot)


@SIZES
async def test_how_the_commands_look(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    async with open_screen(Blank(laboratory), size) as pilot:
        await pilot.press("ctrl+p")
        await until(lambda: isinstance(pilot.app.screen, CommandPalette))
        await pilot.press(*"theme")
        await until(lambda: pilot.app.screen.query_one(CommandList).option_count > 2)
        await pilot.pause()
        snap(pilot)
