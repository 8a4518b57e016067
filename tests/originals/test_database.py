"""A live database of the original: read over the wire, never written."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from pymongo import MongoClient

from simulator.domain.records import ExperimentQuery, RunQuery
from simulator.errors import (
    NotFoundError,
    PermissionDeniedError,
    StoreUnavailableError,
    UsageError,
)
from simulator.importing import import_originals
from simulator.store.opening import open_store
from simulator.store.originals import open_original
from tests.originals.examples import C, Document, conversation, experiment, read, whole
from tests.originals.test_places import native
from tests.servers.mongo import MongoServer
from tests.servers.mongo.choosing import MongoUnderTest
from tests.servers.process import free_port


def fill(url: str) -> None:
    with MongoClient[Document](url) as client:
        database = client.get_default_database()
        for name, documents in whole().items():
            database[name].insert_many([native(document) for document in documents])


def native_again(document: Document) -> Document:
    """A document as it is read back: times aware, the rest as it was written."""
    written = str(document["creation_date"])
    return document | {"creation_date": datetime.fromisoformat(written)}


def contents(url: str) -> dict[str, list[Document]]:
    with MongoClient[Document](url) as client:
        database = client.get_default_database()
        return {name: list(database[name].find()) for name in database.list_collection_names()}


@pytest.fixture(autouse=True)
def sockets() -> Iterator[None]:
    """PyMongo leaves a socket to the garbage collector when it is closed while it connects."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def original_url(mongo_url: str) -> str:
    """The address of the original's database."""
    fill(mongo_url)
    return mongo_url


@pytest.fixture
def server_url(original_url: str) -> Iterator[str]:
    """The same address without the database's name."""
    parts = urlsplit(original_url)
    yield urlunsplit((parts.scheme, parts.netloc, "/", parts.query, ""))


async def test_a_live_database_is_taken_over_and_left_as_it_was(
    original_url: str, tmp_path: Path
) -> None:
    before = contents(original_url)
    store = await open_store(f"sqlite:///{tmp_path / 'lab.db'}")
    first = await import_originals(store, [original_url])
    again = await import_originals(store, [original_url])
    stored = await store.experiments(ExperimentQuery())
    runs = await store.runs(RunQuery())
    steps = await store.steps(runs[0].id)
    await store.close()
    assert (first.experiments, first.runs, first.messages, first.new) == (1, 1, 5, 2)
    assert first.losses == []
    assert (again.new, again.known) == (0, 2)
    expected = await read(whole())
    assert stored == expected.experiments
    assert (runs[0], tuple(steps)) == expected.runs[0]
    assert contents(original_url) == before


async def test_two_imports_at_once_into_a_shared_store_are_one(
    original_url: str, mongo: MongoUnderTest
) -> None:
    with mongo.database() as target:
        stores = [await open_store(target), await open_store(target)]
        reports = await asyncio.gather(*(import_originals(s, [original_url]) for s in stores))
        (stored,) = await stores[0].experiments(ExperimentQuery())
        (run,) = await stores[0].runs(RunQuery())
        steps = await stores[0].steps(run.id)
        for store in stores:
            await store.close()
    assert sum(report.new for report in reports) == 2
    expected = await read(whole())
    assert [stored] == expected.experiments
    assert (run, tuple(steps)) == expected.runs[0]


