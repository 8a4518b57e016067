"""What a copy leaves as it is, and how it tells."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from simulator.domain.journal import Step, Usage
from simulator.domain.records import Experiment, Lease, Outcome, Run, RunQuery
from simulator.errors import StoreCorruptError, StoreError
from simulator.lanes import LANES
from simulator.moving.holding import LEASE_S, STEPS_AT_ONCE
from simulator.moving.mover import same_store
from tests.moving.copying import NoonClock, Stores, Watched, content, fill, push, stores
from tests.store.examples import NOON, a_run, a_step, an_experiment, at


async def test_another_design_of_the_same_id_is_a_conflict(two: Stores) -> None:
    source, target = two
    await fill(source)
    await source.add_experiment(an_experiment("E2"))
    await target.add_experiment(an_experiment(design={"days": 7}))
    before = await target.experiment("E1")
    moved = await push(source, target)
    (fault,) = moved.conflicts
    assert "'Prison' (E1)" in str(fault)
    assert "another design" in fault.reason
    assert (moved.is_whole, moved.experiments_new, sum(moved.runs.values())) == (False, 1, 0)
    assert await target.experiment("E1") == before
    assert await target.runs(RunQuery()) == []


@pytest.mark.parametrize(
    ("theirs", "steps", "reason"),
    [
        ({"seed": 5}, [], "another run"),
        ({"experiment_id": "E2"}, [], "another run"),
        ({}, [a_step(0, "R0", content="Other words")], "go apart at step 0"),
        ({}, [a_step(index, "R0", content=f"{index}") for index in range(4)], "go apart"),
        ({}, [a_step(0, "R0", scope="main/x")], "each journal has steps"),
    ],
)
async def test_another_run_or_journal_of_the_same_id_is_a_conflict(
    two: Stores, theirs: dict[str, Any], steps: list[Step], reason: str
) -> None:
    source, target = two
    await fill(source)
    for id_ in ("E1", "E2"):
        await target.add_experiment(an_experiment(id_))
    await target.add_run(a_run("R0", **theirs), steps)
    before = (await target.run("R0"), await target.steps("R0"))
    for known in (0, 2):
        moved = await push(source, target)
        assert moved.runs["known"] == known
        (fault,) = moved.conflicts
        assert fault.what == "run R0"
        assert reason in fault.reason
        assert (moved.runs["conflict"], moved.is_whole) == (1, False)
        assert (await target.run("R0"), await target.steps("R0")) == before


async def test_copies_that_were_played_on_apart_and_killed_are_a_conflict(
    two: Stores,
) -> None:
    for words, store in zip(("one", "two"), two, strict=True):
        await store.add_experiment(an_experiment())
        run = a_run("R0", status="running", started_at=at(1))
        await store.add_run(run, [a_step(0, "R0"), a_step(1, "R0", content=words)])
    moved = await push(*two)
    assert "go apart at step 1" in moved.conflicts[0].reason


@pytest.mark.parametrize("side", [0, 1])
async def test_a_run_that_is_being_played_is_left_out(two: Stores, side: int) -> None:
    source, target = two
    await fill(source)
    await source.add_run(a_run("P", started_at=at(-9)), [a_step(0, "P")])
    await target.add_experiment(an_experiment())
    await target.add_run(a_run("P"))
    await two[side].acquire("P", Lease("elsewhere:1:1", at(30)), now=NOON)
    before = await target.run("P")
    moved = await push(source, target)
    assert await target.run("P") == before
    assert (moved.runs["new"], moved.runs["played"], moved.is_whole) == (3, 1, True)
    assert await target.steps("P") == []
    later = NoonClock()
    later.forward(31)
    assert (await push(source, target, clock=later)).runs["caught_up"] == 1
    assert (await target.run("P")).status in ("queued", "paused")


async def test_a_run_that_was_left_running_arrives_paused(two: Stores) -> None:
    source, target = two
    await source.add_experiment(an_experiment())
    for id_ in ("R1", "R2"):
        await source.add_run(a_run(id_), [a_step(0, id_)])
    await source.acquire("R1", Lease("elsewhere:1:1", at(-1)), now=at(-30))
    await source.acquire("R2", Lease("here:2:2", at(30)), now=NOON)
    moved = await push(source, target, is_dead=lambda owner: owner == "here:2:2")
    assert moved.runs["new"] == 2
    assert {run.status for run in await target.runs(RunQuery())} == {"paused"}


async def test_a_run_that_is_taken_while_it_is_caught_up_is_left_to_its_player(
    two: Stores,
) -> None:
    source, target, clock = two[0], Watched(two[1]), NoonClock()
    await fill(source, runs=1, steps=STEPS_AT_ONCE + 9)
    await target.add_experiment(an_experiment())
    await target.add_run(a_run("R0"))
    taken = asyncio.Event()

    def slow(name: str, arguments: tuple[Any, ...]) -> None:
        if name == "commit":
            clock.forward(LEASE_S + 1)
            taken.set()

    async def take() -> None:
        await taken.wait()
        await two[1].acquire("R0", Lease("elsewhere:1:1", clock.now() + timedelta(30)),
                             now=clock.now())  # fmt: skip

    target.before = slow
    taking = asyncio.create_task(take())
    moved = await push(source, target, clock=clock)
    await taking
    assert (moved.runs["played"], moved.is_whole) == (1, True)
    lease = await two[1].lease("R0")
    assert lease is not None
    assert lease.owner == "elsewhere:1:1"
    assert len(await two[1].steps("R0")) <= STEPS_AT_ONCE
    assert (await two[1].run("R0")).status == "running"


@pytest.mark.parametrize(
    "ended", [{"status": "completed", "outcome": Outcome(reason="phrase")}, {"status": "paused"}]
)
async def test_a_run_that_somebody_played_on_meanwhile_keeps_that_end(
    two: Stores, ended: dict[str, Any]
) -> None:
    """The colleague's play begins and ends after the copy has read the run and its steps."""
    source, target = two

    class Overtaken(Watched):
        async def acquire(self, run_id: str, lease: Lease, *, now: datetime) -> Lease | None:
            bob = "elsewhere:1:1"
            await target.acquire(run_id, Lease(bob, at(30), "bob"), now=NOON)
            await target.commit(a_step(2, run_id))
            await target.release(run_id, bob, usage=Usage(calls=3), finished_at=at(900), **ended)
            return await target.acquire(run_id, lease, now=now)

    await source.add_experiment(an_experiment())
    await target.add_experiment(an_experiment())
    steps = [a_step(0), a_step(1)]
    await source.add_run(
        a_run(status="failed", error="Ours.", started_at=at(1), finished_at=at(50)), steps
    )
    await target.add_run(a_run(status="paused"), steps)
    moved = await push(source, Overtaken(target))
    run = await target.run("R1")
    assert (moved.runs["known"], moved.is_whole, moved.steps) == (1, True, 0)
    assert (run.status, run.outcome, run.error) == (ended["status"], ended.get("outcome"), None)
    # When it was started first is known before it is held, and stays.
    assert (run.usage.calls, run.started_at, run.finished_at) == (3, at(1), at(900))
    assert len(await target.steps("R1")) == 3
    assert await target.leases(now=NOON) == {}


