from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import DataTable, Input, Select, Static, TabbedContent

from screens.laboratory import Laboratory
from screens.preferences import load_preferences
from screens.settings.bindings import all_bindings
from screens.settings.screen import SettingsScreen
from screens.settings.variable_row import VariableRow
from screens.settings.variables import GROUPS, variables
from simulator.settings import Settings, load_settings
from tests.screens.conftest import NARROW, WIDE, OpenScreen, Snap, settled
from tests.screens.monitor.test_monitor import plain
from tests.waiting import until

SECRET = "mongodb://ada:hunter2@host/lab"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    """The folder that the app is started in, with a `.env` of its own."""
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / ".env").write_text(
        f"# mine\nSIMULATOR_MODEL=pocket  # small\nMONGODB_URI={SECRET}\n", encoding="utf-8"
    )
    with contextlib.chdir(folder):
        yield folder


def row_of(pilot: Pilot[int], variable: str) -> VariableRow:
    return next(
        row for row in pilot.app.screen.query(VariableRow) if row.variable.variable == variable
    )


async def typed(pilot: Pilot[int], variable: str, text: str) -> None:
    row_of(pilot, variable).query_one(Input).value = text
    await settled(pilot)


def test_every_setting_is_in_a_group_with_what_it_does() -> None:
    listed = [variable for _, group in variables() for variable in group]
    assert [variable.name for variable in listed] == list(Settings.model_fields)
    assert all(variable.about for variable in listed)
    assert len(list(variables())) == len(GROUPS)


def test_values_tell_where_they_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMULATOR_LOG_LEVEL", "DEBUG")
    by_name = {variable.name: variable for _, group in variables() for variable in group}
    assert (by_name["model"].value, by_name["model"].source) == ("pocket", ".env")
    assert (by_name["log_level"].value, by_name["log_level"].source) == ("DEBUG", "environment")
    assert (by_name["user"].value, by_name["user"].source) == ("", "usual")
    assert by_name["mongodb_uri"].is_set and by_name["mongodb_uri"].value == ""
    assert by_name["max_live_runs"].usual == "16"


