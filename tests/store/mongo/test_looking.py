"""A server that is looked at before one of its databases is chosen."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from pymongo import AsyncMongoClient

from simulator.store.mongo import MongoStore
from simulator.store.mongo_server import look_at_server
from simulator.store.opening import StoreOptions
from tests.servers.mongo.launching import MongoServer

MANY = 20


async def test_many_databases_are_looked_at_together(server: MongoServer) -> None:
    async with AsyncMongoClient[dict[str, Any]](server.uri) as client:
        names = [f"shop{number}" for number in range(MANY)]
        await asyncio.gather(*(client[name]["orders"].insert_one({}) for name in names))
        store = await MongoStore.open(server.uri, StoreOptions(database="lab"), print)
        await store.close()
        await client.admin.command(
            "configureFailPoint", "failCommand", mode={"times": MANY + 1},
            data={"failCommands": ["find"], "blockConnection": True, "blockTimeMS": 300},
        )  # fmt: skip
        began = time.monotonic()
        card = await look_at_server(server.uri, StoreOptions(), print)
        assert time.monotonic() - began < MANY * 0.3 / 2
    assert card.databases == ("lab",)
