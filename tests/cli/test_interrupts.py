from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.presentation.wording import counted
from tests.cli.shell import Shell
from tests.servers.mongo.launching import MongoServer

SLOW = "scripted/babble?token_delay_ms=8"
QUICK = ["-m", SLOW, "--messages", "6", "--days", "2", "--seed", "9"]


def contents(shown: dict[str, Any]) -> list[tuple[Any, ...]]:
    keys = ("scope", "index", "day", "speaker", "role", "content", "prompt_hash")
    return [tuple(message[key] for key in keys) for message in shown["messages"]]


def stopped(playing: subprocess.Popen[str], number: int, times: int = 1) -> tuple[int, str, str]:
    for _ in range(times):
        playing.send_signal(number)
    out, err = playing.communicate(timeout=60)
    return playing.returncode, out, err


@pytest.mark.parametrize(
    ("number", "times", "lines"),
    [
        (signal.SIGINT, 1, 4), (signal.SIGINT, 3, 1), (signal.SIGTERM, 2, 4), (signal.SIGHUP, 1, 1),
    ],
)  # fmt: skip
def test_a_stopped_run_is_paused_and_ends_as_if_it_had_not_been(
    shell: Shell, number: int, times: int, lines: int
) -> None:
    playing = shell.start("run", "prison", *QUICK)
    assert playing.stdout is not None
    heard = [playing.stdout.readline() for _ in range(lines)]
    code, out, err = stopped(playing, number, times)
    assert code == 128 + number
    assert "Traceback" not in err
    shown = shell.data("show", "last")
    run = shown["run"]
    assert run["status"] == "paused"
    assert f"resume {run['id']}\n" in err
    printed = "".join(heard) + out
    for message in shown["messages"][1:]:
        assert message["content"].splitlines()[0] in printed
    assert len(shown["messages"]) >= lines - 1
    resumed = shell.run("resume", run["id"])
    assert resumed.returncode == 0
    assert f"{counted(len(shown['messages']), 'step')} taken over" in resumed.stderr
    ended = shell.data("show", "last")
    shell.ok("run", "prison", *QUICK)
    whole = shell.data("show", "last")
    assert whole["run"]["id"] != run["id"]
    assert contents(ended) == contents(whole)
    assert shell.data("verify", run["id"])["holds"]


def test_json_ends_with_a_paused_run(shell: Shell) -> None:
    playing = shell.start("run", "prison", *QUICK, "--json")
    assert playing.stdout is not None
    run_id = json.loads(playing.stdout.readline())["run_id"]
    code, out, err = stopped(playing, signal.SIGINT, 2)
    events = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (130, "")
    assert (events[-1]["type"], events[-1]["status"]) == ("run_finished", "paused")
    assert events[-1]["resume"].endswith(f"resume {run_id}")
    assert shell.data("show", run_id)["run"]["status"] == "paused"


def test_many_runs_are_paused_together_also_those_that_wait(shell: Shell) -> None:
    shell.environment["SIMULATOR_MAX_LIVE_RUNS"] = "2"
    playing = shell.start("run", "prison", *QUICK, "--repeat", "5")
    assert playing.stdout is not None
    playing.stdout.readline()
    code, _, err = stopped(playing, signal.SIGINT)
    assert code == 130
    runs = shell.data("ls", "--runs")
    assert [run["status"] for run in runs] == ["paused"] * 5
    lines = err.splitlines()
    place = next(number for number, line in enumerate(lines) if line.endswith(" resume \\"))
    ends = lines[place + 1].split()
    assert sorted(ends) == sorted(run["id"][-8:] for run in runs)
    shell.ok("resume", *ends)
    assert {run["status"] for run in shell.data("ls", "--runs")} == {"completed"}


def test_a_closed_terminal_pauses_the_run(shell: Shell) -> None:
    with shell.terminal("run", "prison", "-m", f"{SLOW}0", "--messages", "60") as screen:
        screen.expect("/60 · ")
        screen.hang_up()
        assert screen.process.wait(60) == 128 + signal.SIGHUP
    assert shell.data("show", "last")["run"]["status"] == "paused"


