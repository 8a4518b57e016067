"""`setup` and `doctor` before a server that asks who one is; some before any MongoDB."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from pymongo import MongoClient

from tests.cli.shell import Shell
from tests.cli.test_setup import CTRL_C, DOWN, ENTER, answer
from tests.servers.mongo.launching import MongoServer

SECRET = "p@ss/w rd%#1"
ESCAPED = "p%40ss%2Fw%20rd%25%231"
GUEST = "look-only"
FAR = datetime(2999, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """With a user who may write, one who may only read, and databases of several kinds."""
    users = ["--user", f"ada:{SECRET}:readWrite", "--user", f"guest:{GUEST}:read"]
    with MongoServer(tmp_path_factory.mktemp("mongo"), options=users) as started:
        with MongoClient[dict[str, Any]](started.uri_for("ada", SECRET)) as client:
            client["shop"]["orders"].insert_one({"name": "a chair"})
        yield started


@pytest.fixture
def bare(shell: Shell) -> Shell:
    del shell.environment["SIMULATOR_STORE"]
    shell.environment |= {"PROMPT_TOOLKIT_NO_CPR": "1", "SIMULATOR_STORE_TIMEOUT_S": "3"}
    return shell


def kept(shell: Shell) -> dict[str, str | None]:
    return dotenv_values(shell.folder / ".env", encoding="utf-8")


def checks(shell: Shell) -> tuple[int, dict[str, dict[str, Any]]]:
    done = shell.run("doctor", "--json")
    return done.returncode, {check["name"]: check for check in json.loads(done.stdout)["data"]}


def test_a_wrong_password_is_told_and_may_be_typed_again(bare: Shell, server: MongoServer) -> None:
    host = f"127.0.0.1:{server.port}/?replicaSet=rs0"
    with bare.terminal("setup", "--user", "ada", columns=120) as screen:
        at = answer(screen, "Where shall", DOWN + ENTER)
        for password in ("wrong-one", SECRET):
            at = answer(screen, "How do you name the MongoDB?", ENTER, after=at)
            is_first = password != SECRET
            at = answer(screen, "Host, such as", f"{host if is_first else ''}\r", after=at)
            at = answer(screen, "User (empty", f"{'ada' if is_first else ''}\r", after=at)
            at = answer(screen, "Password (not shown)", f"{password}\r", after=at)
            if is_first:
                at = screen.expect("the name or the password is wrong", after=at)
                at = answer(screen, "What now?", ENTER, after=at)
        at = screen.expect("Connected to MongoDB", after=at)
        at = answer(screen, "Which database?", ENTER, after=at)
        assert "shop" not in screen.text
        at = answer(screen, "Write this", ENTER, after=at)
        assert screen.end() == 0
        drawn = screen.text
    assert kept(bare)["SIMULATOR_STORE"] == server.uri_for("ada", SECRET).replace("+", "%20")
    assert kept(bare)["SIMULATOR_DATABASE"] == "simulator"
    bare.short_run()
    exit_code, found = checks(bare)
    assert exit_code == 0
    assert found["access"]["found"] == "may read and write"
    assert found["news"]["state"] == found["clock"]["state"] == "ok"
    assert "runs: 1" in found["store"]["found"]
    for text in (drawn, bare.log(), str(found)):
        for secret in (SECRET, ESCAPED, "wrong-one"):
            assert secret not in text


def test_databases_that_hold_experiments_are_offered(bare: Shell, server: MongoServer) -> None:
    bare.environment |= {"DB_PASSWORD": SECRET, "SIMULATOR_DATABASE": "newcomer"}
    address = f"mongodb://ada@127.0.0.1:{server.port}"
    bare.ok("demo", "--store", f"{address}/lab_b?replicaSet=rs0&authSource=admin")
    words = ["setup", "--store", f"{address}/?replicaSet=rs0", "--user", "ada", "--model", "pocket"]
    with bare.terminal(*words, columns=120) as screen:
        at = screen.expect("Which database?")
        screen.expect("newcomer, a new one", after=at)
        screen.expect("lab_b, which holds experiments", after=at)
        assert "shop" not in screen.text
        screen.type("\x1b[A" + ENTER)
        at = answer(screen, "Name of the database", "my.lab\r", after=at)
        at = answer(screen, "must not have '.'", "\x15mine\r", after=at)
        answer(screen, "Write this", ENTER, after=at)
        assert screen.end() == 0
    assert kept(bare)["SIMULATOR_DATABASE"] == "mine"
    with MongoClient[dict[str, Any]](server.uri_for("ada", SECRET)) as client:
        assert "mine" not in client.list_database_names()


def test_leaving_while_it_connects_leaves_everything_as_it_was(
    bare: Shell, server: MongoServer
) -> None:
    bare.environment |= {"DB_PASSWORD": SECRET, "SIMULATOR_STORE_TIMEOUT_S": "60"}
    address = f"mongodb://ada@127.0.0.1:{server.port}/?replicaSet=rs0"
    server.pause()
    try:
        with bare.terminal("setup", "--store", address, columns=120) as screen:
            answer(screen, "Connecting", CTRL_C)
            assert screen.end() == 130
            assert "Interrupted. Nothing was changed." in screen.text
    finally:
        server.resume()
    assert not (bare.folder / ".env").exists()


def test_a_guest_is_warned(bare: Shell, server: MongoServer) -> None:
    bare.environment["SIMULATOR_DATABASE"] = "visited"
    owner = server.uri_for("ada", SECRET)
    bare.ok("demo", "--store", owner)
    address = server.uri_for("guest", GUEST)
    with bare.terminal("setup", "--store", address, "--user", "eve", columns=120) as screen:
        at = answer(screen, "Which database?", ENTER)
        at = screen.expect("you may read, but not write", after=at)
        answer(screen, "Write this", ENTER, after=at)
        assert screen.end() == 0
    exit_code, found = checks(bare)
    assert exit_code == 0
    assert found["access"]["state"] == "warning"
    assert "readWrite" in found["access"]["remedy"]


def test_options_are_tried_before_they_are_kept(bare: Shell, server: MongoServer) -> None:
    exit_code, error = bare.error("setup", "--yes", "--store", server.uri_for("ada", "wrong-one"))
    assert (exit_code, error["code"]) == (4, "permission_denied")
    exit_code, error = bare.error("setup", "--yes", "--store", server.uri)
    assert exit_code == 4
    assert "wants a user and a password" in error["message"]
    assert not (bare.folder / ".env").exists()
    bare.data("setup", "--yes", "--store", server.uri_for("ada", SECRET), "--database", "tried")
    assert bare.run("ls").returncode == 0


@pytest.mark.parametrize("by_parts", [True, False])
def test_a_password_is_asked_for_once_and_not_kept(
    bare: Shell, server: MongoServer, by_parts: bool
) -> None:
    place = f"127.0.0.1:{server.port}/?replicaSet=rs0"
    with bare.terminal("setup", columns=120) as screen:
        at = answer(screen, "Where shall", DOWN + ENTER)
        at = answer(screen, "How do you name", ENTER if by_parts else DOWN + ENTER, after=at)
        if by_parts:
            at = answer(screen, "Host, such as", f"{place}\r", after=at)
            at = answer(screen, "User (empty", "ada\r", after=at)
        else:
            at = answer(screen, "Its address", f"mongodb://ada@{place}\r", after=at)
        at = answer(screen, "Password (not shown); empty", ENTER, after=at)
        at = screen.expect("it is not kept", after=at)
        at = answer(screen, "Password of ada for the database", f"{SECRET}\r", after=at)
        at = answer(screen, "Which database?", ENTER, after=at)
        at = answer(screen, "each needs another one", "\x15ada\r", after=at)
        answer(screen, "Write this", ENTER, after=at)
        assert screen.end() == 0
        assert screen.text.count("Password of ada for the database") == 1
    assert kept(bare)["SIMULATOR_STORE"] == f"mongodb://ada@{place}"
    assert SECRET not in (bare.folder / ".env").read_text("utf-8") + bare.log()


def test_a_password_of_the_environment_is_used_and_not_kept(
    bare: Shell, server: MongoServer
) -> None:
    address = f"mongodb://ada@127.0.0.1:{server.port}/tried?replicaSet=rs0&authSource=admin"
    bare.environment["DB_PASSWORD"] = "wrong-one"
    assert bare.error("setup", "--yes", "--store", address)[0] == 4
    bare.environment["DB_PASSWORD"] = SECRET
    bare.data("setup", "--yes", "--store", address)
    assert kept(bare) == {"SIMULATOR_STORE": address}
    bare.environment |= {"MONGODB_URI": address}
    (bare.folder / ".env").unlink()
    with bare.terminal("setup", "--user", "ada", columns=120) as screen:
        at = answer(screen, "As it is now", ENTER)
        answer(screen, "Write this", ENTER, after=at)
        assert screen.end() == 0
    assert kept(bare)["SIMULATOR_STORE"] == address


UNUSABLE: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "newer": ("meta", {"_id": "schema", "version": 99}, 1, "newer"),
    "locked": ("meta", {"_id": "schema", "version": 0, "locked_until": FAR}, 6, "another process"),
    "foreign": ("experiments", {"name": "another program's"}, 1, "another program"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_database_that_cannot_be_opened_is_not_taken(
    bare: Shell, server: MongoServer, name: str
) -> None:
    collection, document, code, told = UNUSABLE[name]
    owner = server.uri_for("ada", SECRET)
    with MongoClient[dict[str, Any]](owner) as client:
        client[name][collection].replace_one({"_id": "schema"}, document, upsert=True)
    exit_code, error = bare.error("setup", "--yes", "--store", owner, "--database", name)
    assert exit_code == code
    assert told in error["message"]
    assert not (bare.folder / ".env").exists()
    words = ["setup", "--store", owner, "--database", name, "--user", "ada"]
    with bare.terminal(*words, columns=120) as screen:
        at = screen.expect(told)
        answer(screen, "What now?", DOWN + DOWN + ENTER, after=at)
        assert screen.end() == 1
    bare.environment |= {"MONGODB_URI": owner, "SIMULATOR_DATABASE": name}
    exit_code, found = checks(bare)
    assert exit_code == code
    assert told in found["store"]["found"]


def test_a_guest_is_warned_without_questions_too(bare: Shell, server: MongoServer) -> None:
    bare.ok("demo", "--store", server.uri_for("ada", SECRET))
    guest = server.uri_for("guest", GUEST)
    done = bare.run("setup", "--yes", "--store", guest, "--database", "simulator")
    assert done.returncode == 0
    assert "you may read, but not write" in done.stderr
    exit_code, error = bare.error("setup", "--yes", "--store", guest, "--database", "nothing")
    assert exit_code == 4
    assert "may not set it up" in error["message"]


def test_looking_at_an_empty_database_leaves_it_empty(bare: Shell, server: MongoServer) -> None:
    owner, guest = server.uri_for("ada", SECRET), server.uri_for("guest", GUEST)
    for address, code, name in ((owner, 0, "mistyped"), (guest, 4, "nothing")):
        bare.environment |= {"MONGODB_URI": address, "SIMULATOR_DATABASE": name}
        exit_code, found = checks(bare)
        assert exit_code == code
        assert f"127.0.0.1:{server.port}/{name}: MongoDB " in found["store"]["found"]
        assert "it is empty" in found["store"]["found"]
        assert found["news"]["state"] == found["clock"]["state"] == "ok"
        assert found["access"]["state"] == ("warning" if code else "ok")
    with MongoClient[dict[str, Any]](owner) as client:
        assert not {"mistyped", "nothing"} & set(client.list_database_names())


def test_a_server_that_stands_alone_brings_news_late(bare: Shell, tmp_path: Path) -> None:
    with MongoServer(tmp_path / "alone", replica_set="") as alone:
        bare.environment["MONGODB_URI"] = alone.uri
        exit_code, found = checks(bare)
    assert exit_code == 0
    assert found["news"]["state"] == "warning"
    assert "replica set" in found["news"]["remedy"]


def test_any_mongodb_is_looked_at_and_kept(bare: Shell, mongo_url: str) -> None:
    bare.data("setup", "--yes", "--store", mongo_url, "--user", "ada")
    assert kept(bare)["SIMULATOR_STORE"] == mongo_url
    run = bare.short_run()["run"]
    assert run["creator"] == "ada"
    exit_code, found = checks(bare)
    assert exit_code == 0
    assert {check["state"] for check in found.values()} <= {"ok", "warning"}
    assert ": MongoDB " in found["store"]["found"]
    assert "experiments: 1, batches: 0, runs: 1" in found["store"]["found"]
