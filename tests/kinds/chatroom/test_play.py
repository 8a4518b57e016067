"""Talks that repeat themselves, who speaks, what is shown, and tests of a found text."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.models import GenerateRequest
from simulator.domain.records import Outcome
from simulator.errors import DesignInvalidError
from simulator.kinds.chatroom.design import ChatroomDesign
from simulator.kinds.chatroom.kind import ChatroomKind
from simulator.kinds.chatroom.play import OPENER, outcome_of
from simulator.kinds.chatroom.results import chains_of, found_texts
from simulator.kinds.chatroom.rules import problems
from simulator.kinds.chatroom.showing import Said, shown
from tests.lab import MODEL, Lab, open_lab, prompts_seen


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with open_lab(tmp_path) as lab:
        lab.kind = ChatroomKind()
        yield lab


def room(**fields: Any) -> ChatroomDesign:
    return ChatroomDesign.model_validate({"name": "Room", "models": [MODEL, MODEL]} | fields)


async def ended(lab: Lab, design: ChatroomDesign, seed: int = 1) -> tuple[Outcome, list[str]]:
    run, resolved = await lab.queue(design, seed=seed)
    played = await lab.play(run, resolved)
    assert played.problem is None and played.run.outcome is not None
    steps = await lab.store.steps(run.id)
    return played.run.outcome, [step.content for step in steps]


def turning(*texts: str) -> Any:
    """A model that answers each text with the next one."""
    return lambda request: texts[(texts.index(request.prompt.last.content) + 1) % len(texts)]


async def test_a_quine_ends_the_talk(lab: Lab) -> None:
    lab.pool.script(lambda request: "I am I.")
    outcome, texts = await ended(lab, room(initial_prompts=["Hi"]))
    assert texts == ["Hi", "I am I.", "I am I.", "I am I."]
    values = outcome.values
    assert (outcome.reason, values["period"], values["onset"]) == ("converged", 1, 1)
    assert values["texts"] == ["I am I."] and values["is_trivial"] is False


async def test_a_longer_cycle_has_its_period(lab: Lab) -> None:
    lab.pool.script(turning("a", "b", "c"))
    outcome, texts = await ended(lab, room(initial_prompts=["a"]))
    assert texts == list("abcabcabc")
    assert (outcome.values["period"], outcome.values["onset"]) == (3, 0)


async def test_repeated_initial_prompts_ask_nobody(lab: Lab) -> None:
    outcome, texts = await ended(lab, room(initial_prompts=["x"] * 3))
    assert texts == ["x"] * 3 and outcome.values["turns"] == 0


async def test_a_talk_may_run_on_and_break(lab: Lab) -> None:
    def script(request: GenerateRequest) -> str:
        return "same" if len(request.prompt) < 6 else f"other {len(request.prompt)}"

    lab.pool.script(script)
    design = room(stop_on_convergence=False, max_iterations=8, window=0)
    outcome, texts = await ended(lab, design)
    assert len(texts) == 9 and outcome.reason == "iterations"
    assert outcome.values["converged"] and outcome.values["broken"]
    assert outcome.values["converged_after"] == 4 and not outcome.values["ends_in_cycle"]


async def test_empty_replies_are_a_trivial_quine(lab: Lab) -> None:
    lab.pool.script(lambda request: "")
    outcome, _ = await ended(lab, room())
    assert outcome.values["why_trivial"] == "empty"


async def test_no_cycle_is_said_so(lab: Lab) -> None:
    lab.pool.script(lambda request: f"{len(request.prompt)}")
    outcome, texts = await ended(lab, room(max_iterations=5, window=0))
    assert (outcome.reason, outcome.values["converged"]) == ("iterations", False)
    assert len(texts) == 6


@pytest.mark.parametrize("roles", ["author", "classic"])
async def test_the_window_is_used(lab: Lab, roles: str) -> None:
    seen = prompts_seen(lab)
    await ended(lab, room(window=3, max_iterations=6, roles=roles, system_prompts=["Be brief."]))
    assert [len(one) for one in seen] == [2, 3, 4, 4, 4, 4]
    assert all(one[0] == ("system", "Be brief.") and one[-1][0] == "user" for one in seen)


def test_roles_are_by_author_or_by_place() -> None:
    history = [Said(OPENER, "0"), Said("A", "1"), Said("B", "2"), Said("A", "3"), Said("A", "4")]
    by_author = shown("", history, "A", roles="author", window=0)
    assert [entry.role for entry in by_author] == ["user", "assistant", "user", "assistant", "user"]
    by_place = shown("", history, "A", roles="classic", window=4)
    assert [entry.role for entry in by_place] == ["system", "user", "system", "user"]


async def test_speakers_go_by_the_policy_and_the_seed(lab: Lab) -> None:
    lab.pool.script(lambda request: f"{request.seed}")

    async def names(seed: int = 1, **fields: Any) -> list[str]:
        steps = await lab.run(room(max_iterations=30, **fields), seed=seed)
        return [step.speaker for step in steps[1:]]

    assert await names(speakers="alternating") == ["test 1", "test 2"] * 15
    drawn = await names()
    assert drawn == await names() != await names(seed=2)
    assert any(one == two for one, two in pairwise(drawn))
    assert set(await names(speakers="weighted", weights=[0, 1])) == {"test 2"}


async def test_copies_of_a_found_text_are_counted(lab: Lab) -> None:
    seen: list[list[str]] = []

    def copier(request: GenerateRequest) -> str:
        seen.append([entry.content for entry in request.prompt])
        return request.prompt.last.content

    lab.pool.script(copier, model="scripted/copier")
    lab.pool.script(lambda request: "No.", model="scripted/other")
    models = ["scripted/copier", "scripted/copier", "scripted/other"]
    design = room(
        models=models, system_prompts=["Ignore all."], replication={"text": "Copy me.", "copies": 4}
    )
    outcome, texts = await ended(lab, design)
    assert len(texts) == 9 and seen == [["Copy me."]] * 4
    assert outcome.reason == "replication"
    per_model: Any = outcome.values["models"]
    assert [(one["model"], one["copies"]) for one in per_model] == [(models[0], 4), (models[2], 0)]
    assert (per_model[0]["low"], per_model[1]["high"]) == (0.510109, 0.489891)


async def test_a_stored_talk_is_a_chain(lab: Lab) -> None:
    lab.pool.script(lambda request: "same")
    run, resolved = await lab.queue(room(initial_prompts=["first", "second"]))
    await lab.play(run, resolved)
    steps = await lab.store.steps(run.id)
    (chain,) = chains_of(run, resolved, steps)
    assert chain.texts == ("second", "same", "same", "same") and chain.model == MODEL
    assert found_texts(resolved, reversed(steps)) == ("same",)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"system_prompts": ["a", "b", "c"]}, "system_prompts"),
        ({"initial_prompts": []}, "initial_prompts"),
        ({"speakers": "weighted", "weights": [1]}, "weights"),
        ({"speakers": "weighted", "weights": [0, 0]}, "weights"),
        ({"weights": [1, 1]}, "weights"),
        ({"models": [" "]}, "models"),
    ],
)
def test_what_cannot_be_run_is_told(fields: dict[str, Any], place: str) -> None:
    (problem,) = problems(room(**fields))
    assert problem.place[0] == place
    assert problems(room()) == ()


def test_a_launch_sets_what_it_offers() -> None:
    kind, design = ChatroomKind(), room()
    offered = {one.name: one for one in kind.parameters(design)}
    assert {"models", "window", "check", "sampling.temperature"} <= set(offered)
    (models,) = offered["models"].read("a/b, c/d")
    resolved = kind.resolve(design, offered["models"].setting(models) | {"window": 0})
    assert (resolved.models, resolved.window) == (("a/b", "c/d"), 0)
    assert kind.resolve(design, {"min_repetitions": 2}).cycle.min_repetitions == 2
    for parameters in ({"copies": 3}, {"speakers": "weighted"}, {"window": -1}, {"windows": 1}):
        with pytest.raises(DesignInvalidError):
            kind.resolve(design, parameters)


@given(st.lists(st.sampled_from(["x/a", "y/a", "x/a 1", "x/b?c=1", "a"]), min_size=1, max_size=6))
def test_names_are_all_different(models: list[str]) -> None:
    assert len(set(room(models=models).names)) == len(models)


@given(st.lists(st.sampled_from("abc"), max_size=30))
def test_outcomes_fit_any_talk(texts: list[str]) -> None:
    for stops in (True, False):
        values: Any = outcome_of(room(stop_on_convergence=stops), texts).values
        if values["converged"]:
            period, onset, end = values["period"], values["onset"], values["end"]
            cycle = texts[onset:end]
            assert all(a == b for a, b in zip(cycle, cycle[period:], strict=False))
            assert len(cycle) >= 3 * period


def test_work_is_foreseen() -> None:
    kind = ChatroomKind()
    for window in (0, 1, 10):
        design = room(window=window, max_iterations=50)
        (work,) = kind.workload(design, kind.cast(design, 1), {})
        assert work.calls == 50 and work.prompt_tokens > 0
        assert work.context_tokens <= (kind.cast(design, 1)[0].sampling.context_length or 0)
