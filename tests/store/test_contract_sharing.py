"""What every store promises to people who share it; see `ExperimentStore`."""

import asyncio

import pytest

from simulator.domain.journal import Usage
from simulator.domain.ports import ExperimentStore
from simulator.domain.records import Lease, RunOrder, RunQuery
from simulator.errors import ConflictError, DesignChangedError, LeaseLostError, NotFoundError
from tests.store.conftest import StoreFactory
from tests.store.examples import NOON, a_batch, a_lease, a_run, a_step, an_experiment, at


class TestStars:
    async def test_each_user_has_stars_of_their_own(self, playing: ExperimentStore) -> None:
        await playing.annotate_run("R1", star="bob")
        await playing.annotate_run("R1", star="ada")
        await playing.annotate_run("R2", star="ada")
        assert (await playing.run("R1")).starred_by == ("ada", "bob")
        assert [r.id for r in await playing.runs(RunQuery(starred_by="bob"))] == ["R1"]
        await playing.annotate_run("R1", unstar="ada")
        assert (await playing.run("R1")).starred_by == ("bob",)

    async def test_a_star_given_twice_is_one_star(self, playing: ExperimentStore) -> None:
        for _ in range(2):
            await playing.annotate_experiment("E1", star="ada")
        assert (await playing.experiment("E1")).starred_by == ("ada",)
        for _ in range(2):
            await playing.annotate_experiment("E1", unstar="ada")
        assert (await playing.experiment("E1")).starred_by == ()

    async def test_stars_given_at_once_all_stay(
        self, playing: ExperimentStore, store_factory: StoreFactory
    ) -> None:
        other = await store_factory()
        users = [f"user-{number}" for number in range(8)]
        await asyncio.gather(
            *(
                (playing, other)[number % 2].annotate_experiment("E1", star=user)
                for number, user in enumerate(users)
            )
        )
        assert (await playing.experiment("E1")).starred_by == tuple(users)

    @pytest.mark.parametrize("user", ["$where", "a.b", "", "\N{GRINNING FACE}", '","'])
    async def test_users_may_have_any_name(self, playing: ExperimentStore, user: str) -> None:
        await playing.annotate_run("R1", star=user)
        await playing.annotate_run("R2", star="a")
        assert (await playing.run("R1")).starred_by == (user,)
        assert [r.id for r in await playing.runs(RunQuery(starred_by=user))] == ["R1"]


class TestRevisingAtOnce:
    async def test_one_of_many_editors_is_heard(
        self, store: ExperimentStore, store_factory: StoreFactory
    ) -> None:
        await store.add_experiment(an_experiment())
        stores = [store, await store_factory(), await store_factory()]
        edits = [an_experiment(name=f"edit {n}", design_hash=f"{n}") for n in range(12)]
        answers = await asyncio.gather(
            *(
                stores[number % 3].revise_experiment(edit, was="d" * 64)
                for number, edit in enumerate(edits)
            ),
            return_exceptions=True,
        )
        refused = [answer for answer in answers if answer is not None]
        assert all(isinstance(answer, ConflictError) for answer in refused)
        heard = [edit for edit, answer in zip(edits, answers, strict=True) if answer is None]
        assert len(heard) <= 1
        assert await store.experiment("E1") == (heard or [an_experiment()])[0]
        last = an_experiment(name="last", design_hash="last")
        await store.revise_experiment(last, was=(heard or [an_experiment()])[0].design_hash)
        assert await stores[1].experiment("E1") == last

    async def test_no_run_comes_to_stand_under_another_design(
        self, store: ExperimentStore, store_factory: StoreFactory
    ) -> None:
        other = await store_factory()
        ids = [f"E{number:02}" for number in range(24)]
        for id_ in ids:
            await store.add_experiment(an_experiment(id_))
        edits = [
            store.revise_experiment(an_experiment(id_, name="new", design_hash="new"), was="d" * 64)
            for id_ in ids
        ]
        runs = [other.add_run(a_run(f"R{id_}", id_), [a_step(run_id=f"R{id_}")]) for id_ in ids]
        both = [job for pair in zip(edits, runs, strict=True) for job in pair]
        answers = await asyncio.gather(*both, return_exceptions=True)
        for id_, edited, added in zip(ids, answers[::2], answers[1::2], strict=True):
            assert edited is None or isinstance(edited, ConflictError)
            assert added is None or isinstance(added, DesignChangedError)
            experiment = await store.experiment(id_)
            assert experiment.design_hash == ("d" * 64 if edited else "new")
            found = await store.runs(RunQuery(experiment_id=id_))
            assert [run.design_hash for run in found] == ([] if added else ["d" * 64])
            assert len(await store.steps(f"R{id_}")) == len(found)
            assert edited or added


