from __future__ import annotations

from typing import ClassVar

import pytest
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.command import CommandList, CommandPalette
from textual.widgets import Static

from screens.dialogs import AskText, Confirm, Pick
from screens.help.dialog import HelpDialog
from screens.laboratory import Laboratory
from screens.messages import OpenMonitor
from screens.preferences import load_preferences
from screens.screen import LaboratoryScreen
from screens.widgets.banner import Banner
from screens.widgets.top_bar import AreaLink
from simulator.domain.notices import StoreAway, StoreBack
from simulator.errors import NotFoundError
from tests.screens.conftest import OpenScreen, settled
from tests.screens.host import Host
from tests.waiting import until

HOSTILE = "[/foo] [bold red]x[/] \x1b[31m\u202e"


class Blank(LaboratoryScreen):
    AREA = "experiments"

    def compose_body(self) -> ComposeResult:
        yield Static("body")


async def test_a_screen_asks_to_go_elsewhere(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(screen := Blank(laboratory)) as pilot:
        screen.post_message(OpenMonitor("R1"))
        await settled(pilot)
        assert isinstance(pilot.app, Host)
        (asked,) = pilot.app.asked
        assert isinstance(asked, OpenMonitor) and asked.run_id == "R1"


async def test_an_outage_is_on_the_banner_until_it_is_over(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(screen := Blank(laboratory)) as pilot:
        app = pilot.app
        assert isinstance(app, Host)
        assert not screen.query_one(Banner).display
        app.warn(StoreAway("The database is away."))
        await settled(pilot)
        assert screen.query_one(Banner).display
        app.warn(StoreBack("The database is back."))
        await settled(pilot)
        assert not screen.query_one(Banner).display


async def test_errors_are_told_literally_and_end_nothing(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(screen := Blank(laboratory)) as pilot:
        with screen.told():
            raise NotFoundError(HOSTILE, remedy="Look elsewhere.")
        with screen.told():
            raise ValueError(HOSTILE)
        with screen.told():
            raise ExceptionGroup("two", [NotFoundError("one"), ValueError("other")])
        await settled(pilot)
        told = [note.message for note in pilot.app._notifications]
        assert any(
            "[/foo] [bold red]x[/] ␛[31m" in text and "Look elsewhere." in text for text in told
        )
        assert sum("fault of its own" in text for text in told) == 2


async def test_dialogs_answer(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    answers: list[object] = []
    async with open_screen(Blank(laboratory)) as pilot:
        app = pilot.app

        app.push_screen(Confirm(HOSTILE, HOSTILE), answers.append)
        await settled(pilot)
        await pilot.press("enter")
        app.push_screen(Confirm("Sure?"), answers.append)
        await settled(pilot)
        await pilot.press("y")
        app.push_screen(Confirm("Sure?"), answers.append)
        await settled(pilot)
        await pilot.press("escape")
        app.push_screen(AskText("Name", "old"), answers.append)
        await settled(pilot)
        await pilot.press("e", "r", "enter")
        check = lambda text: None if text == "ok" else "Write ok."  # noqa: E731
        app.push_screen(AskText("Word", check=check), answers.append)
        await settled(pilot)
        await pilot.press("o", "enter", "k", "enter")
        app.push_screen(AskText("Words", "a", multiline=True), answers.append)
        await settled(pilot)
        await pilot.press("enter", "b", "ctrl+s")
        app.push_screen(Pick("Which", [(HOSTILE, "1"), ("two", "2")]), answers.append)
        await settled(pilot)
        await pilot.press("down", "enter")
        app.push_screen(Pick("Which", []), answers.append)
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)
    assert answers == [False, True, False, "older", "ok", "a\nb", "2", None]


async def test_help_names_the_keys(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    async with open_screen(Blank(laboratory)) as pilot:
        await pilot.press("f1")
        await settled(pilot)
        assert isinstance(pilot.app.screen, HelpDialog)
        await pilot.press("escape")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, HelpDialog)


class Broken(Blank):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("b", "break", "Break")]

    def action_break(self) -> None:
        secret = "hunter2"
        raise ZeroDivisionError(secret)


async def test_a_fault_ends_the_app_with_a_sentence_and_no_secrets(
    laboratory: Laboratory, capsys: pytest.CaptureFixture[str]
) -> None:
    app = Host(laboratory, Broken(laboratory))
    with pytest.raises(ZeroDivisionError):
        async with app.run_test() as pilot:
            await settled(pilot)
            await pilot.press("b")
    told = capsys.readouterr().err
    assert "fault of its own: ZeroDivisionError" in told
    assert "hunter2" not in told and "secret" not in told


async def test_the_bar_shows_the_keys_that_hold(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(screen := Blank(laboratory)) as pilot:
        pilot.app.set_keymap({"app.models": "f12"})
        await settled(pilot)
        shown = " ".join(str(link.render()) for link in screen.query(AreaLink))
        assert "F12 Models" in shown and "F3 Monitor" in shown


async def test_the_commands_find_actions_and_keep_a_theme(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(screen := Blank(laboratory)) as pilot:
        await pilot.press("ctrl+p")
        await until(lambda: isinstance(pilot.app.screen, CommandPalette))
        await pilot.press(*"help")
        await until(lambda: pilot.app.screen.query_one(CommandList).option_count > 0)
        await pilot.press("enter", "enter")
        await until(lambda: isinstance(pilot.app.screen, HelpDialog))
        await pilot.press("escape")
        await until(lambda: pilot.app.screen is screen)
        await pilot.press("ctrl+p")
        await until(lambda: isinstance(pilot.app.screen, CommandPalette))
        await pilot.press(*"light")
        await until(lambda: pilot.app.screen.query_one(CommandList).option_count > 0)
        await pilot.press("enter", "enter")
        await until(lambda: pilot.app.theme == "textual-light")
    assert load_preferences()[0].theme == "textual-light"
