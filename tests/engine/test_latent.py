"""Messages as vectors: on the journal, replayed without vectors, and made again."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Sequence
from typing import Any

import pytest

from simulator.backends.pocket.backend import PocketBackend
from simulator.domain.events import StepCommitted, StepReplayed, TextStreamed, TurnStarted
from simulator.domain.journal import Step
from simulator.domain.latent import LatentSampling, SoftPrompt, SoftReply, SoftText
from simulator.domain.ports import Stage
from simulator.domain.records import Run
from simulator.domain.remarks import wrong_with
from simulator.engine.control import RunControl
from simulator.engine.forking import fork_run
from simulator.engine.limits import Budget, Limits
from simulator.engine.replaying import prompts_of
from simulator.engine.runner import Played
from simulator.engine.verifying import Verification, verify_run
from simulator.errors import (
    BackendError,
    ContextOverflowError,
    DesignChangedError,
    LimitReachedError,
    UsageError,
)
from tests.engine.soft import ANN, BOB, COOL, OTHER, SOFT, Debate, shown, soft_models
from tests.engine.test_runs import play_interrupted
from tests.engine.toy import AGENT, Toy, ToyDesign, played
from tests.lab import Lab

WHOLE = 12
"""Steps of a debate over two questions."""


async def queued(lab: Lab, play: Any) -> tuple[Run, Any]:
    lab.kind = Toy(play)
    return await lab.queue(ToyDesign(), seed=4)


async def cut_after(lab: Lab, steps: int, play: Any = None) -> Run:
    """A debate that was interrupted right after so many steps."""
    run, resolved = await queued(lab, play or Debate())
    await play_interrupted(lab, run, resolved, steps)
    return await lab.store.run(run.id)


async def resumed(lab: Lab, run: Run, **more: Any) -> Played:
    return await lab.play(run, ToyDesign(), **more)


def told(steps: Sequence[Step]) -> list[tuple[Any, ...]]:
    return [
        (s.scope, s.index, s.kind, s.speaker, s.content, s.prompt_hash, s.soft_tokens, s.call)
        for s in steps
    ]


# ---------------------------------------------------------------- one message


async def ask_once(
    lab: Lab, prompt: SoftPrompt, sampling: LatentSampling = COOL, **more: Any
) -> tuple[Step, SoftReply]:
    replies: list[SoftReply] = []

    async def ask(stage: Stage) -> None:
        replies.append(await stage.ask_latent(ANN, prompt, sampling, **more))

    (step,) = await played(lab, ask)
    return step, replies[0]


async def test_a_message_is_one_step_of_the_transcript(lab: Lab) -> None:
    soft_models(lab)
    sampling = LatentSampling(temperature=4.5, top_p=0.9, max_tokens=9, stop=("```",))
    step, reply = await ask_once(lab, shown("How much?"), sampling, day=3)
    assert reply.step == step
    assert (step.kind, step.speaker, step.role, step.day) == ("ask_latent", "Ann", "debater", 3)
    assert step.in_transcript and step.content == reply.soft.text == "".join(
        one.token for one in step.soft_tokens
    )
    call = step.call
    assert call is not None and call.raw == step.content
    assert call.latent == sampling
    # What the options of words can say; a temperature above theirs is not among it.
    assert (call.sampling.temperature, call.sampling.top_p) == (None, 0.9)
    assert (call.sampling.max_tokens, call.sampling.stop) == (9, ("```",))
    assert (call.usage.calls, call.usage.completion_tokens) == (1, 2)
    assert (call.model, call.model_digest, call.stop_reason) == (SOFT, "sha256:0", "stop")
    assert (await lab.store.run(step.run_id)).usage == call.usage
    assert wrong_with(step) == {}


async def test_a_message_streams_after_its_turn_is_told(lab: Lab) -> None:
    soft_models(lab)
    step, _ = await ask_once(lab, shown("How much?"))
    heard = [one for one in lab.events if isinstance(one, (TurnStarted, TextStreamed))]
    assert [type(one) for one in heard] == [TurnStarted, TextStreamed, TextStreamed]
    pieces = [one.text for one in heard if isinstance(one, TextStreamed)]
    assert "".join(pieces) == step.content
    assert isinstance(lab.events[-2], StepCommitted)


async def test_the_last_letter_is_the_nearest_of_the_choices(lab: Lab) -> None:
    soft_models(lab)
    step, reply = await ask_once(lab, shown("Which?"), nearest_of=("B", "C"))
    assert step.call is not None
    assert step.content == step.call.raw[:-1] + "B"
    assert reply.soft.text == step.call.raw, "only the record is changed, not the debate"


async def test_vectors_are_made_for_other_models_once(lab: Lab) -> None:
    soft, _ = soft_models(lab)
    _, reply = await ask_once(lab, shown("How much?"), receivers=[BOB, ANN, BOB])
    assert [table.model for table in soft.requests[0].receivers] == [OTHER]
    assert reply.soft.vectors is not None
    assert set(reply.soft.vectors) == {SOFT, OTHER}


async def test_each_model_is_shown_the_vectors_that_it_reads(lab: Lab) -> None:
    soft, other = soft_models(lab)
    await played(lab, Debate(questions=1))
    first, answer = soft.requests[0], other.requests[1]
    assert first.messages[0].parts == ("Question 0?",)
    received = answer.messages[0].parts[1]
    sent = soft.requests[1].messages[0].parts[3]
    assert not isinstance(received, str) and not isinstance(sent, str)
    assert b"lab/other" in received.data and b"lab/other" not in sent.data


async def test_prompt_hashes_name_all_that_a_message_depends_on(lab: Lab) -> None:
    soft_models(lab)
    replies: list[SoftReply] = []

    async def ask(stage: Stage) -> None:
        base = await stage.ask_latent(ANN, shown("How much?"), COOL)
        replies.append(base)
        warm = COOL.model_copy(update={"temperature": 0.6})
        for agent, prompt, sampling, more in (
            (ANN, shown("How much?"), COOL, {}),
            (BOB, shown("How much?"), COOL, {}),
            (ANN, shown("How many?"), COOL, {}),
            (ANN, shown("How much?"), warm, {}),
            (ANN, shown("How much?"), COOL, {"receivers": [BOB]}),
            (ANN, shown("How much?"), COOL, {"nearest_of": ["A"]}),
            (ANN, shown("It is ", base.soft), COOL, {}),
            (ANN, shown("It is ", base.soft.text), COOL, {}),
        ):
            replies.append(await stage.ask_latent(agent, prompt, sampling, **more))

    await played(lab, ask)
    origins = [reply.soft.origin for reply in replies]
    assert origins[0] == origins[1]
    assert len(set(origins)) == len(origins) - 1
    hashes = [reply.step.prompt_hash for reply in replies]
    assert hashes[0] == hashes[1] == hashes[2]
    assert len(set(hashes)) == len(hashes) - 2


async def test_a_model_of_words_alone_is_named_before_anything_is_asked(lab: Lab) -> None:
    soft, _ = soft_models(lab)

    async def ask(stage: Stage) -> None:
        await stage.ask_latent(ANN, shown("How much?"), COOL, receivers=[AGENT])

    with pytest.raises(UsageError, match="scripted/test reads and writes words alone") as refusal:
        await played(lab, ask)
    assert "pocket" in (refusal.value.remedy or "")
    assert soft.requests == []
    assert not any(isinstance(event, TurnStarted) for event in lab.events)


async def test_a_message_in_vectors_of_others_is_named(lab: Lab) -> None:
    soft_models(lab)

    async def ask(stage: Stage) -> None:
        first = await stage.ask_latent(ANN, shown("How much?"), COOL)
        await stage.ask_latent(BOB, shown(first.soft), COOL)

    with pytest.raises(UsageError, match="vectors of lab/soft, which lab/other cannot read"):
        await played(lab, ask)


async def test_a_message_of_nobody_is_a_fault(lab: Lab) -> None:
    soft_models(lab)
    with pytest.raises(Exception, match="not of this run"):
        await ask_once(lab, shown(SoftText("Hm.", "0" * 32)))


async def test_a_prompt_too_long_is_told_as_the_model_does(lab: Lab) -> None:
    backend = PocketBackend()
    lab.pool.backends[SOFT] = backend
    with pytest.raises(ContextOverflowError, match="1024 tokens in all"):
        await ask_once(lab, shown("water " * 2000))
    await backend.close()


async def test_a_stream_without_an_end_is_a_fault(lab: Lab) -> None:
    soft, _ = soft_models(lab)

    async def broken(request: object) -> Any:
        return
        yield

    soft.generate_latent = broken  # type: ignore[method-assign]
    with pytest.raises(Exception, match="without a completion"):
        await ask_once(lab, shown("How much?"))


async def test_a_stopped_run_asks_nothing(lab: Lab) -> None:
    soft, _ = soft_models(lab)
    run, _ = await queued(lab, Debate())
    control = RunControl()
    control.stop()
    assert (await resumed(lab, run, control=control)).run.status == "cancelled"
    assert soft.requests == []


# ---------------------------------------------------------------- replay


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


# ---------------------------------------------------------------- around it


async def verified(lab: Lab, run: Run, *, ask: bool = False) -> Verification:
    return await verify_run(
        run, lab.kind, ToyDesign(), store=lab.store, clock=lab.clock,
        backends=lab.pool if ask else None,
    )  # fmt: skip


async def test_verifying_asks_for_messages_as_vectors_again(lab: Lab) -> None:
    soft, other = soft_models(lab)
    steps = await played(lab, Debate())
    run = await lab.store.run(steps[0].run_id)
    soft.requests.clear()
    other.requests.clear()
    assert (await verified(lab, run)).problems == []
    assert soft.requests == []
    found = await verified(lab, run, ask=True)
    assert (found.replayed, found.regenerated, found.problems) == (WHOLE, WHOLE, [])
    assert len(soft.requests) + len(other.requests) == WHOLE
    other.salt = "other weights"
    found = await verified(lab, run, ask=True)
    assert found.regenerated == WHOLE
    assert "step 1 of 'main/question-0', by Bob: lab/other gives another reply now" in (
        found.problems
    )


async def test_prompts_show_the_text_nearest_to_vectors(lab: Lab) -> None:
    soft_models(lab)
    steps = await played(lab, Debate(questions=1))
    run = await lab.store.run(steps[0].run_id)
    prompts = await prompts_of(run, lab.kind, ToyDesign(), store=lab.store, clock=lab.clock)
    assert set(prompts) == {(step.scope, step.index) for step in steps}
    scope, ann, bob = steps[0].scope, steps[0].content, steps[1].content
    assert prompts[scope, 3].last.content == f"They say {ann}, you: {bob}"


async def test_a_fork_takes_messages_as_vectors_over_but_no_other_words(lab: Lab) -> None:
    soft_models(lab)
    steps = await played(lab, Debate())
    parent = await lab.store.run(steps[0].run_id)
    more = {"run_id": "F" * 26, "creator": "bob", "now": lab.clock.now()}
    with pytest.raises(UsageError, match=r"Step 2 of run .* is a message as vectors"):
        fork_run(parent, steps, at=2, replace="I give up.", **more)  # type: ignore[arg-type]
    child, taken = fork_run(parent, steps, at=2, **more)  # type: ignore[arg-type]
    await lab.store.add_run(child, taken)
    assert (await resumed(lab, child)).run.status == "completed"
    assert told(await lab.store.steps(child.id)) == told(steps)


async def test_limits_count_what_is_made_again(lab: Lab) -> None:
    soft, _ = soft_models(lab)
    run = await cut_after(lab, 4, Debate(questions=1))
    kept = await lab.store.steps(run.id)
    budget = Budget(Limits(tokens=10**9))
    soft.requests.clear()
    assert (await resumed(lab, run, budget=budget)).run.status == "completed"
    steps = await lab.store.steps(run.id)
    on_record = sum(s.call.usage.prompt_tokens for s in steps if s.call is not None)
    assert len(kept) < len(steps)
    assert budget.spent.prompt_tokens > on_record
    assert (await lab.store.run(run.id)).usage.prompt_tokens == on_record


async def test_a_message_that_could_pass_a_limit_is_not_asked_for(lab: Lab) -> None:
    soft, _ = soft_models(lab)
    run, _ = await queued(lab, Debate())
    played = await resumed(lab, run, budget=Budget(Limits(tokens=COOL.max_tokens)))
    assert isinstance(played.problem, LimitReachedError)
    assert soft.requests == []


async def test_vectors_count_as_a_token_each(lab: Lab) -> None:
    soft, _ = soft_models(lab)

    async def debate(stage: Stage) -> None:
        first = await stage.ask_latent(ANN, shown("How much?"), COOL)
        await stage.ask_latent(ANN, shown(*[first.soft] * 500), COOL)

    run, _ = await queued(lab, debate)
    budget = Budget(Limits(tokens=1000))
    ended = await resumed(lab, run, budget=budget)
    assert isinstance(ended.problem, LimitReachedError)
    assert budget.needed.tokens is not None and budget.needed.tokens > 1000
    assert len(soft.requests) == 1


async def test_remarks_are_made_on_messages_as_vectors_too(lab: Lab) -> None:
    soft_models(lab)
    step, _ = await ask_once(lab, shown("How much?"), COOL)
    assert step.call is not None
    usage = step.call.usage.model_copy(update={"completion_tokens": COOL.max_tokens})
    cut = step.model_copy(
        update={
            "content": step.content[:-1] + "B",
            "call": step.call.model_copy(update={"stop_reason": "length", "usage": usage}),
        }
    )
    assert wrong_with(cut) == {"cut reply": "cut at 40 tokens"}
    empty = step.model_copy(update={"content": ""})
    assert "empty reply" in wrong_with(empty)


async def test_pocket_debates_in_embeddings_and_resumes(lab: Lab) -> None:
    backend = PocketBackend()
    lab.pool.backends |= {SOFT: backend}

    async def debate(stage: Stage) -> None:
        replies = [
            await stage.ask_latent(ANN, shown("How are you?"), COOL.model_copy(update=warmth))
            for warmth in ({"temperature": 0.2}, {"temperature": 2.5, "max_tokens": 8})
        ]
        for reply in replies:
            await stage.ask_latent(ANN, shown("They said: ", reply.soft, " And you?"), COOL)

    whole = await played(lab, debate)
    assert len({step.content for step in whole}) > 1
    run = await cut_after(lab, 2, debate)
    await backend.close()
    fresh = PocketBackend()
    lab.pool.backends |= {SOFT: fresh}
    assert (await resumed(lab, run)).run.status == "completed"
    again = await lab.store.steps(run.id)
    assert [(s.content, s.soft_tokens) for s in again] == [
        (s.content, s.soft_tokens) for s in whole
    ]
    await fresh.close()
