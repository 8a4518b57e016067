"""Several users and one store: whose a record is, whom a name means, who plays what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from simulator.domain.events import Event
from simulator.domain.records import Experiment, Lease, Run
from simulator.errors import ConflictError, NotFoundError, PermissionDeniedError, UsageError
from simulator.files.designs import design_hash
from simulator.process import SystemClock, fresh_id, owner_name
from simulator.services import Services, open_services
from simulator.settings import Settings
from tests.lab import design

TALK = design(model="scripted/babble", messages=4)


@pytest.fixture
async def as_user(tmp_path: Path) -> AsyncIterator[Callable[[str], Services]]:
    store = SecretStr(f"sqlite:///{tmp_path / 'lab.db'}")
    async with AsyncExitStack() as stack:
        opened = {
            user: await stack.enter_async_context(open_services(Settings(store=store, user=user)))
            for user in ("ada", "bob", "eve")
        }
        yield opened.__getitem__


Users = Callable[[str], Services]


def deaf(event: Event) -> None:
    return None


async def launched(services: Services) -> tuple[Experiment, Run]:
    (run,) = await services.launch(TALK, {}, seed=3)
    return await services.store.experiment(run.experiment_id), run


async def hold(services: Services, run: Run, owner: str, user: str) -> None:
    now = SystemClock().now()
    lease = Lease(owner, now + timedelta(seconds=30), user)
    assert await services.store.acquire(run.id, lease, now=now) is None


async def test_colleagues_who_launch_at_once_find_their_own(as_user: Users) -> None:
    ada, bob = as_user("ada"), as_user("bob")
    await asyncio.gather(ada.save_design(TALK), bob.save_design(TALK))
    first = await ada.save_design(TALK)
    twin = first.model_copy(
        update={
            "id": fresh_id(), "creator": "bob",
            "created_at": first.created_at + timedelta(seconds=60),
        }
    )  # fmt: skip
    await bob.store.add_experiment(twin)
    for services in (ada, as_user("eve")):
        oldest = await services.find_experiment("Test")
        assert oldest.created_at < twin.created_at
        assert (await services.save_design(TALK)).id == oldest.id
    assert (await bob.find_experiment("Test")).creator == "bob"
    assert (await bob.find_experiment(twin.id)).id == twin.id


async def test_a_name_of_different_designs_of_others_is_not_guessed(as_user: Users) -> None:
    await as_user("ada").save_design(TALK)
    mine = await as_user("bob").save_design(TALK.model_copy(update={"days": 2}))
    assert (await as_user("bob").find_experiment("Test")).id == mine.id
    with pytest.raises(UsageError, match="not unique"):
        await as_user("eve").find_experiment("Test")


async def test_a_design_is_a_name_of_what_was_launched_of_it(as_user: Users) -> None:
    ada = as_user("ada")
    for seed in ("iterated_lights", "prison", "debate_arithmetic"):
        with pytest.raises(NotFoundError, match="Nothing was launched of"):
            await ada.find_experiment(seed)
        made, stored = await ada.design_named(seed)
        assert stored is None
        saved = await ada.save_design(made)
        await ada.save_design(made.model_copy(update={"name": made.name + " 2"}))
        assert (await ada.find_experiment(seed)).id == saved.id
        other = await ada.save_design(TALK.model_copy(update={"name": made.name}))
        found = await ada.find_experiment(seed)
        assert found.id == saved.id != other.id, "that of the same design"


async def test_stars_are_each_users_own(as_user: Users) -> None:
    experiment, run = await launched(as_user("ada"))
    store = as_user("eve").store
    for record in (experiment, run):
        await as_user("bob").star(record)
        await as_user("eve").star(record)
        await as_user("bob").star(record, off=True)
    assert (await store.run(run.id)).starred_by == ("eve",)
    assert (await store.experiment(experiment.id)).starred_by == ("eve",)


async def test_notes_and_deletions_are_the_creators(as_user: Users) -> None:
    ada, bob = as_user("ada"), as_user("bob")
    experiment, run = await launched(ada)
    for attempt in (
        bob.write_note(run, "x"), bob.write_note(experiment, "x"), bob.delete_run(run),
        bob.delete_experiment(experiment),
    ):  # fmt: skip
        with pytest.raises(PermissionDeniedError, match="belongs to ada; only its creator"):
            await attempt
    assert (await ada.store.run(run.id)).note == ""
    _, theirs = await launched(bob)
    assert theirs.experiment_id == experiment.id
    with pytest.raises(PermissionDeniedError, match=r"lose them: 1 of bob\."):
        await ada.delete_experiment(experiment)
    assert await ada.delete_experiment(experiment, with_runs_of_others=True) == 2
    with pytest.raises(NotFoundError):
        await bob.find_run("last")


async def test_a_design_without_runs_can_be_edited(as_user: Users) -> None:
    ada = as_user("ada")
    kept = await ada.save_design(TALK.model_copy(update={"note": "old"}), parent_id="E0")
    await as_user("bob").star(kept)
    edited = TALK.model_copy(update={"name": "Yard", "note": "new", "messages": 9, "parent": "E9"})
    revised = await ada.revise(kept, edited)
    assert revised == await ada.store.experiment(kept.id)
    assert ada.design_of(revised) == edited.model_copy(update={"parent": None})
    assert (revised.design_hash, revised.parent_id) == (design_hash(edited), "E0")
    assert revised.starred_by == ("bob",)
    (run,) = await ada.launch(edited, {}, experiment=revised)
    assert (await ada.resolved(run)).messages == 9


async def test_a_design_is_edited_by_its_creator_while_it_has_no_runs(as_user: Users) -> None:
    ada, bob = as_user("ada"), as_user("bob")
    experiment, run = await launched(ada)
    edited = TALK.model_copy(update={"messages": 9})
    with pytest.raises(PermissionDeniedError, match="only its creator may edit it"):
        await bob.revise(experiment, edited)
    with pytest.raises(ConflictError, match="'Test' has 1 run of") as refused:
        await ada.revise(experiment, edited)
    assert refused.value.remedy == "Duplicate it, and edit the copy."
    assert await ada.store.experiment(experiment.id) == experiment
    await ada.delete_run(run)
    await ada.check_revision(experiment)
    with pytest.raises(UsageError, match="cannot become one of the kind debate"):
        await ada.revise(experiment, edited.model_copy(update={"kind": "debate"}))
    await ada.revise(experiment, edited)
    with pytest.raises(ConflictError, match="somebody else"):
        await ada.revise(experiment, TALK)


async def test_edited_names_and_designs_are_not_remembered_as_they_were(as_user: Users) -> None:
    ada, bob = as_user("ada"), as_user("bob")
    experiment, run = await launched(ada)
    await hold(ada, run, "lab-3-0a0a0a:4711:8842", "ada")
    assert [one.experiment for one in await bob.playing()] == ["Test"]
    assert (await ada.resolved(run)).name == "Test"
    await ada.store.release(run.id, "lab-3-0a0a0a:4711:8842", status="paused")
    await ada.delete_run(run)
    renamed = await ada.revise(experiment, TALK.model_copy(update={"name": "Yard"}))
    (later,) = await ada.launch(TALK, {}, seed=3, experiment=renamed)
    assert (await ada.resolved(later)).name == "Yard"
    await hold(ada, later, "lab-3-0a0a0a:4711:8842", "ada")
    assert [one.experiment for one in await bob.playing()] == ["Yard"]
    assert await bob.experiment_names([experiment.id, "gone"]) == {
        experiment.id: "Yard", "gone": "",
    }  # fmt: skip


async def test_what_is_played_is_told_with_its_player_and_length(as_user: Users) -> None:
    ada, eve = as_user("ada"), as_user("eve")
    _, run = await launched(ada)
    _, left = await launched(as_user("bob"))
    assert await eve.playing() == []
    await hold(ada, run, "lab-3-0a0a0a:4711:8842", "ada")
    machine_and_pid, _, started = owner_name().rpartition(":")
    await hold(ada, left, f"{machine_and_pid}:{int(started) - 1}", "bob")
    (one,) = await eve.playing()
    assert (one.run.id, one.experiment, one.messages) == (run.id, "Test", 0)
    assert one.lease.player == "ada on lab-3"
    assert one.outlook is not None and one.outlook.turns == 4
    assert await eve.is_abandoned(await eve.store.run(left.id))
    assert not await eve.is_abandoned(await eve.store.run(run.id))


@pytest.mark.parametrize(
    ("owner", "user", "player"),
    [
        ("lab-3-2fa81c:4711:8842", "ada", "ada on lab-3"),
        ("lab-2fa81c:4711:8842", "", "lab"),
        ("elsewhere", "bob", "bob on elsewhere"),
    ],
)
def test_players_are_named_by_user_and_machine(owner: str, user: str, player: str) -> None:
    assert Lease(owner, SystemClock().now(), user).player == player
