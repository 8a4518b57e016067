"""The designs that come with the program: they are sound, say what they show, and run."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from simulator.files.designs import load_design
from simulator.files.seeds import seed_designs
from simulator.kinds.conversation.casting import cast
from simulator.kinds.conversation.design import ConversationDesign
from simulator.kinds.conversation.parameters import resolve
from simulator.kinds.conversation.rules import problems
from simulator.kinds.debate.asked import question_count
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.registry import KINDS
from tests.lab import MODEL, Lab
from tests.seeds import CHATROOMS, CONVERSATIONS, DEBATES, LINEAGES, TELEPHONES

SEEDS = seed_designs()
PERSONALITIES = [
    "blank", "respectful-peaceful", "respectful-rebellious", "abusive-peaceful",
    "abusive-rebellious",
]  # fmt: skip


def design_of(path: Path) -> ConversationDesign:
    loaded = load_design(path, KINDS)
    assert isinstance(loaded, ConversationDesign)
    return loaded


def test_there_are_the_prison_and_four_more() -> None:
    names = {path.stem for path in SEEDS}
    assert {"prison", "negotiation", "jury", "rumour", "classroom"} <= names
    assert {"debate_arithmetic", "debate_gsm8k"} <= names
    tested = {*CONVERSATIONS, *DEBATES, *CHATROOMS, *TELEPHONES, *LINEAGES}
    assert tested == set(SEEDS), "every seed is tested as one of its kind"


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_a_seed_opens_with_what_it_shows(path: Path) -> None:
    comment = [line for line in path.read_text(encoding="utf-8").splitlines()[:12]
               if line.startswith("#")]  # fmt: skip
    assert len(" ".join(comment)) > 150
    assert "Shows:" in " ".join(comment) and "Look at:" in " ".join(comment)


@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: path.stem)
def test_every_condition_of_a_seed_can_be_cast(path: Path) -> None:
    design = design_of(path)
    assert design.factors
    seen = set()
    for levels in product(*(factor.levels for factor in design.factors)):
        chosen: Any = [
            {"name": factor.name, "value": level.name}
            for factor, level in zip(design.factors, levels, strict=True)
        ]
        resolved = resolve(design, {"levels": chosen})
        assert problems(resolved) == ()
        prompts = tuple(agent.system_prompt for agent in cast(resolved, seed=1))
        assert all("<" not in prompt for prompt in prompts)
        seen.add(prompts)
    assert len(seen) == len(list(product(*(factor.levels for factor in design.factors))))


@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: path.stem)
async def test_a_seed_plays_to_its_end(lab: Lab, path: Path) -> None:
    design = design_of(path)
    steps = await lab.run(design, model=MODEL)
    turns = [step for step in steps if step.kind == "ask" and step.role != "summarizer"]
    assert len(turns) == design.messages


@pytest.mark.parametrize("path", DEBATES, ids=lambda path: path.stem)
async def test_a_debate_plays_to_its_end(lab: Lab, path: Path) -> None:
    lab.kind = KINDS["debate"]
    design = load_design(path, KINDS)
    assert isinstance(design, DebateDesign) and lab.kind.problems(design) == ()
    if question_count(design) is None:
        pytest.skip(f"its questions are not at hand: {design.data.dataset} is read from the hub")
    steps = await lab.run(design, model=MODEL)
    assert sum(step.role == "question" for step in steps) == design.data.count
    assert sum(step.kind == "ask" for step in steps) == lab.kind.outlook(design).turns


@pytest.mark.parametrize("path", CHATROOMS, ids=lambda path: path.stem)
async def test_a_chatroom_converges(lab: Lab, path: Path) -> None:
    lab.kind = KINDS["chatroom"]
    design = load_design(path, KINDS)
    assert lab.kind.problems(design) == ()
    lab.pool.script(lambda request: "Again.")
    steps = await lab.run(design, model=MODEL)
    assert [step.content for step in steps[-3:]] == ["Again."] * 3


def test_the_prison_has_the_conditions_of_the_paper() -> None:
    prison = design_of(next(path for path in SEEDS if path.stem == "prison"))
    levels = {factor.name: [level.name for level in factor.levels] for factor in prison.factors}
    assert levels == {
        "goal": ["escape", "yard time"],
        "risks": ["no", "yes"],
        "oversight": ["no", "yes"],
        "personality": PERSONALITIES,
    }


@pytest.mark.parametrize("path", TELEPHONES, ids=lambda path: path.stem)
def test_a_game_of_telephone_is_short(path: Path) -> None:
    design: Any = load_design(path, KINDS)
    assert design.model == "pocket" and not KINDS["telephone"].problems(design)
    assert len(design.data.names) * design.chains * design.generations <= 100


@pytest.mark.parametrize("path", LINEAGES, ids=lambda path: path.stem)
async def test_a_lineage_is_short_and_plays_whatever_is_said(lab: Lab, path: Path) -> None:
    lab.kind = KINDS["iterated"]
    design: Any = load_design(path, KINDS)
    assert design.model == "pocket" and not lab.kind.problems(design)
    assert design.generations * design.world.examples <= 50
    run, resolved = await lab.queue(design, parameters={"model": MODEL})
    outcome = (await lab.play(run, resolved)).run.outcome
    assert outcome is not None and outcome.reason in ("no_rule", "generations")
