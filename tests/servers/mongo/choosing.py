"""Which MongoDB the tests use.

`MONGODB_URI` names a server; else a `mongod` on the PATH is started; else the stand-in is. Each
test has a database of its own, which is dropped afterwards.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.servers.mongo.launching import MongoServer
from tests.servers.process import free_port

# Taken out of the environment, so that no program under test finds it there.
_GIVEN = os.environ.pop("MONGODB_URI", "")
for _name in ("DB_USER", "DB_PASSWORD", "DB_CLUSTER_URL"):
    os.environ.pop(_name, None)

_PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class MongoUnderTest:
    """A server to test with."""

    uri: str
    is_authoritative: bool
    """Whether it is MongoDB, and not the stand-in."""

    def url(self, database: str) -> str:
        """The address of a database."""
        parts = urlsplit(self.uri)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        if parts.username is not None:
            options.setdefault("authSource", parts.path.strip("/") or "admin")
        return urlunsplit((parts.scheme, parts.netloc, f"/{database}", urlencode(options), ""))

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a database that nobody else has."""
        name = f"simulator_test_{secrets.token_hex(6)}"
        try:
            yield self.url(name)
        finally:
            with MongoClient[dict[str, object]](self.uri) as client:
                client.drop_database(name)

    def verdict(self) -> str:
        """What a passed run says about the adapter."""
        if not self.is_authoritative:
            return (
                "MongoDB adapter not verified against a server: the stand-in in tests/servers/mongo"
                " took its place. Set MONGODB_URI, or put mongod on the PATH, to verify it."
            )
        with MongoClient[dict[str, object]](self.uri) as client:
            version = client.server_info()["version"]
        return f"MongoDB adapter verified against MongoDB {version}."


@contextmanager
def mongo_under_test(folder: Path) -> Iterator[MongoUnderTest]:
    """The server to test with, for as long as the block runs."""
    if _GIVEN:
        yield MongoUnderTest(_GIVEN, is_authoritative=True)
    elif (program := shutil.which("mongod")) is not None:
        with _started(program, folder) as uri:
            yield MongoUnderTest(uri, is_authoritative=True)
    else:
        with MongoServer(folder) as server:
            yield MongoUnderTest(server.uri, is_authoritative=False)


@contextmanager
def _started(program: str, folder: Path) -> Iterator[str]:
    """A one-node replica set with its data in the folder."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        program, "--replSet", "rs0", "--dbpath", str(folder), "--port", str(port),
        "--bind_ip", "127.0.0.1", "--logpath", str(folder / "mongod.log"),
        "--setParameter", "enableTestCommands=1",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            _initiate(port)
            yield f"mongodb://127.0.0.1:{port}/?replicaSet=rs0"
        finally:
            process.terminate()


def _initiate(port: int) -> None:
    members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
    deadline = time.monotonic() + _PATIENCE_S
    with MongoClient[dict[str, object]](
        "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=_PATIENCE_S * 1000
    ) as client:
        client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
        while not client.admin.command("hello").get("isWritablePrimary"):
            if time.monotonic() > deadline:
                raise PyMongoError("the replica set has no primary")
            time.sleep(0.05)