@pytest.mark.parametrize("status", ["failed", "paused"])
async def test_a_run_that_is_taken_first_is_left_as_its_player_has_it(
    two: Stores, status: str
) -> None:
    source, target = two

    class Taken(Watched):
        async def acquire(self, run_id: str, lease: Lease, *, now: datetime) -> Lease | None:
            await target.acquire(run_id, Lease("elsewhere:1:1", at(30), "bob"), now=NOON)
            return await target.acquire(run_id, lease, now=now)

    await source.add_experiment(an_experiment())
    await target.add_experiment(an_experiment())
    await source.add_run(a_run(status=status, started_at=at(-9), finished_at=at(1)), [a_step(0)])
    await target.add_run(a_run())
    moved = await push(source, Taken(target))
    run = await target.run("R1")
    assert (moved.runs["played"], run.status, run.started_at) == (1, "running", at(-9))


async def test_no_more_steps_are_written_into_a_run_that_was_lost(two: Stores) -> None:
    source, target = two

    class Taken(Watched):
        async def commit(self, step: Step, *, owner: str) -> None:
            await target.acquire(step.run_id, Lease("elsewhere:1:1", at(90)), now=at(60))
            await target.commit(step, owner=owner)

    await fill(source, runs=1, steps=STEPS_AT_ONCE + 1)
    await target.add_experiment(an_experiment())
    await target.add_run(a_run("R0"))
    moved = await push(source, Taken(target))
    assert (moved.runs["played"], moved.steps, moved.is_whole) == (1, 0, True)
    assert len(await target.steps("R0")) <= STEPS_AT_ONCE
    assert (await target.run("R0")).status == "running"


