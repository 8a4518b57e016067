"""Runs that leave another's path, and runs that are checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.domain.journal import Step
from simulator.domain.models import GenerateRequest
from simulator.domain.records import Run
from simulator.engine.forking import fork_run
from simulator.engine.verifying import Verification, verify_run
from simulator.errors import UsageError
from tests.lab import Lab, design, open_lab

TALK = design(days=2, messages=8)


async def played(lab: Lab, seed: int = 1) -> tuple[Run, object, list[Step]]:
    run, resolved = await lab.queue(TALK, seed=seed)
    ended = await lab.play(run, resolved)
    return ended.run, resolved, await lab.store.steps(run.id)


async def forked(
    lab: Lab, at: int, replace: str | None = None, seed: int | None = None
) -> tuple[list[Step], list[Step]]:
    run, resolved, steps = await played(lab)
    launched = run.model_copy(update={"batch_id": "B" * 26, "cell": 2})
    child, taken = fork_run(
        launched, steps, at=at, run_id="F" * 26, creator="bob", now=lab.clock.now(),
        replace=replace, seed=seed,
    )  # fmt: skip
    assert (child.batch_id, child.cell) == (None, None)
    await lab.store.add_run(child, taken)
    ended = await lab.play(child, resolved)
    assert ended.run.status == "completed"
    assert ended.run.forked_from is not None and ended.run.forked_from.run_id == run.id
    return steps, await lab.store.steps(child.id)


def contents(steps: list[Step]) -> list[str]:
    return [step.content for step in steps]


async def test_a_fork_without_an_edit_goes_the_same_way(lab: Lab) -> None:
    parent, child = await forked(lab, at=3)
    assert contents(child) == contents(parent)


async def test_an_edit_changes_what_follows_and_nothing_before(lab: Lab) -> None:
    def last_words(request: GenerateRequest) -> str:
        return f"You said {request.prompt.last.content[-20:]!r}"

    lab.pool.script(last_words)
    parent, child = await forked(lab, at=3, replace="I give up.")
    assert contents(child)[:3] == contents(parent)[:3]
    assert child[3].content == "I give up." and child[3].edited
    assert child[4].content == "You said '" + f"{child[3].speaker}: I give up."[-20:] + "'"
    assert child[4].content != parent[4].content


async def test_the_opening_message_can_be_edited(lab: Lab) -> None:
    parent, child = await forked(lab, at=0, replace="Begin softly.")
    assert child[0].content == "Begin softly." and len(child) == len(parent)
    second = next(step for step in child if step.role == "researcher" and step.day == 2)
    assert second.content.startswith("Begin softly.\nDay 1 summary:")


async def test_another_seed_counts_from_the_fork_on(lab: Lab) -> None:
    parent, child = await forked(lab, at=3, seed=99)
    assert contents(child)[:4] == contents(parent)[:4]
    assert contents(child)[4:] != contents(parent)[4:]
    assert [step.speaker for step in child] == [step.speaker for step in parent]


async def test_a_step_that_is_not_there_is_refused(lab: Lab) -> None:
    run, _, steps = await played(lab)
    with pytest.raises(UsageError, match="has no step 77; it has steps 0 to 10"):
        fork_run(run, steps, at=77, run_id="F" * 26, creator="bob", now=lab.clock.now())


async def test_a_choice_cannot_be_given_other_words(lab: Lab) -> None:
    lab.pool.script(["Prisoner"])
    talk = design(
        speaker="auto",
        roles=[
            {"name": "guard", "starting_prompt": "You are a guard.", "count": 2},
            {"name": "prisoner", "starting_prompt": "You are a prisoner."},
        ],
    )
    run, resolved = await lab.queue(talk)
    await lab.play(run, resolved)
    steps = await lab.store.steps(run.id)
    assert steps[1].kind == "choose"
    with pytest.raises(UsageError, match="is no message"):
        fork_run(run, steps, at=1, run_id="F" * 26, creator="bob", now=lab.clock.now(), replace="x")


async def verified(lab: Lab, run: Run, resolved: object, *, ask: bool = False) -> Verification:
    return await verify_run(
        run, lab.kind, resolved, store=lab.store, clock=lab.clock,
        backends=lab.pool if ask else None,
    )  # fmt: skip


async def test_a_true_run_stands(lab: Lab) -> None:
    run, resolved, steps = await played(lab)
    found = await verified(lab, run, resolved)
    assert found.problems == []
    assert (found.steps, found.replayed, found.regenerated) == (11, 11, 0)
    assert await lab.store.steps(run.id) == steps


async def test_asking_models_again_finds_another_reply(lab: Lab) -> None:
    run, resolved, _ = await played(lab)
    found = await verified(lab, run, resolved, ask=True)
    assert (found.problems, found.regenerated) == ([], 9)
    lab.pool.script(["something else"])
    found = await verified(lab, run, resolved, ask=True)
    assert len(found.problems) == 9
    assert "gives another reply now" in found.problems[0]


async def test_a_journal_that_was_tampered_with_is_found_out(lab: Lab) -> None:
    run, resolved, steps = await played(lab)
    for place, change, expected in [
        (2, {"content": "forged"}, "was made from another text"),
        (4, {"speaker": "Somebody"}, "by Somebody|of Somebody"),
        (1, {"kind": "say"}, "a 'say' of"),
    ]:
        forged = [s.model_copy(update=change) if s.index == place else s for s in steps]
        copy = run.model_copy(update={"id": f"{place}" * 26})
        await lab.store.add_run(copy, [s.model_copy(update={"run_id": copy.id}) for s in forged])
        found = await verified(lab, copy, resolved)
        assert len(found.problems) == 1, found.problems
        import re

        assert re.search(expected, found.problems[0]), found.problems


async def test_missing_and_surplus_steps_are_found(lab: Lab) -> None:
    run, resolved, steps = await played(lab)
    short = run.model_copy(update={"id": "S" * 26})
    await lab.store.add_run(short, [s.model_copy(update={"run_id": short.id}) for s in steps[:-1]])
    assert "ends early" in (await verified(lab, short, resolved)).problems[0]
    assert run.outcome is not None
    outcome = run.outcome.model_copy(update={"journal_hash": None})
    long = run.model_copy(update={"id": "T" * 26, "outcome": outcome})
    extra = steps[-1].model_copy(update={"index": 11, "position": 11})
    await lab.store.add_run(
        long, [s.model_copy(update={"run_id": long.id}) for s in [*steps, extra]]
    )
    assert "never asked for" in (await verified(lab, long, resolved)).problems[0]


async def test_a_run_in_progress_stands_as_far_as_it_goes(lab: Lab) -> None:
    run, resolved, steps = await played(lab)
    half = run.model_copy(update={"id": "H" * 26, "status": "paused", "outcome": None})
    await lab.store.add_run(half, [s.model_copy(update={"run_id": half.id}) for s in steps[:5]])
    assert (await verified(lab, half, resolved)).problems == []


def forged_call(step: Step, **changes: object) -> dict[str, object]:
    assert step.call is not None
    return {"call": step.call.model_copy(update=changes)}


@pytest.mark.parametrize("place", [1, 4, 10])
@pytest.mark.parametrize(
    "forge",
    [
        lambda step: {"content": "forged"},
        lambda step: {"day": 7},
        lambda step: {"role": "warden"},
        lambda step: {"in_transcript": False},
        lambda step: {"edited": True},
        lambda step: {"parsing": ("own label",)},
        lambda step: {"created_at": step.created_at.replace(year=2020)},
        lambda step: forged_call(step, raw="forged"),
        lambda step: forged_call(step, model="scripted/other"),
        lambda step: forged_call(step, seed=1),
    ],
    ids=["content", "day", "role", "audience", "edited", "parsing", "time", "raw", "model", "seed"],
)
async def test_any_forged_field_of_any_step_is_found_out(
    lab: Lab, tmp_path: Path, place: int, forge: Callable[[Step], dict[str, object]]
) -> None:
    run, resolved, steps = await played(lab)
    forged = [s.model_copy(update=forge(s)) if s.index == place else s for s in steps]
    (tmp_path / "copy").mkdir()
    async with open_lab(tmp_path / "copy") as elsewhere:
        await elsewhere.store.add_experiment(await lab.store.experiment(run.experiment_id))
        await elsewhere.store.add_run(run, forged)
        assert (await verified(elsewhere, run, resolved)).problems


async def test_a_forged_account_of_what_was_used_is_found_out(lab: Lab) -> None:
    run, resolved, _ = await played(lab)
    cheaper = run.model_copy(update={"usage": run.usage.model_copy(update={"calls": 1})})
    assert "used something else" in (await verified(lab, cheaper, resolved)).problems[0]


async def test_gaps_in_a_scope_are_found(lab: Lab) -> None:
    run, resolved, steps = await played(lab)
    holed = run.model_copy(update={"id": "G" * 26, "status": "paused", "outcome": None})
    await lab.store.add_run(
        holed, [s.model_copy(update={"run_id": holed.id}) for s in steps if s.index != 5]
    )
    assert "has gaps" in (await verified(lab, holed, resolved)).problems[0]


async def test_a_fork_of_a_fork_goes_on_with_its_parents_seed(lab: Lab) -> None:
    run, resolved, steps = await played(lab)
    children: list[list[Step]] = []
    parent, journal = run, steps
    for number, (at, seed) in enumerate([(3, 99), (6, None)]):
        parent, taken = fork_run(
            parent, journal, at=at, run_id=f"{number}" * 26, creator="bob", now=lab.clock.now(),
            seed=seed,
        )  # fmt: skip
        await lab.store.add_run(parent, taken)
        await lab.play(parent, resolved)
        journal = await lab.store.steps(parent.id)
        children.append(journal)
    assert contents(children[0]) == contents(children[1]) != contents(steps)


async def test_choices_are_asked_for_again_too(lab: Lab) -> None:
    lab.pool.script(["Prisoner_386"])
    talk = design(speaker="auto", roles=[
        {"name": "guard", "starting_prompt": "You are a guard.", "count": 3},
    ])  # fmt: skip
    run, resolved = await lab.queue(talk)
    names = [agent.name for agent in run.agents if agent.number]
    lab.pool.script([names[1]])
    ended = await lab.play(run, resolved)
    assert (await verified(lab, ended.run, resolved, ask=True)).problems == []
    lab.pool.script([names[2]])
    problems = (await verified(lab, ended.run, resolved, ask=True)).problems
    assert any("by Selector" in problem for problem in problems)
