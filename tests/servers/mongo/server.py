"""The server: its connections, and the way of a command from the socket to its answer."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import itertools
import ssl
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.mongo.access import Conversation, User, check_access
from tests.servers.mongo.errors import CommandError, not_implemented
from tests.servers.mongo.faults import ConnectionCut, Fault
from tests.servers.mongo.reading import Cursors
from tests.servers.mongo.registry import COMMANDS, Command, check_fields
from tests.servers.mongo.storage import MAX_DOCUMENT_BYTES, Storage
from tests.servers.mongo.values import Document
from tests.servers.mongo.wire import Message, ProtocolError, read_message, reply_bytes

for _module in ("administering", "explaining", "greeting", "writing"):  # they register commands
    importlib.import_module(f"tests.servers.mongo.{_module}")


@dataclass(slots=True)
class Server:
    """What all connections share."""

    folder: Path
    replica_set: str = ""
    """Its name; empty for a server that stands alone."""
    max_document_bytes: int = MAX_DOCUMENT_BYTES
    """What it tells drivers; it takes 16 MiB whatever this says."""
    users: dict[str, User] = field(default_factory=dict)
    """By name; with any, all must say who they are."""
    port: int = 0
    storage: Storage = field(init=False)
    cursors: Cursors = field(default_factory=Cursors)
    fault: Fault = field(default_factory=Fault)
    happened: asyncio.Event = field(default_factory=asyncio.Event)
    """Set, and replaced by a new one, when there are new events."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.storage = Storage(self.folder)

    @property
    def address(self) -> str:
        """As drivers name it."""
        return f"127.0.0.1:{self.port}"

    def announce(self) -> None:
        """Wake those that wait for events."""
        self.happened.set()
        self.happened = asyncio.Event()

    async def listen(self, port: int, tls: ssl.SSLContext | None = None) -> asyncio.Server:
        """Serve on the port of 127.0.0.1; 0 takes a free one."""
        listening = await asyncio.start_server(
            self._connected, "127.0.0.1", port, ssl=tls, backlog=1024
        )
        self.port = listening.sockets[0].getsockname()[1]
        return listening

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self, next(self._numbers))
        try:
            while (message := await read_message(reader)) is not None:
                reply = await connection.answer(message)
                if message.wants_reply:
                    writer.write(reply_bytes(message, reply))
                    await writer.drain()
        except (
            ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, ProtocolError, ConnectionCut
        ):  # fmt: skip
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()


@dataclass(slots=True)
class Connection:
    """A client's connection."""

    server: Server
    number: int
    application: str = ""
    """The name that the client's program gave itself."""
    user: User | None = None
    """Who has proven who it is."""
    conversation: Conversation | None = None

    @property
    def storage(self) -> Storage:
        """Of the server."""
        return self.server.storage

    def record(self, event: Document) -> None:
        """Keep what happened for change streams, which a server that stands alone has not."""
        if self.server.replica_set:
            self.storage.add_event(event)

    async def answer(self, message: Message) -> Document:
        """The reply. Raises ConnectionCut when a fault wants that."""
        asked = message.command
        try:
            command = self._command(message)
            fault = self.server.fault
            if not fault.hits(message.name, self.application):
                return {**await command.handler(self, asked), "ok": 1.0}
            await fault.before(asked)
            return fault.after(asked, {**await command.handler(self, asked), "ok": 1.0})
        except CommandError as error:
            return error.reply()
        except ConnectionCut:
            raise
        except Exception as error:  # a mistake of the stand-in, which must not pass for an outage
            traceback.print_exc()
            return CommandError(1, f"the stand-in failed: {error!r}").reply()

    def _command(self, message: Message) -> Command:
        name, asked = message.name, message.command
        command = COMMANDS.get(name)
        if command is None:
            raise CommandError(59, f"no such command: '{name}'")
        if message.is_query and name not in ("hello", "isMaster", "ismaster"):
            raise CommandError(352, f"Unsupported OP_QUERY command: {name}. The client driver may "
                               "require an upgrade.")  # fmt: skip
        if "$db" not in asked:
            raise CommandError(40571, "OP_MSG requests require a $db argument")
        check_fields(asked, command.fields, name)
        check_access(self, name, command, asked)
        self._check_api(name, command, asked)
        self._check_session(asked)
        return command

    def _check_api(self, name: str, command: Command, asked: Document) -> None:
        version = asked.get("apiVersion")
        if version is None:
            if "apiStrict" in asked or "apiDeprecationErrors" in asked:
                raise CommandError(4886600, "Provided apiStrict and/or apiDeprecationErrors "
                                   "without passing apiVersion")  # fmt: skip
            return
        if version != "1":
            raise CommandError(322, 'API version must be "1"')
        if asked.get("apiStrict") and not command.in_stable_api:
            raise CommandError(323, f"Provided apiStrict:true, but the command {name} is not in "
                               "API Version 1")  # fmt: skip

    def _check_session(self, asked: Document) -> None:
        if "txnNumber" not in asked:
            return
        if not self.server.replica_set:
            raise CommandError(20, "Transaction numbers are only allowed on a replica set member "
                               "or mongos")  # fmt: skip
        if "lsid" not in asked:
            raise CommandError(72, "Transaction number requires a session ID to also be specified")
        if "autocommit" in asked or "startTransaction" in asked:
            raise not_implemented("transactions")
