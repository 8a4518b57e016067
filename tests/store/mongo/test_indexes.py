"""Every question is answered from an index, and looks at no more than it answers."""

import asyncio
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pymongo.database import Database

from simulator.domain.batches import BatchQuery
from simulator.domain.journal import Usage
from simulator.domain.records import ExperimentQuery, RunOrder, RunQuery, RunStatus
from simulator.store import mongo_queries as queries
from simulator.store.mongo import MongoStore
from simulator.store.opening import StoreOptions
from tests.servers.mongo.choosing import MongoUnderTest
from tests.store.examples import NOON, a_batch, a_lease, a_run, a_step, an_experiment, at

RUNS = 120
STATUSES: tuple[RunStatus, ...] = ("completed", "completed", "failed", "paused", "queued")
WALKED_IN_ORDER = {"SORT", "COLLSCAN"}


@pytest.fixture(scope="module")
def filled(mongo: MongoUnderTest) -> Iterator[Database[dict[str, Any]]]:
    """A database that is read only, with indexes as the store makes them."""
    with mongo.database() as url:
        asyncio.run(fill(url))
        yield mongo.opened(url)


async def fill(url: str) -> None:
    """Three experiments with 120 runs of ten messages between them, of which one is played."""
    store = await MongoStore.open(url, StoreOptions(), print)
    for number in range(3):
        await store.add_experiment(
            an_experiment(f"E{number}", name=f"Name {number}", creator=f"user-{number}")
        )
        batch = {"creator": f"user-{number}", "specification_hash": f"s{number}"}
        await store.add_batch(a_batch(f"B{number}", f"E{number}", created_at=at(number), **batch))
    for number in range(RUNS):
        run = a_run(
            f"R{number:03}X{number * 7 % 1000:03}", f"E{number % 3}",
            status=STATUSES[number % 5], creator=f"user-{number % 4}", created_at=at(number),
            starred_by=("ada",) if number % 10 == 0 else (),
            usage=Usage(prompt_tokens=number * 37 % 101, cost_usd=number * 53 % 17),
            finished_at=at(number * 31 % 500), batch_id=f"B{number % 2}",
        )  # fmt: skip
        await store.add_run(run, [a_step(index, run.id) for index in range(10)])
    await store.acquire("R007X049", a_lease("lab:1", 30), now=NOON)
    await store.close()


def explained(
    database: Database[dict[str, Any]], command: dict[str, Any]
) -> tuple[set[str], int, int, int]:
    """The plan's stages; how many keys and documents were looked at, and how many returned."""
    answer = database.command("explain", command, verbosity="executionStats")
    if "shards" in answer:  # by mongos; a collection that is not sharded is on one of them
        answer = next(iter(answer["shards"].values()))
    if "stages" in answer:
        answer = answer["stages"][0]["$cursor"]
    done = answer["executionStats"]
    return (
        set(_stages(answer["queryPlanner"]["winningPlan"])),
        done["totalKeysExamined"], done["totalDocsExamined"], done["nReturned"],
    )  # fmt: skip


