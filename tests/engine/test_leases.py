"""Who plays a run: one process, as long as its lease is kept."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from simulator.backends.scripted import ScriptOptions
from simulator.domain.events import Event, RunStarted, StepCommitted, StepReplayed, TurnStarted
from simulator.domain.journal import Step
from simulator.domain.records import Lease
from simulator.engine import tenure as tenures
from simulator.engine.limits import Budget, Limits
from simulator.engine.runner import Played, play_run
from simulator.engine.tenure import Tenure
from simulator.engine.theatre import LEASE_S, Theatre
from simulator.errors import (
    ConflictError,
    LeaseLostError,
    PermissionDeniedError,
    SimulatorError,
    StoreError,
    StoreUnavailableError,
)
from tests.lab import Lab, design

TALK = design(days=2, messages=7)


def deaf(event: Event) -> None:
    return None


async def test_a_run_has_one_player(lab: Lab) -> None:
    run, resolved = await lab.queue(TALK)
    elsewhere = Theatre(lab.store, lab.pool, lab.clock, "other:2:2")
    refused: list[str] = []

    async def intrude() -> None:
        with pytest.raises(LeaseLostError, match=r"by test\.") as error:
            await play_run(elsewhere, run, lab.kind, resolved, listener=lambda event: None)
        refused.append(error.value.message)

    intruders: list[asyncio.Task[None]] = []

    def listener(event: Event) -> None:
        if isinstance(event, TurnStarted) and not intruders:
            intruders.append(asyncio.create_task(intrude()))

    lab.pool.script(["slow"], options=ScriptOptions(delay_ms=5))
    await lab.play(run, resolved, listener=listener)
    await intruders[0]
    assert refused


async def test_a_dead_players_run_is_taken_over_at_once(lab: Lab) -> None:
    run, resolved = await lab.queue(TALK)
    gone = Theatre(lab.store, lab.pool, lab.clock, "dead:9:9")
    lease = Lease(gone.owner, lab.clock.now() + timedelta(seconds=30))
    assert await lab.store.acquire(run.id, lease, now=lab.clock.now()) is None
    with pytest.raises(LeaseLostError, match=r"by dead\.") as refused:
        await lab.play(run, resolved)
    assert str(refused.value.remedy).endswith("try again in 30 s.")
    heir = Theatre(
        lab.store, lab.pool, lab.clock, "heir:1:1", is_dead=lambda owner: owner == gone.owner
    )
    played = await play_run(heir, run, lab.kind, resolved, listener=lambda event: None)
    assert played.run.status == "completed"


async def test_one_process_plays_a_run_once(lab: Lab) -> None:
    run, resolved = await lab.queue(TALK)
    first, second = await asyncio.gather(
        lab.play(run, resolved), lab.play(run, resolved), return_exceptions=True
    )
    assert isinstance(first, Played) and first.run.status == "completed"
    assert isinstance(second, LeaseLostError)
    assert second.message == f"Run {run.id} is being played by this process already."
    assert (await lab.store.run(run.id)).status == "completed"
    assert await lab.store.lease(run.id) is None


def late_steps(lab: Lab, monkeypatch: pytest.MonkeyPatch, at: set[int], **other: Any) -> None:
    """Let an earlier owner's step arrive before ours, at these calls of `commit`."""
    commit = lab.store.commit
    calls = itertools.count(1)

    async def after_another(step: Step, *, owner: str | None = None) -> None:
        if next(calls) in at:
            late = {"content": "late words", "created_at": step.created_at} | other
            await commit(step.model_copy(update=late))
        await commit(step, owner=owner)

    monkeypatch.setattr(lab.store, "commit", after_another)


