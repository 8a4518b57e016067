"""A database that goes away while a verb works on it: what the user is told, where and when."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.cli.shell import Shell
from tests.servers.mongo.launching import MongoServer

AWAY, BACK = "everything that was committed is kept.", " is back after "
PLAYING = ("run", "prison", "-m", "scripted/babble?token_delay_ms=10", "--messages", "200")


@pytest.fixture
def server(shell: Shell) -> Iterator[MongoServer]:
    """The server of the user's store, to be killed."""
    with MongoServer(shell.folder / "data") as server:
        shell.environment["SIMULATOR_STORE"] = server.uri.replace("/?", "/lab?")
        shell.environment["SIMULATOR_STORE_PATIENCE_S"] = "60"
        yield server


@pytest.mark.parametrize(
    ("words", "working"),
    [
        (PLAYING, "turn 3/200"),
        ((*PLAYING, "--repeat", "3"), "3 playing"),
        (("watch",), "q leaves"),
    ],
    ids=["one run", "many runs", "who plays what"],
)
def test_a_terminal_tells_of_an_outage_above_what_it_draws(
    shell: Shell, server: MongoServer, words: tuple[str, ...], working: str
) -> None:
    with shell.terminal(*words, columns=200) as screen:
        at = screen.expect(working)
        server.kill()
        at = screen.expect(AWAY, after=at)
        server.restart()
        at = screen.expect(BACK, after=at)
        screen.expect(" · ", after=at)
        screen.type("\x03")
        assert screen.end() == 130
        assert re.findall(r"(.)Warning: ", screen.text, re.DOTALL) in (["\r"] * 2, ["\n"] * 2)
    assert re.search(rf"WARNING .*{re.escape(AWAY)}\n(.*\n)*.* WARNING .*{BACK}", shell.log())


def test_json_tells_of_an_outage_at_once(shell: Shell, server: MongoServer) -> None:
    playing = shell.start(*PLAYING, "--json")
    _until(playing, "step_committed")
    server.kill()
    assert _until(playing, "warning").endswith(AWAY)
    server.restart()
    assert BACK in _until(playing, "warning")
    _until(playing, "step_committed")
    playing.terminate()
    assert playing.communicate(timeout=60)[1] == ""


def _until(playing: subprocess.Popen[str], kind: str) -> str:
    """Read events until one of that type comes; its message."""
    assert playing.stdout is not None
    for line in playing.stdout:
        event = json.loads(line)
        if event["type"] == kind:
            return str(event["message"])
    raise AssertionError(f"no {kind} came")
