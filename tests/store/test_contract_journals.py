"""What every store promises of leases and journals; see `ExperimentStore`."""

import asyncio
from datetime import timedelta, timezone
from typing import Any, cast

import pytest

from simulator.domain.journal import Usage
from simulator.domain.ports import ExperimentStore
from simulator.domain.records import (
    ExperimentQuery,
    Lease,
    Outcome,
)
from simulator.errors import ConflictError, NotFoundError, StoreUnavailableError
from tests.store.asking import following, next_steps, strange
from tests.store.conftest import StoreFactory
from tests.store.examples import NOON, a_lease, a_run, a_step, an_experiment, at


class TestLeases:
    async def test_a_free_run_is_taken(self, playing: ExperimentStore) -> None:
        assert await playing.acquire("R1", a_lease("a"), now=NOON) is None

    async def test_a_held_run_stands_in_the_way(self, playing: ExperimentStore) -> None:
        await playing.acquire("R1", a_lease("a", 30), now=NOON)
        in_the_way = await playing.acquire("R1", a_lease("b", 60), now=at(29))
        assert in_the_way == Lease("a", at(30))
        assert await playing.renew("R1", a_lease("b")) is False
        assert await playing.renew("R1", a_lease("a")) is True

    async def test_other_runs_stay_free(self, playing: ExperimentStore) -> None:
        await playing.acquire("R1", a_lease("a"), now=NOON)
        assert await playing.acquire("R2", a_lease("b"), now=NOON) is None

    async def test_an_expired_lease_is_taken_over(self, playing: ExperimentStore) -> None:
        await playing.acquire("R1", a_lease("a", 30), now=NOON)
        assert await playing.acquire("R1", a_lease("b", 60), now=at(30)) is None
        assert await playing.renew("R1", a_lease("a", 90)) is False

    async def test_our_own_lease_is_taken_again(self, playing: ExperimentStore) -> None:
        await playing.acquire("R1", a_lease("a", 30), now=NOON)
        assert await playing.acquire("R1", a_lease("a", 60), now=at(1)) is None
        assert await playing.acquire("R1", a_lease("b"), now=at(59)) == Lease("a", at(60))

    async def test_a_named_owner_is_replaced(self, playing: ExperimentStore) -> None:
        await playing.acquire("R1", a_lease("a"), now=NOON)
        assert await playing.acquire("R1", a_lease("b"), now=NOON, replacing="c") is not None
        assert await playing.acquire("R1", a_lease("b"), now=NOON, replacing="a") is None
        assert await playing.renew("R1", a_lease("a")) is False

    async def test_renewing_pushes_the_end_back(self, playing: ExperimentStore) -> None:
        await playing.acquire("R1", a_lease("a", 30), now=NOON)
        assert await playing.renew("R1", a_lease("a", 90)) is True
        assert await playing.acquire("R1", a_lease("b"), now=at(60)) == Lease("a", at(90))

    async def test_a_released_run_is_free(self, playing: ExperimentStore) -> None:
        await playing.acquire("R1", a_lease("a"), now=NOON)
        await playing.release("R1", "a")
        assert await playing.renew("R1", a_lease("a")) is False
        assert await playing.acquire("R1", a_lease("b"), now=NOON) is None

    async def test_only_the_owner_releases(self, playing: ExperimentStore) -> None:
        await playing.acquire("R1", a_lease("a"), now=NOON)
        await playing.release("R1", "b")
        assert await playing.acquire("R1", a_lease("b"), now=NOON) == a_lease("a")

    async def test_one_of_many_wins(
        self, playing: ExperimentStore, store_factory: StoreFactory
    ) -> None:
        other = await store_factory()
        answers = await asyncio.gather(
            *(
                (playing, other)[number % 2].acquire("R1", a_lease(f"o{number}"), now=NOON)
                for number in range(20)
            )
        )
        winners = [f"o{number}" for number, answer in enumerate(answers) if answer is None]
        assert len(winners) == 1
        assert {answer.owner for answer in answers if answer} == set(winners)

    async def test_who_plays_can_be_seen(self, playing: ExperimentStore) -> None:
        assert await playing.lease("R1") is None
        await playing.acquire("R1", a_lease("a", 30), now=NOON)
        assert await playing.lease("R1") == a_lease("a", 30)
        with pytest.raises(NotFoundError):
            await playing.lease("nobody")

    async def test_taking_a_run_starts_it(self, playing: ExperimentStore) -> None:
        await playing.update_run("R1", error="no answer", status="failed")
        await playing.acquire("R1", a_lease("a"), now=NOON)
        started = a_run("R1", status="running", started_at=NOON)
        assert await playing.run("R1") == started
        await playing.acquire("R1", a_lease("b"), now=NOON)
        assert await playing.run("R1") == started

    async def test_a_run_keeps_the_moment_of_its_first_start(
        self, playing: ExperimentStore
    ) -> None:
        await playing.acquire("R1", a_lease("a"), now=NOON)
        await playing.release("R1", "a")
        await playing.acquire("R1", a_lease("a"), now=at(60))
        assert (await playing.run("R1")).started_at == NOON

    async def test_giving_a_run_back_records_its_end(self, playing: ExperimentStore) -> None:
        await playing.acquire("R1", a_lease("a"), now=NOON)
        end: Any = {
            "status": "completed",
            "usage": Usage(calls=3),
            "outcome": Outcome(reason="messages"),
            "finished_at": at(9),
        }
        assert await playing.release("R1", "a", **end) is True
        assert await playing.run("R1") == a_run("R1", started_at=NOON, **end)
        assert await playing.lease("R1") is None

    async def test_the_end_of_somebody_elses_run_is_not_recorded(
        self, playing: ExperimentStore
    ) -> None:
        await playing.acquire("R1", a_lease("a"), now=NOON)
        assert await playing.release("R1", "b", status="failed", error="late") is False
        assert await playing.run("R1") == a_run("R1", status="running", started_at=NOON)
        assert await playing.lease("R1") == a_lease("a")


