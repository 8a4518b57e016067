"""Two colleagues on one store: what each may do, and what each sees of the other."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from simulator.domain.records import Lease
from simulator.process import SystemClock
from simulator.store.opening import open_store
from tests.cli.conftest import DESIGN
from tests.cli.shell import Shell

SLOW = "scripted/babble?token_delay_ms=30"


class Colleague(Shell):
    """Somebody else with a home of their own, on the store of the first."""

    def __init__(self, other: Shell, user: str) -> None:
        folder = other.folder / user
        folder.mkdir()
        super().__init__(folder, other.forks)
        self.environment |= {
            "SIMULATOR_STORE": other.environment["SIMULATOR_STORE"], "SIMULATOR_USER": user,
        }  # fmt: skip


@pytest.fixture(params=["sqlite", "mongodb"])
def any_store(request: pytest.FixtureRequest, shell: Shell) -> None:
    """Lets the test run on a MongoDB too."""
    if request.param == "mongodb":
        shell.environment["SIMULATOR_STORE"] = request.getfixturevalue("mongo_url")


@pytest.fixture
def ada(shell: Shell) -> Shell:
    shell.environment["SIMULATOR_USER"] = "ada"
    return shell


@pytest.fixture
def bob(ada: Shell) -> Colleague:
    return Colleague(ada, "bob")


def refused(shell: Shell, *words: str) -> dict[str, Any]:
    code, error = shell.error(*words)
    assert (code, error["code"]) == (4, "permission_denied")
    return error


# ---------------------------------------------------------------- who may do what


def test_notes_are_their_creators_and_stars_everybodys(ada: Shell, bob: Shell) -> None:
    run_id = ada.short_run()["run"]["id"]
    for name, what in ((run_id, f"Run {run_id}"), ("Prison", "Experiment 'Prison'")):
        error = refused(bob, "note", name, "mine!")
        assert error["message"] == f"{what} belongs to ada; only its creator may write on it."
        bob.ok("star", name)
        ada.ok("note", name, "seen")
    assert "duplicate" in refused(bob, "note", "Prison", "x")["suggestion"]
    assert [entry["id"] for entry in bob.data("ls", "--runs", "--starred")] == [run_id]
    assert ada.data("ls", "--runs", "--starred") == ada.data("ls", "--starred") == []
    assert bob.data("show", run_id)["run"]["note"] == "seen"
    assert "starred by bob" in ada.ok("show", "Prison")


@pytest.mark.usefixtures("any_store")
def test_only_creators_delete_and_runs_of_others_need_a_word(ada: Shell, bob: Shell) -> None:
    ada.short_run()
    theirs = bob.short_run()["run"]["id"]
    assert "Ask bob to delete it." in refused(ada, "delete", theirs, "--yes")["suggestion"]
    assert "belongs to ada" in refused(bob, "delete", "Prison", "--yes")["message"]
    error = refused(ada, "delete", "Prison", "--yes")
    assert error["message"].endswith("who would lose them: 1 of bob.")
    assert "--with-runs-of-others" in error["suggestion"]
    assert len(ada.data("ls", "--runs")) == 2
    with ada.terminal("delete", "Prison", "--with-runs-of-others", columns=200) as screen:
        screen.expect("with all its 2 runs (1 of bob) for good? [y/N] ")
        screen.type("y\r")
        assert screen.end() == 0
    assert ada.data("ls") == []


def test_others_runs_can_be_read_forked_and_gone_on_with(ada: Shell, bob: Shell) -> None:
    run_id = ada.short_run()["run"]["id"]
    bob.ok("fork", run_id, "--at", "1", "--no-play")
    fork = bob.data("show", "last")["run"]
    assert (fork["creator"], fork["forked_from"]["run_id"]) == ("bob", run_id)
    ada.ok("resume", fork["id"])
    resumed = bob.data("show", "last")["run"]
    assert (resumed["id"], resumed["creator"]) == (fork["id"], "bob")
    assert resumed["status"] == "completed"


# ---------------------------------------------------------------- what names mean


def test_last_is_ones_own_newest_run(ada: Shell, bob: Shell) -> None:
    first = ada.short_run()["run"]["id"]
    assert bob.data("show", "last")["run"]["id"] == first
    second = bob.short_run()["run"]["id"]
    assert ada.data("show", "last")["run"]["id"] == first
    assert bob.data("show", "last")["run"]["id"] == second


def test_a_name_that_both_use_means_ones_own(ada: Shell, bob: Shell) -> None:
    made = {}
    for shell, messages in ((ada, 4), (bob, 2)):
        path = shell.folder / "talk.yaml"
        text = DESIGN.replace("messages: 4", f"messages: {messages}")
        path.write_text(text, encoding="utf-8")
        shell.ok("import", str(path))
        made[shell] = shell.data("show", "Talk")["experiment"]
    assert [made[ada]["creator"], made[bob]["creator"]] == ["ada", "bob"]
    code, error = Colleague(ada, "eve").error("show", "Talk")
    assert code == 2
    assert {line.split()[2] for line in error["problems"]} == {"ada", "bob"}


# ---------------------------------------------------------------- lists


def test_lists_are_sorted_limited_and_ones_own(ada: Shell, bob: Shell, design: Path) -> None:
    ada.short_run()
    bob.ok("run", str(design), "-s", "1")
    runs = ada.data("ls", "--runs")
    assert [run["creator"] for run in runs] == ["bob", "ada"]
    assert [run["creator"] for run in ada.data("ls", "--runs", "--mine")] == ["ada"]
    assert [run["creator"] for run in ada.data("ls", "--sort", "oldest")] == ["ada", "bob"]
    assert ada.data("ls", "--runs", "--limit", "1") == runs[:1]
    assert [entry["name"] for entry in bob.data("ls", "--mine")] == ["Talk"]
    assert "There are more; see more with --limit N" in ada.run("ls", "--limit", "1").stderr
    assert (
        "There are more; see more with --limit N" in ada.run("ls", "--runs", "--limit", "1").stderr
    )
    assert ada.error("ls", "--mine", "--creator", "bob")[0] == 2
    assert ada.error("ls", "--playing", "--mine")[0] == 2


def test_a_terminal_shows_fifty_and_says_so(shell: Shell) -> None:
    words = ("run", "prison", "-m", "scripted/babble", "--messages", "1", "--days", "1")
    shell.ok(*words, "--repeat", "52")
    with shell.terminal("ls", "--runs", rows=80) as screen:
        assert screen.end() == 0
        assert screen.text.count("completed") == 50
        assert "There are more" in screen.text
    with shell.terminal("show", "Prison", rows=80, columns=120) as screen:
        assert screen.end() == 0
        assert screen.text.count("completed") == 50
        assert "2 more; see them with:" in screen.text
    with shell.terminal("ls", "--runs", "--limit", "0", rows=80) as screen:
        assert screen.end() == 0
        assert screen.text.count("completed") == 52
    assert len(shell.data("ls", "--runs")) == 52


# ---------------------------------------------------------------- where designs come from


@pytest.mark.usefixtures("any_store")
def test_an_edited_copy_knows_its_parent(ada: Shell, bob: Shell) -> None:
    parent = ada.short_run()["experiment"]
    path = bob.folder / "mine.yaml"
    assert bob.data("duplicate", "Prison", "-o", str(path))["parent_id"] == parent["id"]
    text = path.read_text(encoding="utf-8").replace("days: 2", "days: 1")
    path.write_text(text, encoding="utf-8")
    for _ in range(2):
        bob.ok("run", str(path), "-m", "scripted/babble", "--messages", "2")
    (child,) = bob.data("ls", "--mine")
    assert (child["parent_id"], child["runs"]) == (parent["id"], 2)
    shown = ada.data("show", "Prison")
    assert shown["children"] == [{"id": child["id"], "name": "Prison copy"}]
    assert f"copies     Prison copy ({child['id']})" in ada.ok("show", "Prison")
    assert f"copy of    Prison ({parent['id']})" in ada.ok("show", "Prison copy")
    changes = [{"path": "days", "before": 2, "after": 1}]
    assert ada.data("diff", "Prison copy") == ada.data("diff", str(path)) == changes
    assert ada.data("diff", parent["id"], child["id"]) == changes


def test_a_copy_is_of_the_same_design(ada: Shell) -> None:
    original = ada.short_run()["experiment"]
    path = ada.folder / "copy.yaml"
    ada.ok("duplicate", "Prison", "-o", str(path), "--name", "Copy")
    ada.ok("import", str(path))
    copy = ada.data("show", "Copy")["experiment"]
    experiments = {entry["name"]: entry for entry in ada.data("ls")}
    assert experiments["Copy"]["design_hash"] == experiments["Prison"]["design_hash"]
    assert copy["parent_id"] == original["id"]
    assert ada.ok("diff", "Copy").endswith("The designs are the same.\n")


def test_a_difference_is_shown_by_words(ada: Shell, design: Path) -> None:
    other = ada.folder / "other.yaml"
    text = DESIGN.replace("You are a guard.", "You are a \x1b[31mkind\x1b[0m guard.")
    other.write_text(text.replace("\x1b", "[bold]"), encoding="utf-8")
    out = ada.ok("diff", str(design), str(other))
    assert "\nroles/guard/starting_prompt\n  You are a {+[bold][31mkind[bold][0m +}guard.\n" in out
    with ada.terminal("diff", str(design), str(other)) as screen:
        assert screen.end() == 0
        assert "You are a [bold][31mkind[bold][0m guard." in screen.text
        assert b"\x1b[32m[bold]" in screen.raw


def test_a_run_is_compared_with_its_experiment_and_with_another(ada: Shell, design: Path) -> None:
    ada.ok("run", str(design), "-f", "mood=angry")
    first = ada.data("show", "last")["run"]["id"]
    ada.ok("run", str(design), "--messages", "2")
    changed = {change["path"]: change["after"] for change in ada.data("diff", first)}
    assert changed["roles/guard/sections/Mood"] == "You are angry."
    paths = [change["path"] for change in ada.data("diff", first, "last")]
    assert {"messages", "roles/guard/sections/Mood"} < set(paths)
    code, error = ada.error("diff", "Talk")
    assert (code, "was not duplicated from" in error["message"]) == (2, True)
    assert ada.error("diff", "Talk", "nobody")[0] == 3


# ---------------------------------------------------------------- who plays what


@pytest.mark.usefixtures("any_store")
def test_what_a_colleague_plays_is_listed_and_watched(ada: Shell, bob: Shell) -> None:
    playing = ada.start("run", "prison", "-m", SLOW, "--messages", "300", "--days", "1", "--json")
    assert playing.stdout is not None
    run_id = json.loads(playing.stdout.readline())["run_id"]
    playing.stdout.readline()
    (one,) = bob.data("ls", "--playing")
    assert (one["run_id"], one["played_by"]["user"]) == (run_id, "ada")
    assert (one["turns"], one["models"]) == (300, [SLOW])
    assert one["messages"] >= 1
    assert bob.data("watch") == bob.data("ls", "--playing") or playing.poll() is None
    machine = one["played_by"]["machine"]
    line = bob.ok("watch").splitlines()[1]
    assert re.search(rf"Prison +ada +{re.escape(machine)} .* 300 messages +{re.escape(SLOW)}", line)
    assert f"ada on {machine}" in bob.ok("ls", "--runs")
    assert f"played by  ada on {machine}" in bob.ok("show", run_id)
    code, error = bob.error("resume", run_id)
    assert (code, error["code"]) == (1, "run_owned_elsewhere")
    assert error["message"] == f"Run {run_id} is being played by ada on {machine}."
    code, error = ada.error("delete", run_id, "--yes")
    assert (code, f"ada on {machine}" in error["message"]) == (1, True)
    playing.send_signal(signal.SIGINT)
    playing.communicate(timeout=60)
    assert bob.data("ls", "--playing") == []
    assert bob.ok("watch") == "Nobody plays a run just now.\n"


def test_a_terminal_shows_live_who_plays_what_until_q(ada: Shell, bob: Shell) -> None:
    with bob.terminal("watch", columns=120) as screen:
        at = screen.expect("0 runs being played")
        playing = ada.start("run", "prison", "-m", SLOW, "--messages", "200", "--json")
        assert playing.stdout is not None
        playing.stdout.readline()
        at = screen.expect("1 run being played, by ada on ", after=at)
        assert "200 messages" in screen.text
        playing.send_signal(signal.SIGINT)
        playing.communicate(timeout=60)
        screen.expect("0 runs being played", after=at)
        screen.type("q")
        assert screen.end() == 0
        assert screen.raw.rindex(b"\x1b[?25h") > screen.raw.rindex(b"\x1b[?25l")


def test_ctrl_c_leaves_the_live_table_and_the_keyboard_in_order(shell: Shell) -> None:
    with shell.terminal("watch") as screen:
        screen.expect("q leaves")
        screen.type("\x03")
        assert screen.end() == 130
        assert "Traceback" not in screen.text


@pytest.mark.usefixtures("any_store")
def test_messages_of_a_colleague_come_within_a_second(ada: Shell, bob: Shell) -> None:
    model = "scripted/babble?delay_ms=400"
    playing = ada.start("run", "prison", "-m", model, "--messages", "16", "--days", "1", "--json")
    assert playing.stdout is not None
    run_id = json.loads(playing.stdout.readline())["run_id"]
    watching = bob.start("watch", run_id, "--json")
    assert watching.stdout is not None
    late: list[float] = []
    types: list[str] = []
    for line in watching.stdout:
        event, now = json.loads(line), time.time()
        types.append(event["type"])
        if event["type"] == "step_committed":
            late.append(now - _seconds(event["message"]["created_at"]))
        if event["type"] == "run_played_by":
            assert (event["user"], event["is_takeover"]) == ("ada", False)
    watching.communicate(timeout=60)
    playing.communicate(timeout=60)
    assert (watching.returncode, playing.returncode) == (0, 0)
    assert types[:2] == ["run_started", "run_played_by"]
    assert len(late) == 17
    assert min(max(late[at : at + 3]) for at in range(4, 15)) < 1.0  # with a busy machine's pauses


@pytest.mark.usefixtures("any_store")
async def test_a_takeover_is_told_to_who_watches(ada: Shell) -> None:
    ada.short_run()
    ada.ok("fork", "last", "--at", "1", "--no-play")
    run_id = ada.data("show", "last")["run"]["id"]
    store, now = await open_store(ada.environment["SIMULATOR_STORE"]), SystemClock().now()
    far, near = (
        Lease(f"{machine}-0a0a0a:1:1", now + timedelta(minutes=5), user)
        for machine, user in (("far", "ada"), ("near", "bob"))
    )
    assert await store.acquire(run_id, far, now=now) is None
    with ada.terminal("watch", run_id) as screen:
        await asyncio.to_thread(screen.expect, "Played by ada on far")
        assert await store.acquire(run_id, near, now=now, replacing=far.owner) is None
        await asyncio.to_thread(screen.expect, "Taken over by bob on near")
        assert await store.release(run_id, near.owner, status="paused")
        assert await asyncio.to_thread(screen.end) == 0
        assert "The run is paused." in screen.text
    await store.close()


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
