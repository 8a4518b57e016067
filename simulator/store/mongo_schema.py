"""The database as a whole: whether it is ours, its version, its indexes."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from pymongo import IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError, OperationFailure

from simulator.store import mongo_errors as errors
from simulator.store.mongo_address import Address
from simulator.store.mongo_clock import ServerClock
from simulator.store.mongo_codec import Document
from simulator.store.mongo_queries import INDEXES

Database = AsyncDatabase[Document]
Migration = Callable[[Database], Awaitable[None]]

COLLECTIONS = ("experiments", "batches", "runs", "messages")
_LOCK = timedelta(seconds=60)
"""After which the lock of a process that died is taken over."""
_RENEW_S = 15.0
_LONGEST_WAIT_S = 120.0
_RETRY_S = 0.2


async def _make_indexes(database: Database) -> None:
    for name, indexes in INDEXES.items():
        await database[name].create_indexes(list(indexes))


MIGRATIONS: tuple[Migration, ...] = (_make_indexes, _make_indexes)
"""What leads from each version to the next, from version 0, an empty database.

Each may be cut off at any point and begun again: it must not mind what it finds done. Version 2
has `batches`, to which runs may point.
"""
READABLE_VERSION = 1
"""The earliest version that can be read as it is, by those who may not bring it up to date."""


async def prepare(
    database: Database,
    address: Address,
    clock: ServerClock,
    notify: Callable[[str], None],
    may_make: bool,
) -> None:
    """See that the database is ours, and up to date or readable by a user who may only read.

    Args:
        database: With majority writes.
        address: For messages.
        clock: The server's.
        notify: Hears that another process is at work on it.
        may_make: Whether an empty one is set up.

    Raises:
        NotFoundError: It is empty and may not be set up.
        StoreCorruptError: It is another program's, or of a newer version.
        StoreUnavailableError: Another process takes too long to bring it up to date.
        OperationFailure: This user may not set it up.
    """
    began = time.monotonic()
    told = False
    while True:
        version = await _version(database, address)
        if version == len(MIGRATIONS):
            return await _complete_indexes(database, address)
        if version == 0 and not may_make:
            raise errors.empty(address)
        lock = _Lock(database, clock)
        try:
            taken = await lock.take()
        except OperationFailure as error:
            if version < READABLE_VERSION or not errors.is_forbidden(error, address):
                raise
            return None
        if taken:
            try:
                await _migrate(database, lock)
            finally:
                await lock.give_back()
            continue
        if time.monotonic() - began > _LONGEST_WAIT_S:
            raise errors.in_migration(address)
        if not told:
            notify(f"Another process sets up the database {address.place}; waiting for it.")
            told = True
        await asyncio.sleep(_RETRY_S)


async def look(database: Database, address: Address, clock: ServerClock) -> int:
    """The version of a database as `prepare` would find it, 0 if it is empty; nothing is changed.

    Raises:
        StoreCorruptError: It is another program's, or of a newer version.
        StoreUnavailableError: Another process is bringing it up to date.
    """
    version = await _version(database, address)
    if version < len(MIGRATIONS):
        locked = {"_id": "schema", "locked_until": {"$gte": await clock.now()}}
        if await database["meta"].find_one(locked) is not None:
            raise errors.in_migration(address)
    return version


async def stored_version(database: Database) -> int | None:
    """The version of a database that is ours."""
    schema = await database["meta"].find_one({"_id": "schema"})
    return None if schema is None else int(schema["version"])


async def _version(database: Database, address: Address) -> int:
    stored = await stored_version(database)
    if stored is not None:
        if stored > len(MIGRATIONS):
            raise errors.too_new(address, stored)
        return stored
    for name in COLLECTIONS:
        if await database[name].find_one({}, {"_id": 1}) is not None:
            raise errors.not_ours(address)
    return 0


class _Lock:
    """The right to change the database as a whole: for one process, until it dies."""

    def __init__(self, database: Database, clock: ServerClock) -> None:
        self._meta = database["meta"]
        self._clock = clock
        self._ours = {"_id": "schema", "locked_by": secrets.token_hex(8)}

    async def take(self) -> bool:
        """Whether it is ours now."""
        now = await self._clock.now()
        free = [{"locked_until": None}, {"locked_until": {"$lt": now}}]
        taken = {"locked_by": self._ours["locked_by"], "locked_until": now + _LOCK}
        try:
            await self._meta.find_one_and_update(
                {"_id": "schema", "$or": free},
                {"$set": taken, "$setOnInsert": {"version": 0}},
                upsert=True,
            )
        except DuplicateKeyError:
            return False
        return True

    async def keep(self) -> None:
        """Push its end back again and again, until cancelled."""
        while True:
            await asyncio.sleep(_RENEW_S)
            until = await self._clock.now() + _LOCK
            await self._meta.update_one(self._ours, {"$set": {"locked_until": until}})

    async def record(self, version: int) -> bool:
        """Put a version on record; False when the lock is somebody else's by now."""
        done = await self._meta.update_one(self._ours, {"$set": {"version": version}})
        return done.matched_count == 1

    async def give_back(self) -> None:
        """Let others have it."""
        free = {"locked_until": None, "locked_by": None}
        await self._meta.update_one(self._ours, {"$set": free})


async def _migrate(database: Database, lock: _Lock) -> None:
    keeping = asyncio.create_task(lock.keep())
    try:
        # Read again under the lock: another process may have been first.
        for number in range(await stored_version(database) or 0, len(MIGRATIONS)):
            await MIGRATIONS[number](database)
            if not await lock.record(number + 1):
                return
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def _complete_indexes(database: Database, address: Address) -> None:
    """Make indexes that are missing; who may only read, reads without them."""

    async def complete(name: str, indexes: Sequence[IndexModel]) -> None:
        try:
            present = {index["name"] async for index in await database[name].list_indexes()}
            missing = [index for index in indexes if index.document["name"] not in present]
            if missing:
                await database[name].create_indexes(missing)
        except OperationFailure as error:
            if not errors.is_forbidden(error, address):
                raise

    await asyncio.gather(*(complete(name, indexes) for name, indexes in INDEXES.items()))


def may_write(status: Document, database: str) -> bool:
    """Whether a user may insert documents.

    Args:
        status: The answer to `connectionStatus` with `showPrivileges`.
        database: Into which.
    """
    who = status["authInfo"]
    if not who["authenticatedUsers"]:
        return True
    return any(
        _covers(privilege["resource"], database) and "insert" in privilege["actions"]
        for privilege in who.get("authenticatedUserPrivileges", ())
    )


def _covers(resource: Document, database: str) -> bool:
    if resource.get("anyResource"):
        return True
    return resource.get("db") in ("", database) and resource.get("collection") in ("", "messages")
