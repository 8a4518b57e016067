"""Change streams, on the stand-in and on a real replica set alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import OperationFailure

from tests.servers.mongo.launching import MongoServer

Documents = AsyncCollection[dict[str, Any]]
PATIENCE_S = 20


@pytest.fixture
async def watched(mongo_url: str) -> AsyncIterator[Documents]:
    async with AsyncMongoClient[dict[str, Any]](mongo_url) as client:
        if "setName" not in await client.admin.command("hello"):
            pytest.skip("a server that stands alone has no change streams")
        yield client.get_default_database()["documents"]


async def events(stream: AsyncChangeStream[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(PATIENCE_S):
        return [await anext(stream) for _ in range(count)]


async def test_what_happens_is_told_in_order(watched: Documents) -> None:
    await watched.insert_one({"_id": 0})
    async with await watched.watch() as stream:
        await watched.insert_one({"_id": 1, "a": {"b": 1, "c": 2}, "l": [1]})
        await watched.update_one(
            {"_id": 1}, {"$set": {"a.b": 5, "d": 1}, "$unset": {"a.c": 1}, "$push": {"l": 2}}
        )
        await watched.replace_one({"_id": 1}, {"x": 1})
        await watched.update_one({"_id": 1}, {"$set": {"x": 1}})
        await watched.delete_one({"_id": 1})
        inserted, updated, replaced, deleted = await events(stream, 4)
    assert inserted["operationType"] == "insert"
    assert inserted["fullDocument"] == {"_id": 1, "a": {"b": 1, "c": 2}, "l": [1]}
    assert inserted["documentKey"] == {"_id": 1}
    assert inserted["ns"] == {"db": watched.database.name, "coll": watched.name}
    assert updated["operationType"] == "update"
    assert "fullDocument" not in updated
    assert updated["updateDescription"]["updatedFields"] == {"a.b": 5, "d": 1, "l.1": 2}
    assert updated["updateDescription"]["removedFields"] == ["a.c"]
    assert replaced["operationType"] == "replace"
    assert replaced["fullDocument"] == {"_id": 1, "x": 1}
    assert deleted["operationType"] == "delete"


async def test_a_stream_goes_on_where_another_ended(watched: Documents) -> None:
    async with await watched.watch() as stream:
        await watched.insert_many([{"_id": n} for n in range(3)])
        first, _, last = await events(stream, 3)
    await watched.insert_one({"_id": 3})
    async with await watched.watch(resume_after=first["_id"]) as stream:
        assert [one["documentKey"]["_id"] for one in await events(stream, 3)] == [1, 2, 3]
    async with await watched.watch(start_after=last["_id"]) as stream:
        assert [one["documentKey"]["_id"] for one in await events(stream, 1)] == [3]


async def test_streams_are_filtered(watched: Documents) -> None:
    pipeline: list[dict[str, Any]] = [
        {"$match": {"operationType": "insert", "fullDocument.run": "mine"}},
        {"$project": {"fullDocument": 1}},
    ]
    async with await watched.watch(pipeline) as stream:
        await watched.insert_one({"_id": 1, "run": "other"})
        await watched.insert_one({"_id": 2, "run": "mine"})
        (found,) = await events(stream, 1)
    assert found["fullDocument"] == {"_id": 2, "run": "mine"}
    assert set(found) == {"_id", "fullDocument"}


async def test_updates_may_come_with_the_whole_document(watched: Documents) -> None:
    await watched.insert_one({"_id": 1, "a": 1})
    async with await watched.watch(full_document="updateLookup") as stream:
        await watched.update_one({"_id": 1}, {"$set": {"b": 2}})
        (updated,) = await events(stream, 1)
    assert updated["fullDocument"] == {"_id": 1, "a": 1, "b": 2}


async def test_a_whole_database_may_be_watched(watched: Documents) -> None:
    async with await watched.database.watch() as stream:
        await watched.insert_one({"_id": 1})
        await watched.database["other"].insert_one({"_id": 2})
        found = await events(stream, 2)
    assert [one["ns"]["coll"] for one in found] == ["documents", "other"]


async def test_waiting_ends_when_something_happens(watched: Documents) -> None:
    async with await watched.watch(max_await_time_ms=PATIENCE_S * 1000) as stream:
        waiting = asyncio.create_task(events(stream, 1))
        await asyncio.sleep(0)
        await watched.insert_one({"_id": 1})
        (found,) = await waiting
    assert found["documentKey"] == {"_id": 1}


async def test_nothing_happens_for_as_long_as_asked(watched: Documents) -> None:
    async with await watched.watch(max_await_time_ms=50) as stream:
        assert await stream.try_next() is None
        assert stream.resume_token is not None


async def test_a_dropped_collection_ends_its_stream(watched: Documents) -> None:
    await watched.insert_one({"_id": 1})
    async with await watched.watch() as stream:
        await watched.drop()
        found = await events(stream, 2)
        assert [one["operationType"] for one in found] == ["drop", "invalidate"]
        with pytest.raises(StopAsyncIteration):
            await anext(stream)


@pytest.mark.parametrize("stage", [{"$group": {"_id": 1}}, {"$sort": {"_id": 1}}], ids=str)
async def test_some_stages_cannot_follow(watched: Documents, stage: dict[str, Any]) -> None:
    with pytest.raises(OperationFailure) as refused:
        await watched.watch([stage])
    assert refused.value.code == 20


async def test_a_stream_survives_a_kill_of_the_server(server: MongoServer) -> None:
    async with AsyncMongoClient[dict[str, Any]](server.uri) as client:
        documents = client["lab"]["documents"]
        async with await documents.watch(max_await_time_ms=200) as stream:
            await documents.insert_one({"_id": 1})
            (first,) = await events(stream, 1)
            server.kill()
            server.start()
            await documents.insert_one({"_id": 2})
            (second,) = await events(stream, 1)
    assert [one["documentKey"]["_id"] for one in (first, second)] == [1, 2]