class TestJournal:
    async def test_comes_out_as_it_went_in(self, playing: ExperimentStore) -> None:
        steps = [
            a_step(0),
            a_step(1, kind="say", call=None, day=None),
            a_step(2, kind="choose", options=("a", "b"), method="scored", in_transcript=False),
            a_step(3, kind="score", options=("a", "b"), scores=(-0.1, float("-inf")), edited=True),
            a_step(0, scope="main/question-17", position=4, parsing=("strip", "quotes")),
        ]
        for step in steps:
            await playing.commit(step)
        assert await playing.steps("R1") == steps

    async def test_the_order_is_that_of_positions(self, playing: ExperimentStore) -> None:
        await playing.commit(a_step(0, scope="z", position=0))
        await playing.commit(a_step(0, scope="a", position=1))
        await playing.commit(a_step(1, scope="z", position=2))
        await playing.commit(a_step(0, scope="b", position=10))
        await playing.commit(a_step(0, scope="c", position=7))
        assert [s.scope for s in await playing.steps("R1")] == ["z", "a", "z", "c", "b"]
        assert [s.position for s in await playing.steps("R1", after=1)] == [2, 7, 10]
        assert await playing.steps("R1", after=10) == []

    async def test_journals_are_apart(self, playing: ExperimentStore) -> None:
        await playing.commit(a_step(0, "R1"))
        await playing.commit(a_step(0, "R2", content="elsewhere"))
        assert [s.content for s in await playing.steps("R2")] == ["elsewhere"]

    async def test_the_same_step_again_is_success(self, playing: ExperimentStore) -> None:
        await playing.commit(a_step(0))
        await playing.commit(a_step(0))
        await playing.commit(a_step(0, created_at=at(99)))
        assert await playing.steps("R1") == [a_step(0)]

    @pytest.mark.parametrize(
        "change",
        [
            {"content": "other"},
            {"position": 5},
            {"edited": True},
            {"scores": (0.5,)},
            {"call": None},
        ],
        ids=lambda change: next(iter(change)),
    )
    async def test_another_step_at_the_place_is_a_conflict(
        self, playing: ExperimentStore, change: dict[str, Any]
    ) -> None:
        await playing.commit(a_step(0))
        with pytest.raises(ConflictError, match="R1"):
            await playing.commit(a_step(0, **change))
        assert await playing.steps("R1") == [a_step(0)]
        await playing.commit(a_step(1))

    async def test_writers_side_by_side(
        self, playing: ExperimentStore, store_factory: StoreFactory
    ) -> None:
        other = await store_factory()
        await asyncio.gather(
            *(
                store.commit(a_step(index, run_id, content=f"{run_id} {index}"))
                for index in range(50)
                for store, run_id in ((playing, "R1"), (other, "R2"))
            )
        )
        for run_id in ("R1", "R2"):
            journal = await playing.steps(run_id)
            assert [s.content for s in journal] == [f"{run_id} {index}" for index in range(50)]

    async def test_two_owners_of_one_place(
        self, playing: ExperimentStore, store_factory: StoreFactory
    ) -> None:
        other = await store_factory()
        answers = await asyncio.gather(
            *(
                (playing, other)[number % 2].commit(a_step(0, content=f"from {number}"))
                for number in range(10)
            ),
            return_exceptions=True,
        )
        assert answers.count(None) == 1
        assert sum(isinstance(answer, ConflictError) for answer in answers) == 9
        (stored,) = await playing.steps("R1")
        assert stored.content == f"from {answers.index(None)}"

    async def test_others_read_what_was_acknowledged(
        self, playing: ExperimentStore, store_factory: StoreFactory
    ) -> None:
        other = await store_factory()
        for index in range(20):
            await playing.commit(a_step(index))
            assert len(await other.steps("R1")) == index + 1

    @strange
    async def test_any_text_comes_back(self, playing: ExperimentStore, text: str) -> None:
        call = a_step().call
        assert call is not None
        step = a_step(
            0,
            scope=f"main/{text[:50]}",
            content=text,
            speaker=text[:50],
            options=(text,),
            call=call.model_copy(update={"raw": text, "earlier_raw": (text,)}),
        )
        await playing.commit(step)
        await playing.commit(step)
        assert await playing.steps("R1") == [step]
        with pytest.raises(ConflictError):
            await playing.commit(step.model_copy(update={"content": text + "!"}))

    @strange
    async def test_any_text_comes_back_from_records(
        self, playing: ExperimentStore, text: str
    ) -> None:
        experiment = an_experiment("E2", name=text, note=text, creator=text, design={text: [text]})
        await playing.add_experiment(experiment)
        assert await playing.experiment("E2") == experiment
        assert [e.id for e in await playing.experiments(ExperimentQuery(name=text))] == ["E2"]
        await playing.annotate_run("R1", note=text)
        await playing.update_run("R1", error=text, outcome=Outcome(reason=text, values={"": text}))
        run = await playing.run("R1")
        assert (run.note, run.error) == (text, text)
        assert run.outcome == Outcome(reason=text, values={"": text})

    async def test_times_keep_milliseconds_in_utc(self, playing: ExperimentStore) -> None:
        elsewhere = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
        early = a_step().created_at.replace(year=1969)
        await playing.commit(a_step(0, created_at=elsewhere))
        await playing.commit(a_step(1, created_at=early))
        first, second = await playing.steps("R1")
        assert (first.created_at, second.created_at) == (NOON, early)
        assert first.created_at.utcoffset() == timedelta(0)
        await playing.update_run("R1", started_at=elsewhere)
        started_at = (await playing.run("R1")).started_at
        assert started_at == NOON
        assert started_at is not None
        assert started_at.utcoffset() == timedelta(0)


