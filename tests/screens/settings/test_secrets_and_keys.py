"""Secrets are set, unset and never read; keys are given to actions without harm to others."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot
from textual.widgets import DataTable, Input, TabbedContent

from screens.dialogs import Confirm
from screens.laboratory import Laboratory
from screens.preferences import load_preferences
from screens.settings.bindings import all_bindings, conflicts, is_for_typing
from screens.settings.screen import SettingsScreen
from screens.settings.secret_input import masked, starred
from screens.settings.variable_row import VariableRow
from tests.screens.conftest import NARROW, WIDE, OpenScreen, settled
from tests.screens.monitor.test_monitor import plain
from tests.waiting import until

ADDRESS = "mongodb://ada:hunter2@host/lab"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / ".env").write_text(f"MONGODB_URI={ADDRESS}\nDB_PASSWORD=hunter2\n", encoding="utf-8")
    with contextlib.chdir(folder):
        yield folder


def row_of(pilot: Pilot[int], variable: str) -> VariableRow:
    rows = pilot.app.screen.query(VariableRow)
    return next(row for row in rows if row.variable.variable == variable)


async def save(pilot: Pilot[int], answer: str) -> str:
    """Save; what is asked before."""
    await pilot.press("ctrl+s")
    await until(lambda: isinstance(pilot.app.screen, Confirm))
    await pilot.pause()
    asked = plain(pilot)
    await pilot.press(answer)
    await settled(pilot)
    return asked


# ---------------------------------------------------------------- secrets


async def test_a_secret_is_unset(
    laboratory: Laboratory, open_screen: OpenScreen, folder: Path
) -> None:
    async with open_screen(SettingsScreen(laboratory), WIDE) as pilot:
        row = row_of(pilot, "DB_PASSWORD")
        assert not row.is_changed
        row.query_one(Input).focus()
        await pilot.press("f8")
        assert row.is_changed
        assert "DB_PASSWORD= (not set any more)" in await save(pilot, "y")
    assert dotenv_values(folder / ".env")["DB_PASSWORD"] == ""
    assert dotenv_values(folder / ".env")["MONGODB_URI"] == ADDRESS


async def test_typing_after_unsetting_replaces_the_secret(
    laboratory: Laboratory, open_screen: OpenScreen, folder: Path
) -> None:
    async with open_screen(SettingsScreen(laboratory), WIDE) as pilot:
        row_of(pilot, "DB_PASSWORD").query_one(Input).focus()
        await pilot.press("f8", *"swordfish")
        asked = await save(pilot, "y")
        assert "swordfish" not in asked and "DB_PASSWORD=(hidden)" in asked
    assert dotenv_values(folder / ".env")["DB_PASSWORD"] == "swordfish"


async def test_an_address_is_seen_without_its_password_while_it_is_typed(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(SettingsScreen(laboratory), (120, 60)) as pilot:
        assert "mongodb://ada:***@host/lab" in plain(pilot)
        row_of(pilot, "SIMULATOR_STORE").query_one(Input).focus()
        for letter in "mongodb://bob:qwxyz@lab.example/x":
            await pilot.press(letter)
            assert "qwx" not in plain(pilot)
        assert "mongodb://bob:*****@lab.example/x" in plain(pilot)


@given(st.text("ab:/@?=&.", max_size=20))
def test_stars_take_the_room_of_what_they_hide(text: str) -> None:
    assert len(starred(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ada:pw@host", "ada:***@host"),
        ("cluster0.abcde.mongodb.net", "cluster0.abcde.mongodb.net"),
        ("sqlite:///lab.db", "sqlite:///lab.db"),
        ("mongodb+srv://ada:pw@host/?password=x", "mongodb+srv://ada:***@host/?password=***"),
    ],
)
def test_addresses_are_shown_without_their_passwords(text: str, shown: str) -> None:
    assert masked(text) == shown


async def test_a_store_that_cannot_be_used_is_told_before_it_is_written(
    laboratory: Laboratory, open_screen: OpenScreen, folder: Path
) -> None:
    async with open_screen(SettingsScreen(laboratory), WIDE) as pilot:
        row_of(pilot, "SIMULATOR_STORE").query_one(Input).value = "sqlite:////dev/null/lab.db"
        await settled(pilot)
        assert "The store cannot be used" in await save(pilot, "n")
        row_of(pilot, "SIMULATOR_STORE").query_one(Input).value = f"sqlite:///{folder}/other.db"
        await settled(pilot)
        assert "The store cannot be used" not in await save(pilot, "n")
    assert "SIMULATOR_STORE" not in dotenv_values(folder / ".env")


async def test_the_usual_model_holds_at_once(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(SettingsScreen(laboratory), WIDE) as pilot:
        row_of(pilot, "SIMULATOR_MODEL").query_one(Input).value = "scripted/echo"
        await settled(pilot)
        await save(pilot, "y")
        assert "It holds now." in "".join(note.message for note in pilot.app._notifications)
    assert laboratory.services.settings.model == "scripted/echo"


async def test_keys_and_addresses_of_servers_are_kept_too(
    laboratory: Laboratory, open_screen: OpenScreen, folder: Path
) -> None:
    async with open_screen(SettingsScreen(laboratory), WIDE) as pilot:
        pilot.app.screen.query_one(TabbedContent).active = "servers-tab"
        await settled(pilot)
        names = [row.variable.variable for row in pilot.app.screen.query(VariableRow)]
        assert len(names) == len(set(names))
        assert {"OPENAI_API_KEY", "OLLAMA_HOST", "AZURE_OPENAI_ENDPOINT"} <= set(names)
        row_of(pilot, "OPENAI_API_KEY").query_one(Input).value = "sk-hidden"
        row_of(pilot, "OLLAMA_HOST").query_one(Input).value = "http://ada:pw@gpu:11434"
        await settled(pilot)
        asked = await save(pilot, "y")
        assert "OPENAI_API_KEY=(hidden)" in asked and "sk-hidden" not in asked
        assert "OLLAMA_HOST=http://ada:***@gpu:11434" in asked
    kept = dotenv_values(folder / ".env")
    assert kept["OPENAI_API_KEY"] == "sk-hidden"
    assert kept["OLLAMA_HOST"] == "http://ada:pw@gpu:11434"


# ---------------------------------------------------------------- keys


def test_bindings_of_widgets_are_listed_with_those_of_screens() -> None:
    by_id = {one.id: one for one in all_bindings()}
    assert by_id["models.usual"].place == "models" and by_id["models.usual"].owner == "ModelList"
    assert by_id["home.new"].owner == "screen"
    assert {"app.help", "dialog.accept", "editor.add", "monitor.pause"} <= by_id.keys()


def test_a_key_conflicts_near_its_action_and_with_what_works_everywhere() -> None:
    everything = all_bindings()
    by_id = {one.id: one for one in everything}

    def names(binding_id: str, key: str, **keymap: str) -> set[str]:
        return {one.id for one in conflicts(everything, keymap, by_id[binding_id], key)}

    assert names("monitor.step", "space") == {"monitor.pause", ""}
    assert names("monitor.step", "f1") == {"app.help"}
    assert names("monitor.step", "j") == {""}
    assert names("monitor.step", "z") == set()
    assert names("monitor.step", "n") == {""}
    assert "transcript.fork" in names("app.help", "f")
    assert "monitor.stop" not in {
        one.id for one in conflicts(everything, {"monitor.stop": "w"}, by_id["monitor.step"], "s")
    }


@pytest.mark.parametrize(
    ("key", "types"),
    [("a", True), ("question_mark", True), ("space", True), ("f2", False), ("ctrl+a", False)],
)
def test_keys_that_type(key: str, types: bool) -> None:
    assert is_for_typing(key) is types


async def test_the_app_takes_no_key_that_types(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(SettingsScreen(laboratory), NARROW) as pilot:
        pilot.app.screen.query_one(TabbedContent).active = "look-tab"
        await settled(pilot)
        table = pilot.app.screen.query_one("#keys", DataTable)
        table.focus()
        table.move_cursor(row=table.get_row_index("app.help"))
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("z")
        await pilot.pause()
        assert any("is for typing" in note.message for note in pilot.app._notifications)
        assert load_preferences()[0].keymap == {}
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("f12")
        await pilot.pause()
        assert load_preferences()[0].keymap == {"app.help": "f12"}
