"""Debates that are interrupted, replayed, forked and verified."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from simulator.domain.events import Event, StepCommitted
from simulator.domain.models import GenerateRequest
from simulator.engine.forking import fork_run
from simulator.engine.replaying import prompts_of
from simulator.engine.verifying import verify_run
from simulator.errors import ContextOverflowError
from tests.kinds.debate.debating import KIND, VectorModel, by_place, debate
from tests.kinds.debate.test_cipher import by_heat
from tests.lab import MODEL, Lab

MADE: dict[str, Any] = {
    "words": debate(rounds=2, questions=debate().questions[:2]),
    "vectors": debate(rounds=3, mode="cipher", questions=debate().questions[:2]),
    "judged": debate(rounds=1, final="judge", questions=debate().questions[:2]),
    "samples": debate(mode="majority", samples=3, questions=debate().questions[:2]),
    "misled": debate(
        rounds=2, questions=debate().questions[:2], debaters=[{}, {"part": "misleading"}]
    ),
}


def prepared(lab: Lab, name: str) -> None:
    lab.kind = KIND
    if name == "vectors":
        lab.pool.backends[MODEL] = VectorModel(by_heat)
    else:
        lab.pool.script(lambda request: f"Answer: {request.seed % 4}")


async def interrupted(lab: Lab, run: Any, resolved: Any, committed: int) -> None:
    async def play() -> None:
        task, seen = asyncio.current_task(), 0
        assert task is not None

        def listener(event: Event) -> None:
            nonlocal seen
            if isinstance(event, StepCommitted):
                seen += 1
                if seen == committed:
                    task.cancel()

        await lab.play(run, resolved, listener=listener)

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(play())


@pytest.mark.parametrize("name", MADE)
async def test_a_debate_cut_after_any_step_ends_like_one_that_was_not(lab: Lab, name: str) -> None:
    prepared(lab, name)
    whole_run, resolved = await lab.queue(MADE[name], seed=5)
    whole = await lab.play(whole_run, resolved)
    steps = by_place(await lab.store.steps(whole_run.id))
    for committed in range(1, len(steps) - 1):
        run, resolved = await lab.queue(MADE[name], seed=5)
        await interrupted(lab, run, resolved, committed)
        kept = by_place(await lab.store.steps(run.id))
        assert committed <= len(kept) and kept.items() <= steps.items()
        again = await lab.play(await lab.store.run(run.id), resolved)
        assert again.run.status == "completed"
        assert by_place(await lab.store.steps(run.id)) == steps
        assert again.run.outcome is not None and whole.run.outcome is not None
        assert again.run.outcome.values == whole.run.outcome.values
        assert again.run.usage == whole.run.usage


async def test_a_replay_goes_on_beside_where_the_journal_ends(lab: Lab) -> None:
    prepared(lab, "words")
    release = asyncio.Event()
    lab.pool.script(lambda request: "Answer: 1")
    inner = lab.pool.backends[MODEL]

    class Slow(VectorModel):
        async def generate(self, request: GenerateRequest) -> Any:
            if "apples" in request.prompt.last.content:
                await release.wait()
            async for chunk in inner.generate(request):
                yield chunk

    lab.pool.backends[MODEL] = Slow(by_heat)
    run, resolved = await lab.queue(debate(rounds=9, questions=debate().questions[:2]))
    # The first question holds after its one step, the second one is in its ninth round.
    await interrupted(lab, run, resolved, 1 + 17)
    stored = await lab.store.run(run.id)
    kept = await lab.store.steps(run.id)
    assert sum(step.scope.startswith("main/question-0002") for step in kept) == 17
    found = await verify_run(stored, KIND, resolved, store=lab.store, clock=lab.clock)
    assert found.problems == [] and found.replayed == found.steps == len(kept)
    prompts = await prompts_of(stored, KIND, resolved, store=lab.store, clock=lab.clock)
    assert len(prompts) == 16


@pytest.mark.parametrize("name", MADE)
async def test_a_finished_debate_is_verified(lab: Lab, name: str) -> None:
    prepared(lab, name)
    run, resolved = await lab.queue(MADE[name])
    await lab.play(run, resolved)
    found = await verify_run(
        await lab.store.run(run.id), KIND, resolved, store=lab.store, clock=lab.clock,
        backends=lab.pool,
    )  # fmt: skip
    assert found.problems == []


async def test_other_words_of_a_debater_change_what_follows(lab: Lab) -> None:
    prepared(lab, "words")
    run, resolved = await lab.queue(MADE["words"])
    await lab.play(run, resolved)
    steps = await lab.store.steps(run.id)
    second = next(s for s in steps if s.scope == "main/question-0001/debater-2" and s.day == 1)
    fork, taken = fork_run(
        await lab.store.run(run.id), steps, at=second.position, run_id="R" + "9" * 25,
        creator="ada", now=lab.clock.now(), replace="Answer: 77",
    )  # fmt: skip
    await lab.store.add_run(fork, taken)
    await lab.play(fork, resolved)
    prompts = await prompts_of(
        await lab.store.run(fork.id), KIND, resolved, store=lab.store, clock=lab.clock
    )
    assert "Answer: 77" in prompts["main/question-0001/debater-1", 1].last.content


async def test_a_failing_question_ends_the_run_and_keeps_the_others(lab: Lab) -> None:
    lab.kind = KIND
    broken = True

    def script(request: GenerateRequest) -> str:
        if broken and "plums" in request.prompt.last.content:
            raise ContextOverflowError("There is no room for a reply.")
        return "Answer: 1"

    lab.pool.script(script)
    run, resolved = await lab.queue(debate(rounds=1))
    failed = await lab.play(run, resolved)
    assert failed.run.status == "failed" and failed.problem is not None
    assert "no room" in failed.problem.message
    broken = False
    again = await lab.play(await lab.store.run(run.id), resolved)
    assert again.run.status == "completed"
