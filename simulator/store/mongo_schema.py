"""The database as a whole: whether it is ours, its version, its indexes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError, OperationFailure

from simulator.errors import StoreUnavailableError
from simulator.store import mongo_errors as errors
from simulator.store.mongo_address import Address
from simulator.store.mongo_codec import Document
from simulator.store.mongo_queries import INDEXES

Database = AsyncDatabase[Document]
Migration = Callable[[Database], Awaitable[None]]

COLLECTIONS = ("experiments", "batches", "runs", "messages")
_LOCK_S = 600
"""Seconds after which the lock of a migration that died is taken over."""
_LONGEST_WAIT_S = 120.0
_RETRY_S = 0.2


async def _make_indexes(database: Database) -> None:
    for name, indexes in INDEXES.items():
        await database[name].create_indexes(list(indexes))


MIGRATIONS: tuple[Migration, ...] = (_make_indexes,)
"""What leads from each version to the next, from version 0, an empty database.

Each may be cut off at any point and begun again: it must not mind what it finds done.
"""


async def prepare(database: Database, address: Address, now: datetime) -> int:
    """See that the database is ours and up to date; its version.

    Args:
        database: With majority writes.
        address: For messages.
        now: By the server's clock.

    Raises:
        StoreCorruptError: It is another program's, or of a newer version.
        StoreUnavailableError: Another process takes too long to bring it up to date.
        OperationFailure: This user may not set it up.
    """
    waited_s = 0.0
    while True:
        version = await _version(database, address)
        if version > len(MIGRATIONS):
            raise errors.too_new(address, version)
        if version == len(MIGRATIONS):
            await _complete_indexes(database)
            return version
        if await _lock(database, now + timedelta(seconds=waited_s)):
            await _migrate(database)
            continue
        if waited_s > _LONGEST_WAIT_S:
            raise StoreUnavailableError(
                f"the database {address.place} is being brought up to date by another process",
                remedy="Try again in a few minutes.",
            )
        await asyncio.sleep(_RETRY_S)
        waited_s += _RETRY_S


async def stored_version(database: Database) -> int | None:
    """The version of a database that is ours."""
    schema = await database["meta"].find_one({"_id": "schema"})
    return None if schema is None else int(schema["version"])


async def _version(database: Database, address: Address) -> int:
    stored = await stored_version(database)
    if stored is not None:
        return stored
    for name in COLLECTIONS:
        if await database[name].find_one({}, {"_id": 1}) is not None:
            raise errors.not_ours(address)
    return 0


async def _lock(database: Database, now: datetime) -> bool:
    try:
        await database["meta"].find_one_and_update(
            {"_id": "schema", "$or": [{"locked_until": None}, {"locked_until": {"$lt": now}}]},
            {
                "$set": {"locked_until": now + timedelta(seconds=_LOCK_S)},
                "$setOnInsert": {"version": 0},
            },
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
    except DuplicateKeyError:
        return False
    return True


async def _migrate(database: Database) -> None:
    meta = database["meta"]
    # Read again under the lock: another process may have been first.
    for number in range(await stored_version(database) or 0, len(MIGRATIONS)):
        await MIGRATIONS[number](database)
        await meta.update_one({"_id": "schema"}, {"$set": {"version": number + 1}})
    await meta.update_one({"_id": "schema"}, {"$set": {"locked_until": None}})


async def _complete_indexes(database: Database) -> None:
    """Make indexes that are missing; who may only read, reads without them."""
    for name, indexes in INDEXES.items():
        try:
            present = {index["name"] async for index in await database[name].list_indexes()}
            missing = [index for index in indexes if index.document["name"] not in present]
            if missing:
                await database[name].create_indexes(missing)
        except OperationFailure as error:
            if error.code != errors.UNAUTHORIZED:
                raise


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
