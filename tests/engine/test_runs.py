"""A run from outside: replay, resume, control, failure, leases."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest

from simulator.backends.scripted import ScriptedBackend, ScriptOptions
from simulator.backends.wrapping import Wrapper
from simulator.domain.events import (
    Event,
    ModelRetried,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    StepCommitted,
    StepReplayed,
    TextStreamed,
    TurnStarted,
)
from simulator.domain.journal import Step, Usage
from simulator.domain.models import GenerateRequest
from simulator.engine.control import RunControl
from simulator.errors import (
    BackendUnavailableError,
    DesignChangedError,
    StoreUnavailableError,
)
from tests.lab import MODEL, Lab, design

TALK = design(days=2, messages=7)


def words(steps: list[Step]) -> list[tuple[Any, ...]]:
    """What must be the same however often a run was interrupted."""
    return [
        (s.scope, s.index, s.position, s.kind, s.day, s.speaker, s.role, s.content, s.prompt_hash,
         s.call.seed if s.call else None)
        for s in steps
    ]  # fmt: skip


def stop_after(committed: int) -> Callable[[Event], None]:
    """Cancels the playing task right after so many steps were committed."""
    seen = 0
    task = asyncio.current_task()

    def listener(event: Event) -> None:
        nonlocal seen
        if isinstance(event, StepCommitted):
            seen += 1
            if seen == committed:
                assert task is not None
                task.cancel()

    return listener


async def play_interrupted(lab: Lab, run: Any, resolved: Any, committed: int) -> None:
    async def interrupted() -> None:
        await lab.play(run, resolved, listener=stop_after(committed))

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(interrupted())


async def test_a_run_cut_after_any_step_ends_like_one_that_was_not(lab: Lab) -> None:
    whole = words(await lab.run(TALK, seed=5))
    for committed in range(1, len(whole) - 1):
        run, resolved = await lab.queue(TALK, seed=5)
        await play_interrupted(lab, run, resolved, committed)
        assert (await lab.store.run(run.id)).status == "paused"
        kept = words(await lab.store.steps(run.id))
        assert kept == whole[: len(kept)]
        assert committed <= len(kept) <= committed + 1, "the step on its way may have arrived"
        played = await lab.play(await lab.store.run(run.id), resolved)
        assert played.run.status == "completed"
        assert words(await lab.store.steps(run.id)) == whole


async def test_a_replay_asks_no_model(lab: Lab) -> None:
    run, resolved = await lab.queue(TALK)
    await lab.play(run, resolved)
    before = await lab.store.steps(run.id)

    def refuse(request: GenerateRequest) -> str:
        raise AssertionError("a model was asked")

    lab.pool.script(refuse)
    lab.events.clear()
    played = await lab.play(run, resolved)
    assert played.run.status == "completed"
    assert await lab.store.steps(run.id) == before
    assert [event.step for event in lab.events if isinstance(event, StepReplayed)] == before


async def test_a_resumed_run_counts_the_usage_of_its_journal(lab: Lab) -> None:
    run, resolved = await lab.queue(TALK)
    await play_interrupted(lab, run, resolved, 4)
    resumed = await lab.play(run, resolved)
    whole, resolved = await lab.queue(TALK)
    assert resumed.run.usage == (await lab.play(whole, resolved)).run.usage
    assert resumed.run.usage.calls == 8


async def test_a_changed_design_is_refused_and_nothing_is_written(lab: Lab) -> None:
    run, resolved = await lab.queue(TALK)
    await play_interrupted(lab, run, resolved, 4)
    before = await lab.store.steps(run.id)
    run = await lab.store.run(run.id)
    changed = resolved.model_copy(update={"starting_message": "Something else."})
    with pytest.raises(DesignChangedError, match=r"step 0 of 'main', by Researcher"):
        await lab.play(run, changed)
    recast = lab.kind.resolve(
        design(days=2, messages=7, roles=[{"name": "guard", "starting_prompt": "You are kind."}]),
        {},
    )
    with pytest.raises(DesignChangedError, match="agents and prompts"):
        await lab.play(run, recast)
    assert await lab.store.steps(run.id) == before
    assert (await lab.store.run(run.id)).status == "paused"
    assert (await lab.play(run, resolved)).run.status == "completed"


async def test_events_tell_the_whole_story_in_order(lab: Lab) -> None:
    run, resolved = await lab.queue(design(messages=2))
    played = await lab.play(run, resolved)
    started, said, *turns, finished = lab.events
    assert isinstance(started, RunStarted) and started.resumed_steps == 0
    assert isinstance(said, StepCommitted) and said.step.role == "researcher"
    assert [type(event) for event in turns] == [TurnStarted, TextStreamed, StepCommitted] * 2
    assert finished == RunFinished(played.run)


async def test_pause_holds_before_the_next_step_and_step_lets_one_pass(lab: Lab) -> None:
    control = RunControl()
    held: asyncio.Queue[int] = asyncio.Queue()
    committed = 0

    def listener(event: Event) -> None:
        nonlocal committed
        if isinstance(event, StepCommitted):
            committed += 1
        if isinstance(event, RunPaused):
            held.put_nowait(committed)

    control.pause()
    run, resolved = await lab.queue(TALK)
    playing = asyncio.create_task(lab.play(run, resolved, control=control, listener=listener))
    assert await held.get() == 0
    assert control.is_paused
    control.step()
    assert await held.get() == 1
    control.step()
    control.step()
    assert await held.get() == 3
    control.resume()
    assert (await playing).run.status == "completed"
    assert any(isinstance(event, RunResumed) for event in lab.events)


async def test_stop_cancels_the_turn_in_progress_and_keeps_the_rest(lab: Lab) -> None:
    control = RunControl()

    def listener(event: Event) -> None:
        if isinstance(event, TurnStarted) and event.index == 3:
            control.stop()

    lab.pool.script(["never said"], options=ScriptOptions(delay_ms=3_600_000))
    quick = ScriptedBackend(["quick"])
    slow = lab.pool.backends[MODEL]

    class Slowing(Wrapper):
        def generate(self, request: GenerateRequest) -> Any:
            return (slow if len(request.prompt) > 3 else quick).generate(request)

    lab.pool.backends[MODEL] = Slowing(quick)
    run, resolved = await lab.queue(TALK)
    played = await lab.play(run, resolved, control=control, listener=listener)
    assert played.run.status == "cancelled" and played.problem is None
    assert len(await lab.store.steps(run.id)) == 3


async def test_stop_before_the_start_plays_nothing(lab: Lab) -> None:
    control = RunControl()
    control.stop()
    run, resolved = await lab.queue(TALK)
    assert (await lab.play(run, resolved, control=control)).run.status == "cancelled"
    assert await lab.store.steps(run.id) == []


async def test_failed_requests_are_sent_again_and_on_record(lab: Lab) -> None:
    lab.pool.script(["yes"], options=ScriptOptions(fail_first=2))
    steps = await lab.run(design(messages=1))
    retries = [event for event in lab.events if isinstance(event, ModelRetried)]
    assert [event.attempt for event in retries] == [2, 3]
    assert 0.0 < retries[0].wait_s < retries[1].wait_s
    assert steps[1].call is not None and steps[1].call.attempts == 3


async def test_a_model_that_stays_away_fails_the_run_which_can_be_resumed(lab: Lab) -> None:
    whole = words(await lab.run(TALK, seed=3))
    working = lab.pool.backends[MODEL]
    lab.pool.script(["no"], options=ScriptOptions(fail_first=99))
    run, resolved = await lab.queue(TALK, seed=3)
    played = await lab.play(run, resolved)
    assert played.run.status == "failed"
    assert isinstance(played.problem, BackendUnavailableError)
    assert "did not answer" in str((await lab.store.run(run.id)).error)
    lab.pool.backends[MODEL] = working
    assert (await lab.play(run, resolved)).run.status == "completed"
    assert not (await lab.store.run(run.id)).error
    assert words(await lab.store.steps(run.id)) == whole


async def test_a_fault_of_the_program_fails_the_run_with_its_name(lab: Lab) -> None:
    def broken(request: GenerateRequest) -> str:
        raise ZeroDivisionError("by design")

    lab.pool.script(broken)
    run, resolved = await lab.queue(TALK)
    played = await lab.play(run, resolved)
    assert played.run.status == "failed"
    assert "ZeroDivisionError: by design" in str(played.run.error)


async def test_what_the_researcher_puts_in_replays(lab: Lab) -> None:
    control = RunControl()

    def listener(event: Event) -> None:
        if isinstance(event, StepCommitted) and event.step.index == 2:
            control.interject("Please be brief.")

    run, resolved = await lab.queue(TALK, seed=8)
    await lab.play(run, resolved, control=control, listener=listener)
    steps = await lab.store.steps(run.id)
    assert (steps[3].kind, steps[3].content) == ("interject", "Please be brief.")
    assert (await lab.play(run, resolved)).run.status == "completed"
    assert await lab.store.steps(run.id) == steps


async def test_an_empty_reply_is_asked_for_again_with_other_seeds(lab: Lab) -> None:
    seeds: list[int] = []

    def sometimes(request: GenerateRequest) -> str:
        seeds.append(request.seed)
        return "   " if len(seeds) < 3 else "At last."

    lab.pool.script(sometimes)
    steps = await lab.run(design(messages=1))
    call = steps[1].call
    assert call is not None
    assert len(set(seeds)) == 3
    assert (steps[1].content, call.earlier_raw, call.usage.calls) == ("At last.", ("   ", "   "), 3)


async def test_silence_is_kept_and_marked(lab: Lab) -> None:
    lab.pool.script([""])
    steps = await lab.run(design(messages=2))
    assert [step.content for step in steps[1:]] == ["", ""]
    assert all(step.parsing == ("empty",) for step in steps[1:])


async def test_a_store_that_fails_midway_keeps_what_it_acknowledged(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = words(await lab.run(TALK, seed=2))
    run, resolved = await lab.queue(TALK, seed=2)
    commit, full = lab.store.commit, StoreUnavailableError("the disk is full")

    async def until_full(step: Step, *, owner: str | None = None) -> None:
        if step.index == 4:
            raise full
        await commit(step)

    async def refuse(*arguments: object, **changes: object) -> bool:
        raise full

    with monkeypatch.context() as patch:
        patch.setattr(lab.store, "commit", until_full)
        patch.setattr(lab.store, "release", refuse)
        played = await lab.play(run, resolved)
    assert played.problem is full
    assert words(await lab.store.steps(run.id)) == whole[:4]
    assert (await lab.play(run, resolved)).run.status == "completed"
    assert words(await lab.store.steps(run.id)) == whole


async def test_a_pace_waits_before_each_step(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    run, resolved = await lab.queue(design(messages=3))
    monkeypatch.setattr("simulator.engine.control.asyncio.sleep", sleep)
    await lab.play(run, resolved, control=RunControl(pace_s=0.5))
    assert [seconds for seconds in waits if seconds == 0.5] == [0.5] * 4


async def test_a_long_run_keeps_nothing_of_the_calls_that_are_on_record(lab: Lab) -> None:
    kept: dict[int, int] = {}

    def hear(event: Event) -> None:
        if isinstance(event, StepCommitted) and event.step.index in (50, 150):
            kept[event.step.index] = sum(isinstance(one, Usage) for one in gc.get_objects())

    run, resolved = await lab.queue(design(messages=160))
    lab.events = Forgetful()
    await lab.play(run, resolved, listener=hear)
    assert kept[150] - kept[50] < 20


class Forgetful(list[Event]):
    """Takes events and keeps none."""

    def append(self, event: Event) -> None:
        return None
