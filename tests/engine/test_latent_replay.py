"""Messages as vectors: replayed without vectors, and made again."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from simulator.domain.events import StepReplayed
from simulator.domain.latent import SoftText
from simulator.domain.ports import Stage
from simulator.errors import (
    BackendError,
    DesignChangedError,
)
from tests.engine.latent_runs import WHOLE, ask_once, cut_after, resumed, told, verified
from tests.engine.soft import ANN, BOB, COOL, Debate, shown, soft_models
from tests.engine.toy import Toy, played
from tests.lab import Lab


async def test_what_is_finished_replays_without_a_call(lab: Lab) -> None:
    models = soft_models(lab)
    debate = Debate()
    steps = await played(lab, debate)
    assert len(steps) == WHOLE and debate.last[0].soft.vectors is not None
    for model in models:
        model.requests.clear()
    lab.events.clear()
    assert (await resumed(lab, await lab.store.run(steps[0].run_id))).run.status == "completed"
    assert [model.requests for model in models] == [[], []]
    assert debate.last[0].soft.vectors is None
    assert debate.last[0].soft.text == steps[-2].content
    assert sum(isinstance(event, StepReplayed) for event in lab.events) == WHOLE


@pytest.mark.parametrize("committed", range(1, WHOLE))
async def test_an_interrupted_debate_ends_like_one_that_was_not(lab: Lab, committed: int) -> None:
    models = soft_models(lab)
    whole = await played(lab, Debate())
    run = await cut_after(lab, committed)
    kept = len(await lab.store.steps(run.id))
    for model in models:
        model.requests.clear()
    assert (await resumed(lab, run)).run.status == "completed"
    steps = await lab.store.steps(run.id)
    assert told(steps) == told(whole)
    # Made again: the messages of the unfinished question that somebody still has to read.
    open_steps = kept % (WHOLE // 2)
    asked = sum(len(model.requests) for model in models)
    assert WHOLE - kept <= asked <= WHOLE - kept + open_steps
    if not open_steps:
        assert asked == WHOLE - kept
    # The run's usage is what its steps used, whatever was made again.
    run = await lab.store.run(run.id)
    assert run.usage.calls == WHOLE
    found = await verified(lab, run)
    assert found.problems == []


async def test_vectors_are_the_same_when_they_are_made_again(lab: Lab) -> None:
    models = soft_models(lab)
    debate = Debate(questions=1)
    await played(lab, debate)
    before = [reply.soft.vectors for reply in debate.last]
    await resumed(lab, await cut_after(lab, 3, debate))
    assert [reply.soft.vectors for reply in debate.last] == before
    assert models[0].requests


async def test_side_by_side_messages_are_made_again_once(lab: Lab) -> None:
    soft, other = soft_models(lab)

    async def debate(stage: Stage) -> None:
        first = await stage.ask_latent(ANN, shown("How much?"), COOL, receivers=[BOB])
        same = await stage.branch("same").ask_latent(ANN, shown("How much?"), COOL, receivers=[BOB])
        await stage.say("Ann", "Well?", role="debater")
        async with asyncio.TaskGroup() as group:
            for number in range(3):
                branch = stage.branch(f"reader-{number}")
                prompt = shown(f"Reader {number}: ", first.soft, same.soft)
                group.create_task(branch.ask_latent(BOB, prompt, COOL))

    run = await cut_after(lab, 2, debate)
    soft.requests.clear()
    other.requests.clear()
    assert (await resumed(lab, run)).run.status == "completed"
    assert len(soft.requests) == 1
    assert len(other.requests) == 3


async def test_another_message_than_the_recorded_one_is_an_error(lab: Lab) -> None:
    soft, _ = soft_models(lab)
    run = await cut_after(lab, 3)
    kept = await lab.store.steps(run.id)
    soft.salt = "other weights"
    failed = await resumed(lab, run)
    assert isinstance(failed.problem, BackendError)
    assert "lab/soft gives another message now" in failed.problem.message
    assert failed.problem.remedy is not None
    assert failed.run.status == "failed"
    assert await lab.store.steps(run.id) == kept
    soft.salt = ""
    assert (await resumed(lab, failed.run)).run.status == "completed"


async def test_another_sampling_is_another_design(lab: Lab) -> None:
    soft_models(lab)
    step, _ = await ask_once(lab, shown("How much?"))

    async def warmer(stage: Stage) -> None:
        await stage.ask_latent(ANN, shown("How much?"), COOL.model_copy(update={"top_k": 3}))

    lab.kind = Toy(warmer)
    with pytest.raises(DesignChangedError):
        await resumed(lab, await lab.store.run(step.run_id))


async def test_nothing_is_kept_of_messages_that_nobody_holds(lab: Lab) -> None:
    soft_models(lab)
    alive: list[weakref.ref[SoftText]] = []

    async def debate(stage: Stage) -> None:
        first = await stage.ask_latent(ANN, shown("How much?"), COOL)
        second = await stage.ask_latent(ANN, shown(first.soft), COOL)
        alive[:] = [weakref.ref(first.soft), weakref.ref(second.soft)]
        del first
        gc.collect()
        is_replay = second.soft.vectors is None
        # What a message without vectors was made from is kept as long as that message.
        assert (alive[0]() is not None) == is_replay
        del second
        gc.collect()
        assert [one() for one in alive] == [None, None]
        await stage.say("Ann", "Over.", role="debater")

    steps = await played(lab, debate)
    assert (await resumed(lab, await lab.store.run(steps[0].run_id))).run.status == "completed"


async def test_a_message_that_was_made_again_lets_go_of_its_prompt(lab: Lab) -> None:
    soft_models(lab)
    is_alive: list[bool] = []

    async def debate(stage: Stage) -> None:
        first = await stage.ask_latent(ANN, shown("How much?"), COOL)
        second = await stage.ask_latent(ANN, shown(first.soft), COOL)
        await stage.ask_latent(ANN, shown(second.soft), COOL)
        watched = weakref.ref(first.soft)
        del first
        gc.collect()
        is_alive.append(watched() is not None)

    run = await cut_after(lab, 2, debate)
    assert (await resumed(lab, run)).run.status == "completed"
    assert is_alive == [False]
