"""MongoDB's wire protocol: OP_MSG, and OP_QUERY for the first words of old drivers."""

from __future__ import annotations

import asyncio
import itertools
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.mongo.errors import CommandError
from tests.servers.mongo.values import Document, decode, encode

_HEADER = struct.Struct("<iiii")
_REPLY, _QUERY, _MSG = 1, 2004, 2013
_CHECKSUM_PRESENT, _MORE_TO_COME, _REQUIRED_BITS = 1, 2, 0xFFFF
MAX_MESSAGE_BYTES = 48_000_000
_replies = itertools.count(1)


class ProtocolError(Exception):
    """The client sent bytes that no driver sends; the connection is closed."""


@dataclass(frozen=True, slots=True)
class Message:
    """A command as it came."""

    number: int
    command: Document
    wants_reply: bool
    is_query: bool = False

    @property
    def name(self) -> str:
        """Of the command."""
        return next(iter(self.command), "")


async def read_message(reader: asyncio.StreamReader) -> Message | None:
    """The next command; None when the client has closed the connection in between."""
    try:
        header = await reader.readexactly(_HEADER.size)
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    length, number, _, operation = _HEADER.unpack(header)
    if not _HEADER.size < length <= MAX_MESSAGE_BYTES:
        raise ProtocolError(f"a message of {length} bytes")
    body = await reader.readexactly(length - _HEADER.size)
    if operation == _MSG:
        return _from_msg(number, body)
    if operation == _QUERY:
        return _from_query(number, body)
    raise ProtocolError(f"operation {operation}")


def _from_msg(number: int, body: bytes) -> Message:
    (flags,) = struct.unpack_from("<I", body)
    if flags & _REQUIRED_BITS & ~(_CHECKSUM_PRESENT | _MORE_TO_COME):
        raise ProtocolError(f"flags {flags:#x}")
    end = len(body) - (4 if flags & _CHECKSUM_PRESENT else 0)
    at = 4
    command: Document | None = None
    sequences: Document = {}
    while at < end:
        kind = body[at]
        (size,) = struct.unpack_from("<i", body, at + 1)
        section = body[at + 1 : at + 1 + size]
        at += 1 + size
        if kind == 0:
            command = decode(section)
        elif kind == 1:
            name, documents = _sequence(section)
            sequences[name] = documents
        else:
            raise ProtocolError(f"a section of kind {kind}")
    if command is None or at != end:
        raise ProtocolError("a message without a command")
    for name in sequences:
        if name in command:
            raise CommandError(40413, f"BSON field '{name}' is a duplicate field")
    return Message(number, command | sequences, wants_reply=not flags & _MORE_TO_COME)


def _sequence(section: bytes) -> tuple[str, list[Document]]:
    end = section.index(b"\0", 4)
    at = end + 1
    documents = []
    while at < len(section):
        (size,) = struct.unpack_from("<i", section, at)
        documents.append(decode(section[at : at + size]))
        at += size
    return section[4:end].decode(), documents


def _from_query(number: int, body: bytes) -> Message:
    end = body.index(b"\0", 4)
    namespace = body[4:end].decode()
    at = end + 1 + 8
    (size,) = struct.unpack_from("<i", body, at)
    command = decode(body[at : at + size])
    return Message(
        number, {**command, "$db": namespace.partition(".")[0]}, wants_reply=True, is_query=True
    )


def reply_bytes(message: Message, reply: Mapping[str, Any]) -> bytes:
    """The answer to a command."""
    document = encode(reply)
    if message.is_query:
        body = struct.pack("<iqii", 8, 0, 0, 1) + document
        operation = _REPLY
    else:
        body = struct.pack("<IB", 0, 0) + document
        operation = _MSG
    size = _HEADER.size + len(body)
    return _HEADER.pack(size, next(_replies), message.number, operation) + body
