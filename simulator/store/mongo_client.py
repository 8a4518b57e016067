"""Connects to a MongoDB."""

from __future__ import annotations

import warnings

from pymongo import AsyncMongoClient, ReadPreference
from pymongo.read_concern import ReadConcern
from pymongo.server_api import ServerApi
from pymongo.write_concern import WriteConcern

from simulator.store.mongo_address import Address
from simulator.store.mongo_codec import Document
from simulator.store.mongo_schema import Database
from simulator.store.opening import StoreOptions

Client = AsyncMongoClient[Document]

_MAJORITY_MS = 30_000
"""Until it is said that no majority has a write yet; it is then asked for again."""


def database_of(client: Client, address: Address) -> Database:
    """The address's database: writes that a majority of the servers has, reads that see them.

    What the address says of these is not heard: a step that is acknowledged must be there, and a
    server that lags behind would show runs as missing.
    """
    return client.get_database(
        address.database,
        read_preference=ReadPreference.PRIMARY,
        read_concern=ReadConcern("local"),
        write_concern=WriteConcern("majority", wtimeout=_MAJORITY_MS),
    )


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
    with warnings.catch_warnings():
        # `parse_address` has told of options that PyMongo does not know.
        warnings.simplefilter("ignore")
        return AsyncMongoClient(
            url,
            tz_aware=True,
            server_api=ServerApi("1"),
            **{name: value for name, value in defaults.items() if name.lower() not in given},
        )


def has_change_streams(hello: Document) -> bool:
    """Whether the server that said this tells of news by itself."""
    return "setName" in hello or hello.get("msg") == "isdbgrid"


async def ask_hello(client: Client) -> Document:
    """What the server says of itself; its time is aware, UTC."""
    hello: Document = await client.admin.command("hello", codec_options=client.codec_options)
    return hello