async def test_a_later_import_adds_what_is_new(original_url: str, tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path / 'lab.db'}")
    dry = await import_originals(store, [original_url], dry_run=True)
    assert await store.experiments(ExperimentQuery()) == []
    await import_originals(store, [original_url])
    late = "65f0bb00aaaaaaaaaaaaaa03"
    with MongoClient[Document](original_url) as client:
        database = client.get_default_database()
        grown = native(experiment(conversation_ids=[late, C]))
        database["experiments"].replace_one({"_id": grown["_id"]}, grown)
        words = {"day": 1, "index": 0, "role": "Guard", "speaker": "Guard_001", "content": "Hm."}
        said = database["messages"].insert_one(words)
        document = native(conversation(_id=late, days=1, n_messages=2))
        database["conversations"].insert_one(document | {"messages_ids": [said.inserted_id]})
    grown_report = await import_originals(store, [original_url])
    (stored,) = await store.experiments(ExperimentQuery())
    runs = await store.runs(RunQuery(experiment_id=stored.id))
    await store.close()
    assert dry.new == 2
    assert (grown_report.new_runs, grown_report.known) == (1, 2)
    assert {run.original_id for run in runs} == {C, late}
    assert {run.design_hash for run in runs} == {stored.design_hash}


async def test_the_only_database_with_the_collections_is_found(tmp_path: Path) -> None:
    with MongoServer(tmp_path / "mongo") as server:
        fill(server.uri.replace("/?", "/lab?"))
        async with open_original(server.uri) as database:
            assert database.name == "lab"


async def test_several_databases_are_listed(mongo: MongoUnderTest, server_url: str) -> None:
    with mongo.database() as other:
        fill(other)
        with pytest.raises(UsageError, match="Several databases of") as caught:
            async with open_original(server_url):
                pass
        assert urlsplit(other).path.strip("/") in caught.value.message
        assert "at the end of the address" in (caught.value.remedy or "")


async def test_a_database_without_the_collections_is_not_found(mongo_url: str) -> None:
    with MongoClient[Document](mongo_url) as client:
        client.get_default_database()["cats"].insert_one({"name": "Tom"})
    with pytest.raises(NotFoundError, match="none of the original program's collections") as caught:
        async with open_original(mongo_url):
            pass
    assert "It has cats." in (caught.value.remedy or "")


async def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    url = f"mongodb://ada:s3cr3t@127.0.0.1:{free_port()}/lab?serverSelectionTimeoutMS=100"
    with pytest.raises(StoreUnavailableError, match="cannot be reached") as caught:
        async with open_original(url):
            pass
    assert "s3cr3t" not in caught.value.message
    with pytest.raises(UsageError, match="cannot be read") as wrong:
        async with open_original("mongodb://ada:s3cr3t@x:y@127.0.0.1/lab"):
            pass
    assert "s3cr3t" not in str(wrong.value) + str(wrong.value.remedy)


async def test_a_user_who_may_only_read_is_enough_and_must_be_known(tmp_path: Path) -> None:
    users = ("--user", "root:all:root", "--user", "eve:p@ss:read")
    with MongoServer(tmp_path / "mongo", options=users) as server:
        fill(server.uri_for("root", "all").replace("/?", "/lab?authSource=admin&"))
        async with open_original(server.uri_for("eve", "p@ss")) as database:
            found = [document async for document in database.documents("conversations")]
            share = database.share
        with pytest.raises(PermissionDeniedError, match="does not let the user 'eve' in") as caught:
            async with open_original(server.uri_for("eve", "wr0ng")):
                pass
        with pytest.raises(PermissionDeniedError, match="wants a user and a password"):
            async with open_original(server.uri):
                pass
    assert found == [native_again(conversation())]
    assert share == pytest.approx(1 / 7)
    assert "wr0ng" not in caught.value.message


async def test_a_server_that_goes_away_is_named(tmp_path: Path) -> None:
    with MongoServer(tmp_path / "mongo") as server:
        fill(server.uri.replace("/?", "/lab?"))
        quick = f"{server.uri}&serverSelectionTimeoutMS=500"
        async with open_original(quick) as database:
            server.kill()
            with pytest.raises(StoreUnavailableError):
                async for _ in database.documents("messages"):
                    pass


async def test_only_databases_and_files_are_places(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path / 'lab.db'}")
    with pytest.raises(UsageError, match=r"of the form postgres://…"):
        await import_originals(store, ["postgres://ada:s3cr3t@host/db"])
    await store.close()
