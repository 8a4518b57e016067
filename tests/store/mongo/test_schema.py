"""A database is set up once, is ours or left alone, and is brought up to date under a lock."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from simulator.domain.records import ExperimentQuery, RunQuery
from simulator.errors import NotFoundError, StoreCorruptError, StoreUnavailableError
from simulator.store import mongo_schema
from simulator.store.mongo import MongoStore
from simulator.store.mongo_queries import INDEXES
from simulator.store.opening import StoreOptions, open_store
from tests.store.examples import a_batch, a_run, an_experiment

Database = AsyncDatabase[dict[str, Any]]


async def indexes_of(database: Database) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name in INDEXES:
        cursor = await database[name].list_indexes()
        found[name] = {index["name"] async for index in cursor} - {"_id_"}
    return found


EVERY_INDEX = {name: {i.document["name"] for i in indexes} for name, indexes in INDEXES.items()}


async def test_opening_makes_every_index(store: MongoStore, database: Database) -> None:
    assert await indexes_of(database) == EVERY_INDEX
    schema = await database["meta"].find_one({"_id": "schema"})
    assert schema is not None
    assert (schema["version"], schema["locked_until"]) == (len(mongo_schema.MIGRATIONS), None)


async def test_a_missing_index_is_made_again(
    store: MongoStore, database: Database, mongo_url: str
) -> None:
    await database["runs"].drop_index("by_cost")
    again = await open_store(mongo_url)
    await again.close()
    assert await indexes_of(database) == EVERY_INDEX


async def test_every_document_has_a_version(store: MongoStore, database: Database) -> None:
    await store.add_experiment(an_experiment())
    document = await database["experiments"].find_one({})
    assert document is not None
    assert document["schema_version"] == an_experiment().schema_version


async def test_migrations_run_once_however_many_open_the_store(
    mongo_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = 0

    async def migration(target: Database) -> None:
        nonlocal running
        running += 1
        assert running == 1
        await target["log"].insert_one({"by": "migration"})
        await asyncio.sleep(0)
        running -= 1

    monkeypatch.setattr(mongo_schema, "MIGRATIONS", (*mongo_schema.MIGRATIONS, migration))
    stores = await asyncio.gather(*(open_store(mongo_url) for _ in range(6)))
    assert await database["log"].count_documents({}) == 1
    await stores[0].add_experiment(an_experiment())
    assert await stores[5].experiment("E1") == an_experiment()
    assert {(await store.describe()).schema_version for store in stores} == {3}
    for store in stores:
        await store.close()


async def test_runs_of_version_1_are_of_no_batch(
    store: MongoStore, database: Database, mongo_url: str
) -> None:
    await store.add_experiment(an_experiment())
    await store.add_run(a_run("R1"))
    await database["runs"].update_one({}, {"$unset": {"batch_id": 1, "cell": 1}})
    await database["runs"].drop_index("by_batch")
    await database["batches"].drop()
    await database["meta"].update_one({"_id": "schema"}, {"$set": {"version": 1}})
    again = await open_store(mongo_url)
    assert await again.runs(RunQuery()) == [a_run("R1")]
    await again.add_batch(a_batch())
    await again.add_run(a_run("R2", batch_id="B1", cell=0))
    assert [one.id for one in await again.runs(RunQuery(batch_id="B1"))] == ["R2"]
    assert (await again.describe()).schema_version == len(mongo_schema.MIGRATIONS)
    await again.close()
    assert await indexes_of(database) == EVERY_INDEX


async def test_a_migration_that_was_cut_off_is_begun_again(
    mongo_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(target: Database) -> None:
        raise asyncio.CancelledError

    async def works(target: Database) -> None:
        await target["log"].insert_one({})

    known = mongo_schema.MIGRATIONS
    monkeypatch.setattr(mongo_schema, "MIGRATIONS", (*known, dies))
    with pytest.raises(asyncio.CancelledError):
        await open_store(mongo_url)
    schema = await database["meta"].find_one({"_id": "schema"})
    assert schema is not None
    assert (schema["version"], schema["locked_until"]) == (len(known), None)
    monkeypatch.setattr(mongo_schema, "MIGRATIONS", (*known, works))
    store = await open_store(mongo_url)
    await store.close()
    assert await database["log"].count_documents({}) == 1


async def test_the_lock_of_a_process_that_died_runs_out(
    mongo_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = datetime.now(UTC) + timedelta(seconds=60)
    left = {"_id": "schema", "version": 0, "locked_by": "dead", "locked_until": until}
    await database["meta"].insert_one(left)
    told: list[str] = []
    monkeypatch.setattr(mongo_schema, "_LONGEST_WAIT_S", -1.0)
    with pytest.raises(StoreUnavailableError, match="brought up to date by another"):
        await open_store(mongo_url)
    monkeypatch.undo()
    opening = asyncio.ensure_future(open_store(mongo_url, notify=told.append))
    past = datetime.now(UTC) - timedelta(seconds=1)
    await database["meta"].update_one({"_id": "schema"}, {"$set": {"locked_until": past}})
    store = await opening
    await store.close()
    assert await indexes_of(database) == EVERY_INDEX


async def test_who_lost_the_lock_records_nothing(
    mongo_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def overtaken(target: Database) -> None:
        taken = {"version": 7, "locked_by": "heir"}
        await target["meta"].update_one({"_id": "schema"}, {"$set": taken})

    monkeypatch.setattr(mongo_schema, "MIGRATIONS", (*mongo_schema.MIGRATIONS, overtaken))
    with pytest.raises(StoreCorruptError, match="schema 7, which is newer"):
        await open_store(mongo_url)
    schema = await database["meta"].find_one({"_id": "schema"})
    assert schema is not None
    assert (schema["version"], schema["locked_by"]) == (7, "heir")


async def test_an_empty_database_is_not_made_where_it_may_not(
    mongo_url: str, database: Database
) -> None:
    with pytest.raises(NotFoundError, match="nothing in the database"):
        await open_store(mongo_url, StoreOptions(may_make=False))
    assert await database.list_collection_names() == []


async def test_a_newer_database_is_left_alone(
    store: MongoStore, database: Database, mongo_url: str
) -> None:
    await database["meta"].update_one({"_id": "schema"}, {"$set": {"version": 99}})
    with pytest.raises(StoreCorruptError, match="schema 99, which is newer") as caught:
        await open_store(mongo_url)
    assert "Update the simulator" in (caught.value.remedy or "")


@pytest.mark.parametrize("collection", ["experiments", "messages"])
async def test_another_programs_database_is_left_alone(
    database: Database, mongo_url: str, collection: str
) -> None:
    theirs = {"_id": 1, "conversation_ids": [], "llms": []}
    await database[collection].insert_one(dict(theirs))
    with pytest.raises(StoreCorruptError, match="another program") as caught:
        await open_store(mongo_url)
    assert "docs/importing.md" in (caught.value.remedy or "")
    assert await database.list_collection_names() == [collection]
    assert await database[collection].find_one({}) == theirs


async def test_a_document_that_somebody_changed_is_told(
    store: MongoStore, database: Database
) -> None:
    await store.add_experiment(an_experiment())
    await database["experiments"].update_one({}, {"$set": {"design": "no JSON"}})
    with pytest.raises(StoreCorruptError, match="cannot be read"):
        await store.experiment("E1")
    with pytest.raises(StoreCorruptError, match="cannot be read"):
        await store.experiments(ExperimentQuery())
    await database["experiments"].update_one({}, {"$unset": {"design": 1}})
    with pytest.raises(StoreCorruptError, match="cannot be read"):
        await store.experiment("E1")


async def test_the_address_names_the_database_or_the_options_do(
    mongo_url: str, database: Database
) -> None:
    head, _, options = mongo_url.partition("?")
    server = head.rpartition("/")[0]
    named = await MongoStore.open(
        f"{server}/?{options}", StoreOptions(database=database.name), print
    )
    await named.add_experiment(an_experiment())
    await named.close()
    assert await database["experiments"].count_documents({}) == 1
