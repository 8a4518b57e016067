"""A MongoDB and its databases, looked at from outside; nothing is written to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from pymongo.errors import OperationFailure, PyMongoError

from simulator.store import mongo_errors as errors
from simulator.store.mongo_address import Address, parse_address
from simulator.store.mongo_client import Client, ask_hello, connect, database_of, has_change_streams
from simulator.store.mongo_clock import ServerClock, clock_skew
from simulator.store.mongo_codec import Document
from simulator.store.mongo_schema import look, may_write, stored_version
from simulator.store.opening import StoreOptions

_ITS_OWN = ("admin", "config", "local")


@dataclass(frozen=True, slots=True)
class ServerCard:
    """What somebody who logged in finds."""

    place: str
    """Servers, without secrets."""
    database: str
    """The one that the address names; empty if it names none."""
    version: str
    """Of the server."""
    databases: tuple[str, ...]
    """Those that hold experiments, as far as this user may see them."""
    may_write: Callable[[str], bool]
    """Whether this user may write to a database."""
    change_streams: bool
    """Whether it tells of what is written."""
    clock_skew_s: float
    """Seconds by which its clock is ahead of this machine's."""


async def look_at_server(
    url: str, options: StoreOptions, notify: Callable[[str], None]
) -> ServerCard:
    """Connect, log in and look around.

    Args:
        url: `mongodb://…` or `mongodb+srv://…`.
        options: See `StoreOptions`.
        notify: Hears of options of the address that are unknown.

    Raises:
        UsageError: The address cannot be read.
        StoreUnavailableError: No server answers, or none that can be trusted.
        PermissionDeniedError: The user is not let in.
    """
    address = parse_address(url, "", notify)
    async with _connected(url, address, options) as client:
        hello = await ask_hello(client)
        skew = clock_skew(hello)
        version = str((await client.admin.command("buildInfo"))["version"])
        status: Document = await client.admin.command("connectionStatus", showPrivileges=True)
        names = [name for name in await client.list_database_names() if name not in _ITS_OWN]
        are_ours = await asyncio.gather(*(_is_ours(client, name) for name in names))
    ours = tuple(name for name, is_ours in zip(names, are_ours, strict=True) if is_ours)
    return ServerCard(
        place=address.place, database=address.database, version=version, databases=ours,
        may_write=lambda name: may_write(status, name),
        change_streams=has_change_streams(hello),
        clock_skew_s=skew.total_seconds(),
    )  # fmt: skip


async def look_at_database(url: str, options: StoreOptions, notify: Callable[[str], None]) -> int:
    """See that a store could be opened; the version of its schema, 0 of an empty database.

    Args:
        url: See `look_at_server`.
        options: See `StoreOptions`.
        notify: See `look_at_server`.

    Raises:
        StoreCorruptError: The database is another program's, or of a newer schema.
        StoreUnavailableError: Another process is bringing it up to date; so are the errors of
            `look_at_server`.
    """
    address = parse_address(url, options.database, notify)
    async with _connected(url, address, options) as client:
        clock = ServerClock(partial(ask_hello, client))
        return await look(database_of(client, address), address, clock)


@asynccontextmanager
async def _connected(url: str, address: Address, options: StoreOptions) -> AsyncIterator[Client]:
    client: Client | None = None
    try:
        client = connect(url, address, options)
        yield client
    except (PyMongoError, ValueError, OSError) as error:
        raise errors.translate(error, address) from error
    finally:
        if client is not None:
            await client.close()


async def _is_ours(client: Client, name: str) -> bool:
    try:
        return await stored_version(client[name]) is not None
    except OperationFailure as error:
        if error.code == errors.UNAUTHORIZED:
            return False
        raise