def _stages(plan: Any) -> Iterator[str]:
    if isinstance(plan, dict):
        if isinstance(plan.get("stage"), str):
            yield plan["stage"]
        for part in plan.values():
            yield from _stages(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from _stages(part)


def a_find(
    collection: str, filter_: dict[str, Any], sort: list[tuple[str, int]], limit: int = 0
) -> dict[str, Any]:
    command: dict[str, Any] = {"find": collection, "filter": filter_, "sort": dict(sort)}
    return {**command, "limit": limit} if limit else command


@pytest.mark.parametrize(
    "query",
    [
        RunQuery(),
        RunQuery(experiment_id="E1"),
        RunQuery(batch_id="B0"),
        RunQuery(status="paused"),
        RunQuery(creator="user-3"),
        RunQuery(starred_by="ada"),
    ],
    ids=["all", "experiment", "batch", "status", "creator", "starred"],
)
@pytest.mark.parametrize("order", get_args(RunOrder))
def test_runs_of_one_kind_are_read_in_order(
    filled: Database[dict[str, Any]], query: RunQuery, order: RunOrder
) -> None:
    found = a_find("runs", queries.runs(query), queries.run_order(order), limit=10)
    stages, keys, documents, returned = explained(filled, found)
    assert "IXSCAN" in stages
    assert returned == 10
    if query.starred_by is not None and order not in ("newest", "oldest"):
        # Stars are few: these are sorted, not walked.
        assert "COLLSCAN" not in stages
        return
    assert not stages & WALKED_IN_ORDER
    assert max(keys, documents) <= 11


@pytest.mark.parametrize("order", ["last_finished", "most_tokens", "highest_cost"])
def test_all_runs_are_sorted_by_an_index(filled: Database[dict[str, Any]], order: RunOrder) -> None:
    found = a_find("runs", {}, queries.run_order(order), limit=10)
    stages, keys, documents, returned = explained(filled, found)
    assert not stages & WALKED_IN_ORDER
    assert (returned, max(keys, documents) <= 11) == (10, True)


@pytest.mark.parametrize("fragment", ["R00", "X007", "R001X007"])
def test_parts_of_ids_are_looked_up(filled: Database[dict[str, Any]], fragment: str) -> None:
    query = RunQuery(id_fragment=fragment)
    found = a_find("runs", queries.runs(query), queries.run_order("newest"), limit=20)
    stages, _, _, returned = explained(filled, found)
    assert "COLLSCAN" not in stages
    assert returned >= 1


@pytest.mark.parametrize(
    "query",
    [
        ExperimentQuery(),
        ExperimentQuery(name="Name 1"),
        ExperimentQuery(creator="user-2"),
        ExperimentQuery(kind="conversation"),
        ExperimentQuery(starred_by="ada"),
    ],
    ids=["all", "name", "creator", "kind", "starred"],
)
def test_experiments_are_read_in_order(
    filled: Database[dict[str, Any]], query: ExperimentQuery
) -> None:
    found = a_find("experiments", queries.experiments(query), queries.EXPERIMENT_ORDER)
    stages, _, documents, returned = explained(filled, found)
    assert not stages & WALKED_IN_ORDER
    assert documents <= returned + 1


@pytest.mark.parametrize(
    "query",
    [
        BatchQuery(),
        BatchQuery(experiment_ids=("E1",)),
        BatchQuery(specification_hash="s1", creator="user-1"),
        BatchQuery(creator="user-1"),
        BatchQuery(id_fragment="B1"),
    ],
    ids=["all", "experiment", "specification", "creator", "fragment"],
)
def test_batches_are_looked_up(filled: Database[dict[str, Any]], query: BatchQuery) -> None:
    found = a_find("batches", queries.batches(query), queries.BATCH_ORDER)
    stages, _, documents, returned = explained(filled, found)
    assert "COLLSCAN" not in stages
    assert documents <= returned + 1


def test_a_transcript_is_read_in_order(filled: Database[dict[str, Any]]) -> None:
    found = a_find("messages", queries.steps("R007X049", -1), queries.STEP_ORDER)
    stages, keys, documents, returned = explained(filled, found)
    assert not stages & WALKED_IN_ORDER
    assert returned == 10
    assert max(keys, documents) <= 11


def test_news_of_a_run_is_looked_for_at_its_end(filled: Database[dict[str, Any]]) -> None:
    known = [f"R007X049/{index}/main" for index in range(9)]
    found = a_find("messages", queries.steps("R007X049", 4, known), queries.STEP_ORDER, limit=509)
    stages, keys, documents, returned = explained(filled, found)
    assert not stages & WALKED_IN_ORDER
    assert returned == 1
    assert max(keys, documents) <= 8


def test_messages_are_counted_without_being_read(filled: Database[dict[str, Any]]) -> None:
    for whole_journal in (False, True):
        pipeline = queries.counting_messages(["R007X049", "R008X056"], whole_journal)
        count = {"aggregate": "messages", "pipeline": pipeline, "cursor": {}}
        stages, keys, _, _ = explained(filled, count)
        assert "COLLSCAN" not in stages
        assert keys <= 24


def test_who_plays_is_found_among_leases_only(filled: Database[dict[str, Any]]) -> None:
    found = a_find("runs", {"lease.expires_at": {"$gt": NOON}}, [])
    stages, keys, documents, returned = explained(filled, found)
    assert "COLLSCAN" not in stages
    assert (returned, max(keys, documents)) == (1, 1)
