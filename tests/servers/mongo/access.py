"""Users: SCRAM-SHA-256, and what each role may do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pymongo.saslprep import saslprep

from tests.servers.mongo.errors import CommandError
from tests.servers.mongo.registry import Command, argument, command
from tests.servers.mongo.values import Document

if TYPE_CHECKING:
    from tests.servers.mongo.server import Connection

_ITERATIONS = 15_000
_READS = (
    "changeStream", "collStats", "dbStats", "find", "killCursors", "listCollections",
    "listIndexes",
)  # fmt: skip
_WRITES = (
    "createCollection", "createIndex", "dropCollection", "dropIndex", "insert", "remove", "update",
)  # fmt: skip
ROLES = {"read": _READS, "readWrite": _READS + _WRITES, "root": (*_READS, *_WRITES, "dropDatabase")}
"""What each may do, in all databases."""
_NEEDED = {"read": "find", "write": "insert", "admin": "createIndex", "root": "dropDatabase"}


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with a password, of which only the salted hash is kept."""

    name: str
    role: str
    salt: bytes
    salted: bytes

    @classmethod
    def of(cls, name: str, password: str, role: str) -> User:
        """A user of one of the `ROLES`."""
        salt = os.urandom(28)
        prepared = saslprep(password).encode()
        return cls(name, role, salt, hashlib.pbkdf2_hmac("sha256", prepared, salt, _ITERATIONS))


@dataclass(slots=True)
class Conversation:
    """How far a client is in proving who it is."""

    user: User | None = None
    """Who it is, once `done`."""
    done: bool = False
    nonce: str = ""
    messages: list[str] = field(default_factory=list)
    ends_early: bool = False


def check_access(connection: Connection, name: str, wanted: Command, asked: Document) -> None:
    """Raises CommandError when the client may not use the command."""
    if not connection.server.users or wanted.role == "none":
        return
    user = connection.user
    if user is None:
        raise CommandError(13, f"Command {name} requires authentication")
    if wanted.role != "any" and _NEEDED[wanted.role] not in ROLES[user.role]:
        raise CommandError(13, f"not authorized on {asked['$db']} to execute command "
                           f"{{ {name}: \"{asked[name]}\" }}")  # fmt: skip


@command("saslStart", fields="mechanism payload options autoAuthorize", role="none")
async def sasl_start(connection: Connection, asked: Document) -> Document:
    conversation = connection.conversation = Conversation()
    connection.user = None
    if asked.get("mechanism") != "SCRAM-SHA-256":
        raise _failed()
    options = argument(asked, "saslStart.options", "object", {})
    conversation.ends_early = bool(options.get("skipEmptyExchange"))
    first = bytes(asked["payload"]).decode()
    if not first.startswith("n,,"):
        raise _failed()
    fields = _fields(first[3:])
    name = fields["n"].replace("=2C", ",").replace("=3D", "=")
    user = connection.server.users.get(name)
    if user is None or asked["$db"] != "admin":
        raise _failed()
    conversation.user = user
    conversation.nonce = fields["r"] + base64.b64encode(os.urandom(18)).decode()
    salt = base64.b64encode(user.salt).decode()
    answer = f"r={conversation.nonce},s={salt},i={_ITERATIONS}"
    conversation.messages = [first[3:], answer]
    return {"conversationId": 1, "done": False, "payload": answer.encode()}


@command("saslContinue", fields="conversationId payload", role="none")
async def sasl_continue(connection: Connection, asked: Document) -> Document:
    conversation = connection.conversation
    if conversation is None or conversation.user is None:
        raise CommandError(17, "No SASL session state found")
    if conversation.done:
        connection.user, connection.conversation = conversation.user, None
        return {"conversationId": 1, "done": True, "payload": b""}
    final = bytes(asked["payload"]).decode()
    unproven, _, proof = final.rpartition(",p=")
    if _fields(unproven).get("r") != conversation.nonce:
        raise _failed()
    said = ",".join((*conversation.messages, unproven)).encode()
    salted = conversation.user.salted
    client_key = _mac(salted, b"Client Key")
    signature = _mac(hashlib.sha256(client_key).digest(), said)
    expected = bytes(one ^ other for one, other in zip(client_key, signature, strict=True))
    if not hmac.compare_digest(expected, base64.b64decode(proof)):
        connection.conversation = None
        raise _failed()
    conversation.done = True
    proven = base64.b64encode(_mac(_mac(salted, b"Server Key"), said))
    if conversation.ends_early:
        connection.user, connection.conversation = conversation.user, None
    return {"conversationId": 1, "done": conversation.ends_early, "payload": b"v=" + proven}


@command("logout", role="none")
async def logout(connection: Connection, asked: Document) -> Document:
    connection.user = None
    return {}


@command("connectionStatus", fields="showPrivileges", role="none", in_stable_api=False)
async def connection_status(connection: Connection, asked: Document) -> Document:
    user = connection.user
    who: Document = {"authenticatedUsers": [], "authenticatedUserRoles": []}
    privileges: list[Document] = []
    if user is not None:
        suffix = "" if user.role == "root" else "AnyDatabase"
        who["authenticatedUsers"] = [{"user": user.name, "db": "admin"}]
        who["authenticatedUserRoles"] = [{"role": user.role + suffix, "db": "admin"}]
        resource = {"db": "", "collection": ""}
        privileges = [{"resource": resource, "actions": list(ROLES[user.role])}]
    if argument(asked, "connectionStatus.showPrivileges", "bool", False):
        who["authenticatedUserPrivileges"] = privileges
    return {"authInfo": who}


def _failed() -> CommandError:
    return CommandError(18, "Authentication failed.")


def _fields(message: str) -> dict[str, str]:
    return {part[0]: part[2:] for part in message.split(",")}


def _mac(secret: bytes, data: bytes) -> bytes:
    return hmac.new(secret, data, hashlib.sha256).digest()
