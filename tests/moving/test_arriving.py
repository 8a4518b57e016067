"""What a copy writes into a store, and that it can be done again."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest

from simulator.lanes import LANES
from simulator.moving.holding import STEPS_AT_ONCE
from simulator.moving.mover import portions
from tests.moving.copying import Stores, Watched, content, fill, push
from tests.store.examples import NOON, a_batch, a_run, a_step, an_experiment, at


async def test_everything_arrives_and_is_counted(two: Stores) -> None:
    source, target = two
    await fill(source, runs=20, steps=3)
    heard: list[int] = []
    moved = await push(source, target, listener=lambda now: heard.append(sum(now.runs.values())))
    assert await content(target) == await content(source)
    assert (moved.experiments_new, dict(moved.runs), moved.steps) == (
        1,
        {"new": 20, "played": 0},
        60,
    )
    assert (moved.counted_runs, moved.counted_steps) == (20, 60)
    assert (moved.experiments_total, moved.runs_total) == (1, 20)
    assert (heard[-1], heard == sorted(heard)) == (20, True)


async def test_a_second_copy_reads_no_journal_of_runs_that_have_ended(
    two: Stores,
) -> None:
    await fill(two[0])
    await push(*two)
    source, target = map(Watched, two)
    moved = await push(source, target)
    assert moved.runs["known"] == 3
    assert (moved.counted_runs, moved.counted_steps) == (3, 12)
    assert target.writes == []
    assert "steps" not in source.calls + target.calls


async def test_a_run_whose_copy_is_behind_is_caught_up(two: Stores) -> None:
    source, target = two
    await target.add_experiment(an_experiment())
    await fill(source)
    stopped = a_run("R0", status="failed", error="No reply.", started_at=at(1), finished_at=at(5))
    await target.add_run(stopped, [a_step(0, "R0")])
    await target.add_run(a_run("R1"))
    moved = await push(source, target)
    assert (moved.runs["caught_up"], moved.runs["new"], moved.steps) == (2, 1, 3 + 4 + 4)
    assert (moved.counted_runs, moved.counted_steps) == (3, 12)
    assert await content(target) == await content(source)
    assert (await target.run("R0")).error is None
    assert await target.leases(now=NOON) == {}


async def test_a_later_failure_replaces_an_earlier_one(two: Stores) -> None:
    for store, second in zip(two, (7, 5), strict=True):
        await store.add_experiment(an_experiment())
        run = a_run(status="failed", error=f"At {second}.", finished_at=at(second))
        await store.add_run(run, [a_step(0)])
    assert (await push(*two)).runs["caught_up"] == 1
    assert (await two[1].run("R1")).error == "At 7."
    assert (await push(two[1], two[0])).runs["known"] == 1
    assert (await two[0].run("R1")).error == "At 7."


async def test_a_copy_that_is_ahead_stays(two: Stores) -> None:
    source, target = two
    await fill(target)
    await source.add_experiment(an_experiment())
    await source.add_run(a_run("R0", status="paused", started_at=at(1)), [a_step(0, "R0")])
    before = await content(target)
    moved = await push(source, target)
    assert (moved.runs["known"], moved.is_whole) == (1, True)
    assert await content(target) == before


async def test_a_copy_that_was_played_on_and_killed_is_ahead_too(two: Stores) -> None:
    source, target = two
    for store, steps, fields in (
        (source, 1, {"status": "paused", "finished_at": at(5)}),
        (target, 2, {"status": "running"}),
    ):
        await store.add_experiment(an_experiment())
        await store.add_run(a_run(**fields), [a_step(index) for index in range(steps)])
    assert (await push(source, target)).runs["known"] == 1
    assert (await target.run("R1")).status == "running"


async def test_notes_stay_and_stars_are_united(two: Stores) -> None:
    for store, user in zip(two, ("ada", "bob"), strict=True):
        await fill(store, runs=1)
        await store.annotate_experiment("E1", note=f"{user}'s", star=user)
        await store.annotate_run("R0", note=f"{user}'s", star=user)
    await push(*two)
    for record in (await two[1].experiment("E1"), await two[1].run("R0")):
        assert (record.note, record.starred_by) == ("bob's", ("ada", "bob"))
    assert (await two[0].experiment("E1")).starred_by == ("ada",)


async def test_a_duplicate_arrives_after_its_original(two: Stores) -> None:
    source, target = two[0], Watched(two[1])
    for id_, parent in (("A", None), ("B", "A"), ("C", "B"), ("D", "not there"), ("E", "E")):
        await source.add_experiment(an_experiment(id_, parent_id=parent))
    arrived: list[str] = []
    target.after = lambda name, arguments: (
        arrived.append(arguments[0].id) if name == "add_experiment" else None
    )
    await push(source, target)
    assert arrived.index("A") < arrived.index("B") < arrived.index("C")
    assert sorted(arrived) == ["A", "B", "C", "D", "E"]


def test_experiments_that_are_each_others_parents_are_all_listed() -> None:
    round_and_round = [an_experiment("A", parent_id="B"), an_experiment("B", parent_id="A")]
    (portion,) = portions(round_and_round, {"A": 0, "B": 0})
    assert {one.id for one in portion} == {"A", "B"}


def test_few_experiments_and_few_runs_are_held_at_once() -> None:
    every = [an_experiment(str(number)) for number in range(2 * LANES)]
    sizes = [len(portion) for portion in portions(every, {one.id: 1 for one in every})]
    assert sizes == [LANES, LANES]
    sizes = [len(portion) for portion in portions(every[:3], {"0": 10**6, "1": 600, "2": 600})]
    assert sizes == [1, 1, 1]


async def test_experiments_without_news_are_looked_at_together(two: Stores) -> None:
    async def looks(experiments: range) -> Counter[str]:
        for number in experiments:
            await two[0].add_experiment(an_experiment(f"E{number}"))
            run = a_run(f"R{number}", f"E{number}", status="completed", started_at=at(1))
            await two[0].add_run(run, [a_step(0, run.id)])
        await push(*two)
        target = Watched(two[1])
        assert (await push(two[0], target)).is_whole
        return Counter(target.calls)

    few, many = await looks(range(2)), await looks(range(2, LANES))
    assert (few.pop("runs"), many.pop("runs")) == (2, LANES)
    assert few == many
    assert few["experiments"] == 1


@pytest.mark.parametrize("two", ["sqlite-sqlite"], indirect=True)
async def test_steps_are_on_their_way_together(two: Stores) -> None:
    source, target = two[0], Watched(two[1])
    await fill(source, runs=1, steps=STEPS_AT_ONCE)
    await target.add_experiment(an_experiment())
    await target.add_run(a_run("R0"))
    under_way: list[int] = []
    count = 0

    def watch(name: str, arguments: tuple[Any, ...], change: int) -> None:
        nonlocal count
        count += change * (name == "commit")
        under_way.append(count)

    target.before = partial(watch, change=1)
    target.after = partial(watch, change=-1)
    await push(source, target)
    assert max(under_way) == STEPS_AT_ONCE
    journal = await target.steps("R0")
    assert [step.index for step in journal] == list(range(STEPS_AT_ONCE))


async def test_a_fork_arrives_without_its_parent(two: Stores) -> None:
    source, target = two
    await source.add_experiment(an_experiment())
    fork = a_run("F", forked_from={"run_id": "gone", "position": 0, "edited": True})
    await source.add_run(fork, [a_step(0, "F", edited=True)])
    assert (await push(source, target)).runs["new"] == 1
    assert await content(target) == await content(source)


async def test_a_batch_arrives_before_its_runs_and_is_amended(two: Stores) -> None:
    source, target = two[0], Watched(two[1])
    await fill(source, runs=1)
    await source.add_batch(a_batch(order="pause"))
    await source.add_run(a_run("B", batch_id="B1", cell=3))
    moved = await push(source, target)
    assert (moved.batches, moved.is_whole) == (Counter(new=1), True)
    assert await content(target) == await content(source)
    assert target.calls.index("add_batch") < target.calls.index("add_run")

    await target.update_batch("B1", order="go", specification={"repeat": 5})
    for moment in (at(1), at(2)):
        await source.update_batch("B1", specification={"repeat": 9}, amended_at=moment)
    assert (await push(source, target)).batches == Counter(caught_up=1)
    amended = a_batch(specification={"repeat": 9}, amended_at=(at(1), at(2)))
    assert await target.batch("B1") == amended
    assert (await push(target, source)).batches == Counter(known=1)
    assert (await source.batch("B1")).order == "pause"


@pytest.mark.parametrize(
    "theirs",
    [
        {"name": "Another"},
        {"amended_at": (at(2),)},
        {"specification_hash": "o", "amended_at": (at(1),)},
    ],
    ids=["another", "amended apart", "another specification"],
)
async def test_a_batch_that_differs_stays_and_its_runs_arrive(
    two: Stores, theirs: dict[str, Any]
) -> None:
    for store, fields in zip(two, ({"amended_at": (at(1),)}, theirs), strict=True):
        await store.add_experiment(an_experiment())
        await store.add_batch(a_batch(**fields))
    await two[0].add_run(a_run(batch_id="B1", cell=0))
    moved = await push(*two)
    assert "batch 'Prison by days' (B1)" in str(moved.conflicts[0])
    assert moved.runs["new"] == 1
    assert await two[1].batch("B1") == a_batch(**theirs)


async def test_runs_whose_batch_was_deleted_arrive(two: Stores) -> None:
    await two[0].add_experiment(an_experiment())
    await two[0].add_batch(a_batch())
    await two[0].add_run(a_run(batch_id="B1", cell=0))
    await two[0].delete_batch("B1")
    assert (await push(*two)).is_whole
    assert await content(two[1]) == await content(two[0])


async def test_a_dry_run_tells_and_writes_nothing(two: Stores) -> None:
    source, target = two[0], Watched(two[1])
    await fill(source)
    await source.add_experiment(an_experiment("E2"))
    for id_, moments in (("B1", (at(1),)), ("B2", ())):
        await source.add_batch(a_batch(id_, amended_at=moments))
    await target.add_experiment(an_experiment())
    await target.add_batch(a_batch())
    await target.add_run(a_run("R0"))
    target.calls.clear()
    moved = await push(source, target, dry_run=True)
    assert (moved.experiments_new, moved.experiments_known) == (1, 1)
    assert moved.batches == Counter(new=1, caught_up=1)
    assert (moved.runs["new"], moved.runs["caught_up"]) == (2, 1)
    assert target.writes == []
