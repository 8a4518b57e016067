"""Connects to a MongoDB."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pymongo import AsyncMongoClient
from pymongo.server_api import ServerApi
from pymongo.write_concern import WriteConcern

from simulator.store.mongo_address import Address
from simulator.store.mongo_codec import Document
from simulator.store.mongo_schema import Database
from simulator.store.opening import StoreOptions

Client = AsyncMongoClient[Document]


def database_of(client: Client, address: Address) -> Database:
    """The address's database, with writes that a majority of the servers has."""
    return client.get_database(address.database, write_concern=WriteConcern("majority"))


def connect(url: str, address: Address, options: StoreOptions) -> Client:
    """A client; it connects when it is first asked. What the address sets goes before options."""
    timeout_ms = round(options.timeout_s * 1000)
    defaults: Document = {
        "appname": "llm-interaction-simulator",
        "serverSelectionTimeoutMS": timeout_ms,
        "connectTimeoutMS": timeout_ms,
        "maxPoolSize": options.pool_size,
        "retryWrites": True,
    }
    given = {name.lower() for name in address.options}
    return AsyncMongoClient(
        url,
        tz_aware=True,
        server_api=ServerApi("1"),
        **{name: value for name, value in defaults.items() if name.lower() not in given},
    )


async def ask_hello(client: Client) -> Document:
    """What the server says of itself; its time is aware, UTC."""
    hello: Document = await client.admin.command("hello", codec_options=client.codec_options)
    return hello


async def greet(client: Client) -> tuple[Document, timedelta]:
    """The server's `hello`, and by how many whole seconds its clock is ahead."""
    hello = await ask_hello(client)
    return hello, timedelta(seconds=round(clock_skew(hello).total_seconds()))


def clock_skew(hello: Document) -> timedelta:
    """By how much the clock of the server that said this is ahead of this machine's."""
    local: datetime = hello["localTime"]
    return local - datetime.now(UTC)
