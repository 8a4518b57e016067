"""How the tests find their server, and what they say of one that they cannot use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pymongo.errors import OperationFailure

from tests.servers.mongo.choosing import (
    MongoUnderTest,
    UnusableServerError,
    address_of,
    connected,
    started,
)
from tests.servers.mongo.launching import MongoServer
from tests.servers.process import ROOT, free_port

TAGS = "readPreference=nearest&readPreferenceTags=dc:ny&readPreferenceTags="
X509 = "tls=true&authMechanism=MONGODB-X509"
AWS = "authMechanism=MONGODB-AWS&authMechanismProperties=AWS_SESSION_TOKEN:a%2Fb"


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("mongodb://h", "mongodb://h/x"),
        ("mongodb://h/", "mongodb://h/x"),
        ("mongodb://h?tls=true", "mongodb://h/x?tls=true"),
        ("mongodb://a:1,[::1]:2,c/lab?replicaSet=r", "mongodb://a:1,[::1]:2,c/x?replicaSet=r"),
        (f"mongodb://h/?{TAGS}", f"mongodb://h/x?{TAGS}"),
        ("mongodb://h/?a=1;b=2", "mongodb://h/x?a=1;b=2"),
        ("mongodb://u:p%40@h", "mongodb://u:p%40@h/x?authSource=admin"),
        ("mongodb://u:p@h/lab", "mongodb://u:p@h/x?authSource=lab"),
        ("mongodb://u:p@h/?tls=true", "mongodb://u:p@h/x?tls=true&authSource=admin"),
        ("mongodb://u:p@h/?a=1;b=2", "mongodb://u:p@h/x?a=1;b=2;authSource=admin"),
        ("mongodb://u:p@h/lab?authsource=z", "mongodb://u:p@h/x?authsource=z"),
        (
            "mongodb://u:p@h/?authMechanism=SCRAM-SHA-256",
            "mongodb://u:p@h/x?authMechanism=SCRAM-SHA-256&authSource=admin",
        ),
        (f"mongodb://CN=u@h/?{X509}", f"mongodb://CN=u@h/x?{X509}"),
        (f"mongodb://u:p@h/?{AWS}", f"mongodb://u:p@h/x?{AWS}"),
        ("mongodb+srv://u:p@h.net/?a=1", "mongodb+srv://u:p@h.net/x?a=1"),
        ("mongodb+srv://u:p@h.net/lab", "mongodb+srv://u:p@h.net/x"),
    ],
)
def test_a_databases_address_differs_in_nothing_but_the_database(uri: str, address: str) -> None:
    assert address_of(uri, "x") == address


def test_an_address_of_something_else_is_refused() -> None:
    with pytest.raises(UnusableServerError, match="MONGODB_URI must be"), connected("http://h"):
        pass


def test_a_user_needs_rights_on_new_databases(tmp_path: Path) -> None:
    with MongoServer(tmp_path / "mongo", options=["--user", "eve:s3cr3t:read"]) as server:
        eve = connected(server.uri_for("eve", "s3cr3t"))
        with pytest.raises(UnusableServerError, match="not authorized") as refused, eve:
            pass
    assert "readWriteAnyDatabase, or root" in str(refused.value)
    assert "s3cr3t" not in str(refused.value)


def test_a_server_that_is_not_there_is_named() -> None:
    nobody = connected(f"mongodb://u:s3cr3t@127.0.0.1:{free_port()}/?serverSelectionTimeoutMS=200")
    with pytest.raises(UnusableServerError, match=r"127\.0\.0\.1") as refused, nobody:
        pass
    assert "s3cr3t" not in str(refused.value)


def test_collections_are_dropped_where_databases_may_not_be(tmp_path: Path) -> None:
    server = MongoServer(tmp_path / "mongo", options=["--user", "ada:x:readWrite"])
    with server, connected(server.uri_for("ada", "x")) as mongo:
        with pytest.raises(OperationFailure):
            mongo.client.drop_database("lab")
        with mongo.database() as url:
            database = mongo.opened(url)
            for name in ("one", "two"):
                database[name].insert_one({})
        assert database.list_collection_names() == []


def test_the_verdict_is_the_servers_and_not_the_addresss(mongo: MongoUnderTest) -> None:
    expected = "verified against MongoDB" if mongo.is_authoritative else "not verified"
    assert expected in mongo.verdict()


def test_a_stand_in_that_somebody_names_verifies_nothing(server: MongoServer) -> None:
    with connected(server.uri) as mongo:
        assert not mongo.is_authoritative
        assert mongo.verdict().startswith("MongoDB adapter not verified against a server")
        assert mongo.has_change_streams


def test_a_mongod_that_ends_at_once_is_quoted(tmp_path: Path) -> None:
    program = tmp_path / "mongod"
    program.write_text(f"#!{sys.executable}\nimport sys\nsys.exit('bad disk')\n", "utf-8")
    program.chmod(0o755)
    with pytest.raises(UnusableServerError, match="bad disk"), started(str(program), tmp_path):
        pass


@pytest.mark.parametrize("processes", ["0", "1"])
def test_the_word_on_a_server_comes_last_from_whichever_process(
    server: MongoServer, processes: str
) -> None:
    name = test_the_verdict_is_the_servers_and_not_the_addresss.__name__
    for uri, code, words in (
        (server.uri, 0, ["MongoDB adapter not verified against a server", "1 passed"]),
        ("http://h", 4, ["no tests ran", "! _pytest.outcomes.Exit: MONGODB_URI must be"]),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-n", processes, f"{__file__}::{name}"],
            cwd=ROOT, env=os.environ | {"MONGODB_URI": uri, "PYTEST_ADDOPTS": ""},
            capture_output=True, text=True,
        )  # fmt: skip
        last = done.stdout.splitlines()[-2:]
        assert done.returncode == code, done.stdout
        assert [line[: len(word)] for line, word in zip(last, words, strict=True)] == words