class TestFollowing:
    async def test_what_is_there_comes_first(self, playing: ExperimentStore) -> None:
        journal = [a_step(index) for index in range(3)]
        for step in journal:
            await playing.commit(step)
        async with following(playing) as steps:
            assert await next_steps(steps, 3) == journal
        async with following(playing, after=1) as steps:
            assert await next_steps(steps, 1) == journal[2:]

    async def test_new_steps_come_as_they_are_committed(self, playing: ExperimentStore) -> None:
        async with following(playing) as steps:
            for index in range(5):
                waiting = asyncio.ensure_future(next_steps(steps, 1))
                await playing.commit(a_step(index, "R2"))
                await playing.commit(a_step(index))
                assert await waiting == [a_step(index)]

    async def test_steps_of_another_store_object_come(
        self, playing: ExperimentStore, store_factory: StoreFactory
    ) -> None:
        other = await store_factory()
        async with following(other) as steps:
            for index in range(3):
                waiting = asyncio.ensure_future(next_steps(steps, 1))
                await playing.commit(a_step(index))
                assert await waiting == [a_step(index)]

    async def test_a_long_journal_comes_whole_and_once(
        self, playing: ExperimentStore, store_factory: StoreFactory
    ) -> None:
        journal = [a_step(index, "R3") for index in range(1_200)]
        await playing.add_run(a_run("R3"), journal[:1_100])
        async with following(playing, "R3") as steps:
            assert await next_steps(steps, 10) == journal[:10]
            await asyncio.gather(*map(playing.commit, journal[1_100:]))
            assert await next_steps(steps, 1_190) == journal[10:]

    async def test_many_follow_one_run(self, playing: ExperimentStore) -> None:
        async with following(playing) as one, following(playing, after=0) as two:
            await asyncio.gather(playing.commit(a_step(0)), playing.commit(a_step(1)))
            assert await next_steps(one, 2) == [a_step(0), a_step(1)]
            assert await next_steps(two, 1) == [a_step(1)]

    async def test_a_run_may_come_later(self, playing: ExperimentStore) -> None:
        async with following(playing, "R3") as steps:
            waiting = asyncio.ensure_future(next_steps(steps, 1))
            await playing.add_run(a_run("R3"), [a_step(0, "R3")])
            assert await waiting == [a_step(0, "R3")]

    async def test_cancelling_while_waiting_leaves_nothing(
        self, playing: ExperimentStore, store_factory: StoreFactory
    ) -> None:
        before = asyncio.all_tasks()
        store = await store_factory()
        steps = cast("Any", store.follow("R1"))
        waiting = asyncio.ensure_future(next_steps(steps, 1))
        await playing.run("R1")
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await steps.aclose()
        await store.close()
        left = {task for task in asyncio.all_tasks() - before if "pymongo" not in task.get_name()}
        assert left == set()
        await playing.commit(a_step(0))

    async def test_closing_the_store_ends_it(
        self, playing: ExperimentStore, store_factory: StoreFactory
    ) -> None:
        store = await store_factory()
        await playing.commit(a_step(0))
        async with following(store) as steps:
            assert await next_steps(steps, 1) == [a_step(0)]
            rest = asyncio.ensure_future(next_steps(steps, 1))
            await store.run("R1")
            await store.close()
            with pytest.raises(StopAsyncIteration):
                await rest