async def test_a_late_step_of_an_earlier_owner_is_played_on_from(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, resolved = await lab.queue(TALK)
    late_steps(lab, monkeypatch, {2, 4})
    budget = Budget(Limits(tokens=10**9))
    played = await lab.play(run, resolved, budget=budget)
    steps = await lab.store.steps(run.id)
    assert played.run.status == "completed"
    assert [step.content for step in steps].count("late words") == 2
    heard = [event for event in lab.events if isinstance(event, StepCommitted | StepReplayed)]
    assert [event.step for event in heard] == steps
    assert sum(isinstance(event, RunStarted) for event in lab.events) == 1
    # Of a call that was made just now, only the tokens are on the budget.
    assert budget.spent.calls == 2
    assert (await lab.store.run(run.id)).status == "completed"


@pytest.mark.parametrize(
    ("at", "other"),
    [
        pytest.param(set(range(2, 99)), {}, id="again and again"),
        pytest.param({4}, {"prompt_hash": "0" * 32}, id="one that does not fit"),
    ],
)
async def test_a_run_that_others_write_into_is_given_back(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, at: set[int], other: dict[str, Any]
) -> None:
    run, resolved = await lab.queue(TALK)
    late_steps(lab, monkeypatch, at, **other)
    played = await lab.play(run, resolved)
    assert isinstance(played.problem, ConflictError)
    assert "Others write into the journal" in played.problem.message
    stored = await lab.store.run(run.id)
    assert (stored.status, await lab.store.lease(run.id)) == ("paused", None)


async def test_a_step_that_a_new_owner_wrote_ends_the_play(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, resolved = await lab.queue(TALK)
    late_steps(lab, monkeypatch, {4})

    async def gone(run_id: str, lease: Lease) -> bool:
        return False

    monkeypatch.setattr(lab.store, "renew", gone)
    with pytest.raises(LeaseLostError, match="taken over"):
        await lab.play(run, resolved)


async def test_a_lease_that_cannot_be_renewed_ends_the_play(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(run_id: str, lease: Lease) -> bool:
        return False

    monkeypatch.setattr(lab.store, "renew", gone)
    lab.pool.script(["never"], options=ScriptOptions(delay_ms=3_600_000))
    run, resolved = await lab.queue(TALK)
    with pytest.raises(LeaseLostError):
        async with asyncio.timeout(10):
            await play_run(
                replace(lab.theatre(), lease_s=0.0), run, lab.kind, resolved, listener=deaf
            )


async def test_who_was_asleep_says_nothing_more_in_a_run_that_was_taken_over(lab: Lab) -> None:
    run, resolved = await lab.queue(TALK)
    heir = Lease("lab-3-0f0f0f:1:1", lab.clock.now() + timedelta(seconds=99), "bob")

    async def sleep_while_the_run_is_taken() -> None:
        lab.clock.forward(LEASE_S + 1)
        assert await lab.store.acquire(run.id, heir, now=lab.clock.now()) is None

    def listener(event: Event) -> None:
        if isinstance(event, TurnStarted) and event.index == 3:
            nights.append(asyncio.create_task(sleep_while_the_run_is_taken()))

    nights: list[asyncio.Task[None]] = []
    lab.pool.script(["slow"], options=ScriptOptions(delay_ms=20))
    with pytest.raises(LeaseLostError, match="was taken over by bob on lab-3"):
        await lab.play(run, resolved, listener=listener)
    await nights[0]
    assert [step.index for step in await lab.store.steps(run.id)] == [0, 1, 2]


async def test_who_was_asleep_goes_on_with_a_run_that_nobody_took(lab: Lab) -> None:
    run, resolved = await lab.queue(TALK)

    def listener(event: Event) -> None:
        if isinstance(event, TurnStarted):
            lab.clock.forward(60)

    played = await lab.play(run, resolved, listener=listener)
    assert played.run.status == "completed"


async def test_a_clock_that_is_set_back_does_not_make_a_lease_last(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(run_id: str, lease: Lease) -> bool:
        return False

    run, _ = await lab.queue(TALK)
    with Tenure(lab.theatre(), run.id) as tenure:
        await tenure.acquire()
        await tenure.confirm()
        monkeypatch.setattr(lab.store, "renew", gone)
        lab.clock.forward(LEASE_S)
        lab.clock.time -= timedelta(hours=1)
        with pytest.raises(LeaseLostError):
            await tenure.confirm()


async def test_a_renewal_that_took_too_long_is_no_fresh_knowledge(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    renew, answers_after_s = lab.store.renew, [LEASE_S, 0.0]

    async def slow(run_id: str, lease: Lease) -> bool:
        lab.clock.forward(answers_after_s.pop(0))
        return await renew(run_id, lease)

    monkeypatch.setattr(lab.store, "renew", slow)
    run, _ = await lab.queue(TALK)
    with Tenure(lab.theatre(), run.id) as tenure:
        await tenure.acquire()
        lab.clock.forward(LEASE_S)
        await tenure.confirm()
    assert answers_after_s == []
    held = await lab.store.lease(run.id)
    assert held is not None and held.expires_at == lab.clock.now() + timedelta(seconds=LEASE_S)


async def test_a_play_that_is_over_does_not_stand_in_the_way_of_the_next(lab: Lab) -> None:
    run, resolved = await lab.queue(TALK)
    with Tenure(lab.theatre(), run.id) as tenure:
        await tenure.acquire()
    assert (await lab.play(run, resolved)).run.status == "completed"


@pytest.mark.parametrize("is_ending", [False, True])
async def test_who_is_cancelled_does_not_wait_for_a_store_that_is_away(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, is_ending: bool
) -> None:
    """In the middle of the play, or when its end is being put on record."""
    reached = asyncio.Event()

    async def never(*arguments: Any, **ending: Any) -> bool:
        reached.set()
        await asyncio.Event().wait()
        return True

    def listener(event: Event) -> None:
        if isinstance(event, TurnStarted) and not is_ending:
            reached.set()

    monkeypatch.setattr(tenures, "PARTING_S", 0.01)
    monkeypatch.setattr(lab.store, "release", never)
    lab.pool.script(["words"], options=ScriptOptions(delay_ms=5))
    run, resolved = await lab.queue(design(days=1, messages=1))
    playing = asyncio.create_task(lab.play(run, resolved, listener=listener))
    async with asyncio.timeout(10):
        await reached.wait()
        playing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await playing
    assert (await lab.store.run(run.id)).status == "running"


@pytest.mark.parametrize("failure", [StoreUnavailableError, StoreError, PermissionDeniedError])
async def test_a_lease_that_the_store_cannot_renew_now_is_tried_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, failure: type[SimulatorError]
) -> None:
    renewed = asyncio.Event()
    failures = [failure("the database says no")] * 2

    async def renew(run_id: str, lease: Lease) -> bool:
        if failures:
            raise failures.pop()
        renewed.set()
        return True

    monkeypatch.setattr(lab.store, "renew", renew)
    run, _ = await lab.queue(TALK)
    theatre = replace(lab.theatre(), lease_s=0.0)
    keeping = asyncio.create_task(Tenure(theatre, run.id).keep())
    async with asyncio.timeout(10):
        await renewed.wait()
    keeping.cancel()


async def test_a_fault_in_the_heartbeat_ends_the_play(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(run_id: str, lease: Lease) -> bool:
        raise RuntimeError("a fault in the adapter")

    monkeypatch.setattr(lab.store, "renew", broken)
    lab.pool.script(["never"], options=ScriptOptions(delay_ms=3_600_000))
    run, resolved = await lab.queue(TALK)
    async with asyncio.timeout(10):
        played = await play_run(
            replace(lab.theatre(), lease_s=0.0), run, lab.kind, resolved, listener=deaf
        )
    assert played.run.status == "failed"
    assert "a fault in the adapter" in str(played.run.error)


async def test_a_cancel_while_the_run_is_being_taken_leaves_it_paused(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, resolved = await lab.queue(TALK)
    acquire = lab.store.acquire

    async def slow(*arguments: Any, **options: Any) -> Any:
        taken = await acquire(*arguments, **options)
        playing.cancel()
        await asyncio.sleep(0)
        return taken

    monkeypatch.setattr(lab.store, "acquire", slow)
    playing = asyncio.create_task(lab.play(run, resolved))
    with pytest.raises(asyncio.CancelledError):
        await playing
    assert (await lab.store.run(run.id)).status == "paused"
    assert await lab.store.lease(run.id) is None