async def test_a_dead_owner_s_hold_on_the_target_is_taken_over(two: Stores) -> None:
    source, target = two
    await fill(source, runs=1)
    await target.add_experiment(an_experiment())
    await target.add_run(a_run("R0"))
    await target.acquire("R0", Lease("here:2:2", at(30)), now=NOON)
    moved = await push(source, target, is_dead=lambda owner: owner == "here:2:2")
    assert moved.runs["caught_up"] == 1
    assert await content(target) == await content(source)


@pytest.mark.parametrize("writing", ["add_run", "commit"])
async def test_what_the_target_refuses_is_told_and_the_rest_goes_on(
    two: Stores, writing: str
) -> None:
    source, target = two[0], Watched(two[1])
    await fill(source)
    if writing == "commit":
        await target.add_experiment(an_experiment())
        await target.add_run(a_run("R1"), [a_step(0, "R1")])

    def refuse(name: str, arguments: tuple[Any, ...]) -> None:
        if name == "add_run" == writing and arguments[0].id == "R1":
            raise StoreError("the message has 17 MB, more than the database takes")
        if name == "commit" == writing and arguments[0].index == 2:
            raise StoreError("the message has 17 MB, more than the database takes")

    target.before = refuse
    moved = await push(source, target)
    (fault,) = moved.failures
    assert str(fault) == "run R1: the message has 17 MB, more than the database takes"
    assert (moved.runs["failed"], moved.runs["new"], moved.is_whole) == (1, 2, False)
    assert (moved.counted_runs, moved.uncounted) == (2, [])
    if writing == "commit":
        assert (await two[1].run("R1")).status == "paused"
        assert len(await two[1].steps("R1")) == 2
        assert await two[1].leases(now=NOON) == {}


@pytest.mark.parametrize("two", ["sqlite-mongodb"], indirect=True)
async def test_a_message_too_large_for_a_mongodb_is_told(two: Stores) -> None:
    source, target = two
    await fill(source)
    await source.add_run(a_run("L"), [a_step(0, "L"), a_step(1, "L", content="x" * 17_000_000)])
    moved = await push(source, target)
    (fault,) = moved.failures
    assert fault.what == "run L"
    assert "large" in fault.reason
    assert (moved.runs["new"], moved.runs["failed"]) == (3, 1)
    assert {run.id for run in await target.runs(RunQuery())} == {"R0", "R1", "R2"}


async def test_a_damaged_store_ends_it_at_once(two: Stores) -> None:
    source, target = two[0], Watched(two[1])
    await fill(source)

    def damaged(name: str, arguments: tuple[Any, ...]) -> None:
        if name == "add_run":
            raise StoreCorruptError("The file is damaged.")

    target.before = damaged
    with pytest.raises(StoreCorruptError):
        await push(source, target)


