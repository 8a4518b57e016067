"""`db info`, `db push` and `db pull`, as people use them."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from simulator.domain.ports import ExperimentStore
from simulator.domain.records import RunQuery
from simulator.store.opening import open_store
from tests.cli.shell import Shell
from tests.moving.copying import content, fill
from tests.servers.mongo.choosing import MongoUnderTest
from tests.servers.process import free_port
from tests.store.examples import a_run, a_step, an_experiment

MANY = 400


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[ExperimentStore]:
    store = await open_store(url)
    try:
        yield store
    finally:
        await store.close()


async def everything(url: str) -> dict[str, Any]:
    async with opened(url) as store:
        return await content(store)


@pytest.fixture
def here(shell: Shell) -> str:
    """The address of the store in use."""
    return shell.environment["SIMULATOR_STORE"]


@pytest.fixture(params=["sqlite", "mongodb"])
def other(request: pytest.FixtureRequest, shell: Shell) -> str:
    """The address of an empty store beside it."""
    if request.param == "sqlite":
        return f"sqlite:///{shell.folder / 'other.db'}"
    return str(request.getfixturevalue("mongo_url"))


# ---------------------------------------------------------------- info


def test_info_tells_what_the_store_is_and_holds(shell: Shell) -> None:
    shell.short_run()
    out = shell.ok("db", "info")
    assert out.splitlines()[0] == f"store    {shell.store}"
    assert re.search(r"^software SQLite 3\.\d+\.\d+, schema \d+$", out, re.M)
    assert "access   you may write" in out
    assert out.splitlines()[-1] == "holds    1 experiment, 0 batches, 1 run, 3 messages"
    assert shell.ok("db").splitlines()[0] == out.splitlines()[0]
    data = shell.data("db")
    assert (data["kind"], data["place"], data["may_write"]) == ("sqlite", str(shell.store), True)
    assert (data["experiments"], data["runs"], data["messages"]) == (1, 1, 3)


def test_info_of_a_mongodb(shell: Shell, mongo: MongoUnderTest, mongo_url: str) -> None:
    told = "told by change streams" if mongo.has_change_streams else "looked for again and again"
    out = shell.ok("--store", mongo_url, "db")
    assert re.search(r"^software MongoDB \d+\.\d+", out, re.M)
    assert f"news     {told}" in out
    assert out.splitlines()[-1] == "holds    0 experiments, 0 batches, 0 runs, 0 messages"


# ---------------------------------------------------------------- push and pull


async def test_a_push_arrives_and_a_second_one_has_nothing_to_do(
    shell: Shell, here: str, other: str
) -> None:
    shell.short_run()
    shell.ok("fork", "last", "--at", "1", "--no-play")
    out = shell.ok("db", "push", other).splitlines()
    assert out[0].startswith("Pushed to ")
    assert out[1:] == [
        "  experiments 1 new",
        "  runs        2 new",
        "  steps       5 new",
        "  on both     2 runs with 5 steps, counted",
    ]
    assert await everything(other) == await everything(here)
    data = shell.data("db", "push", other)
    assert data["experiments"] == {"total": 1, "new": 0, "known": 1}
    assert data["runs"] == {"total": 2, "new": 0, "caught_up": 0, "known": 2, "played": 0}
    assert (data["steps"], data["counted"]) == (0, {"runs": 2, "steps": 5})


async def test_a_pull_brings_what_is_named(shell: Shell, here: str, other: str) -> None:
    async with opened(other) as store:
        await fill(store)
        await store.add_experiment(an_experiment("E000002", name="Market"))
        await store.add_run(a_run("M", "E000002"))
    assert shell.data("db", "pull", other, "Market")["runs"]["new"] == 1
    assert [entry["name"] for entry in shell.data("ls")] == ["Market"]
    assert shell.data("db", "pull", other, "e000002", "Prison")["runs"]["new"] == 3
    assert await everything(here) == await everything(other)
    code, error = shell.error("db", "pull", other, "Markt")
    assert (code, error["message"]) == (3, "There is no experiment 'Markt' to copy.")
    assert error["suggestion"] == "Did you mean 'Market'?"


async def test_an_abandoned_run_is_resumed_in_the_other_store_and_comes_back(
    shell: Shell, here: str, other: str
) -> None:
    words = ["run", "prison", "-m", "scripted/babble?token_delay_ms=8", "--seed", "9"]
    playing = shell.start(*words, "--messages", "6", "--days", "2")
    assert playing.stdout is not None
    for _ in range(6):
        playing.stdout.readline()
    playing.kill()
    playing.communicate()
    assert shell.data("db", "push", other)["runs"]["new"] == 1
    shell.ok("--store", other, "resume", "last")
    assert shell.data("db", "pull", other)["runs"]["caught_up"] == 1
    assert shell.data("show", "last")["run"]["status"] == "completed"
    assert shell.data("verify", "last")["holds"]
    assert await everything(here) == await everything(other)


def test_without_a_target_it_is_the_mongodb_of_the_settings(shell: Shell, mongo_url: str) -> None:
    shell.short_run()
    code, error = shell.error("db", "push")
    assert (code, error["message"]) == (2, "Which store to push to is not said.")
    assert "db push mongodb://HOST/DATABASE" in error["suggestion"]
    shell.environment["MONGODB_URI"] = mongo_url
    assert shell.data("db", "push")["runs"]["new"] == 1
    del shell.environment["SIMULATOR_STORE"]
    assert [run["messages"] for run in shell.data("ls", "--runs")] == [3]
    assert shell.error("db", "push")[0] == 2
    assert shell.data("--store", "copy.db", "db", "pull")["runs"]["new"] == 1


async def test_a_dry_run_writes_nothing(shell: Shell, other: str) -> None:
    async with opened(other) as store:
        await fill(store, runs=1)
    before = await everything(other)
    shell.short_run()
    out = shell.ok("db", "push", other, "--dry-run").splitlines()
    assert out[0].startswith("Would have pushed to ")
    assert out[1:] == ["  experiments 1 new", "  runs        1 new"]
    assert await everything(other) == before


async def test_a_dry_run_makes_no_target(shell: Shell, other: str) -> None:
    shell.short_run()
    data = shell.data("db", "push", other, "--dry-run")
    assert (data["experiments"]["new"], data["runs"]["new"]) == (1, 1)
    assert data["place"].endswith(other.partition("?")[0].rpartition("/")[2])
    assert shell.error("db", "pull", other)[0] == 3


def test_names_are_found_before_a_target_is_made(shell: Shell, other: str) -> None:
    shell.short_run()
    assert shell.error("db", "push", other, "nope")[0] == 3
    assert shell.error("db", "pull", other)[0] == 3


def test_a_pull_makes_no_source(shell: Shell, other: str) -> None:
    for _ in range(2):
        code, error = shell.error("db", "pull", other)
        assert (code, error["code"]) == (3, "not_found")


# ---------------------------------------------------------------- what is refused


def test_a_store_is_not_copied_to_itself(shell: Shell, mongo_url: str) -> None:
    shell.short_run()
    (shell.folder / "link.db").symlink_to(shell.store)
    for target in ("lab.db", "link.db", f"sqlite:///{shell.store}"):
        code, error = shell.error("db", "push", target)
        assert (code, error["code"]) == (2, "usage")
        assert error["message"].endswith("is the store in use; it cannot be copied to itself.")
    assert shell.error("--store", mongo_url, "db", "pull", mongo_url)[0] == 2


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["pull", "missing.db"], 3, "There is no database missing.db."),
        (["push", "Prison"], 2, "The store 'Prison' is neither an address nor a database file."),
        (["push", "postgres://h/x"], 2, "A store of the form postgres://… is unknown."),
    ],
)
def test_a_store_that_cannot_be(shell: Shell, words: list[str], code: int, message: str) -> None:
    shell.short_run()
    exit_code, error = shell.error("db", *words)
    assert (exit_code, error["message"]) == (code, message)
    assert error["suggestion"]
    assert not (shell.folder / "missing.db").exists()


def test_the_password_of_the_other_store_is_told_nobody(shell: Shell) -> None:
    shell.environment["SIMULATOR_STORE_TIMEOUT_S"] = "0.5"
    shell.short_run()
    target = f"mongodb://ada:s3cr%40et@127.0.0.1:{free_port()}/lab"
    for words in (["db", "push", target], ["db", "pull", target, "--json", "--log-level=debug"]):
        done = shell.run(*words)
        assert done.returncode == 6
        for text in (done.stdout, done.stderr, shell.log()):
            assert "s3cr" not in text


@pytest.mark.parametrize("words", [["db", "push"], ["db", "pull"], ["import", "--from-original"]])
def test_remedies_speak_of_the_address_given(shell: Shell, words: list[str]) -> None:
    shell.environment["SIMULATOR_STORE_TIMEOUT_S"] = "0.5"
    done = shell.run(*words, f"mongodb://127.0.0.1:{free_port()}/lab", "--json")
    assert done.returncode == 6
    suggestion = json.loads(done.stdout)["error"]["suggestion"]
    assert suggestion.startswith("Check the address given, its user, password and host")


def test_a_missing_password_of_the_other_store_is_asked_for(shell: Shell) -> None:
    shell.environment["SIMULATOR_STORE_TIMEOUT_S"] = "0.5"
    target = f"mongodb://ada@127.0.0.1:{free_port()}/lab"
    code, error = shell.error("db", "push", target)
    assert (code, error["message"]) == (4, "The password of 'ada' for the database is missing.")
    with shell.terminal("db", "push", target) as screen:
        screen.expect("Password of ada for the database: ")
        screen.type("s3cr@et\n")
        assert screen.end() == 6
        assert "s3cr" not in screen.text + shell.log()


async def test_conflicts_are_named_and_the_rest_arrives(
    shell: Shell, here: str, other: str
) -> None:
    async with opened(here) as store, opened(other) as target:
        await fill(store)
        await target.add_experiment(an_experiment())
        await target.add_run(a_run("R1"), [a_step(0, "R1", content="Other \x1b[31mwords")])
    done = shell.run("db", "push", other)
    assert done.returncode == 1
    assert "  runs        2 new\n" in done.stdout
    assert "  conflicts   1 left as they are\n" in done.stdout
    assert done.stderr.splitlines() == [
        "Error: 1 record differs between the two stores.",
        "  run R1: the journals go apart at step 0 of 'main'",
        "Nothing was overwritten; duplicate or fork the one to go on with.",
    ]
    code, error = shell.error("db", "push", other)
    assert (code, error["code"]) == (1, "not_whole")
    assert error["problems"] == ["run R1: the journals go apart at step 0 of 'main'"]
    document = json.loads(shell.run("db", "push", other, "--json").stdout)
    assert document["data"]["runs"]["known"] == 2
    assert document["data"]["conflicts"] == error["problems"]


def test_a_run_that_is_played_is_left_out_and_said(shell: Shell, other: str) -> None:
    shell.short_run()
    playing = shell.start("run", "prison", "-m", "scripted/babble?token_delay_ms=30")
    assert playing.stdout is not None
    playing.stdout.readline()
    done = shell.run("db", "push", other)
    playing.send_signal(signal.SIGINT)
    playing.communicate()
    assert done.returncode == 0
    assert "  runs        1 new, 1 left out\n" in done.stdout
    assert done.stderr == "1 run is being played; push again when it has ended.\n"
    assert shell.data("db", "push", other)["runs"]["new"] == 1


# ---------------------------------------------------------------- stopped in the middle


@pytest.mark.parametrize("behind", [False, True], ids=["new", "behind"])
async def test_a_push_that_is_killed_goes_on(
    shell: Shell, here: str, other: str, *, behind: bool
) -> None:
    async with opened(here) as store, opened(other) as target:
        await fill(store, runs=MANY, steps=10)
        if behind:
            await target.add_experiment(an_experiment())
            for number in range(MANY):
                run = a_run(f"R{number}", status="failed", error="No reply.")
                await target.add_run(run, [a_step(index, run.id) for index in range(2)])
        begin = 2 * MANY * behind
        pushing = shell.start("db", "push", other)
        goal = begin + 0.3 * (10 * MANY - begin)
        while (await target.describe()).messages < goal:
            assert pushing.poll() is None
        pushing.kill()
        pushing.communicate()
        assert pushing.returncode == -signal.SIGKILL
        for run in await target.runs(RunQuery()):
            steps = await target.steps(run.id)
            assert [step.index for step in steps] == list(range(len(steps)))
    data = shell.data("db", "push", other)
    assert 0 < data["runs"]["caught_up" if behind else "new"] < 0.8 * MANY
    assert sum(data["runs"].values()) == 2 * data["runs"]["total"] == 2 * MANY
    assert data["counted"] == {"runs": MANY, "steps": 10 * MANY}
    assert await everything(other) == await everything(here)


async def test_ctrl_c_stops_between_runs(shell: Shell, here: str, other: str) -> None:
    async with opened(here) as store, opened(other) as target:
        await fill(store, runs=MANY, steps=10)
        pushing = shell.start("db", "push", other)
        while (await target.describe()).runs < MANY / 10:
            assert pushing.poll() is None
        pushing.send_signal(signal.SIGINT)
        out, err = pushing.communicate()
        assert (pushing.returncode, out) == (130, "")
        assert err == "Stopped. What has arrived stays; the same command goes on from there.\n"
        arrived = await content(target)
    assert {len(steps) for steps in arrived["journals"].values()} == {10}
    runs = shell.data("db", "push", other)["runs"]
    assert (runs["known"], runs["new"]) == (len(arrived["runs"]), MANY - len(arrived["runs"]))


async def test_a_terminal_shows_how_far_it_is(shell: Shell, here: str, other: str) -> None:
    async with opened(here) as store:
        await fill(store, runs=MANY, steps=10)
    with shell.terminal("db", "push", other, columns=100) as screen:
        screen.expect("1 of 1 experiment, ")
        screen.expect(f" of {MANY} runs, ")
        assert screen.end() == 0
        assert f"on both     {MANY} runs with {10 * MANY} steps, counted" in screen.text
        assert b"\x1b[?25h" in screen.raw[screen.raw.rindex(b"\x1b[?25l") :]
