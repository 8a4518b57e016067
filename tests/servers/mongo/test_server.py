"""The stand-in as a server: what it survives, whom it lets in, and how it fails on demand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from bson import Int64
from pymongo import AsyncMongoClient, MongoClient
from pymongo.errors import (
    AutoReconnect,
    ConnectionFailure,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    ServerSelectionTimeoutError,
)

from tests.servers.mongo.launching import MongoServer

Client = AsyncMongoClient[dict[str, Any]]
PATIENCE_S = 20


@pytest.fixture
async def client(server: MongoServer) -> AsyncIterator[Client]:
    async with Client(server.uri) as opened:
        yield opened


async def test_it_says_that_it_is_a_stand_in(client: Client) -> None:
    info = await client.server_info()
    assert info["modules"] == ["stand-in"]
    assert info["version"] == "7.0.0-standin"


async def test_acknowledged_writes_survive_a_kill(server: MongoServer, client: Client) -> None:
    documents = client["lab"]["documents"]
    await documents.create_index([("a", 1)], unique=True)
    await documents.insert_many([{"_id": n, "a": n} for n in range(500)])
    await documents.update_one({"_id": 3}, {"$set": {"a": -3}})
    await documents.delete_one({"_id": 4})
    port = server.port
    server.kill()
    server.start()
    assert server.port == port
    kept = [one["a"] async for one in documents.find().sort("a", 1)]
    assert kept == [-3, 0, 1, 2, *range(5, 500)]
    with pytest.raises(OperationFailure) as refused:
        await documents.insert_one({"a": 7})
    assert refused.value.code == 11000


async def test_a_paused_server_hangs_and_goes_on(server: MongoServer) -> None:
    async with Client(server.uri, socketTimeoutMS=300, retryReads=False) as client:
        await client.admin.command("ping")
        server.pause()
        with pytest.raises(NetworkTimeout):
            await client.admin.command("ping")
        server.resume()
        async with asyncio.timeout(PATIENCE_S):
            await client.admin.command("ping")


async def test_a_server_that_stands_alone_has_no_change_streams(tmp_path: Path) -> None:
    with MongoServer(tmp_path / "mongo", replica_set="") as server:
        async with Client(server.uri) as client:
            assert "setName" not in await client.admin.command("hello")
            await client["lab"]["documents"].insert_one({"_id": 1})
            with pytest.raises(OperationFailure) as refused:
                await client["lab"]["documents"].watch()
            assert refused.value.code == 40573


async def test_twenty_thousand_documents_are_no_trouble(client: Client) -> None:
    documents = client["lab"]["documents"]
    await documents.create_index([("run", 1), ("position", 1)], unique=True)
    started = time.monotonic()
    for run in range(20):
        await documents.insert_many(
            [{"run": run, "position": n, "text": "x" * 100} for n in range(1000)], ordered=False
        )
    assert time.monotonic() - started < PATIENCE_S
    started = time.monotonic()
    found = await documents.find({"run": 7, "position": {"$gte": 990}}).to_list()
    assert len(found) == 10
    assert time.monotonic() - started < 1


# ---------------------------------------------------------------- access


async def test_users_must_say_who_they_are(tmp_path: Path) -> None:
    users = ["--user", "ada:p@ss:w/ord%", "--user", "bob:look:read", "--user", "eve:x:root"]
    with MongoServer(tmp_path / "mongo", options=users) as server:
        async with Client(server.uri) as nobody:
            await nobody.admin.command("ping")
            with pytest.raises(OperationFailure) as refused:
                await nobody["lab"]["documents"].find_one()
            assert refused.value.code == 13
        async with Client(server.uri_for("ada", "p@ss:w/ord%")) as writer:
            await writer["lab"]["documents"].insert_one({"_id": 1})
            await writer["lab"]["documents"].create_index("a")
            with pytest.raises(OperationFailure) as refused:
                await writer.drop_database("lab")
            assert refused.value.code == 13
        async with Client(server.uri_for("bob", "look")) as reader:
            assert await reader["lab"]["documents"].find_one() == {"_id": 1}
            for write in (
                reader["lab"]["documents"].insert_one({}),
                reader["lab"]["documents"].update_one({}, {"$set": {"a": 1}}),
                reader["lab"]["documents"].delete_one({}),
                reader["lab"]["documents"].create_index("b"),
                reader["lab"]["documents"].drop(),
            ):
                with pytest.raises(OperationFailure, match="not authorized on lab") as refused:
                    await write
                assert refused.value.code == 13
            status = await reader.admin.command("connectionStatus", showPrivileges=True)
            assert status["authInfo"]["authenticatedUsers"] == [{"user": "bob", "db": "admin"}]
            (privilege,) = status["authInfo"]["authenticatedUserPrivileges"]
            assert "find" in privilege["actions"] and "insert" not in privilege["actions"]
        async with Client(server.uri_for("eve", "x")) as root:
            await root.drop_database("lab")
        for user, password in (("ada", "wrong"), ("nobody", "x")):
            async with Client(server.uri_for(user, password)) as client:
                with pytest.raises(OperationFailure, match="Authentication failed") as refused:
                    await client["lab"]["documents"].find_one()
                assert refused.value.code == 18


def test_it_speaks_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate, trusted = tmp_path / "server.pem", tmp_path / "ca.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
    authority.cert_pem.write_to_path(trusted)
    with MongoServer(tmp_path / "mongo", options=["--tls-cert", str(certificate)]) as server:
        tls: dict[str, Any] = {"tls": True, "tlsCAFile": str(trusted)}
        documents = MongoClient[dict[str, Any]](server.uri, **tls)["lab"]["documents"]
        with documents.database.client:
            documents.insert_one({"_id": 1})
        plain = MongoClient[dict[str, Any]](server.uri, serverSelectionTimeoutMS=500)
        with plain, pytest.raises(ServerSelectionTimeoutError):
            plain.admin.command("ping")


# ---------------------------------------------------------------- faults


async def fail(client: Client, mode: Any, **data: Any) -> None:
    await client.admin.command({"configureFailPoint": "failCommand", "mode": mode, "data": data})


async def test_a_cut_before_a_command_loses_it_and_the_driver_sends_it_again(
    client: Client,
) -> None:
    documents = client["lab"]["documents"]
    await fail(client, {"times": 1}, failCommands=["insert"], closeConnection=True)
    await documents.insert_one({"_id": 1})
    await fail(client, {"times": 2}, failCommands=["insert"], closeConnection=True)
    with pytest.raises(ConnectionFailure):
        await documents.insert_one({"_id": 2})
    assert await documents.distinct("_id") == [1]


async def test_a_lost_acknowledgement_does_not_double_a_retried_write(client: Client) -> None:
    documents = client["lab"]["documents"]
    for command, act in (
        ("insert", documents.insert_one({"_id": 1, "n": 0})),
        ("update", documents.update_one({"_id": 1}, {"$inc": {"n": 1}})),
        ("findAndModify", documents.find_one_and_update({"_id": 1}, {"$inc": {"n": 1}})),
    ):
        await fail(client, {"times": 1}, failCommands=[command], closeAfter=True)
        await act
    assert await documents.find_one() == {"_id": 1, "n": 2}
    await fail(client, {"times": 1}, failCommands=["delete"], closeAfter=True)
    assert (await documents.delete_one({"_id": 1})).deleted_count == 1


async def test_without_retries_a_lost_acknowledgement_is_the_callers_to_sort_out(
    server: MongoServer, client: Client
) -> None:
    await fail(client, {"times": 1}, failCommands=["insert"], closeAfter=True)
    async with Client(server.uri, retryWrites=False) as plain:
        with pytest.raises(AutoReconnect):
            await plain["lab"]["documents"].insert_one({"_id": 1})
        assert await plain["lab"]["documents"].count_documents({}) == 1


def test_a_retried_statement_is_remembered_across_a_kill(server: MongoServer) -> None:
    command = {
        "findAndModify": "documents", "query": {"_id": 1}, "update": {"$inc": {"n": 1}},
        "upsert": True, "new": True,
    }  # fmt: skip
    with MongoClient[dict[str, Any]](server.uri) as client, client.start_session() as session:

        def numbered(number: int) -> dict[str, Any]:
            return client["lab"].command({**command, "txnNumber": Int64(number)}, session=session)

        first = numbered(1)
        server.kill()
        server.start()
        client["lab"]["documents"].find_one()  # reads are sent again on a new connection
        again = numbered(1)
        assert first["value"] == again["value"] == {"_id": 1, "n": 1}
        with pytest.raises(OperationFailure) as refused:
            numbered(0)
        assert refused.value.code == 225
        assert numbered(2)["value"]["n"] == 2


async def test_errors_delays_and_write_concern_errors_on_demand(client: Client) -> None:
    documents = client["lab"]["documents"]
    await fail(client, {"times": 2}, failCommands=["insert"], errorCode=10107)
    with pytest.raises(NotPrimaryError):
        await documents.insert_one({"_id": 1})
    await fail(client, {"times": 1}, failCommands=["insert"], errorCode=10107)
    await documents.insert_one({"_id": 1})
    await fail(client, {"times": 1}, failCommands=["find"], blockConnection=True, blockTimeMS=200)
    started = time.monotonic()
    await documents.find_one()
    assert time.monotonic() - started >= 0.2
    concern = {"code": 64, "errmsg": "waiting for replication timed out"}
    await fail(client, {"times": 1}, failCommands=["insert"], writeConcernError=concern)
    with pytest.raises(OperationFailure, match="timed out"):
        await documents.insert_one({"_id": 2})
    assert await documents.count_documents({}) == 2
    await fail(client, "alwaysOn", failCommands=["find"], errorCode=2)
    await fail(client, "off")
    assert await documents.find_one() is not None


async def test_faults_may_come_later(client: Client) -> None:
    documents = client["lab"]["documents"]
    await fail(client, {"times": 1}, failCommands=["insert"], errorCode=2, passFirst=2)
    for number in range(2):
        await documents.insert_one({"_id": number})
    with pytest.raises(OperationFailure):
        await documents.insert_one({"_id": 2})
    await documents.insert_one({"_id": 3})


async def test_its_clock_may_be_wrong(client: Client) -> None:
    right = (await client.admin.command("hello"))["localTime"]
    await fail(client, "alwaysOn", skewS=3600)
    wrong = (await client.admin.command("hello"))["localTime"]
    assert timedelta(minutes=59) < wrong - right < timedelta(minutes=61)
    documents = client["lab"]["documents"]
    await documents.update_one({"_id": 1}, [{"$set": {"at": "$$NOW"}}], upsert=True)
    stored = await documents.find_one()
    assert stored is not None and stored["at"] - right > timedelta(minutes=59)


async def test_unknown_faults_are_refused(client: Client) -> None:
    with pytest.raises(OperationFailure):
        await fail(client, "alwaysOn", failCommands=["find"], fooBar=1)


def test_retries_of_many_changes_at_once_are_refused(server: MongoServer) -> None:
    update = {"q": {}, "u": {"$set": {"a": 1}}, "multi": True}
    with MongoClient[dict[str, Any]](server.uri) as client:
        reply = client["lab"].command(
            {"update": "documents", "updates": [update], "txnNumber": Int64(1)}
        )
    assert reply["writeErrors"][0]["code"] == 72
