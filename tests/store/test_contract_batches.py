"""What every store promises of batches; see `BatchStore`."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings

from simulator.domain.batches import Batch, BatchOrder, BatchQuery
from simulator.domain.ports import ExperimentStore
from simulator.domain.records import RunQuery
from simulator.errors import ConflictError, DesignChangedError, NotFoundError
from tests import strategies
from tests.store.conftest import StoreFactory
from tests.store.examples import NOON, a_batch, a_lease, a_run, a_step, an_experiment, at

CHANGES = ("order", "specification", "specification_hash", "estimate", "amended_at")


def exactly(batch: Batch) -> str:
    """Tells 1 from 1.0 and True, which `==` does not."""
    return repr((batch.specification, batch.estimate))


@settings(
    max_examples=6,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(batch=strategies.batches("X"))
async def test_whatever_goes_in_comes_out_equal(store: ExperimentStore, batch: Batch) -> None:
    await store.add_experiment(an_experiment("X"))
    await store.add_batch(batch)
    stored = await store.batch(batch.id)
    await store.delete_batch(batch.id)
    await store.add_batch(a_batch(batch.id, "X", name=batch.name, creator=batch.creator))
    before = await store.batch(batch.id)
    given = {name: getattr(batch, name) for name in CHANGES if getattr(batch, name) is not None}
    await store.update_batch(batch.id, **given)
    changed = await store.batch(batch.id)
    found = await store.batches(BatchQuery(creator=batch.creator, ids=(batch.id, "gone")))
    await store.delete_experiment("X", now=NOON)
    assert stored == batch
    assert changed == before.model_copy(update=given)
    assert [exactly(stored), exactly(changed)] == [
        exactly(batch),
        exactly(batch),
    ]
    assert found == [changed]
    assert await store.batches(BatchQuery()) == []


async def test_a_taken_id_and_a_missing_experiment_are_refused(store: ExperimentStore) -> None:
    with pytest.raises(NotFoundError, match="no experiment E1"):
        await store.add_batch(a_batch())
    await store.add_experiment(an_experiment())
    await store.add_batch(a_batch(name="first"))
    with pytest.raises(ConflictError, match="a batch B1 already"):
        await store.add_batch(a_batch(name="second"))
    assert [batch.name for batch in await store.batches(BatchQuery())] == ["first"]


async def test_an_unknown_one_is_not_found(playing: ExperimentStore) -> None:
    for asking in (
        playing.batch("B9"), playing.delete_batch("B9"), playing.update_batch("B9"),
        playing.update_batch("B9", order="go"), playing.update_batch("B9", amended_at=NOON),
    ):  # fmt: skip
        with pytest.raises(NotFoundError, match="no batch B9"):
            await asking


async def test_queries_restrict(playing: ExperimentStore) -> None:
    await playing.add_experiment(an_experiment("E2"))
    await playing.add_batch(a_batch("B2", creator="bob", specification_hash="s2"))
    await playing.add_batch(a_batch("B1"))
    await playing.add_batch(a_batch("B3", "E2", creator="bob", created_at=at(1)))
    for query, ids in (
        (BatchQuery(), ["B3", "B2", "B1"]),
        (BatchQuery(limit=2), ["B3", "B2"]),
        (BatchQuery(limit=0), []),
        (BatchQuery(ids=("B1", "B3", "B9")), ["B3", "B1"]),
        (BatchQuery(ids=()), []),
        (BatchQuery(experiment_ids=("E2", "E9")), ["B3"]),
        (BatchQuery(experiment_ids=("E1", "E2"), creator="bob"), ["B3", "B2"]),
        (BatchQuery(specification_hash="s2"), ["B2"]),
        (BatchQuery(specification_hash="s2", creator="ada"), []),
        (BatchQuery(id_fragment="B"), ["B3", "B2", "B1"]),
        (BatchQuery(id_fragment="2"), ["B2"]),
    ):
        assert ([batch.id for batch in await playing.batches(query)], query) == (ids, query)


async def test_times_of_amendments_are_added_once(playing: ExperimentStore) -> None:
    await playing.add_batch(a_batch(amended_at=(at(9),)))
    for moments in (at(2), (at(3), at(1)), at(2), ()):
        await playing.update_batch("B1", amended_at=moments)
    assert await playing.batch("B1") == a_batch(amended_at=(at(1), at(2), at(3), at(9)))


async def test_runs_know_their_batch_and_cell(playing: ExperimentStore) -> None:
    await playing.add_batch(a_batch())
    runs = [a_run(f"R{n}", batch_id="B1", cell=n, created_at=at(n)) for n in (3, 4)]
    await playing.add_run(runs[0], [a_step(0, "R3")])
    await playing.add_run(runs[1])
    await playing.update_run("R4", status="failed")
    found = await playing.runs(RunQuery(batch_id="B1", order="oldest"))
    assert found == [runs[0], runs[1].model_copy(update={"status": "failed"})]
    assert len(await playing.runs(RunQuery(batch_id="B1", status="failed"))) == 1
    assert await playing.runs(RunQuery(batch_id="")) == []


async def test_a_deleted_batch_leaves_its_runs_and_their_players(playing: ExperimentStore) -> None:
    await playing.add_batch(a_batch())
    await playing.add_run(a_run("R3", batch_id="B1", cell=0))
    await playing.acquire("R3", a_lease("lab:1"), now=NOON)
    await playing.delete_batch("B1")
    assert [run.id for run in await playing.runs(RunQuery(batch_id="B1"))] == ["R3"]
    await playing.commit(a_step(0, "R3"), owner="lab:1")
    assert await playing.release("R3", "lab:1", status="paused")


async def test_an_experiment_goes_with_its_batches_unless_it_is_played(
    playing: ExperimentStore,
) -> None:
    await playing.add_experiment(an_experiment("E2"))
    await playing.add_batch(a_batch())
    await playing.add_batch(a_batch("B2", "E2"))
    await playing.acquire("R1", a_lease("lab:1", 30), now=NOON)
    with pytest.raises(ConflictError, match="R1"):
        await playing.delete_experiment("E1", now=NOON)
    assert len(await playing.batches(BatchQuery())) == 2
    await playing.delete_experiment("E1", now=at(30))
    assert [batch.id for batch in await playing.batches(BatchQuery())] == ["B2"]


async def test_orders_reach_those_who_read_while_others_write(store_factory: StoreFactory) -> None:
    """Several people order and amend at once: nothing is lost, and no reader sees a half."""
    desks = [await store_factory() for _ in range(3)]
    reader = await store_factory()
    await desks[0].add_experiment(an_experiment())
    await desks[0].add_batch(a_batch(specification={"repeat": 0}, estimate={"runs": 0}))
    orders: list[BatchOrder] = ["pause", "go", "cancel"]
    done = asyncio.Event()

    async def order() -> None:
        for place in range(6):
            await desks[0].update_batch("B1", order=orders[place % 3])

    async def amend(desk: int) -> None:
        for n in range(desk, 9, 2):
            await desks[desk].update_batch(
                "B1", specification={"repeat": n}, estimate={"runs": n}, amended_at=at(n)
            )

    async def read() -> None:
        while not done.is_set():
            batch = await reader.batch("B1")
            assert batch.order in orders
            assert batch.estimate is not None
            assert batch.specification["repeat"] == batch.estimate["runs"]

    async with asyncio.TaskGroup() as group:
        group.create_task(read())
        await asyncio.gather(order(), amend(1), amend(2))
        done.set()
    batch = await reader.batch("B1")
    assert batch.order == "cancel"
    assert set(batch.amended_at) == {at(n) for n in range(1, 9)}


async def test_runs_that_several_queue_at_once_are_stored_once(store_factory: StoreFactory) -> None:
    desks = [await store_factory() for _ in range(3)]
    await desks[0].add_experiment(an_experiment())
    runs = [a_run(f"R{number:02}", batch_id="B1", cell=number) for number in range(20)]
    taken = await asyncio.gather(
        desks[0].add_runs(runs[:15]), desks[1].add_runs(runs[5:]), desks[2].add_runs(runs[::-1])
    )
    assert sorted(await desks[0].runs(RunQuery(batch_id="B1")), key=lambda run: run.id) == runs
    assert sum(map(len, taken)) == 15 + 15 + 20 - len(runs)


async def test_of_runs_that_are_refused_none_is_stored(playing: ExperimentStore) -> None:
    wrong = a_run("R5", design_hash="e" * 64)
    with pytest.raises(DesignChangedError, match="R5"):
        await playing.add_runs([a_run("R1", note="other"), a_run("R4"), wrong])
    with pytest.raises(NotFoundError, match="E9"):
        await playing.add_runs([a_run("R4"), a_run("R5", "E9")])
    assert {run.id for run in await playing.runs(RunQuery())} == {"R1", "R2"}
    assert await playing.add_runs([a_run("R1", note="other"), a_run("R4"), a_run("R4")]) == [
        "R1", "R4",
    ]  # fmt: skip
    assert await playing.run("R1") == a_run("R1")
