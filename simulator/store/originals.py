"""Reads what the original program keeps in MongoDB: in a live database, or in files of BSON.

Nothing is ever written.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC
from typing import Any, BinaryIO

import bson
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.decimal128 import Decimal128
from bson.errors import BSONError
from bson.objectid import ObjectId
from pymongo.errors import OperationFailure, PyMongoError

from simulator.errors import NotFoundError, SimulatorError, UsageError
from simulator.store import mongo_errors
from simulator.store.mongo_address import Address, parse_address
from simulator.store.mongo_client import Client, connect
from simulator.store.opening import StoreOptions

COLLECTIONS = ("experiments", "conversations", "messages")

_LARGEST_BYTES = 16 * 2**20 + 16 * 2**10
"""Of a document of a server's, with what the server itself adds."""
_BATCH = 1000
_UNAUTHORIZED = 13
_SYSTEM = ("admin", "config", "local")
_LENIENT: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, tzinfo=UTC, datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    unicode_decode_error_handler="replace",
)  # fmt: skip


def bson_documents(stream: BinaryIO) -> Iterator[tuple[str, Any]]:
    """The documents of a file of `mongodump`, each with its place; ValueError for a bad one."""
    number = 0
    while head := stream.read(4):
        number += 1
        place = f"document {number}"
        size = int.from_bytes(head, "little", signed=True)
        if len(head) < 4 or not 5 <= size <= _LARGEST_BYTES:
            yield place, ValueError("no BSON from here on")
            return
        data = head + stream.read(size - 4)
        if len(data) < size:
            yield place, ValueError("no BSON: the file ends within the document")
            return
        try:
            yield place, _plain(bson.decode(data, _LENIENT))
        except (BSONError, ValueError, OverflowError, RecursionError):
            yield place, ValueError("no BSON: the document is damaged")


class OriginalDatabase:
    """The original program's database on a server."""

    def __init__(self, client: Client, address: Address, sizes: dict[str, int]) -> None:
        """Use `open_original` instead."""
        self.name = address.database
        self._address = address
        self._database = client.get_database(address.database, codec_options=_LENIENT)
        self._total = sum(sizes.values())
        self._done = 0

    @property
    def share(self) -> float:
        """How much was read, from 0 to 1."""
        return min(1.0, self._done / self._total) if self._total else 0.0

    async def documents(self, collection: str) -> AsyncIterator[dict[str, Any]]:
        """The documents of a collection in the order of their ids, without types of MongoDB's own.

        Raises StoreUnavailableError when the server goes away.
        """
        with _translated(self._address):
            cursor = self._database[collection].find({}, batch_size=_BATCH).sort("_id", 1)
            async with cursor:
                async for document in cursor:
                    self._done += 1
                    yield _plain(document)


@asynccontextmanager
async def open_original(
    url: str, notify: Callable[[str], None] = lambda sentence: None
) -> AsyncIterator[OriginalDatabase]:
    """The database that the address names, or the only one that has the three collections.

    Args:
        url: `mongodb://…` or `mongodb+srv://…`; may hold a password, no message has it.
        notify: Hears of options that PyMongo does not know.

    Raises:
        UsageError: The address cannot be read, or several databases have the collections.
        NotFoundError: The database, or every database, lacks them.
        StoreUnavailableError: No server answers.
        PermissionDeniedError: The user is not let in.
    """
    options = StoreOptions()
    address = parse_address(url, "", notify)
    address = replace(address, place=address.place.removesuffix("/"))
    with _translated(address):
        client = connect(url, address, options)
    async with client:
        with _translated(address):
            if not address.database:
                address = await _only(client, address)
            database = client[address.database]
            there = await database.list_collection_names()
            if not set(COLLECTIONS) & set(there):
                raise NotFoundError(
                    f"The database {address.place} has none of the original program's collections "
                    f"({', '.join(COLLECTIONS)}).",
                    remedy=f"It has {', '.join(sorted(there))}." if there else "It is empty; check "
                    "the name at the end of the address.",
                )  # fmt: skip
            sizes = {
                name: await database[name].estimated_document_count()
                for name in COLLECTIONS
                if name in there
            }
        yield OriginalDatabase(client, address, sizes)


async def _only(client: Client, address: Address) -> Address:
    """The address with the one database that has the three collections."""
    place = address.place
    remedy = "Write its name at the end of the address: mongodb://…/NAME."
    try:
        names = await client.list_database_names()
    except OperationFailure as error:
        if error.code != _UNAUTHORIZED or address.user is None:
            raise
        raise UsageError(
            f"The user {address.user!r} may not list the databases of {place}.", remedy=remedy
        ) from None
    candidates = []
    for name in names:
        if name not in _SYSTEM and await _has_all(client, name):
            candidates.append(name)
    if len(candidates) == 1:
        return replace(address, database=candidates[0], place=f"{place}/{candidates[0]}")
    if not candidates:
        raise NotFoundError(
            f"No database of {place} has the collections {', '.join(COLLECTIONS)}.",
            remedy=f"{remedy} It has {_listed(names)}.",
        )
    raise UsageError(
        f"Several databases of {place} have the original program's collections: "
        f"{_listed(candidates)}.",
        remedy=remedy,
    )


async def _has_all(client: Client, name: str) -> bool:
    try:
        there = await client[name].list_collection_names()
    except OperationFailure as error:
        if error.code == _UNAUTHORIZED:
            return False
        raise
    return set(COLLECTIONS) <= set(there)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(sorted(names)) or "none"


@contextmanager
def _translated(address: Address) -> Iterator[None]:
    try:
        yield
    except SimulatorError:
        raise
    except (PyMongoError, BSONError, OSError, ValueError) as error:
        raise mongo_errors.translate(error, address) from error


def _plain(value: Any) -> Any:
    """A value without types of MongoDB's own: ids as texts, decimals as numbers."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, ObjectId):
        return str(value)
    return float(value.to_decimal()) if isinstance(value, Decimal128) else value
