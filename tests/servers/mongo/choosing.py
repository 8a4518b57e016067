"""Which MongoDB the tests use.

`MONGODB_URI` names a server; else a `mongod` on the PATH is started; else the stand-in is. Each
test has a database of its own, which is dropped afterwards. A user in `MONGODB_URI` hence needs
the role `readWriteAnyDatabase`, or `root`.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from tests.servers.mongo.launching import MongoServer
from tests.servers.process import free_port

# Taken out of the environment, so that no program under test finds it there.
GIVEN = os.environ.pop("MONGODB_URI", "")
for _name in ("DB_USER", "DB_PASSWORD", "DB_CLUSTER_URL"):
    os.environ.pop(_name, None)

_PATIENCE_S = 60
_UNAUTHORIZED = 13
_ADDRESS = re.compile(
    r"(?P<scheme>mongodb(\+srv)?)://(?P<hosts>[^/?]*)(/(?P<database>[^?]*))?(\?(?P<options>.*))?"
)


class UnusableServerError(Exception):
    """The tests cannot be run on this server; says why and what to do."""


@dataclass(frozen=True, slots=True)
class MongoUnderTest:
    """A server to test with."""

    uri: str
    client: MongoClient[dict[str, Any]]
    """For whatever the tests themselves ask of the server."""

    @property
    def is_authoritative(self) -> bool:
        """Whether it is MongoDB, and not the stand-in."""
        return bool(self.client.server_info().get("modules") != ["stand-in"])

    @property
    def has_change_streams(self) -> bool:
        """Whether it tells what happens: a server that stands alone does not."""
        hello = self.client.admin.command("hello")
        return "setName" in hello or hello.get("msg") == "isdbgrid"

    def url(self, database: str) -> str:
        """The address of a database."""
        return address_of(self.uri, database)

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a database that nobody else has."""
        name = f"simulator_test_{secrets.token_hex(6)}"
        try:
            yield self.url(name)
        finally:
            self._drop(name)

    def opened(self, url: str) -> Database[dict[str, Any]]:
        """The database of an address that `database` gave."""
        return self.client[_parts(url)["database"]]

    def verdict(self) -> str:
        """What a passed run says about the adapter."""
        if not self.is_authoritative:
            return (
                "MongoDB adapter not verified against a server, but against the stand-in in"
                " tests/servers/mongo. To verify it, let MONGODB_URI name a MongoDB, or put mongod"
                " on the PATH and unset MONGODB_URI."
            )
        return f"MongoDB adapter verified against MongoDB {self.client.server_info()['version']}."

    def check_rights(self) -> None:
        """Raises UnusableServerError when new databases cannot be written to."""
        try:
            with self.database() as url:
                self.opened(url)["documents"].insert_one({})
        except PyMongoError as error:
            reason = str(error).partition(", full error")[0]
            raise UnusableServerError(
                f"The tests cannot write to their MongoDB: {reason}. Each test has a database of"
                " its own, so a user in MONGODB_URI needs the role readWriteAnyDatabase, or root."
            ) from None

    def _drop(self, name: str) -> None:
        """Drop the database; without the right to, which `readWrite` lacks, its collections."""
        try:
            self.client.drop_database(name)
        except OperationFailure as error:
            if error.code != _UNAUTHORIZED:
                raise
            database = self.client[name]
            with suppress(OperationFailure):
                for collection in database.list_collection_names():
                    database.drop_collection(collection)


def address_of(uri: str, database: str) -> str:
    """The address of a database on a server, which logs in as the server's address does.

    Users are looked up in the database that an address names, unless it has an `authSource` or
    logs in without a password; of `mongodb+srv` the DNS knows where.
    """
    parts = _parts(uri)
    options = parts["options"]
    has_users = parts["scheme"] == "mongodb" and "@" in parts["hosts"]
    mechanism = re.search(r"(?i)\bauthMechanism=([^&;]*)", options)
    by_password = mechanism is None or mechanism[1].upper().startswith("SCRAM")
    if has_users and by_password and not re.search(r"(?i)\bauthSource=", options):
        between = ";" if ";" in options and "&" not in options else "&"
        source = f"authSource={parts['database'] or 'admin'}"
        options = f"{options.rstrip('&;')}{between}{source}" if options else source
    return f"{parts['scheme']}://{parts['hosts']}/{database}" + (f"?{options}" if options else "")


def _parts(uri: str) -> dict[str, str]:
    """Scheme, hosts with the user, database and options of an address, each as it is written."""
    if (found := _ADDRESS.fullmatch(uri)) is None:
        raise UnusableServerError("MONGODB_URI must be of the form mongodb://HOST/?OPTIONS.")
    return found.groupdict(default="")


@contextmanager
def mongo_under_test(folder: Path, uri: str = GIVEN) -> Iterator[MongoUnderTest]:
    """The server to test with, for as long as the block runs.

    Args:
        folder: Where a server that is started has its data; made if need be.
        uri: What `MONGODB_URI` named when the tests began; empty for a server that is started.

    Raises:
        UnusableServerError: It does not start, or does not let the tests in.
    """
    if uri:
        with connected(uri) as server:
            yield server
    elif (program := shutil.which("mongod")) is not None:
        with started(program, folder) as uri, connected(uri) as server:
            yield server
    else:
        with MongoServer(folder) as stand_in, connected(stand_in.uri) as server:
            yield server


@contextmanager
def connected(uri: str) -> Iterator[MongoUnderTest]:
    """The server at the address. Raises UnusableServerError when the tests may not use it."""
    _parts(uri)
    with MongoClient[dict[str, Any]](uri) as client:
        server = MongoUnderTest(uri, client)
        server.check_rights()
        yield server


@contextmanager
def started(program: str, folder: Path) -> Iterator[str]:
    """The address of a new one-node replica set with its data in the folder.

    Args:
        program: The path of `mongod`.
        folder: Made if need be.

    Raises:
        UnusableServerError: It ended, or did not come up; quotes what it said last.
    """
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "mongod.log"
    command = [
        program, "--replSet", "rs0", "--dbpath", str(folder), "--port", str(port),
        "--bind_ip", "127.0.0.1", "--oplogSize", "128", "--wiredTigerCacheSizeGB", "1",
        "--setParameter", "enableTestCommands=1",
    ]  # fmt: skip
    with (
        log.open("wb") as said,
        subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT) as process,
    ):
        try:
            if not _is_primary_in_time(port, process):
                last = "\n".join(log.read_text("utf-8", "replace").splitlines()[-20:])
                raise UnusableServerError(f"{program} did not start; it said last:\n{last}")
            yield f"mongodb://127.0.0.1:{port}/?replicaSet=rs0"
        finally:
            process.kill()


def _is_primary_in_time(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Make it a replica set, and wait until it may be written to."""
    config = {"_id": "rs0", "members": [{"_id": 0, "host": f"127.0.0.1:{port}"}]}
    deadline = time.monotonic() + _PATIENCE_S
    with MongoClient[dict[str, Any]](
        "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=1000
    ) as client:
        while process.poll() is None and time.monotonic() < deadline:
            with suppress(PyMongoError):
                hello = client.admin.command("hello")
                if hello.get("isWritablePrimary"):
                    return True
                if "setName" not in hello:
                    client.admin.command("replSetInitiate", config)
            time.sleep(0.05)
    return False