class TestClosing:
    async def test_pending_writes_are_finished(
        self, playing: ExperimentStore, store_factory: StoreFactory
    ) -> None:
        store = await store_factory()
        pending = [asyncio.ensure_future(store.commit(a_step(index))) for index in range(100)]
        await playing.run("R1")
        await store.close()
        await asyncio.gather(*pending)
        assert len(await playing.steps("R1")) == 100

    async def test_closing_again_does_nothing(self, store_factory: StoreFactory) -> None:
        store = await store_factory()
        await asyncio.gather(store.close(), store.close())
        await store.close()

    async def test_a_closed_store_says_so(self, store_factory: StoreFactory) -> None:
        store = await store_factory()
        await store.close()
        for call in (store.run("R1"), store.commit(a_step()), store.steps("R1")):
            with pytest.raises(StoreUnavailableError, match="closed"):
                await call

    async def test_what_was_written_is_there_afterwards(
        self, playing: ExperimentStore, store_factory: StoreFactory
    ) -> None:
        await playing.commit(a_step(0, content="kept"))
        await playing.close()
        again = await store_factory()
        assert [s.content for s in await again.steps("R1")] == ["kept"]
        assert await again.run("R2") == a_run("R2")


async def test_cancelled_commits_harm_nobody(playing: ExperimentStore) -> None:
    commits = [asyncio.ensure_future(playing.commit(a_step(index))) for index in range(40)]
    await playing.run("R1")
    for commit in commits[::2]:
        commit.cancel()
    answers = await asyncio.gather(*commits, return_exceptions=True)
    assert all(answer is None for answer in answers[1::2])
    for index in range(40):
        await playing.commit(a_step(index))
    assert await playing.steps("R1") == [a_step(index) for index in range(40)]