def test_a_signal_during_the_start_leaves_nothing_running(shell: Shell) -> None:
    """Ever later, from before anything is loaded until the run plays.

    What the interpreter says before it has read the program is not ours.
    """
    shell.ok("import", str(Path(__file__).resolve().parents[2] / "experiments_seed/prison.yaml"))
    swallowed = 0
    for _ in range(3):
        for wait_s in (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4):
            playing = shell.start("run", "prison", "-m", SLOW, "--messages", "60")
            with contextlib.suppress(subprocess.TimeoutExpired):
                playing.wait(wait_s)
            code, _, err = stopped(playing, signal.SIGINT, 2)
            if "site module" in err or ("Traceback" in err and "simulator" not in err):
                swallowed += 1
                continue
            assert code in (130, -signal.SIGINT), err
            assert "Traceback" not in err, err
    statuses = [run["status"] for run in shell.data("ls", "--runs")]
    assert statuses.count("completed") <= swallowed
    assert set(statuses) <= {"paused", "completed"}


def test_a_run_in_the_background_of_a_shell_is_not_stopped_by_its_interrupts(
    shell: Shell,
) -> None:
    was = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        playing = shell.start("run", "prison", *QUICK)
    finally:
        signal.signal(signal.SIGINT, was)
    assert playing.stdout is not None
    playing.stdout.readline()
    code, _, _ = stopped(playing, signal.SIGINT)
    assert code == 0
    assert shell.data("show", "last")["run"]["status"] == "completed"


def test_a_killed_run_is_shown_as_abandoned_and_can_be_resumed(shell: Shell) -> None:
    playing = shell.start("run", "prison", *QUICK)
    assert playing.stdout is not None
    for _ in range(3):
        playing.stdout.readline()
    playing.kill()
    playing.communicate()
    assert "abandoned" in shell.ok("ls", "--runs")
    watched = shell.run("watch", "last")
    assert watched.returncode == 0
    assert "Nobody plays this run any more." in watched.stderr
    shell.ok("resume", "last")
    assert shell.data("show", "last")["run"]["status"] == "completed"


def test_leaving_watch_does_not_stop_the_run(shell: Shell) -> None:
    playing = shell.start("run", "prison", "-m", f"{SLOW}&delay_ms=400", *QUICK[2:])
    assert playing.stdout is not None
    playing.stdout.readline()
    watching = shell.start("watch", "last")
    assert watching.stdout is not None
    watching.stdout.readline()
    code, _, err = stopped(watching, signal.SIGINT)
    assert (code, err.splitlines()[-1]) == (130, "Left; the run goes on.")
    playing.communicate(timeout=60)
    assert playing.returncode == 0


def test_a_run_that_is_played_elsewhere_is_left_alone(shell: Shell) -> None:
    playing = shell.start("run", "prison", "-m", f"{SLOW}&delay_ms=400", *QUICK[2:])
    assert playing.stdout is not None
    playing.stdout.readline()
    code, error = shell.error("resume", "last")
    assert (code, error["code"]) == (1, "run_owned_elsewhere")
    playing.communicate(timeout=60)
    assert playing.returncode == 0


@pytest.fixture
def server(shell: Shell) -> Iterator[MongoServer]:
    """The server of the user's store, to go away."""
    with MongoServer(shell.folder / "data") as server:
        shell.environment["SIMULATOR_STORE"] = server.uri.replace("/?", "/lab?")
        yield server


def told(playing: subprocess.Popen[str], what: str) -> None:
    """Read what it says aside until something is told."""
    assert playing.stderr is not None
    for line in playing.stderr:
        if what in line:
            return
    raise AssertionError(f"{what!r} was never told")


def test_a_database_that_is_away_does_not_hold_who_wants_to_stop(
    shell: Shell, server: MongoServer
) -> None:
    playing = shell.start("run", "prison", *QUICK, "--messages", "200")
    assert playing.stdout is not None
    playing.stdout.readline()
    server.kill()
    told(playing, "Waiting up to")
    asked_at = time.monotonic()
    code, _, err = stopped(playing, signal.SIGINT)
    assert time.monotonic() - asked_at < 12
    assert code == 130
    assert "Traceback" not in err
    assert "still on record as running" in err and "30 s" in err and " resume " in err
    server.restart()
    runs = [run["id"] for run in shell.data("ls", "--runs")]
    assert shell.run("resume", "--token-limit", "1", *runs).returncode == 1
    assert {run["status"] for run in shell.data("ls", "--runs")} == {"paused"}


def test_a_second_interrupt_ends_it_at_once(shell: Shell, server: MongoServer) -> None:
    with shell.terminal("run", "prison", *QUICK, "--messages", "200", columns=200) as screen:
        screen.expect("/200 · ")
        server.pause()
        screen.expect("Waiting up to")
        screen.type("\x03")
        screen.expect("Ctrl-C again")
        screen.type("\x03")
        assert screen.end() == 130
        assert "still on record" not in screen.text
        assert screen.raw.rindex(b"\x1b[?25h") > screen.raw.rindex(b"\x1b[?25l")
    server.resume()
