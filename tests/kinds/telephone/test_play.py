"""Games of telephone: what reaches whom, what is passed on, and what survives interruptions."""

from __future__ import annotations

import pytest

from simulator.domain.models import GenerateRequest
from simulator.errors import ContextOverflowError
from simulator.kinds.telephone.results import chains_of
from tests.kinds.debate.debating import by_place
from tests.kinds.telephone.games import KIND, shown, telephone
from tests.lab import Lab


async def test_bare_text_is_passed_on(lab: Lab) -> None:
    lab.kind, seen = KIND, []
    made = telephone(task="own", prompts={"first": "First: {text}", "later": "Later:"})

    def script(request: GenerateRequest) -> str:
        seen.append(shown(request))
        return f"{seen[-1]}\n'x'"

    lab.pool.script(script)
    run, design = await lab.queue(made)
    assert (await lab.play(run, design)).run.status == "completed"
    chains = chains_of(run, design, await lab.store.steps(run.id))
    assert [(one.text, one.seed, one.generations) for one in chains] == [
        ("a", 1, 3), ("a", 2, 3), ("b", 1, 3), ("b", 2, 3),
    ]  # fmt: skip
    assert chains[0].texts[:2] == ("one\ntwo", "First: one\ntwo\n'x'")
    assert chains[0].texts[2] == "Later:\n\nFirst: one\ntwo\n'x'\n'x'"
    assert all(one.is_complete and one.task == "own" for one in chains)


async def test_models_and_personalities_take_turns_along_a_chain(lab: Lab) -> None:
    lab.kind = KIND
    lab.pool.script(lambda request: next(iter(request.prompt)).content)
    made = telephone(personalities=["Kind.", "Dry."], chains=1, generations=3)
    run, design = await lab.queue(made)
    await lab.play(run, design)
    assert chains_of(run, design, await lab.store.steps(run.id))[0].texts[1:] == (
        "Kind.", "Dry.", "Kind.",
    )  # fmt: skip


async def test_agents_of_a_network_read_their_neighbours_and_themselves(lab: Lab) -> None:
    lab.kind, seen = KIND, []

    def script(request: GenerateRequest) -> str:
        seen.append(shown(request))
        return "said"

    lab.pool.script(script)
    network = {"structure": "own", "agents": 3, "own": [[1, 2], [2, 3]]}
    run, design = await lab.queue(telephone(network=network, chains=1, generations=2))
    await lab.play(run, design)
    later = sorted(text.count("Text of Agent") for text in seen)
    assert later == [0] * 8 + [2] * 4, "the first agent reads itself alone, and bare"
    assert len(chains_of(run, design, await lab.store.steps(run.id))) == 6


async def test_the_form_is_asked_for_so_often_and_then_given_up(lab: Lab) -> None:
    lab.kind = KIND
    lab.pool.script(lambda request: "no marks")
    form = {"start": "<<", "end": ">>", "retries": 5}
    run, design = await lab.queue(telephone(format=form, chains=1, generations=1))
    done = await lab.play(run, design)
    steps = [step for step in await lab.store.steps(run.id) if step.call is not None]
    assert all(step.content == "no marks" and step.parsing for step in steps)
    assert all(len(step.call.earlier_raw) == 5 for step in steps if step.call is not None)
    assert done.run.outcome is not None and done.run.outcome.values["wrong_form"] == 2
    assert done.run.outcome.detail == "2 chains of 1 generation, texts of another form: 2"


async def test_the_text_between_marks_is_passed_on(lab: Lab) -> None:
    lab.kind = KIND
    lab.pool.script(lambda request: "Sure: <<a\nb>> Bye >>")
    run, design = await lab.queue(telephone(format={"start": "<<", "end": ">>"}))
    await lab.play(run, design)
    assert chains_of(run, design, await lab.store.steps(run.id))[0].texts[-1] == "a\nb"


async def test_a_chain_that_outgrows_its_model_leaves_the_others_alone(lab: Lab) -> None:
    lab.kind, fits = KIND, False

    def script(request: GenerateRequest) -> str:
        if "one\ntwo" in shown(request) and not fits:
            raise ContextOverflowError("too long")
        return f"said {request.seed}"

    lab.pool.script(script)
    run, design = await lab.queue(telephone())
    failed = await lab.play(run, design)
    assert failed.run.status == "failed" and failed.problem is not None
    assert failed.problem.remedy == "Leave this text out, or take a model with a longer context."
    kept = by_place(await lab.store.steps(run.id))
    assert len(kept) == 4 + 2 * 3, "chains of the other text are complete"
    fits = True
    again = await lab.play(await lab.store.run(run.id), design)
    assert again.run.status == "completed"
    steps = by_place(await lab.store.steps(run.id))
    assert len(steps) == 4 * 4 and kept.items() <= steps.items()


@pytest.mark.parametrize("structure", ["circle", "caveman", "random", "fully_connected"])
async def test_a_random_network_is_the_same_for_all_chains(lab: Lab, structure: str) -> None:
    lab.kind = KIND
    lab.pool.script(lambda request: f"said {request.seed}")
    network = {"structure": structure, "agents": 5, "edges": 3}
    run, design = await lab.queue(telephone(network=network, chains=1, generations=2), seed=7)
    assert (await lab.play(run, design)).run.status == "completed"
