"""What a driver asks before anything else: `hello`, `ping`, `buildInfo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bson import ObjectId

from tests.servers.mongo.clock import CLOCK
from tests.servers.mongo.registry import ANYTHING, argument, command
from tests.servers.mongo.values import Document
from tests.servers.mongo.wire import MAX_MESSAGE_BYTES

if TYPE_CHECKING:
    from tests.servers.mongo.server import Connection

VERSION = "7.0.0-standin"
_WIRE_VERSION = 21
_MAX_WRITE_BATCH = 100_000


@command(
    "hello", "isMaster", "ismaster",
    fields=ANYTHING,
    role="none",
)  # fmt: skip
async def hello(connection: Connection, asked: Document) -> Document:
    server = connection.server
    reply: Document = {"helloOk": True}
    first = "isWritablePrimary" if "hello" in asked else "ismaster"
    reply[first] = True
    application = argument(asked, "hello.client", "object", {}).get("application", {})
    connection.application = application.get("name", connection.application)
    if server.replica_set:
        reply |= {
            "hosts": [server.address],
            "setName": server.replica_set,
            "setVersion": 1,
            "secondary": False,
            "primary": server.address,
            "me": server.address,
            "electionId": ObjectId(f"7fffffff{server.storage.term:016x}"),
        }
    reply |= {
        "maxBsonObjectSize": server.max_document_bytes,
        "maxMessageSizeBytes": MAX_MESSAGE_BYTES,
        "maxWriteBatchSize": _MAX_WRITE_BATCH,
        "localTime": CLOCK.now(),
        "logicalSessionTimeoutMinutes": 30,
        "connectionId": connection.number,
        "minWireVersion": 0,
        "maxWireVersion": _WIRE_VERSION,
        "readOnly": False,
    }
    if str(asked.get("saslSupportedMechs", "")).removeprefix("admin.") in server.users:
        reply["saslSupportedMechs"] = ["SCRAM-SHA-256"]
    return reply


@command("ping", role="none")
async def ping(connection: Connection, asked: Document) -> Document:
    return {}


@command("buildInfo", "buildinfo", role="none", in_stable_api=False)
async def build_info(connection: Connection, asked: Document) -> Document:
    return {
        "version": VERSION,
        "gitVersion": "0" * 40,
        "modules": ["stand-in"],
        "versionArray": [7, 0, 0, 0],
        "bits": 64,
        "debug": False,
        "maxBsonObjectSize": connection.server.max_document_bytes,
        "storageEngines": ["sqlite"],
    }


@command("endSessions", "killSessions", "refreshSessions")
async def end_sessions(connection: Connection, asked: Document) -> Document:
    return {}


@command("getParameter", fields="featureCompatibilityVersion", in_stable_api=False)
async def get_parameter(connection: Connection, asked: Document) -> Document:
    return {"featureCompatibilityVersion": {"version": "7.0"}}
