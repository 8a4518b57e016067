from __future__ import annotations

import signal
import sqlite3
from pathlib import Path

import pytest

from tests.cli.shell import Shell, Terminal
from tests.servers.mongo.launching import MongoServer

LONG = "scripted/say?text=one+two+three&token_delay_ms=60000"
IN_ORDER = b"\x1b[?1049l"
"""What gives the terminal back as it was."""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.environment["TEXTUAL_ANIMATIONS"] = "none"
    del shell.environment["PYTHONWARNINGS"]
    return shell


def opened(shell: Shell) -> Terminal:
    screen = shell.terminal()
    screen.expect("Experiments")
    return screen


def statuses(shell: Shell) -> list[str]:
    with sqlite3.connect(shell.store) as connection:
        return [row[0] for row in connection.execute("select status from runs")]


def playing(shell: Shell) -> Terminal:
    """The app, with a run that goes on for long."""
    design = shell.folder / "endless.yaml"
    design.write_text(
        f"kind: conversation\nname: Endless\nstarting_message: Begin.\nmodel: {LONG}\n"
        "roles:\n  - name: guard\n    starting_prompt: You are a guard.\n",
        encoding="utf-8",
    )
    shell.ok("import", str(design))
    screen = opened(shell)
    screen.expect("Endless")
    screen.type("l")
    screen.expect("What this starts")
    screen.expect("1 run")
    screen.type("\x13")
    screen.expect("1 playing")
    return screen


def test_the_app_opens_and_is_left(shell: Shell) -> None:
    with opened(shell) as screen:
        screen.type("\x11")
        assert screen.end() == 0
        assert IN_ORDER in screen.raw


def test_ctrl_c_leaves(shell: Shell) -> None:
    with opened(shell) as screen:
        screen.type("\x03")
        assert screen.end() == 0
        assert IN_ORDER in screen.raw


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_leave_the_terminal_in_order(shell: Shell, number: signal.Signals) -> None:
    with opened(shell) as screen:
        screen.process.send_signal(number)
        assert screen.end() == 128 + number
        assert IN_ORDER in screen.raw


def test_a_store_that_cannot_be_opened_is_told_in_words(shell: Shell) -> None:
    shell.store.write_bytes(b"no database" * 100)
    with shell.terminal() as screen:
        assert screen.end() != 0
        assert "Error:" in screen.text
        assert "Traceback" not in screen.text


def test_options_of_the_app(shell: Shell) -> None:
    other = shell.folder / "other.db"
    with shell.terminal("--store", f"sqlite:///{other}") as screen:
        screen.expect("other.db")
        screen.type("\x11")
        assert screen.end() == 0
    assert other.is_file()
    assert other.stat().st_mode & 0o077 == 0


def test_without_a_terminal_there_is_help(shell: Shell) -> None:
    done = shell.run()
    assert done.returncode == 0
    assert "Verbs" in done.stdout


def test_ctrl_c_asks_and_leaves_a_run_that_can_be_resumed(shell: Shell) -> None:
    with playing(shell) as screen:
        screen.type("\x03")
        screen.expect("1 run of yours would stop here")
        screen.type("y")
        assert screen.end() == 0
        assert IN_ORDER in screen.raw
        assert "To be resumed: 1 run;" in screen.text
    assert statuses(shell) == ["paused"]


def test_sigterm_leaves_a_run_that_can_be_resumed(shell: Shell) -> None:
    with playing(shell) as screen:
        screen.process.send_signal(signal.SIGTERM)
        assert screen.end() == 128 + signal.SIGTERM
        assert IN_ORDER in screen.raw
    assert statuses(shell) == ["paused"]


def test_a_killed_app_leaves_its_run_on_the_list(shell: Shell) -> None:
    with playing(shell) as screen:
        screen.process.send_signal(signal.SIGKILL)
        screen.end()
    assert statuses(shell) == ["running"]
    with opened(shell) as screen:
        screen.expect("Endless")
        screen.type("\x1bOR")
        screen.expect("!")
        screen.expect("abandoned")
        screen.type("r")
        screen.expect("1 playing")
        screen.type("\x03")
        screen.expect("would stop here")
        screen.type("y")
        assert screen.end() == 0
    assert statuses(shell) == ["paused"]


def test_a_lost_database_shows_a_banner_until_it_is_back(shell: Shell) -> None:
    with MongoServer(shell.folder / "data") as server:
        shell.environment["SIMULATOR_STORE"] = server.uri.replace("/?", "/lab?")
        shell.environment["SIMULATOR_STORE_PATIENCE_S"] = "60"
        with shell.terminal(columns=200, rows=40) as screen:
            at = screen.expect("There are no experiments")
            screen.type("\x1bOR")
            at = screen.expect("Nothing is being played.", after=at)
            server.kill()
            at = screen.expect("Waiting up to", after=at)
            server.restart()
            screen.expect(" is back after ", after=at)
            screen.type("\x11")
            assert screen.end() == 0
