"""What goes wrong between us and the server: each once, on a server of the test's own.

The stand-in serves here whatever MONGODB_URI says, as servers are asked to fail on purpose.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from pymongo import AsyncMongoClient, ReadPreference

from simulator.domain.records import Lease, Outcome, Run, RunQuery
from simulator.errors import ConflictError, StoreError
from simulator.store.mongo import MongoStore
from simulator.store.mongo_codec import step_document
from simulator.store.opening import StoreOptions
from tests.servers.mongo.launching import MongoServer
from tests.store.examples import NOON, a_lease, a_run, a_step, an_experiment, at
from tests.store.mongo.notices import Notices

LONG_AGO = NOON.replace(year=2020)
OPTIONS = StoreOptions(timeout_s=2.0, patience_s=30.0)


@pytest.fixture
async def store(server: MongoServer, heard: Notices) -> AsyncIterator[MongoStore]:
    opened = await MongoStore.open(server.uri, OPTIONS, heard)
    await opened.add_experiment(an_experiment())
    await opened.add_run(a_run("R1"))
    yield opened
    await opened.close()


async def fail(server: MongoServer, *commands: str, times: int = 1, **data: Any) -> None:
    """The next commands of these names go wrong."""
    async with AsyncMongoClient[dict[str, Any]](server.uri) as client:
        await client.admin.command(
            "configureFailPoint", "failCommand",
            mode={"times": times}, data={"failCommands": list(commands), **data},
        )  # fmt: skip


class TestLostAcknowledgements:
    """The server does what it is told, and the answer gets lost, more often than drivers retry."""

    async def test_of_a_step(self, server: MongoServer, store: MongoStore) -> None:
        await fail(server, "insert", times=4, closeAfter=True)
        await store.commit(a_step(0))
        await store.commit(a_step(1))
        assert await store.steps("R1") == [a_step(0), a_step(1)]

    async def test_of_a_step_that_another_owner_wrote_meanwhile(
        self, server: MongoServer, store: MongoStore
    ) -> None:
        await store.commit(a_step(0, content="theirs"))
        await fail(server, "insert", times=4, closeAfter=True)
        with pytest.raises(ConflictError, match="R1"):
            await store.commit(a_step(0, content="ours"))
        assert [step.content for step in await store.steps("R1")] == ["theirs"]

    async def test_of_new_records(self, server: MongoServer, store: MongoStore) -> None:
        await fail(server, "insert", times=4, closeAfter=True)
        await store.add_experiment(an_experiment("E2"))
        await fail(server, "insert", times=5, closeAfter=True)
        journal = [a_step(index, "R2") for index in range(3)]
        await store.add_run(a_run("R2", "E2"), journal)
        assert await store.experiment("E2") == an_experiment("E2")
        assert (await store.run("R2"), await store.steps("R2")) == (a_run("R2", "E2"), journal)

    async def test_of_a_lease(self, server: MongoServer, store: MongoStore) -> None:
        await fail(server, "update", times=4, closeAfter=True)
        assert await store.acquire("R1", a_lease("ours"), now=NOON) is None
        assert await store.acquire("R1", a_lease("theirs"), now=NOON) is not None

    async def test_of_an_end(self, server: MongoServer, store: MongoStore) -> None:
        await store.acquire("R1", a_lease("ours"), now=NOON)
        await fail(server, "update", times=4, closeAfter=True)
        assert await store.release(
            "R1", "ours", status="completed", outcome=Outcome(reason="messages")
        )
        assert (await store.run("R1")).status == "completed"
        assert await store.release("R1", "ours", status="failed") is False

    async def test_of_an_edit(self, server: MongoServer, store: MongoStore) -> None:
        await store.add_experiment(an_experiment("E2"))
        edited = an_experiment("E2", name="Yard", note="\ud800", design_hash="e")
        look = store._has_runs

        async def looked(experiment_id: str) -> bool:
            store._has_runs = look  # type: ignore[method-assign]
            await fail(server, "update", times=2, closeAfter=True)
            return await look(experiment_id)

        store._has_runs = looked  # type: ignore[method-assign]
        await store.revise_experiment(edited, was="d" * 64)
        assert await store.experiment("E2") == edited

    async def test_of_a_deletion(self, server: MongoServer, store: MongoStore) -> None:
        await store.commit(a_step(0))
        await fail(server, "delete", times=4, closeAfter=True)
        await store.delete_run("R1", now=NOON)
        assert await store.runs(RunQuery()) == []
        assert await store.steps("R1") == []


@pytest.mark.parametrize(
    ("command", "code"),
    [("insert", 91), ("insert", 189), ("insert", 11602), ("find", 13435), ("update", 10107)],
)
async def test_a_server_that_steps_down_is_asked_again(
    server: MongoServer, store: MongoStore, command: str, code: int
) -> None:
    await fail(server, command, times=3, errorCode=code)
    await store.commit(a_step(0))
    await store.annotate_run("R1", note="kept")
    assert (await store.run("R1")).note == "kept"
    assert await store.steps("R1") == [a_step(0)]


@pytest.mark.parametrize("code", [64, 91, 11601])
async def test_a_write_that_no_majority_has_is_sent_again(
    server: MongoServer, store: MongoStore, heard: Notices, code: int
) -> None:
    await fail(server, "insert", times=3, writeConcernError={"code": code, "errmsg": "going"})
    await store.commit(a_step(0))
    assert await store.steps("R1") == [a_step(0)]
    assert any("is back" in sentence for sentence in heard.sentences)


async def test_a_write_that_no_majority_can_have_is_not_acknowledged(
    server: MongoServer, store: MongoStore
) -> None:
    await fail(server, "insert", writeConcernError={"code": 100, "errmsg": "too few servers"})
    with pytest.raises(StoreError, match="code 100"):
        await store.commit(a_step(0))


async def test_steps_are_written_to_a_majority_and_read_from_the_primary(
    server: MongoServer, heard: Notices
) -> None:
    url = server.uri + "&readPreference=secondaryPreferred&w=1&readConcernLevel=available"
    store = await MongoStore.open(url, OPTIONS, heard)
    for collection in (store._experiments, store._runs, store._messages):
        assert collection.write_concern.document["w"] == "majority"
        assert collection.read_preference == ReadPreference.PRIMARY
        assert collection.read_concern.level == "local"
    await store.close()


async def test_an_unknown_refusal_fails_one_step_alone(
    server: MongoServer, store: MongoStore
) -> None:
    await fail(server, "insert", errorCode=8)
    with pytest.raises(StoreError, match="code 8"):
        await store.commit(a_step(0))
    await store.commit(a_step(0))


async def test_a_message_of_16_megabytes_is_refused_alone(
    store: MongoStore, heard: Notices
) -> None:
    with pytest.raises(StoreError, match=r"too large \(16\.\d MiB\)") as caught:
        await store.commit(a_step(0, content="x" * 2**24))
    assert "max_tokens" in (caught.value.remedy or "")
    await store.commit(a_step(0, content="x" * (2**24 - 2**12)))
    with pytest.raises(StoreError, match="too large"):
        await store.annotate_run("R1", note="x" * 2**24)
    with pytest.raises(StoreError, match="too large"):
        await store.add_experiment(an_experiment("E2", note="x" * 2**24))
    assert heard.sentences == []


async def test_leases_count_by_the_servers_clock(
    server: MongoServer, store: MongoStore, heard: Notices
) -> None:
    """A machine an hour behind must neither see all leases run out nor hold its own for ever."""
    await store.acquire("R1", a_lease("right", 30), now=NOON)
    async with AsyncMongoClient[dict[str, Any]](server.uri) as client:
        await client.admin.command(
            "configureFailPoint", "failCommand", mode="alwaysOn",
            data={"failCommands": [], "skewS": 3600},
        )  # fmt: skip
    behind = await MongoStore.open(server.uri, OPTIONS, heard)
    assert abs((await behind.describe()).clock_skew_s - 3600) < 2
    # At the right machine's 12:00:29, this machine's clock says 11:00:29.
    in_the_way = await behind.acquire("R1", a_lease("behind", -3540), now=at(29 - 3600))
    assert in_the_way is not None
    assert in_the_way.owner == "right"
    assert in_the_way.expires_at == at(30 - 3600)
    assert await behind.acquire("R1", a_lease("behind", 60 - 3600), now=at(30 - 3600)) is None
    assert (await store.leases(now=at(59)))["R1"].expires_at == at(60)
    assert await store.leases(now=at(60)) == {}
    await behind.close()


async def test_a_journal_that_lost_its_run_goes(
    server: MongoServer, store: MongoStore, heard: Notices
) -> None:
    await store.commit(a_step(0))
    await fail(server, "delete", times=4, errorCode=8, passFirst=1)
    with pytest.raises(StoreError):
        await store.delete_run("R1", now=NOON)
    assert len(await store.steps("R1")) == 1
    async with AsyncMongoClient[dict[str, Any]](server.uri) as client:
        database = client["simulator"]
        await client.admin.command("configureFailPoint", "failCommand", mode="off")
        entry = await database["unfinished"].find_one({})
        assert entry is not None and entry["_id"] == "R1"
        await database["unfinished"].update_one({}, {"$set": {"since": LONG_AGO}})
        again = await MongoStore.open(server.uri, OPTIONS, heard)
        assert await again.steps("R1") == []
        await again.close()
        assert await database["unfinished"].find_one({}) is None


async def test_a_journal_of_a_run_that_came_stays(
    server: MongoServer, store: MongoStore, heard: Notices
) -> None:
    await store.add_run(a_run("R2"), [a_step(0, "R2")])
    async with AsyncMongoClient[dict[str, Any]](server.uri) as client:
        await client["simulator"]["unfinished"].update_many({}, {"$set": {"since": LONG_AGO}})
    again = await MongoStore.open(server.uri, OPTIONS, heard)
    assert await again.steps("R2") == [a_step(0, "R2")]
    await again.close()


async def test_a_journal_on_its_way_is_not_taken_for_one_left_long_ago(
    server: MongoServer, store: MongoStore, heard: Notices
) -> None:
    async with AsyncMongoClient[dict[str, Any]](server.uri) as client:
        unfinished = client["simulator"]["unfinished"]
        await unfinished.insert_one({"_id": "R2", "since": LONG_AGO})
        await fail(server, "insert", times=1, passFirst=1, errorCode=8)
        with pytest.raises(StoreError):
            await store.add_run(a_run("R2"), [a_step(0, "R2")])
        assert len(await store.steps("R2")) == 1
        again = await MongoStore.open(server.uri, OPTIONS, heard)
        assert len(await again.steps("R2")) == 1
        await again.add_run(a_run("R2"), [a_step(0, "R2")])
        assert await store.steps("R2") == [a_step(0, "R2")]
        await again.close()


async def test_a_journal_of_another_attempt_is_not_mixed_in(
    server: MongoServer, store: MongoStore
) -> None:
    theirs = [a_step(index, "R2", content=f"theirs {index}") for index in range(6)]
    await fail(server, "insert", passFirst=1, errorCode=8)
    with pytest.raises(StoreError):
        await store.add_run(a_run("R2"), theirs)
    ours = [a_step(index, "R2", content=f"ours {index}") for index in range(2)]
    with pytest.raises(ConflictError, match="R2"):
        await store.add_run(a_run("R2"), ours)
    async with AsyncMongoClient[dict[str, Any]](server.uri) as client:
        await client["simulator"]["unfinished"].update_one({}, {"$set": {"since": LONG_AGO}})
    await store.add_run(a_run("R2"), ours)
    assert await store.steps("R2") == ours


async def test_what_another_takes_away_meanwhile_is_written_again(
    server: MongoServer, store: MongoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = store._insert_run

    async def robbed(run: Run) -> None:
        async with AsyncMongoClient[dict[str, Any]](server.uri) as client:
            await client["simulator"]["messages"].delete_many({"run_id": "R2"})
        await insert(run)

    monkeypatch.setattr(store, "_insert_run", robbed)
    journal = [a_step(index, "R2") for index in range(3)]
    await store.add_run(a_run("R2"), journal)
    assert await store.steps("R2") == journal


async def test_runs_that_were_added_whole_leave_no_mark(
    server: MongoServer, store: MongoStore
) -> None:
    await store.add_run(a_run("R2"), [a_step(0, "R2")])
    async with AsyncMongoClient[dict[str, Any]](server.uri) as client:
        assert await client["simulator"]["unfinished"].count_documents({}) == 0


async def test_a_renewal_that_waited_counts_from_when_it_was_written(
    server: MongoServer, store: MongoStore
) -> None:
    await store.acquire("R1", a_lease("ours", 30), now=NOON)
    await fail(server, "update", times=3, errorCode=91)
    assert await store.renew("R1", a_lease("ours", 30))
    lease = await store.lease("R1")
    assert lease is not None
    assert lease.expires_at > at(30)


async def test_an_experiment_that_is_played_from_now_on_stays(
    store: MongoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = store._leases

    async def looked_before(now: datetime, among: dict[str, Any]) -> dict[str, Lease]:
        found = await look(now, among)
        await store.acquire("R1", a_lease("lab:1"), now=NOON)
        return found

    monkeypatch.setattr(store, "_leases", looked_before)
    with pytest.raises(ConflictError, match="R1"):
        await store.delete_experiment("E1", now=NOON)
    assert (await store.run("R1")).status == "running"
    assert await store.experiment("E1") == an_experiment()


async def test_what_cannot_be_written_again_is_told(
    store: MongoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = store._insert_run

    async def swapped(run: Run) -> None:
        await store._messages.delete_many({"run_id": "R2"})
        await store._messages.insert_one(step_document(a_step(0, "R2", content="another")))
        await insert(run)

    monkeypatch.setattr(store, "_insert_run", swapped)
    with pytest.raises(ConflictError, match="R2"):
        await store.add_run(a_run("R2"), [a_step(0, "R2"), a_step(1, "R2")])
