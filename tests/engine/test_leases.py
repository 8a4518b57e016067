"""Who plays a run: one process, as long as its lease is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from simulator.backends.scripted import ScriptOptions
from simulator.domain.events import Event, StepCommitted, TurnStarted
from simulator.domain.records import Lease
from simulator.engine.runner import Tenure, Theatre, play_run
from simulator.errors import (
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


async def test_a_run_that_was_taken_over_stops_playing(lab: Lab) -> None:
    run, resolved = await lab.queue(TALK)

    def thief(event: Event) -> None:
        if isinstance(event, TurnStarted) and event.index == 3:
            stolen = next(e.step for e in lab.events if isinstance(e, StepCommitted))
            other = stolen.model_copy(update={"index": 3, "content": "somebody else's"})
            thefts.append(asyncio.create_task(lab.store.commit(other)))

    thefts: list[asyncio.Task[None]] = []
    lab.pool.script(["slow"], options=ScriptOptions(delay_ms=20))
    with pytest.raises(LeaseLostError, match="taken over"):
        await lab.play(run, resolved, listener=thief)
    await thefts[0]


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
    heir = Theatre(lab.store, lab.pool, lab.clock, "lab-3-0f0f0f:1:1", "bob")

    async def sleep_while_the_run_is_taken() -> None:
        lab.clock.forward(heir.lease_s + 1)
        assert await lab.store.acquire(run.id, heir.lease(), now=lab.clock.now()) is None

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
    keeping = asyncio.create_task(Tenure(theatre, run.id, theatre.lease()).keep())
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
