from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from simulator.domain.designs import Design
from simulator.files.design_text import MISSING, DesignText, Place
from tests.files.kinds import KINDS, Talk
from tests.files.talk import TALK, talk


def test_a_good_text_is_a_design() -> None:
    text = talk()
    assert text.faults == () and text.design is not None and text.kind is KINDS["conversation"]
    assert text.design.name == "Prison"


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("name",), "Prison"),
        (("speaker",), {"method": "random"}),
        (("speaker", "method"), "random"),
        (("speaker", "weights"), MISSING),
        (("memory",), MISSING),
        (("roles", 0, "sections", 0), {"title": "Goal", "content": "Keep order."}),
        (("roles", 0, "sections", 1, "title"), "Mood"),
        (("roles", 1, "sections"), MISSING),
        (("roles", 2), MISSING),
        (("roles", -1), MISSING),
        (("factors", 0, "levels", 0), {"name": "no", "changes": []}),
        (("factors", 0, "levels", 1, "changes", 1),
         {"target": "guard", "title": "Mood", "content": "b"}),
        (("factors", 1, "levels", 0, "changes"), []),
        (("factors", 1, "levels", 1, "changes", 0, "target"), "prisoner"),
    ],
)  # fmt: skip
def test_values_are_told_in_long_form(place: Place, value: Any) -> None:
    assert talk().value(place) == value


def line_of(words: str) -> int:
    return TALK[: TALK.index(words)].count("\n") + 1


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("name:   'Prison'", ("name",)),
        ("speaker: random", ("speaker", "method")),
        ("sampling:", ("sampling",)),
        ("Mood]", ("section_order", 1)),
        ("- name: guard", ("roles", 0, "name")),
        ("      Be one.", ("roles", 0, "starting_prompt")),
        ("# What they read.", ("roles", 0)),
        ("Goal: >-", ("roles", 0, "sections", 0, "content")),
        ("        order.", ("roles", 0, "sections", 0, "content")),
        ("# The prisoners.", ("roles",)),
        ("- starting_prompt", ("roles", 1, "starting_prompt")),
        ("  risks:", ("factors", 0, "name")),
        ("    no:", ("factors", 0, "levels", 0, "name")),
        ("      guard:", ("factors", 0, "levels", 1, "changes", 0, "target")),
        ("        Mood: b", ("factors", 0, "levels", 1, "changes", 1, "content")),
        ("  goal: {", ("factors", 1)),
        ("# The end.", ()),
    ],
)  # fmt: skip
def test_a_line_belongs_to_a_place(words: str, place: Place) -> None:
    assert talk().place_at(line_of(words)) == place


def test_places_have_lines() -> None:
    text = talk()
    assert text.line(("roles", 0, "sections", 1, "content")) == line_of('Mood: "Calm."')
    assert text.line(("factors", 0, "levels", 1, "changes", 1, "target")) == line_of("      guard:")
    assert text.line(("memory",)) is None
    assert text.place_at(0) == text.place_at(10_000) == ()


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("        Mood: b", "        Mood: [b]",
         ("factors", 0, "levels", 1, "changes", 1, "content"), "must be a text, not a list"),
        ("        Mood: b", "        Mood: blah",
         ("factors", 0, "levels", 1, "changes", 1, "content"), "blah is no word"),
        ("        Risks: c", "        Risks: c\n        Risks: d",
         ("factors", 0, "levels", 1, "changes", 2, "title"), "this key stands twice; see line 44"),
        ("      shared:\n        Risks: c", "      shared: c",
         ("factors", 0, "levels", 1, "changes", 2, "target"), "must map each title to its value"),
        ("    count: 2", "    count: .nan", ("roles", 0, "count"), "must be a finite number"),
        ("    count: 2", "    colour: red", ("roles", 0, "colour"),
         "unknown key `colour`; known here: `name`, `count`, `starting_prompt`, `sections`, "
         "`pronouns`, `model`, `sampling`"),
        ("speaker: random", "speaker: rondom", ("speaker",),
         "must be one of `round_robin`, `random`, `weighted`, `role_alternating`, `addressed`, "
         "`auto`, `manual`, not the text \"rondom\"; did you mean `random`?"),
        ("starting_message: Start.", "", ("starting_message",),
         "the key `starting_message` is missing"),
        ("kind: conversation", "kind: talk", ("kind",),
         "there is no kind `talk`; the kinds are `conversation`"),
    ],
)  # fmt: skip
def test_faults_have_places_of_the_model(old: str, new: str, place: Place, message: str) -> None:
    assert TALK.count(old) == 1
    text = talk(TALK.replace(old, new))
    (fault,) = text.faults
    assert fault.message == message
    assert fault.place[: len(place)] == place
    assert text.design is None


class _Cat(BaseModel):
    model_config = ConfigDict(extra="forbid")
    lives: int


class _Dog(BaseModel):
    model_config = ConfigDict(extra="forbid")
    tricks: list[str]


class _Zoo(Design):
    kind: str = "zoo"
    animals: tuple[_Cat | _Dog, ...] = ()
    food: dict[str, int] = Field(default={})


def test_places_have_no_names_of_types() -> None:
    zoo: Any = type("Zoos", (Talk,), {"name": "zoo", "design_type": _Zoo})()
    text = (
        "kind: zoo\nname: Z\nanimals:\n  - lives: many\n  - tricks: [3]\n  - 3\nfood: {hay: much}\n"
    )
    faults = DesignText(text, {"zoo": zoo}).faults
    found = {(fault.place, fault.line) for fault in faults}
    assert not any("_Cat" in place or "_Dog" in place for place, _ in found)
    assert found >= {
        (("animals", 0, "lives"), 4), (("animals", 1, "tricks", 0), 5), (("animals", 2), 6),
        (("food", "hay"), 7),
    }  # fmt: skip