async def test_steps_that_did_not_arrive_are_found_by_counting(two: Stores) -> None:
    source, target = two[0], Watched(two[1])
    await fill(source)

    class Losing(Watched):
        """Acknowledges a step less, a run and an experiment that it never wrote."""

        async def add_run(self, run: Run, steps: Sequence[Step]) -> None:
            if run.id != "Z":
                await self.store.add_run(run, steps[:-1] if run.id == "R2" else steps)

        async def add_experiment(self, experiment: Experiment) -> None:
            if experiment.id != "E2":
                await self.store.add_experiment(experiment)

    await source.add_experiment(an_experiment("E2"))
    await source.add_run(a_run("Z"))
    target = Losing(two[1])
    moved = await push(source, target)
    assert sorted(map(str, moved.uncounted)) == [
        "experiment E2: it is not there",
        "run R2: 3 of 4 steps are there",
        "run Z: it is not there",
    ]
    assert (moved.counted_runs, moved.is_whole) == (2, False)


async def test_a_run_that_is_taken_up_again_meanwhile_is_not_missed(two: Stores) -> None:
    source, target = two

    class Busy(Watched):
        """Lets somebody go on with the run in the source when it has arrived."""

        async def add_run(self, run: Run, steps: Sequence[Step]) -> None:
            await self.store.add_run(run, steps)
            await source.acquire(run.id, Lease("elsewhere:1:1", at(30)), now=NOON)
            await source.commit(a_step(len(steps), run.id))

    await source.add_experiment(an_experiment())
    await source.add_run(a_run(status="paused"), [a_step(0)])
    moved = await push(source, Busy(target))
    assert (moved.uncounted, moved.counted_runs, moved.steps) == ([], 0, 1)


async def test_a_run_that_is_deleted_meanwhile_does_not_arrive_empty(two: Stores) -> None:
    source, target = two

    class Emptied(Watched):
        async def steps(self, run_id: str) -> list[Step]:
            return []

    await fill(source, runs=1)
    moved = await push(Emptied(source), target)
    assert str(moved.failures[0]) == "run R0: it was deleted meanwhile"
    assert await target.runs(RunQuery()) == []


async def test_two_copies_at_once_do_not_get_in_each_other_s_way(
    two: Stores,
) -> None:
    source, target = two
    await fill(source, runs=40)
    await target.add_experiment(an_experiment())
    for number in range(0, 40, 2):
        await target.add_run(a_run(f"R{number}"), [a_step(0, f"R{number}")])
    both = await asyncio.gather(
        push(source, target, owner="here:1:1"), push(source, target, owner="here:2:2")
    )
    assert all(moved.is_whole for moved in both)
    assert (await push(source, target)).is_whole
    assert await content(target) == await content(source)


async def test_a_cancelled_copy_leaves_whole_runs_and_goes_on(two: Stores) -> None:
    source, target = two[0], Watched(two[1])
    await fill(source, runs=50)
    begun = asyncio.Event()
    target.before = lambda name, arguments: begun.set() if name == "add_run" else None
    copying = asyncio.create_task(push(source, target))
    await begun.wait()
    copying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await copying
    arrived = await content(two[1])
    assert 0 < len(arrived["runs"]) < 50
    assert {len(steps) for steps in arrived["journals"].values()} == {4}
    moved = await push(source, target)
    assert moved.runs["known"] == len(arrived["runs"])
    assert await content(two[1]) == await content(source)


async def test_only_a_few_journals_are_in_memory_at_once(two: Stores) -> None:
    await fill(two[0], runs=60, steps=1)
    source, target = map(Watched, two)
    held: list[int] = []
    open_journals = 0

    def count(name: str, arguments: tuple[Any, ...]) -> None:
        nonlocal open_journals
        open_journals += (name == "steps") - (name == "add_run")
        held.append(open_journals)

    source.before = target.after = count
    await push(source, target)
    assert 1 < max(held) <= LANES


async def test_a_file_is_the_same_store_under_another_name(
    tmp_path: Path,
) -> None:
    async with stores(2) as two:
        one, other = [await store.describe() for store in two]
        link = tmp_path / "link.db"
        link.symlink_to(one.place)
        assert same_store(one, replace(one, place=str(link)))
        assert not same_store(one, other)
        assert not same_store(one, replace(one, kind="mongodb"))
        assert same_store(replace(one, kind="mongodb"), replace(one, kind="mongodb"))
