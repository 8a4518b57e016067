"""A MongoDB before one of its databases is chosen; nothing is written to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from pymongo.errors import OperationFailure, PyMongoError

from simulator.store import mongo_errors as errors
from simulator.store.mongo_address import parse_address
from simulator.store.mongo_client import Client, ask_hello, connect, has_change_streams
from simulator.store.mongo_clock import clock_skew
from simulator.store.mongo_codec import Document
from simulator.store.mongo_schema import may_write, stored_version
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
    client: Client | None = None
    try:
        client = connect(url, address, options)
        hello = await ask_hello(client)
        skew = clock_skew(hello)
        version = str((await client.admin.command("buildInfo"))["version"])
        status: Document = await client.admin.command("connectionStatus", showPrivileges=True)
        names = [name for name in await client.list_database_names() if name not in _ITS_OWN]
        are_ours = await asyncio.gather(*(_is_ours(client, name) for name in names))
    except (PyMongoError, ValueError, OSError) as error:
        raise errors.translate(error, address) from error
    finally:
        if client is not None:
            await client.close()
    ours = tuple(name for name, is_ours in zip(names, are_ours, strict=True) if is_ours)
    return ServerCard(
        place=address.place, database=address.database, version=version, databases=ours,
        may_write=lambda name: may_write(status, name),
        change_streams=has_change_streams(hello),
        clock_skew_s=skew.total_seconds(),
    )  # fmt: skip


async def _is_ours(client: Client, name: str) -> bool:
    try:
        return await stored_version(client[name]) is not None
    except OperationFailure as error:
        if error.code == errors.UNAUTHORIZED:
            return False
        raise