async def test_secrets_are_on_no_screen(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    async with open_screen(SettingsScreen(laboratory), (120, 200)) as pilot:
        assert "hunter2" not in plain(pilot)
        assert "mongodb://ada:***@host/lab; type to replace it" in plain(pilot)
        await typed(pilot, "DB_PASSWORD", "swordfish")
        assert "swordfish" not in plain(pilot)


async def test_what_is_typed_is_checked_at_once(
    laboratory: Laboratory, open_screen: OpenScreen, folder: Path
) -> None:
    async with open_screen(SettingsScreen(laboratory)) as pilot:
        await typed(pilot, "SIMULATOR_MAX_LIVE_RUNS", "none")
        fault = row_of(pilot, "SIMULATOR_MAX_LIVE_RUNS").query_one(".variable-fault", Static)
        assert fault.display and "valid integer" in str(fault.content)
        before = (folder / ".env").read_text("utf-8")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert (folder / ".env").read_text("utf-8") == before
        await typed(pilot, "SIMULATOR_MAX_LIVE_RUNS", "7")
        assert not fault.display


async def test_only_what_was_changed_is_written_and_after_a_yes(
    laboratory: Laboratory, open_screen: OpenScreen, folder: Path
) -> None:
    async with open_screen(SettingsScreen(laboratory)) as pilot:
        await typed(pilot, "SIMULATOR_MAX_LIVE_RUNS", "7")
        await typed(pilot, "SIMULATOR_MODEL", "")
        row_of(pilot, "SIMULATOR_CACHE").query_one(Select).value = "true"
        await settled(pilot)
        await pilot.press("ctrl+s")
        await until(lambda: "SIMULATOR_MAX_LIVE_RUNS=7" in plain(pilot))
        assert "SIMULATOR_MODEL= (not set any more)" in plain(pilot)
        await pilot.press("n")
        await settled(pilot)
        assert "MAX_LIVE_RUNS" not in (folder / ".env").read_text("utf-8")
        await pilot.press("ctrl+s")
        await until(lambda: "SIMULATOR_CACHE=true" in plain(pilot))
        await pilot.press("y")
        await until(lambda: "MAX_LIVE_RUNS" in (folder / ".env").read_text("utf-8"))
        await settled(pilot)
        assert row_of(pilot, "SIMULATOR_MAX_LIVE_RUNS").variable.source == ".env"
    assert "# mine\n" in (folder / ".env").read_text("utf-8")
    settings = load_settings()
    assert (settings.max_live_runs, settings.model, settings.cache) == (7, "", True)
    assert settings.mongodb_uri is not None
    assert settings.mongodb_uri.get_secret_value() == SECRET


async def test_what_was_typed_is_forgotten(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    async with open_screen(SettingsScreen(laboratory)) as pilot:
        await typed(pilot, "SIMULATOR_USER", "bob")
        await pilot.press("ctrl+r")
        await until(lambda: row_of(pilot, "SIMULATOR_USER").typed == "")


async def test_a_theme_is_seen_and_kept(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    async with open_screen(SettingsScreen(laboratory)) as pilot:
        pilot.app.screen.query_one(TabbedContent).active = "look-tab"
        await settled(pilot)
        pilot.app.screen.query_one("#theme", Select).value = "high-contrast"
        await settled(pilot)
        assert pilot.app.theme == "high-contrast"
    assert load_preferences()[0].theme == "high-contrast"


async def test_a_key_is_changed_told_where_taken_and_given_back(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(SettingsScreen(laboratory), WIDE) as pilot:
        pilot.app.screen.query_one(TabbedContent).active = "look-tab"
        await settled(pilot)
        table = pilot.app.screen.query_one("#keys", DataTable)
        table.focus()
        table.move_cursor(row=table.get_row_index("monitor.step"))
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("space")
        await pilot.pause()
        assert load_preferences()[0].keymap == {}
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("z")
        await pilot.pause()
        assert load_preferences()[0].keymap == {"monitor.step": "z"}
        assert str(table.get_cell("monitor.step", "key")) == "z (yours)"
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("backspace")
        await pilot.pause()
        assert load_preferences()[0].keymap == {}


def test_no_screen_gives_one_key_to_two_actions() -> None:
    taken: dict[tuple[str, str], str] = {}
    for one in all_bindings():
        for key in one.usual.split(","):
            place = f"{one.place} {one.owner}"
            assert taken.setdefault((place, key), one.id) == one.id, (one, taken)


async def test_the_doctor_looks_when_asked(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    async with open_screen(SettingsScreen(laboratory), WIDE) as pilot:
        pilot.app.screen.query_one(TabbedContent).active = "doctor-tab"
        await settled(pilot)
        await pilot.click("#examine")
        await settled(pilot)
        found = str(pilot.app.screen.query_one("#found", Static).content)
        assert "✓ python" in found and "store" in found


SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])


@SIZES
async def test_how_it_looks(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int],
    folder: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("screens.settings.variable_list.env_file_shown", lambda: "/home/ada/.env")
    async with open_screen(SettingsScreen(laboratory), size) as pilot:
        snap(pilot)


@SIZES
async def test_how_it_looks_with_a_fault(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("screens.settings.variable_list.env_file_shown", lambda: "/home/ada/.env")
    async with open_screen(SettingsScreen(laboratory), size) as pilot:
        await typed(pilot, "SIMULATOR_DATABASE", "a/b")
        row_of(pilot, "SIMULATOR_DATABASE").scroll_visible(animate=False, immediate=True)
        await settled(pilot)
        snap(pilot)


@SIZES
async def test_how_keys_look(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    async with open_screen(SettingsScreen(laboratory), size) as pilot:
        pilot.app.screen.query_one(TabbedContent).active = "look-tab"
        await settled(pilot)
        snap(pilot)
