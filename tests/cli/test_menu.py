"""The menu on real terminals: one that draws, one that does not, a narrow one."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from dotenv import dotenv_values

from simulator.cli.menus.guide import Guide
from simulator.cli.menus.questions import Option, PlainQuestions
from simulator.cli.session import Session
from tests.cli.shell import Shell, Terminal
from tests.servers.ollama_server import OllamaServer

ENTER, DOWN, UP, CTRL_C, CTRL_D = "\r", "\x1b[B", "\x1b[A", "\x03", "\x04"
MAIN = "What would you like to do?"
T = TypeVar("T")


@pytest.fixture
def shell(shell: Shell) -> Shell:
    shell.environment |= {"PROMPT_TOOLKIT_NO_CPR": "1", "SIMULATOR_USER": "ada"}
    return shell


@pytest.fixture
def plain(shell: Shell) -> Shell:
    """A terminal that nothing can be drawn on."""
    shell.environment["TERM"] = "dumb"
    return shell


def choose(screen: Terminal, question: str, label: str, after: int = 0, last: str = "Back") -> int:
    """Move the pointer of a drawn list to a label, and take it."""
    at = screen.expect(question, after=after)
    screen.expect(label, after=at)
    end = screen.expect("Leave" if question == MAIN else last, after=at)
    rows = re.findall(r"^ (.) .*$", screen.text[at:].replace("\r", ""), re.M)
    lines = re.findall(r"^ . (.*)$", screen.text[at:].replace("\r", ""), re.M)
    place = next(place for place, line in enumerate(lines) if label in line)
    moves = place - rows.index("»")
    screen.type((DOWN if moves > 0 else UP) * abs(moves) + ENTER)
    return end


def answer(screen: Terminal, question: str, text: str, after: int = 0) -> int:
    """Type an answer to a plain question."""
    at = screen.expect(question, after=after)
    screen.type(f"{text}\r")
    return at


def take(screen: Terminal, question: str, label: str, after: int = 0) -> int:
    """Answer a numbered list with the beginning of one of its lines."""
    at = screen.expect(question, after=after)
    at = screen.expect("]: ", after=at)
    screen.type(f"{label}\r")
    return screen.expect(f"{label}\r\n", after=at)


def leave(screen: Terminal, *questions: str, after: int) -> None:
    """Press Ctrl-C at each of the questions, which come one after another."""
    at = after
    for question in questions:
        at = screen.expect(question, after=at)
        at = screen.expect("Leave" if question == MAIN else "Back", after=at)
        if "Number [" in screen.text:
            at = screen.expect("]: ", after=at)
        screen.type(CTRL_C)


def test_a_seed_is_launched_with_what_was_chosen_line_by_line(shell: Shell) -> None:
    with shell.terminal("menu", columns=100, rows=40) as screen:
        at = choose(screen, MAIN, "Experiments")
        at = choose(screen, "Which experiment?", "prison (a seed)", after=at)
        at = choose(screen, "Seed prison", "Launch it", after=at)
        at = choose(screen, "Launch ", "Messages in all: 20", after=at)
        at = screen.expect("? Messages in all (empty", after=at)
        screen.type("\x152\r")
        at = choose(screen, "Launch ", "Days: ", after=at)
        at = screen.expect("? Days (empty", after=at)
        screen.type("\x150\r")
        at = screen.expect("greater than", after=at)
        screen.type("\x151\r")
        at = choose(screen, "Launch ", "Agents: guard 1, prisoner 1", after=at)
        at = choose(screen, "Agents", "Prisoner: 1", after=at)
        at = screen.expect("? Prisoner (empty", after=at)
        screen.type("\x152\r")
        at = choose(screen, "Agents", "Back", after=at)
        at = choose(screen, "Launch ", "Factors: goal escape", after=at)
        at = choose(screen, "Factors", "Goal: escape", after=at)
        at = choose(screen, "Goal?", "yard time", after=at, last="yard time")
        at = choose(screen, "Factors", "Back", after=at)
        at = choose(screen, "Launch ", "Seed: drawn", after=at)
        at = screen.expect("? Seed (empty", after=at)
        screen.type("7\r")
        at = choose(screen, "Launch ", "Start", after=at)
        at = screen.expect("--agents prisoner=2 --factor 'goal=yard time' --seed 7", after=at)
        at = screen.expect("2 messages were spoken", after=at)
        leave(screen, "Seed prison", "Which experiment?", MAIN, after=at)
        assert screen.end() == 0
    run = shell.data("show", "last")["run"]
    assert (run["seed"], len(run["agents"]), run["status"]) == (7, 3, "completed")
    assert run["creator"] == "ada"


def test_everything_fits_40_columns(shell: Shell) -> None:
    shell.short_run()
    with shell.terminal("menu", columns=40) as screen:
        at = choose(screen, MAIN, "Experiments")
        at = choose(screen, "Which experiment?", "1 run", after=at)
        screen.expect("Delete it", after=at)
        leave(screen, "", "Which experiment?", MAIN, after=at)
        assert screen.end() == 0
        drawn = screen.text
    options = [line for line in drawn.replace("\r", "").split("\n") if line.startswith(" » ")]
    assert options and all(len(line) <= 40 for line in options)


def test_a_run_is_read_a_screenful_at_a_time_and_left_in_the_middle(shell: Shell) -> None:
    words = ["-m", "scripted/babble", "--messages", "40", "--days", "1", "-s", "7"]
    shell.ok("run", "prison", *words)
    run = f"Run {shell.data('show', 'last')['run']['id'][-8:]}, completed"
    with shell.terminal("menu", columns=80) as screen:
        at = choose(screen, MAIN, "Runs")
        at = choose(screen, "Which run?", "41 messages", after=at)
        at = choose(screen, run, "Read it", after=at)
        at = screen.expect("read. More?", after=at)
        assert screen.text[:at].count("\n", screen.text.index("$ ")) < 40
        screen.type("y")
        at = screen.expect("read. More?", after=at)
        screen.type("n")
        leave(screen, run, "Which run?", MAIN, after=at)
        assert screen.end() == 0
        assert " 40 " not in screen.text[at:]


def test_a_run_is_forked_compared_exported_starred_noted_and_deleted(plain: Shell) -> None:
    first = plain.short_run()["run"]["id"]
    with plain.terminal("menu", columns=100) as screen:
        at = take(screen, MAIN, "Runs")
        at = take(screen, "Which run?", "1", after=at)
        at = take(screen, f"Run {first[-8:]}, completed", "Fork", after=at)
        at = answer(screen, "Last message to take over (0 to 2):", "99", after=at)
        at = screen.expect("Type the number of a message, 0 to 2", after=at)
        at = answer(screen, "Last message to take over (0 to 2):", "1", after=at)
        at = answer(screen, "Other words for it", "Open the door.", after=at)
        at = screen.expect("Forked run", after=at)
        at = screen.expect("Read it with:", after=at)

        at = take(screen, "Run ", "Compare", after=at)
        at = take(screen, "Compare ", "1", after=at)
        at = screen.expect("The same up to here: 1 message. Then:", after=at)
        at = screen.expect("Open the door.", after=at)

        at = take(screen, "Run ", "Export", after=at)
        at = take(screen, "As what?", "csv", after=at)
        at = answer(screen, "Into which file?", "out.csv", after=at)
        at = screen.expect("Wrote out.csv", after=at)
        at = take(screen, "Run ", "Export", after=at)
        at = take(screen, "As what?", "csv", after=at)
        at = answer(screen, "Into which file?", "out.csv", after=at)
        at = answer(screen, "out.csv exists. Write over it?", "", after=at)

        at = take(screen, "Run ", "Make it a favourite", after=at)
        at = take(screen, "Run ", "Write a note", after=at)
        at = answer(screen, "Note (empty removes it):", "--odd [bold] note", after=at)
        at = take(screen, "Run ", "No favourite any more", after=at)
        at = take(screen, "Run ", "Make it a favourite", after=at)

        at = take(screen, "Run ", "Delete it", after=at)
        at = answer(screen, f"Delete run {first} for good?", "", after=at)
        at = screen.expect("Nothing was deleted.", after=at)
        run = plain.data("show", first)["run"]
        at = take(screen, "Run ", "Delete it", after=at)
        at = answer(screen, f"Delete run {first} for good?", "y", after=at)
        at = screen.expect("Deleted run", after=at)
        at = screen.expect("Which run?", after=at)
        screen.type(CTRL_D * 2)
        assert screen.end() == 0
    assert (run["note"], run["starred_by"]) == ("--odd [bold] note", ["ada"])
    (left,) = plain.data("ls", "--runs")
    assert left["forked_from"]["run_id"] == first and left["forked_from"]["edited"]
    assert (plain.folder / "out.csv").read_text("utf-8").count("\n") >= 3


def test_ctrl_c_while_a_run_plays_pauses_it_and_it_goes_on_from_the_menu(plain: Shell) -> None:
    plain.ok("duplicate", "prison", "--name", "Slow")
    with plain.terminal("menu", columns=100) as screen:
        at = take(screen, MAIN, "Experiments")
        at = take(screen, "Which experiment?", "Slow", after=at)
        at = take(screen, "Slow", "Launch", after=at)
        at = take(screen, "Launch Slow", "Models: ", after=at)
        at = take(screen, "Models", "Everybody", after=at)
        at = take(screen, "Which model, everybody?", "Another", after=at)
        at = answer(screen, "Its name, such as", "scripted/babble?delay_ms=200", after=at)
        at = take(screen, "Models", "Back", after=at)
        at = take(screen, "Launch Slow", "Start", after=at)
        at = screen.expect("Guard", after=screen.expect("Start the experiment", after=at))
        screen.type(CTRL_C)
        at = screen.expect("The run is paused.", after=at)
        at = screen.expect("Models: everybody scripted/babble?delay_ms=200", after=at)
        screen.type(CTRL_C)
        at = take(screen, "Slow", "Its runs", after=at)
        at = take(screen, "Which run?", "1", after=at)
        at = take(screen, "paused", "Go on with it", after=at)
        at = screen.expect("Read it with:", after=at)
        leave(screen, ", completed", "Which run?", "Slow", "Which experiment?", MAIN, after=at)
        assert screen.end() == 0
    assert plain.data("show", "last")["run"]["status"] == "completed"


class Interrupted(PlainQuestions):
    def pick(self, question: str, options: Sequence[Option[T]], *, usual: int = 0) -> T:
        raise KeyboardInterrupt


def test_ctrl_c_leaves_a_level_also_while_its_question_is_written() -> None:
    session = Session()
    guide = Guide(session, Interrupted(session.output))
    guide.stay(lambda: MAIN, list)


def test_experiments_are_read_copied_and_deleted(plain: Shell) -> None:
    with plain.terminal("menu", columns=100) as screen:
        at = take(screen, MAIN, "Experiments")
        at = take(screen, "Which experiment?", "prison", after=at)
        at = take(screen, "Seed prison", "Read", after=at)
        at = screen.expect("kind: conversation", after=at)
        at = answer(screen, "read. More?", "n", after=at)
        at = take(screen, "Seed prison", "Duplicate", after=at)
        at = answer(screen, "Name of the copy:", "Mine \u202e[/x]", after=at)
        at = take(screen, "Seed prison", "Back", after=at)
        at = take(screen, "Which experiment?", "Mine", after=at)
        at = take(screen, "Mine \\u202e[/x]", "Delete", after=at)
        at = answer(screen, "with no runs for good?", "y", after=at)
        at = screen.expect("Which experiment?", after=at)
        screen.type(CTRL_D * 2)
        assert screen.end() == 0
    assert plain.data("ls") == []


def test_what_goes_wrong_is_told_and_the_menu_goes_on(plain: Shell) -> None:
    with plain.terminal("menu", columns=100) as screen:
        at = take(screen, MAIN, "Experiments")
        at = take(screen, "Which experiment?", "prison", after=at)
        at = take(screen, "Seed prison", "Launch", after=at)
        at = take(screen, "Launch ", "Models: ", after=at)
        at = take(screen, "Models", "Everybody", after=at)
        at = take(screen, "Which model, everybody?", "Another", after=at)
        at = answer(screen, "Its name, such as", "scripted/nobody", after=at)
        at = take(screen, "Models", "Back", after=at)
        at = take(screen, "Launch ", "Start", after=at)
        at = screen.expect("Error: ", after=at)
        at = screen.expect("Models: everybody scripted/nobody", after=at)
        screen.type("nothing like that\r")
        at = screen.expect("Type a number of the list", after=at)
        screen.type(CTRL_D * 4)
        assert screen.end() == 0


async def test_a_model_is_downloaded_and_checked(plain: Shell) -> None:
    server = OllamaServer(library={"tiny": 1000})

    def go() -> int:
        with plain.terminal("menu", columns=100) as screen:
            at = take(screen, MAIN, "Models")
            at = take(screen, "Models", "Download", after=at)
            at = answer(screen, "Which model?", "ollama/tiny", after=at)
            at = screen.expect("ollama/tiny is there.", after=at)
            at = take(screen, "Models", "Check", after=at)
            at = take(screen, "Which model?", "ollama/llama3.2", after=at)
            at = screen.expect("First words after", after=at)
            at = screen.expect("Download", after=at)
            screen.type(CTRL_D * 2)
            return screen.end()

    async with server.serving() as address:
        plain.environment["OLLAMA_HOST"] = address
        assert await asyncio.to_thread(go) == 0
    assert "tiny" in {model.name for model in server.models}


def test_settings_written_from_the_menu_hold_at_once(shell: Shell) -> None:
    del shell.environment["SIMULATOR_USER"]
    with shell.terminal("menu", columns=100) as screen:
        at = choose(screen, MAIN, "Settings")
        for question, keys in (
            ("Where shall", ENTER), ("Your name", "\x15grace\r"), ("Write this", ENTER)
        ):  # fmt: skip
            at = screen.expect(question, after=at)
            screen.type(keys)
        at = screen.expect("See whether all is well", after=at)
        at = choose(screen, MAIN, "Experiments", after=at)
        at = choose(screen, "Which experiment?", "prison", after=at)
        at = choose(screen, "Seed prison", "Duplicate it", after=at)
        at = screen.expect("Name of the copy", after=at)
        screen.type(ENTER)
        at = screen.expect("Run it with", after=at)
        leave(screen, "Seed prison", "Which experiment?", MAIN, after=at)
        assert screen.end() == 0
    assert dotenv_values(shell.folder / ".env")["SIMULATOR_USER"] == "grace"
    assert [one["creator"] for one in shell.data("ls")] == ["grace"]


@pytest.mark.parametrize("term", ["dumb", "xterm-256color"])
def test_a_signal_ends_it_and_leaves_the_terminal_in_order(shell: Shell, term: str) -> None:
    shell.environment["TERM"] = term
    # The library that asks leaves its event loop to the interpreter when it is ended early.
    del shell.environment["PYTHONWARNINGS"]
    with shell.terminal("menu") as screen:
        screen.expect(MAIN)
        screen.expect("Leave")
        screen.process.send_signal(signal.SIGTERM)
        assert screen.end() == 143
        assert "Traceback" not in screen.text


def test_a_closed_window_ends_it(shell: Shell) -> None:
    with shell.terminal("menu") as screen:
        screen.expect("Leave")
        screen.hang_up()
        assert screen.process.wait(30) != 0


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_where_nobody_can_be_asked_it_says_so(shell: Shell, words: tuple[str, ...]) -> None:
    done = shell.run("menu", *words)
    assert done.returncode == 2
    assert "nobody can be asked here" in done.stdout + done.stderr


def test_the_password_of_the_store_is_asked_once_and_never_shown(
    plain: Shell, tmp_path: Path
) -> None:
    plain.environment["SIMULATOR_STORE"] = "mongodb://ada@127.0.0.1:1/lab"
    plain.environment["SIMULATOR_STORE_TIMEOUT_S"] = "0.2"
    with plain.terminal("menu", columns=100) as screen:
        at = screen.expect("Password of ada")
        screen.type("hush-hush\r")
        at = take(screen, MAIN, "Runs", after=at)
        at = screen.expect("Error: ", after=at)
        at = take(screen, MAIN, "Experiments", after=at)
        at = screen.expect("Error: ", after=at)
        screen.type(CTRL_D)
        assert screen.end() == 0
        assert screen.text.count("Password") == 1
    assert "hush-hush" not in screen.text and "hush-hush" not in plain.log()
