"""Batches are played longest first, under their caps, as they are ordered, whatever happens."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from simulator import executing
from simulator.domain.batches import Batch, BatchOrder
from simulator.domain.events import Event, RunStarted, StepCommitted, TurnStarted
from simulator.domain.executions import Caps, Ended, Progress
from simulator.domain.journal import Step
from simulator.domain.records import Lease, Run, RunQuery
from simulator.errors import (
    BackendUnavailableError,
    DesignChangedError,
    NotFoundError,
    StoreUnavailableError,
)
from simulator.executing import GIVEN_UP_AFTER, Executor
from simulator.process import SystemClock, fresh_id, owner_name, provenance
from simulator.services import Services, open_services
from simulator.settings import Settings
from simulator.weighing import Scales, Weight
from tests.lab import StillClock, design
from tests.waiting import until

SLOW = "scripted/babble?delay_ms=20"
DEAD = owner_name().rpartition(":")[0] + ":0"
"""A process of this machine that was here before us."""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REPORT_S", "LOOK_S", "LIST_S"):
        monkeypatch.setattr(executing, name, 0.005)
    monkeypatch.setattr(executing, "LOOK_SHARE", 1.0)


@asynccontextmanager
async def opened(folder: Path, **settings: Any) -> AsyncIterator[Services]:
    usual = {"store": f"sqlite:///{folder / 'lab.db'}", "user": "ada", "max_live_runs": 2}
    async with open_services(Settings.model_validate(usual | settings)) as services:
        yield services


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    async with opened(tmp_path) as services:
        yield services


async def batch_of(
    services: Services, cells: Sequence[dict[str, Any]], repeat: int = 1, **fields: Any
) -> Batch:
    """A stored batch; its cells are parameters over the design with these fields."""
    fields = {"model": "scripted/babble", "messages": 2} | fields
    experiment = await services.save_design(design(**fields))
    now = SystemClock().now()
    batch = Batch(
        id=fresh_id(), experiment_id=experiment.id, name="all", specification={},
        specification_hash="0" * 32, creator="ada", created_at=now,
    )  # fmt: skip
    await services.store.add_batch(batch)
    kind, talk = services.kind("conversation"), services.design_of(experiment)
    for seed in range(repeat):
        for number, parameters in enumerate(cells):
            agents = kind.cast(kind.resolve(talk, parameters), seed)
            run = Run(
                id=fresh_id(), experiment_id=experiment.id, kind="conversation",
                design_hash=experiment.design_hash, parameters=parameters, seed=seed,
                agents=agents, provenance=provenance(), creator="ada", created_at=now,
                batch_id=batch.id, cell=number,
            )  # fmt: skip
            await services.store.add_run(run)
    return batch


async def runs_of(services: Services, batch: Batch) -> list[Run]:
    return await services.store.runs(RunQuery(batch_id=batch.id, order="oldest"))


async def statuses(services: Services, batch: Batch) -> Counter[str]:
    return Counter(run.status for run in await runs_of(services, batch))


async def transcripts(services: Services, batch: Batch) -> list[list[Any]]:
    return [
        [(step.scope, step.index, step.speaker, step.content) for step in steps]
        for run in await runs_of(services, batch)
        for steps in [await services.store.steps(run.id)]
    ]


async def test_the_longest_runs_come_first_and_so_many_at_a_time(services: Services) -> None:
    batch = await batch_of(services, [{"messages": n} for n in (2, 9, 4)], repeat=2)
    began: list[int] = []
    reports: list[Progress] = []

    def listener(event: Event) -> None:
        if isinstance(event, RunStarted):
            began.append(int(str(event.run.parameters["messages"])))

    ended = await Executor(services, batch, hear=reports.append, listener=listener).play()
    assert began == [9, 9, 4, 4, 2, 2]
    assert (ended.reason, ended.problem, ended.failures) == ("finished", None, {})
    assert (ended.progress.done, ended.progress.total, ended.progress.left_s) == (6, 6, 0.0)
    assert reports[-1] == ended.progress
    assert max(report.live for report in reports) == 2
    assert {report.total for report in reports} == {6}
    again = await Executor(services, batch, listener=listener).play()
    assert (len(began), again.progress.done) == (6, 6)


@pytest.mark.parametrize(
    ("order", "reason", "left"),
    [("pause", "paused", {"paused": 2, "queued": 2}),
     ("cancel", "cancelled", {"cancelled": 2, "queued": 2})],
)  # fmt: skip
async def test_what_a_batch_is_ordered_is_done(
    services: Services, order: BatchOrder, reason: str, left: dict[str, int]
) -> None:
    batch = await batch_of(services, [{}], repeat=4, model=SLOW, messages=8)
    open_turns: Counter[str] = Counter()
    ordered: list[asyncio.Task[None]] = []

    def listener(event: Event) -> None:
        if isinstance(event, TurnStarted):
            open_turns[event.run_id] += 1
        elif isinstance(event, StepCommitted) and event.step.call:
            open_turns[event.step.run_id] -= 1
            if not ordered:
                change = services.store.update_batch(batch.id, order=order)
                ordered.append(asyncio.create_task(change))

    ended = await Executor(services, batch, listener=listener).play()
    assert ended.reason == reason
    assert await statuses(services, batch) == left
    if order == "pause":
        assert not +open_turns, "a turn in progress was lost"
    refused = await Executor(services, batch).play()
    assert (refused.reason, refused.progress.live) == (reason, 0)
    await services.store.update_batch(batch.id, order="go")
    again = await Executor(services, batch, retry=order == "cancel").play()
    assert (again.reason, again.progress.done) == ("finished", 4), again


async def test_one_run_is_cancelled_or_left_by_what_others_put_on_record(
    services: Services,
) -> None:
    batch = await batch_of(services, [{}], repeat=3, model=SLOW, messages=6)
    first, second, third = await runs_of(services, batch)
    executor = Executor(services, batch)
    playing = asyncio.create_task(executor.play())
    await until(lambda: len(executor.controls) == 2)
    await services.store.update_run(third.id, status="cancelled")
    while (await services.store.run(second.id)).status != "running":  # noqa: ASYNC110
        await asyncio.sleep(0.002)
    await services.store.update_run(first.id, status="cancelled")
    await services.store.update_run(second.id, status="paused")
    ended = await playing
    assert (ended.reason, ended.progress.cancelled, ended.progress.waiting) == ("finished", 2, 1)
    found = [run.status for run in await runs_of(services, batch)]
    assert found == ["cancelled", "paused", "cancelled"]


async def test_caps_end_it_with_their_reason(services: Services) -> None:
    batch = await batch_of(services, [{}], repeat=8, messages=3, sampling={"max_tokens": 20})
    spent = (await Executor(services, batch, caps=Caps(tokens=130)).play()).problem
    assert spent is not None
    assert "130 tokens" in spent.message
    runs = await runs_of(services, batch)
    used = sum(run.usage.prompt_tokens + run.usage.completion_tokens for run in runs)
    assert 40 < used <= 130
    assert {run.status for run in runs} >= {"completed", "queued"}
    again = await Executor(services, batch, caps=Caps(tokens=used + 1)).play()
    assert again.reason == "tokens", "what was used before counts"

    clock = StillClock()
    late = Executor(services, batch, caps=Caps(seconds=60), clock=clock,
                    listener=lambda event: clock.forward(61))  # fmt: skip
    assert (await late.play()).reason == "time"
    assert "running" not in await statuses(services, batch)
    assert (await Executor(services, batch).play()).progress.done == 8


async def test_a_model_that_dies_takes_only_its_own_runs_with_it(services: Services) -> None:
    dead = {"model": "scripted/babble?fail_first=99&fail_with=refused"}
    batch = await batch_of(services, [dead, {}], repeat=3)
    ended = await Executor(services, batch).play()
    assert (ended.reason, ended.progress.done, ended.progress.failed) == ("finished", 3, 3)
    stored = {run.id: run.error for run in await runs_of(services, batch) if run.error}
    assert stored == {run_id: error.message for run_id, error in ended.failures.items()}
    retried = await Executor(services, batch, retry=True, caps=Caps(failures=2)).play()
    assert (retried.reason, len(retried.failures)) == ("failures", 2)
    assert (await Executor(services, batch).play()).progress.waiting == 0


async def test_runs_of_a_model_that_is_gone_are_left_queued(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(request: object) -> AsyncIterator[Any]:
        raise BackendUnavailableError("Nobody is there.")
        yield

    batch = await batch_of(services, [{"model": "scripted/echo"}, {}], repeat=12)
    monkeypatch.setattr(services.backend("scripted/echo"), "generate", gone)
    ended = await Executor(services, batch).play()
    assert (ended.reason, ended.progress.done) == ("models", 12)
    assert GIVEN_UP_AFTER <= ended.progress.failed <= GIVEN_UP_AFTER + 1
    assert ended.progress.waiting == 12 - ended.progress.failed
    assert [models for models in ended.given_up] == [("scripted/echo",)]


async def test_a_full_disk_ends_it_and_what_was_committed_goes_on(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, batch = [await batch_of(services, [{}, {"messages": 5}], repeat=3) for _ in range(2)]
    await Executor(services, whole).play()
    commit, left = services.store.commit, iter(range(9))

    async def full(step: Step, *, owner: str | None = None) -> None:
        if next(left, None) is None:
            raise StoreUnavailableError("The disk is full.")
        await commit(step, owner=owner)

    with monkeypatch.context() as patched:
        patched.setattr(services.store, "commit", full)
        ended = await Executor(services, batch).play()
    assert (ended.reason, ended.progress.failed) == ("store", 0)
    assert ended.problem is not None
    assert set(await statuses(services, batch)) <= {"completed", "paused", "queued"}
    assert (await Executor(services, batch).play()).progress.done == 6
    assert await transcripts(services, batch) == await transcripts(services, whole)


async def test_what_a_dead_process_left_goes_on_and_nothing_is_played_twice(
    services: Services,
) -> None:
    whole, batch = [await batch_of(services, [{}], repeat=4, messages=4) for _ in range(2)]
    await Executor(services, whole).play()
    first, second, third, _ = await runs_of(services, batch)
    await services.play(first, listener=executing.deaf)
    done = await services.store.run(first.id)
    theirs = await services.store.steps((await runs_of(services, whole))[1].id)
    now = SystemClock().now()
    for run in (second, third):
        lease = Lease(DEAD if run is second else "far-1:2:3", now + timedelta(seconds=0.2))
        await services.store.acquire(run.id, lease, now=now)
    for step in theirs[:3]:
        await services.store.commit(step.model_copy(update={"run_id": second.id}))
    alone = await Executor(services, batch).play()
    assert (alone.progress.done, alone.progress.elsewhere) in ((3, 1), (4, 0))
    ended = await Executor(services, batch, joining=True).play()
    assert ended.progress == Progress(
        done=4, messages_per_s=ended.progress.messages_per_s, left_s=ended.progress.left_s
    )
    assert await services.store.run(first.id) == done
    assert await transcripts(services, batch) == await transcripts(services, whole)


async def test_a_lease_that_a_jump_of_the_clock_left_holds_nobody_up(services: Services) -> None:
    batch = await batch_of(services, [{}])
    (run,) = await runs_of(services, batch)
    now, clock = SystemClock().now(), StillClock()
    await services.store.acquire(run.id, Lease("far-1:2:3", now + timedelta(days=9)), now=now)
    seen: list[float] = []

    def hear(progress: Progress) -> None:
        if progress.elsewhere:
            seen.append(clock.monotonic())
        clock.forward(10)

    ended = await Executor(services, batch, joining=True, hear=hear, clock=clock).play()
    assert ended.progress.done == 1
    assert seen[-1] >= 60, "it was given the time in which a lease is renewed twice"


async def test_two_processes_share_a_batch(tmp_path: Path, services: Services) -> None:
    batch = await batch_of(services, [{}], repeat=10, messages=3)
    began: list[str] = []

    def listener(event: Event) -> None:
        if isinstance(event, RunStarted):
            began.append(event.run.id)

    async with opened(tmp_path) as other:
        ended: list[Ended] = await asyncio.gather(
            *(Executor(one, batch, joining=True, listener=listener).play()
              for one in (services, other))
        )  # fmt: skip
    assert sorted(began) == [run.id for run in await runs_of(services, batch)]
    assert [one.progress.done for one in ended] == [10, 10]


async def test_who_is_cancelled_leaves_every_run_in_order(services: Services) -> None:
    batch = await batch_of(services, [{}], repeat=4, model="scripted/babble?delay_ms=60000")
    executor = Executor(services, batch)
    playing = asyncio.create_task(executor.play())
    await until(lambda: executor.progress.live == 2)
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    assert set(await statuses(services, batch)) <= {"queued", "paused"}


async def test_what_cannot_be_played_is_told_and_the_rest_is_played(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = await batch_of(services, [{}], repeat=3)
    first, second, _ = await runs_of(services, batch)
    resolved = services.resolved

    async def changed(run: Run, *rest: Any) -> Any:
        if run.id == first.id:
            raise DesignChangedError("The design was changed.")
        if run.id == second.id:
            raise ZeroDivisionError
        return await resolved(run, *rest)

    monkeypatch.setattr(services, "resolved", changed)
    monkeypatch.setattr(Scales, "weigh", _weightless)
    ended = await Executor(services, batch).play()
    assert (ended.progress.done, ended.progress.failed) == (1, 2)
    assert ended.failures.keys() == {first.id, second.id}
    with pytest.raises(NotFoundError):
        await Executor(services, batch.model_copy(update={"id": fresh_id()})).play()


async def _weightless(scales: object, runs: Sequence[Run]) -> list[Any]:
    return [Weight(0.0, 0) for _ in runs]
