"""The rendering of the original, checked against its own formulas and worked examples."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.files.originals.prompts import UnrenderableError, rendered_prompts
from tests.originals.examples import experiment, read, role, section, whole


def rendered(text: str, *combination: tuple[str, int], **changes: Any) -> str:
    """What a guard is told whose starting prompt is this text."""
    verbs = changes.pop("verbs", ())
    document = experiment(
        roles=[
            role("guard", section(0, "Starting prompt", text), verbs=verbs),
            role("prisoner", section(0, "Starting prompt", "-")),
        ],
        shared_sections=[],
        summarizer_sections=[],
        **changes,
    )
    prompts = rendered_prompts(document, combination or (("guard", 1), ("prisoner", 1)))
    return prompts.roles["guard"].removesuffix("\n")


def test_a_whole_prompt_has_titles_and_the_counts_of_its_conversation() -> None:
    start = "You are a guard, approaching <PRISONER_NUM> <PRISONER_NOUN>."
    personality = "Abusive toward the <PRISONER_NOUN>, the <PRISONER_POSS> rights."
    rules = "Speak in first person. <AGENTS_NUM> agents, <ROLES_NUM> roles."
    document = experiment(
        roles=[
            role(
                "guard",
                section(0, "Starting prompt", start),
                section(2, "Personality", personality),
            ),
            role("prisoner", section(0, "Starting prompt", "You obey.")),
        ],
        shared_sections=[section(3, "Communication rules", rules, "Shared")],
    )  # fmt: skip
    prompts = rendered_prompts(document, [("guard", 1), ("prisoner", 2)])
    assert prompts.roles["guard"] == (
        "You are a guard, approaching 2 prisoners.\n\n## Personality\n\nAbusive toward the "
        "prisoners, the prisoners' rights.\n\n## Communication rules\n\nSpeak in first person. "
        "3 agents, 2 roles.\n"
    )
    assert prompts.summarizer == "You summarize.\n\n\n## Goal\n\nBe short.\n"


@pytest.mark.parametrize(
    ("guards", "expected"),
    [
        (1, "There are 1 guard and the guard's keys; the guard MAKE rules"),
        (2, "There are 2 guards and the guards' keys; the guards MAKES rules"),
    ],
)
def test_verbs_keep_their_faults(guards: int, expected: str) -> None:
    text = (
        "There are <GUARD_NUM> <GUARD_NOUN> and the <GUARD_POSS> keys; the <GUARD_NOUN> "
        "<GUARD_VERB_MAKE> rules"
    )
    assert rendered(text, ("guard", guards), ("prisoner", 1), verbs=["MAKE"]) == expected


def test_private_sections_stand_before_shared_ones_of_a_lower_index() -> None:
    document = experiment(
        roles=[role("guard", section(0, "Starting prompt", "A"), section(2, "Personality", "B"))],
        shared_sections=[section(1, "Goal", "C", "Shared")],
    )
    text = rendered_prompts(document, [("guard", 2)]).roles["guard"]
    assert text == "A\n\n## Personality\n\nB\n\n## Goal\n\nC\n"


def test_a_shared_starting_prompt_opens_the_prompt() -> None:
    document = experiment(
        roles=[role("guard", section(1, "Goal", "A"))],
        shared_sections=[section(0, "Starting prompt", "B", "Shared")],
    )
    text = rendered_prompts(document, [("guard", 2)]).roles["guard"]
    assert text == "B\n\n## Goal\n\nA\n"


def test_tags_that_are_not_on_record_were_sent_as_they_stand() -> None:
    assert rendered("Obey the <GUARD_VERB_GIVE>.") == "Obey the <GUARD_VERB_GIVE>."
    assert rendered('"<GUARD_NUM>", <PRISONER_NOUN>!') == '"1", prisoner!'
    assert rendered("<PRISONER_NUM>", ("guard", 2)) == "<PRISONER_NUM>"


@pytest.mark.parametrize(
    ("name", "count", "noun", "possessive"),
    [
        ("boss", 1, "boss", "boss'"),
        ("boss", 2, "bosses", "bosses'"),
        ("child", 2, "children", "children's"),
        ("person", 3, "people", "people's"),
        ("police", 2, "polices", "polices'"),
        ("Prison Guard", 2, "prison guards", "prison guards'"),
    ],
)
def test_nouns_are_as_the_original_forms_them(
    name: str, count: int, noun: str, possessive: str
) -> None:
    text = f"<{name.upper()}_NOUN>|<{name.upper()}_POSS>"
    document = experiment(roles=[role(name, section(0, "Starting prompt", text))])
    told = rendered_prompts(document, [(name, count)]).roles[name]
    assert told.startswith(f"{noun}|{possessive}\n")


def test_tags_of_earlier_versions_have_values_too() -> None:
    tags = ["<GUARD_PRON>", "<GUARD_POSSPRON>", "<GUARD_NUMBER_WORD>"]
    guard = role("guard", section(0, "Starting prompt", " ".join(tags)))
    document = experiment(roles=[guard | {"placeholders": tags}], shared_sections=[])
    one = rendered_prompts(document, [("guard", 1)]).roles["guard"]
    three = rendered_prompts(document, [("guard", 3)]).roles["guard"]
    assert (one, three) == ("he/she his/her one\n", "they their three\n")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"roles": [role("guard")]}, "the experiment has no role 'prisoner'"),
        ({"placeholders": ["<DAYS_NUM>"]}, "the tag <DAYS_NUM> stands for no number"),
        ({"placeholders": ["<AGENTS_MAKE>"]}, "the tag <AGENTS_MAKE> means nothing"),
        ({"roles": [role("police_officer"), role("guard"), role("prisoner")]},
         "the tag <POLICE_OFFICER_NOUN> means nothing to the original program"),
    ],
)  # fmt: skip
def test_what_the_original_could_not_render_is_named(changes: dict[str, Any], reason: str) -> None:
    combination = [(r["name"], 1) for r in changes.get("roles", [])] + [("prisoner", 1)]
    with pytest.raises(UnrenderableError, match=reason):
        rendered_prompts(experiment(**changes), combination)


async def test_a_run_without_prompts_is_imported_and_remarked_on() -> None:
    parts = whole()
    parts["experiments"] = [experiment(placeholders=["<DAYS_NUM>"])]
    found = await read(parts)
    assert {agent.system_prompt for agent in found.runs[0].run.agents} == {""}
    (loss,) = found.losses
    assert not loss.whole
    assert loss.collection == "conversations"
    assert loss.reason.startswith("its prompts are left empty: the tag <DAYS_NUM>")
