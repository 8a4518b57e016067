"""An edit and a launch at the same instant, in every order in which they can meet."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from simulator.domain.batches import BatchQuery
from simulator.domain.records import RunQuery
from simulator.errors import ConflictError, DesignChangedError, NotFoundError
from simulator.store.mongo import MongoStore
from simulator.store.opening import StoreOptions
from tests.store.examples import NOON, a_batch, a_run, a_step, an_experiment

EDITED = an_experiment(name="Yard", design={"days": 9}, design_hash="e")
WAS = "d" * 64


@pytest.fixture
async def other(mongo_url: str) -> AsyncIterator[MongoStore]:
    """Another person's store on the same database, which has E1 without runs."""
    opened = await MongoStore.open(mongo_url, StoreOptions(), print)
    await opened.add_experiment(an_experiment())
    yield opened
    await opened.close()


def meanwhile(store: MongoStore, deed: Any) -> None:
    """Let something happen after the store found no runs, before it replaces the design."""
    look = store._has_runs

    async def looked(experiment_id: str) -> bool:
        found = await look(experiment_id)
        store._has_runs = look  # type: ignore[method-assign]
        await deed()
        return found

    store._has_runs = looked  # type: ignore[method-assign]


async def test_a_run_that_was_added_after_the_look_keeps_its_design(
    store: MongoStore, other: MongoStore
) -> None:
    meanwhile(store, lambda: other.add_run(a_run("R1"), [a_step()]))
    with pytest.raises(ConflictError, match="has runs"):
        await store.revise_experiment(EDITED, was=WAS)
    assert await store.experiment("E1") == an_experiment()
    assert await store.runs(RunQuery()) == [a_run("R1")]


async def test_a_run_that_is_half_added_when_the_design_goes_goes_too(
    store: MongoStore, other: MongoStore
) -> None:
    written, edited = asyncio.Event(), asyncio.Event()
    insert = other._insert_run

    async def add() -> None:
        """Write the run, but look at its experiment only once that is edited."""
        update = other._experiments.update_one

        async def update_later(*args: Any, **options: Any) -> Any:
            written.set()
            await edited.wait()
            return await update(*args, **options)

        other._experiments.update_one = update_later  # type: ignore[method-assign]
        await insert(a_run("R1"))

    adding = asyncio.create_task(add())
    meanwhile(store, written.wait)
    look = store._has_runs

    async def not_seen(experiment_id: str) -> bool:
        """The look came before the run."""
        await look(experiment_id)
        return False

    store._has_runs = not_seen  # type: ignore[method-assign]
    await store.revise_experiment(EDITED, was=WAS)
    edited.set()
    with pytest.raises(DesignChangedError, match="R1"):
        await adding
    assert await store.experiment("E1") == EDITED
    assert await store.runs(RunQuery()) == []


async def test_an_edit_that_another_overtook_is_refused(
    store: MongoStore, other: MongoStore
) -> None:
    theirs = an_experiment(name="theirs")
    meanwhile(store, lambda: other.revise_experiment(theirs, was=WAS))
    with pytest.raises(ConflictError, match="somebody else"):
        await store.revise_experiment(EDITED, was=WAS)
    assert await store.experiment("E1") == theirs


async def test_another_edit_does_not_hide_a_run(store: MongoStore, other: MongoStore) -> None:
    async def run_and_edit() -> None:
        await other.add_run(a_run("R1"))
        with pytest.raises(ConflictError, match="has runs"):
            await other.revise_experiment(an_experiment(name="theirs"), was=WAS)

    meanwhile(store, run_and_edit)
    with pytest.raises(ConflictError, match="has runs"):
        await store.revise_experiment(EDITED, was=WAS)
    assert await store.experiment("E1") == an_experiment()


async def test_an_edit_leaves_no_mark(
    store: MongoStore, other: MongoStore, database: AsyncDatabase[dict[str, Any]]
) -> None:
    await store.revise_experiment(EDITED, was=WAS)
    document = await database["experiments"].find_one({"_id": "E1"})
    assert document is not None and "revising" not in document


async def test_an_edit_that_was_given_up_does_not_hinder_anybody(
    store: MongoStore, other: MongoStore
) -> None:
    async def die() -> None:
        raise asyncio.CancelledError

    meanwhile(store, die)
    with pytest.raises(asyncio.CancelledError):
        await store.revise_experiment(EDITED, was=WAS)
    assert await other.experiment("E1") == an_experiment()
    await other.revise_experiment(EDITED, was=WAS)
    await other.add_run(a_run("R1", design_hash="e"))
    assert await store.runs(RunQuery()) == [a_run("R1", design_hash="e")]


async def test_a_batch_that_is_half_added_when_its_experiment_goes_goes_too(
    store: MongoStore, other: MongoStore
) -> None:
    insert = other._batches.insert_one

    async def insert_later(*args: Any, **options: Any) -> Any:
        """Write the batch once the experiment is gone, which was there before."""
        await store.delete_experiment("E1", now=NOON)
        return await insert(*args, **options)

    other._batches.insert_one = insert_later  # type: ignore[method-assign]
    with pytest.raises(NotFoundError, match="E1"):
        await other.add_batch(a_batch())
    assert await store.batches(BatchQuery()) == []


async def test_many_runs_that_are_half_added_when_the_design_goes_go_too(
    store: MongoStore, other: MongoStore
) -> None:
    insert = other._runs.insert_many

    async def insert_later(*args: Any, **options: Any) -> Any:
        await store.revise_experiment(EDITED, was=WAS)
        return await insert(*args, **options)

    other._runs.insert_many = insert_later  # type: ignore[method-assign]
    with pytest.raises(DesignChangedError, match="R1"):
        await other.add_runs([a_run("R1"), a_run("R2")])
    assert await store.runs(RunQuery()) == []
    assert await store.experiment("E1") == EDITED