class TestWhoPlays:
    async def test_leases_tell_who_plays_what(
        self, playing: ExperimentStore, store_factory: StoreFactory
    ) -> None:
        await playing.acquire("R1", Lease("lab:1", at(30), "ada"), now=NOON)
        await playing.acquire("R2", Lease("desk:2", at(60), "$bob.x"), now=NOON)
        other = await store_factory()
        assert await other.leases(now=NOON) == {
            "R1": Lease("lab:1", at(30), "ada"),
            "R2": Lease("desk:2", at(60), "$bob.x"),
        }
        assert list(await other.leases(now=at(30))) == ["R2"]
        await playing.release("R2", "desk:2")
        assert list(await other.leases(now=NOON)) == ["R1"]

    async def test_one_of_many_takes_a_run(
        self, playing: ExperimentStore, store_factory: StoreFactory
    ) -> None:
        stores = [playing, await store_factory(), await store_factory()]
        answers = await asyncio.gather(
            *(
                stores[number % 3].acquire("R1", a_lease(f"owner-{number}"), now=NOON)
                for number in range(24)
            )
        )
        assert answers.count(None) == 1
        winner = f"owner-{answers.index(None)}"
        assert {answer.owner for answer in answers if answer} == {winner}
        assert (await playing.leases(now=NOON))["R1"].owner == winner

    async def test_a_takeover_leaves_the_late_owner_nothing(self, playing: ExperimentStore) -> None:
        await playing.acquire("R1", a_lease("late", 30), now=NOON)
        await playing.acquire("R1", a_lease("next", 90), now=at(31))
        assert await playing.renew("R1", a_lease("late", 120)) is False
        assert await playing.release("R1", "late", status="completed") is False
        run = await playing.run("R1")
        assert (run.status, (await playing.leases(now=at(31)))["R1"].owner) == ("running", "next")

    async def test_only_the_owner_appends_when_it_says_who_it_is(
        self, playing: ExperimentStore
    ) -> None:
        await playing.acquire("R1", Lease("lab:1", at(30), "ada"), now=NOON)
        await playing.commit(a_step(0), owner="lab:1")
        with pytest.raises(LeaseLostError, match="ada"):
            await playing.commit(a_step(1), owner="desk:2")
        await playing.release("R1", "lab:1")
        await playing.commit(a_step(2), owner="desk:2")


class TestDeletingWhatIsPlayed:
    async def test_a_played_run_stays(self, playing: ExperimentStore) -> None:
        await playing.commit(a_step())
        await playing.acquire("R1", a_lease("lab:1", 30), now=NOON)
        with pytest.raises(ConflictError, match=r"by lab\."):
            await playing.delete_run("R1", now=NOON)
        with pytest.raises(ConflictError, match="R1"):
            await playing.delete_experiment("E1", now=NOON)
        assert len(await playing.runs(RunQuery())) == 2
        assert len(await playing.steps("R1")) == 1

    async def test_an_expired_lease_does_not_protect(self, playing: ExperimentStore) -> None:
        await playing.acquire("R1", a_lease("lab:1", 30), now=NOON)
        await playing.delete_run("R1", now=at(30))
        with pytest.raises(NotFoundError):
            await playing.run("R1")

    async def test_a_dead_owner_does_not_protect(self, playing: ExperimentStore) -> None:
        for run_id in ("R1", "R2"):
            await playing.acquire(run_id, a_lease("dead", 30), now=NOON)
        await playing.delete_run("R1", now=NOON, despite={"dead"})
        assert await playing.delete_experiment("E1", now=NOON, despite={"dead"}) == 1

    async def test_a_deleted_run_takes_no_more_steps(self, playing: ExperimentStore) -> None:
        await playing.commit(a_step(0))
        await playing.delete_run("R1", now=NOON)
        with pytest.raises(NotFoundError, match="R1"):
            await playing.commit(a_step(1))
        assert await playing.steps("R1") == []


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ("newest", ["D", "C", "B", "A"]),
        ("oldest", ["A", "B", "C", "D"]),
        ("last_finished", ["B", "A", "D", "C"]),
        ("most_tokens", ["C", "D", "A", "B"]),
        ("highest_cost", ["D", "A", "C", "B"]),
    ],
)
async def test_runs_are_sorted(store: ExperimentStore, order: RunOrder, ids: list[str]) -> None:
    await store.add_experiment(an_experiment())
    for number, (id_, tokens, cost_usd, finished) in enumerate(
        [("A", 5, 0.1, 7), ("B", 0, 0.0, 8), ("C", 9, 0.0, None), ("D", 5, 0.5, None)]
    ):
        await store.add_run(a_run(id_, created_at=at(number)))
        await store.update_run(
            id_,
            usage=Usage(prompt_tokens=tokens // 2, completion_tokens=tokens - tokens // 2,
                        cost_usd=cost_usd),
            finished_at=None if finished is None else at(finished),
        )  # fmt: skip
    assert [r.id for r in await store.runs(RunQuery(order=order))] == ids
    assert [r.id for r in await store.runs(RunQuery(order=order, limit=2))] == ids[:2]


async def test_every_step_is_counted_when_asked(playing: ExperimentStore) -> None:
    await playing.commit(a_step(0))
    await playing.commit(a_step(1, in_transcript=False))
    assert await playing.count_messages(["R1", "R2"]) == {"R1": 1, "R2": 0}
    counts = await playing.count_messages(["R1", "R2"], whole_journal=True)
    assert counts == {"R1": 2, "R2": 0}


async def test_a_store_describes_itself(playing: ExperimentStore) -> None:
    await playing.commit(a_step(0))
    await playing.add_batch(a_batch())
    card = await playing.describe()
    assert (card.experiments, card.batches, card.runs, card.messages) == (1, 1, 2, 1)
    assert card.may_write
    assert card.schema_version >= 1
    assert card.server_version
    assert 0 <= card.round_trip_s < 20
    assert abs(card.clock_skew_s) < 2
