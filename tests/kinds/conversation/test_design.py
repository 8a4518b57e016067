"""From what a researcher writes to agents with prompts."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from simulator.errors import DesignInvalidError
from simulator.kinds.conversation.casting import cast
from simulator.kinds.conversation.design import ConversationDesign
from simulator.kinds.conversation.parameters import resolve
from simulator.kinds.conversation.rules import problems
from tests.lab import design

SECTIONS: dict[str, Any] = {
    "roles": [
        {
            "name": "guard",
            "starting_prompt": "You are a guard, near <PRISONER_NUM> <PRISONER_NOUN>.",
            "sections": {"Goal": "Keep order.", "Personality": "Firm with <OTHERS_NAMES>."},
        },
        {"name": "prisoner", "starting_prompt": "I am <SELF_NAME>.", "sections": {"Goal": "Out."}},
    ],
    "shared_sections": {"Rules": "<AGENTS_NUM> agents.", "place_of_action": "A cell."},
}


def prompt(made: ConversationDesign, place: int = 0, **launch: Any) -> str:
    return cast(resolve(made, launch), seed=1)[place].system_prompt


def test_a_prompt_has_the_start_and_titled_sections() -> None:
    assert prompt(design(**SECTIONS), agents=[{"role": "prisoner", "count": 2}]).startswith(
        "You are a guard, near 2 prisoners.\n\n## Goal\n\nKeep order.\n\n## Personality\n\nFirm"
    )
    assert prompt(design(**SECTIONS)).endswith("## Place of action\n\nA cell.\n")


def titles(text: str) -> list[str]:
    return [line[3:] for line in text.splitlines() if line.startswith("## ")]


def test_the_order_of_sections_is_the_users() -> None:
    ordered = design(**SECTIONS, section_order=["rules", "Personality", "Place of action"])
    assert titles(prompt(ordered)) == ["Rules", "Personality", "Place of action", "Goal"]
    assert titles(prompt(design(**SECTIONS))) == [
        "Goal", "Personality", "Rules", "Place of action"
    ]  # fmt: skip


def test_classic_puts_private_sections_first() -> None:
    ordered = design(**SECTIONS, section_order=["Rules", "Personality"], classic=True)
    assert titles(prompt(ordered)) == ["Personality", "Goal", "Rules", "Place of action"]


def test_names_are_unique_and_seeded() -> None:
    many = resolve(design(**SECTIONS), {"agents": [{"role": "guard", "count": 600}]})
    names = [agent.name for agent in cast(many, 1)]
    assert len(set(names)) == 601
    assert names == [agent.name for agent in cast(many, 1)]
    assert names != [agent.name for agent in cast(many, 2)]


def test_an_agent_knows_its_own_name_and_the_others() -> None:
    guard, prisoner = cast(resolve(design(**SECTIONS), {}), 1)[:2]
    assert f"Firm with {prisoner.name}." in guard.system_prompt
    assert prisoner.system_prompt.startswith(f"I am {prisoner.name}.")


def test_helpers_are_cast_only_when_used() -> None:
    def helpers(**fields: Any) -> list[str]:
        return [a.name for a in cast(resolve(design(**fields), {}), 1) if not a.number]

    assert helpers() == []
    assert helpers(days=2) == ["Summarizer"]
    assert helpers(days=2, memory="full", speaker="auto") == ["Selector"]


FACTORS: dict[str, Any] = {
    "goal": {"escape": {"prisoner": {"Goal": "Escape."}}, "yard": {"prisoner": {"Goal": "Yard."}}},
    "risks": {"no": {}, "yes": {"shared": {"Risks": "Some."}}},
    "rules": {"kept": None, "dropped": {"shared": {"rules": None}}},
}


def test_the_first_levels_are_the_default() -> None:
    text = prompt(design(**SECTIONS, factors=FACTORS), place=1)
    assert "## Goal\n\nEscape." in text
    assert titles(text) == ["Goal", "Rules", "Place of action"]


def test_levels_replace_add_and_drop_sections() -> None:
    levels: Any = [
        {"name": "goal", "value": "yard"},
        {"name": "risks", "value": "yes"},
        {"name": "rules", "value": "dropped"},
    ]
    made = design(**SECTIONS, factors=FACTORS)
    text = prompt(made, place=1, levels=levels)
    assert "## Goal\n\nYard." in text
    assert titles(text) == ["Goal", "Place of action", "Risks"]
    condition = resolve(made, {"levels": levels}).condition
    assert [(c.factor, c.level) for c in condition] == [
        ("goal", "yard"), ("risks", "yes"), ("rules", "dropped"),
    ]  # fmt: skip


def test_models_are_set_for_all_or_for_one() -> None:
    made = design(days=2, speaker="auto")
    agents = cast(
        resolve(made, {"model": "x/all", "models": [{"name": "guard", "value": "x/guard"}]}), 1
    )
    assert [agent.model for agent in agents] == ["x/guard", "x/all", "x/all", "x/all"]


def test_sampling_is_laid_over_everybodys() -> None:
    agents = cast(resolve(design(), {"sampling": {"temperature": 0.0}}), 1)
    assert {agent.sampling.temperature for agent in agents} == {0.0}
    assert {agent.sampling.top_p for agent in agents} == {0.9}


@pytest.mark.parametrize(
    ("launch", "message"),
    [
        ({"agents": [{"role": "gaurd", "count": 2}]}, "no role 'gaurd'. Did you mean 'guard'"),
        ({"agents": [{"role": "guard", "count": 0}]}, "agents.0.count"),
        ({"levels": [{"name": "goal", "value": "x"}]}, "no factors at all"),
        ({"models": [{"name": "judge", "value": "x"}]}, "no role 'judge'"),
        ({"messages": 0}, "messages"),
        ({"speaker": "shouting"}, "speaker"),
    ],
)
def test_a_wrong_parameter_is_named(launch: dict[str, Any], message: str) -> None:
    with pytest.raises(DesignInvalidError, match=message):
        resolve(design(), launch)


LEVEL = "factors[0].levels[0].changes[0].content"


@pytest.mark.parametrize(
    ("fields", "place", "message"),
    [
        ({"roles": [{"name": "guard", "starting_prompt": "<GAURD_NUM>"}]},
         "roles[0].starting_prompt", "<GUARD_NUM>"),
        ({"roles": [{"name": "a", "starting_prompt": "x"}, {"name": "A", "starting_prompt": "y"}]},
         "roles[1].name", "two roles"),
        ({"roles": [{"name": "shared", "starting_prompt": "x"}]}, "roles[0].name", "may be called"),
        ({"section_order": ["Gaol"]}, "section_order[0]", "'Gaol'"),
        ({"messages": 2, "days": 3}, "messages", "at least 3 are needed"),
        ({"messages": 5, "days": 3, "classic": True}, "messages", "at least 6 are needed"),
        ({"speaker": {"method": "weighted", "weights": {"judge": 2}}},
         "speaker.weights[0]", "'judge'"),
        ({"speaker": "weighted"}, "speaker",
         "`weighted` needs weights, such as {method: weighted, weights: {guard: 2}}"),
        ({"days": 2, "summarizer": None}, "memory", "need a `summarizer`"),
        ({"summarizer": {"starting_prompt": "Read <SELF_NAME>"}}, "summarizer.starting_prompt",
         "SELF_NAME"),
        ({"factors": {"f": {"a": {"warden": {"Goal": "x"}}}}}, LEVEL, "'warden'"),
        ({"factors": {"f": {"a": {"guard": {"Goal": "<GUARD_FOO>"}}}}}, LEVEL,
         "<GUARD_FOO>"),
        ({"factors": {"f": {"a": {"guard": {"Goal": " "}}}}}, LEVEL, "null"),
        ({"shared_sections": {"Goal": "a", "goal": "b"}}, "shared_sections[1]", "two sections"),
    ],
)  # fmt: skip
def test_each_rule_names_its_place(fields: dict[str, Any], place: str, message: str) -> None:
    found = problems(design(**fields))
    assert len(found) == 1, found
    assert str(found[0]).startswith(f"{place}: ")
    assert message in str(found[0])


def test_weighted_from_a_launch_keeps_weights_and_needs_them() -> None:
    weighted = {"method": "weighted", "weights": {"guard": 3}}
    kept = resolve(design(speaker=weighted), {"speaker": "weighted"})
    assert problems(kept) == ()
    assert [(one.role, one.weight) for one in kept.speaker.weights] == [("guard", 3)]
    (problem,) = problems(resolve(design(speaker="random"), {"speaker": "weighted"}))
    assert str(problem).startswith("speaker: `weighted` needs weights")


@pytest.mark.parametrize(
    "fields",
    [
        {"roles": [{"name": "guard", "starting_prompt": "x", "count": 0}]},
        {"roles": []},
        {"shared_sections": {"Goal": "  "}},
        {"messages": 0},
        {"days": 0},
        {"messagges": 3},
        {"stop": [{}]},
        {"stop": [{"messages": None}]},
        {"stop": [{"time_s": float("inf")}]},
        {"factors": {"goal": {"escape": "Escape."}}},
        {"factors": {"goal": {"escape": ["Escape."]}}},
        {"speaker": {"method": "random", "weights": {"guard": 1}}},
    ],
)
def test_types_refuse_what_cannot_be(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        design(**fields)


def test_a_sound_design_has_no_problems_and_survives_the_store() -> None:
    made = design(**SECTIONS, factors=FACTORS, days=2)
    assert problems(made) == ()
    assert ConversationDesign.model_validate(made.model_dump(mode="json")) == made
