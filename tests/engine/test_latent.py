"""Messages as vectors: on the journal, replayed without vectors, and made again."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.backends.pocket.backend import PocketBackend
from simulator.domain.events import StepCommitted, TextStreamed, TurnStarted
from simulator.domain.latent import LatentSampling, SoftReply, SoftText
from simulator.domain.ports import Stage
from simulator.domain.remarks import wrong_with
from simulator.engine.control import RunControl
from simulator.engine.forking import fork_run
from simulator.engine.limits import Budget, Limits
from simulator.engine.replaying import prompts_of
from simulator.errors import (
    ContextOverflowError,
    LimitReachedError,
    UsageError,
)
from tests.engine.latent_runs import WHOLE, ask_once, cut_after, queued, resumed, told, verified
from tests.engine.soft import ANN, BOB, COOL, OTHER, SOFT, Debate, shown, soft_models
from tests.engine.toy import AGENT, ToyDesign, played
from tests.lab import Lab

# ---------------------------------------------------------------- one message


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


# ---------------------------------------------------------------- around it


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
