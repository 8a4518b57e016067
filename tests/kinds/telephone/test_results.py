"""Chains out of a journal: whole, half-way, with gaps, of networks and of mixed models."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.journal import Step
from simulator.domain.models import GenerateRequest
from simulator.kinds.telephone.results import chains_of, readers_of
from tests.kinds.telephone.games import KIND, cut, shown, telephone
from tests.lab import MODEL, Lab, StillClock

CIRCLE = {"structure": "circle", "agents": 3}


async def played(lab: Lab, **fields: Any) -> tuple[Any, Any, list[Step]]:
    lab.kind = KIND
    run, made = await lab.queue(telephone(**fields), seed=5)
    assert (await lab.play(run, made)).problem is None
    return run, made, await lab.store.steps(run.id)


async def test_models_take_turns_along_a_chain_and_are_named_together(lab: Lab) -> None:
    for model in ("scripted/a", "scripted/b"):
        lab.pool.script([f"of {model}"], model=model)
    run, made, steps = await played(lab, models=["scripted/a", "scripted/b"], generations=5)
    first, *others = chains_of(run, made, steps)
    assert first.texts[1:] == tuple(f"of scripted/{one}" for one in "ababa")
    assert first.model == "scripted/a+scripted/b" and len(others) == 3
    speakers = [step.speaker for step in steps if step.scope == "main/chain-0001"]
    assert speakers == ["Initial text", *("Agent 1", "Agent 2") * 2, "Agent 1"]


async def test_a_network_has_a_chain_of_each_agent(lab: Lab) -> None:
    lab.pool.script(["of b"], model="scripted/b")
    run, made, steps = await played(
        lab, network=CIRCLE, models=[MODEL, "scripted/b"], chains=1, generations=2
    )
    found = chains_of(run, made, steps)
    assert [(one.text, one.agent, one.model) for one in found] == [
        (text, agent, model)
        for text in "ab"
        for agent, model in ((1, MODEL), (2, "scripted/b"), (3, MODEL))
    ]
    assert {one.texts[0] for one in found if one.text == "a"} == {"one\ntwo"}
    assert len({one.source for one in found}) == 6 and all(one.is_complete for one in found)
    assert readers_of(run, made) == ((1, 2, 3),) * 3
    assert readers_of(*(await played(lab))[:2]) == ()


async def test_the_network_that_is_told_is_the_one_that_was_played(lab: Lab) -> None:
    seen: list[str] = []

    def script(request: GenerateRequest) -> str:
        seen.append(shown(request))
        return f"said {request.seed}"

    lab.pool.script(script)
    network = {"structure": "random", "agents": 6, "edges": 5}
    run, made, _ = await played(
        lab, network=network, chains=1, generations=2, texts=[{"name": "a", "text": "x"}]
    )
    read = readers_of(run, made)
    later = sorted(text.count("Text of Agent") for text in seen[6:])
    assert later == sorted(len(one) if len(one) > 1 else 0 for one in read)


async def test_a_run_that_was_cut_has_what_was_said_so_far(lab: Lab) -> None:
    lab.kind = KIND
    run, made = await lab.queue(telephone(generations=9))
    await cut(lab, run, made, 14)
    steps = await lab.store.steps(run.id)
    found = chains_of(run, made, steps)
    assert sum(len(one.texts) for one in found) == len(steps) >= 14
    assert not any(one.is_complete for one in found) and {one.expected for one in found} == {9}


@given(st.data())
def test_what_stands_behind_a_gap_is_left_out(data: st.DataObject) -> None:
    network = data.draw(st.sampled_from([{}, {"network": CIRCLE}]))
    made = telephone(chains=1, generations=3, **network)
    agents = ("",) if made.is_sequence else ("/agent-1", "/agent-2", "/agent-3")
    places = [
        (f"main/chain-{chain:04d}{agent if day else ''}", day)
        for chain in (1, 2) for day in range(4) for agent in (agents if day else ("",))
    ]  # fmt: skip
    kept = data.draw(st.sets(st.sampled_from(places)))
    steps = [_step(scope, day) for scope, day in kept] + [_step("main/chain-0009", 0)]
    Random(data.draw(st.integers())).shuffle(steps)
    run = _run(made)
    found = {one.source.partition("/")[2]: one.texts for one in chains_of(run, made, steps)}
    expected = {}
    for chain in (1, 2):
        scope = f"main/chain-{chain:04d}"
        for agent in agents if (scope, 0) in kept else ():
            texts = [f"{scope} 0"]
            while (scope + agent, len(texts)) in kept:
                texts.append(f"{scope}{agent} {len(texts)}")
            expected[scope + agent] = tuple(texts)
    assert found == expected


def _step(scope: str, day: int) -> Step:
    return Step(
        run_id="R" + "1" * 25, scope=scope, index=day, position=day, kind="say",
        prompt_hash="0" * 32, speaker="x", role="text", content=f"{scope} {day}", day=day,
        created_at=StillClock().now(),
    )  # fmt: skip


def _run(made: Any) -> Any:
    from simulator.domain.records import Provenance, Run

    return Run(
        id="R" + "1" * 25, experiment_id="E" + "1" * 25, kind="telephone", design_hash="0" * 32,
        seed=1, agents=KIND.cast(made, 1), creator="ada", created_at=StillClock().now(),
        provenance=Provenance(simulator_version="0", python_version="3", platform="test"),
    )  # fmt: skip
