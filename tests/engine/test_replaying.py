"""Prompts made again from the journal."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from simulator.domain.models import GenerateRequest
from simulator.domain.prompts import Prompt
from simulator.domain.records import Run
from simulator.engine.forking import fork_run
from simulator.engine.replaying import prompts_of
from simulator.engine.verifying import verify_run
from simulator.errors import DesignChangedError
from tests.lab import Lab, design, open_lab

TALK = design(days=2, messages=8, visible_messages=2)


async def prompts(lab: Lab, run: Run, resolved: object) -> dict[tuple[str, int], Prompt]:
    return await prompts_of(run, lab.kind, resolved, store=lab.store, clock=lab.clock)


def seen_by(lab: Lab) -> dict[str, list[tuple[str, str]]]:
    """What the model is shown from now on, by its reply."""
    seen: dict[str, list[tuple[str, str]]] = {}

    def script(request: GenerateRequest) -> str:
        reply = f"reply {len(seen)}"
        seen[reply] = [(entry.role, entry.content) for entry in request.prompt]
        return reply

    lab.pool.script(script)
    return seen


async def test_each_prompt_is_what_the_model_saw(lab: Lab) -> None:
    seen = seen_by(lab)
    run, resolved = await lab.queue(TALK)
    await lab.play(run, resolved)
    steps = {(step.scope, step.index): step for step in await lab.store.steps(run.id)}
    found = await prompts(lab, run, resolved)
    assert len(found) == 9 == sum(step.call is not None for step in steps.values())
    for place, prompt in found.items():
        entries = [(entry.role, entry.content) for entry in prompt]
        assert entries == seen[steps[place].content]


async def test_prompts_of_choices_and_of_forks_before_and_after_they_are_played(lab: Lab) -> None:
    roles = [
        {"name": "guard", "starting_prompt": "You are a guard.", "count": 2},
        {"name": "prisoner", "starting_prompt": "You are a prisoner."},
    ]
    lab.pool.script(["Prisoner"])
    run, resolved = await lab.queue(design(speaker="auto", roles=roles))
    await lab.play(run, resolved)
    found = await prompts(lab, run, resolved)
    steps = await lab.store.steps(run.id)
    assert steps[1].kind == "choose" and ("main", 1) in found
    child, taken = fork_run(
        run, steps, at=2, run_id="F" * 26, creator="bob", now=lab.clock.now(), replace="Softly."
    )
    await lab.store.add_run(child, taken)
    edited = await prompts(lab, child, resolved)
    assert list(edited) == [("main", 1), ("main", 2)]
    await lab.play(child, resolved)
    assert any(
        "Softly." in entry.content for entry in (await prompts(lab, child, resolved))["main", 4]
    )


async def test_another_design_gives_no_prompts(lab: Lab) -> None:
    run, resolved = await lab.queue(TALK)
    await lab.play(run, resolved)
    with pytest.raises(DesignChangedError, match="no longer gives the agents"):
        await prompts(lab, run, design(roles=[{"name": "guard", "starting_prompt": "Other."}]))
    with pytest.raises(DesignChangedError, match="made from another text"):
        await prompts(lab, run, TALK.model_copy(update={"visible_messages": 1}))


async def test_a_long_replay_lets_others_work(tmp_path: Path) -> None:
    async with open_lab(tmp_path) as lab:
        run, resolved = await lab.queue(design(messages=300))
        ended = await lab.play(run, resolved)
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        shares: list[float] = []
        async with asyncio.TaskGroup() as group:
            task = group.create_task(others())
            await prompts(lab, run, resolved)
            after_prompts = turns
            found = await verify_run(
                ended.run, lab.kind, resolved, store=lab.store, clock=lab.clock, hear=shares.append
            )
            task.cancel()
        assert found.problems == []
        assert after_prompts > 10 and turns - after_prompts > 20
        assert shares == sorted(shares) and shares[-1] == 1.0
