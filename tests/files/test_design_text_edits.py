"""Edits change the lines of their place, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from simulator.errors import UsageError
from simulator.files.design_text import DesignText, Place
from simulator.files.seeds import seed_designs
from simulator.kinds.registry import KINDS as REAL_KINDS
from tests.files.design_places import at, leaves, lists, places
from tests.files.talk import SECTION, TALK, changed, talk

SEEDS = seed_designs()


@pytest.mark.parametrize(
    ("place", "value", "old", "new"),
    [
        (("name",), "Jail", "name:   'Prison'   # a name", "name:   'Jail'   # a name"),
        (("name",), "it's", "name:   'Prison'   # a name", "name:   'it''s'   # a name"),
        (("starting_message",), "Go on.\nNow.", "starting_message: Start.   # said first",
         "starting_message: |-   # said first\n  Go on.\n  Now."),
        (("starting_message",), "no", "starting_message: Start.   # said first",
         'starting_message: "no"   # said first'),
        (("roles", 0, "count"), 3, "    count: 2", "    count: 3"),
        (("roles", 0, "name"), "warder",
         "  - name: guard # its noun", "  - name: warder # its noun"),
        (("roles", 0, "starting_prompt"), "You\nguard.\n",
         "      You are a guard.\n\n      Be one.", "      You\n      guard."),
        (("roles", 0, "starting_prompt"), "Guard.",
         "    starting_prompt: |  # who they are\n      You are a guard.\n\n      Be one.",
         "    starting_prompt: |-  # who they are\n      Guard."),
        (("roles", 0, "starting_prompt"), None,
         "    starting_prompt: |  # who they are\n      You are a guard.\n\n      Be one.",
         "    starting_prompt: null  # who they are"),
        (("roles", 0, "sections", 0, "content"), "Keep them " + "very " * 18 + "calm.",
         "        Keep\n        order.",
         "        Keep them very very very very very very very very very very very very very very"
         " very\n        very very very calm."),
        (("roles", 0, "sections", 0, "title"), "Aim", "      Goal: >-", "      Aim: >-"),
        (("roles", 0, "sections", 1, "title"), "on", '      Mood: "Calm."', '      "on": "Calm."'),
        (("roles", 0, "sections", 1, "title"), "k" * 130, '      Mood: "Calm."',
         f'      ? "{"k" * 130}"\n      : "Calm."'),
        (("roles", 0, "sections", 1), {"title": "Mood", "content": "Angry."},
         '      Mood: "Calm."', '      Mood: "Angry."'),
        (("roles", 0, "pronouns"), "she", "", "    pronouns: she"),
        (("roles", 1, "count"), 4, "", "    count: 4"),
        (("roles", 1, "sections"), [{"title": "Goal", "content": "Flee."}],
         "", "    sections:\n      Goal: Flee."),
        (("speaker",), {"method": "auto"}, "speaker: random", "speaker: auto"),
        (("speaker", "method"), "auto", "speaker: random", "speaker: auto"),
        (("speaker", "weights"), [{"role": "guard", "weight": 2.0}], "speaker: random",
         "speaker:\n  method: random\n  weights:\n    guard: 2.0"),
        (("sampling", "top_p"), 0.5, 'sampling: {temperature: 0.5, "top_p": 1}  # both',
         'sampling: {temperature: 0.5, "top_p": 0.5}  # both'),
        (("sampling", "top_k"), 5, 'sampling: {temperature: 0.5, "top_p": 1}  # both',
         'sampling: {temperature: 0.5, "top_p": 1, top_k: 5}  # both'),
        (("sampling",), {}, 'sampling: {temperature: 0.5, "top_p": 1}  # both',
         "sampling: {}  # both"),
        (("section_order", 1), "Fear: all", "  Mood]", '  "Fear: all"]'),
        (("section_order",), ["a"], "section_order: [Goal, # the first\n  Mood]",
         "section_order:\n  - a"),
        (("memory",), "full", "", "memory: full"),
        (("factors", 0, "name"), "dangers", "  risks:", "  dangers:"),
        (("factors", 0, "levels", 0, "changes"),
         [{"target": "shared", "title": "T", "content": None}],
         "", "      shared:\n        T: null"),
        (("factors", 0, "levels", 1, "changes", 2, "target"), "prisoner",
         "      shared:", "      prisoner:"),
        (("factors", 1, "levels", 1, "changes", 0, "content"), "Sun.\nAir.",
         "  goal: {escape: {}, yard: {prisoner: {Goal: Sun.}}}",
         "  goal:\n    escape: {}\n    yard:\n      prisoner:\n        Goal: |-\n          Sun.\n"
         "          Air."),
        (("factors", 1, "levels", 1, "changes", 0, "title"), "Aim",
         "  goal: {escape: {}, yard: {prisoner: {Goal: Sun.}}}",
         "  goal: {escape: {}, yard: {prisoner: {Aim: Sun.}}}"),
    ],
)  # fmt: skip
def test_setting_a_value_changes_its_lines_only(
    place: Place, value: Any, old: str, new: str
) -> None:
    edited = talk().with_value(place, value)
    assert edited.value(place) == value
    assert changed(edited) == (old, new)


@pytest.mark.parametrize(
    ("place", "index", "value", "old", "new"),
    [
        (("roles", 0, "sections"), 0, SECTION, "", "      Fear: None."),
        (("roles", 0, "sections"), 1, SECTION, "", "      Fear: None."),
        (("roles", 0, "sections"), 2, SECTION, "", "      Fear: None."),
        (("roles", 1, "sections"), 0, SECTION, "", "    sections:\n      Fear: None."),
        (("shared_sections",), 0, SECTION, "", "shared_sections:\n  Fear: None."),
        (("summarizer", "sections"), 0, SECTION, "",
         "summarizer:\n  sections:\n    Fear: None."),
        (("roles",), 1, {"starting_prompt": "Cook.", "name": "cook", "sections": [SECTION]}, "",
         "  - name: cook\n    starting_prompt: Cook.\n    sections:\n      Fear: None."),
        (("section_order",), 0, "Fear", "section_order: [Goal, # the first",
         "section_order: [Fear, Goal, # the first"),
        (("section_order",), 2, "Fear", "  Mood]", "  Mood, Fear]"),
        (("speaker", "weights"), 0, {"role": "guard", "weight": 1.5}, "speaker: random",
         "speaker:\n  method: random\n  weights:\n    guard: 1.5"),
        (("stop",), 0, {"phrase": "Bye", "days": 2}, "",
         "stop:\n  - days: 2\n    phrase: Bye"),
        (("factors",), 2, {"name": "x", "levels": [{"name": "a"}]}, "", "  x:\n    a: {}"),
        (("factors", 0, "levels"), 1, {"name": "maybe", "changes": []}, "", "    maybe: {}"),
        (("factors", 0, "levels", 0, "changes"), 0,
         {"target": "guard", "title": "Goal", "content": None},
         "", "      guard:\n        Goal: null"),
        (("factors", 0, "levels", 1, "changes"), 2,
         {"target": "guard", "title": "Fear", "content": "x"}, "", "        Fear: x"),
        (("factors", 0, "levels", 1, "changes"), 2,
         {"target": "prisoner", "title": "Fear", "content": "x"}, "",
         "      prisoner:\n        Fear: x"),
        (("factors", 1, "levels"), 1, {"name": "leave", "changes": []},
         "  goal: {escape: {}, yard: {prisoner: {Goal: Sun.}}}",
         "  goal: {escape: {}, leave: {}, yard: {prisoner: {Goal: Sun.}}}"),
        (("roles", 0, "sections"), 1, {"title": "Fear"}, None, "title"),
        (("roles", 0, "sections"), 1, {"title": "Goal", "content": "x"}, None, "`Goal` stands"),
        (("roles", 0, "sections"), 3, SECTION, None, "no entry 3"),
        (("factors", 0, "levels", 1, "changes"), 1,
         {"target": "prisoner", "title": "Fear", "content": "x"}, None, "`guard` cannot be split"),
        (("factors", 0, "levels", 1, "changes"), 3,
         {"target": "guard", "title": "Fear", "content": "x"}, None, "`guard` stands"),
        (("name",), 0, "x", None, 'name is the text "Prison", not a list'),
    ],
)  # fmt: skip
def test_an_entry_is_put_where_it_belongs(
    place: Place, index: int, value: Any, old: str | None, new: str
) -> None:
    if old is None:
        with pytest.raises(UsageError, match=new) as error:
            talk().inserted(place, index, value)
        assert error.value.remedy
        return
    edited = talk().inserted(place, index, value)
    assert changed(edited) == (old, new)
    written = talk().value(place)
    found = edited.value(place)
    assert isinstance(found, list) and found[index]
    assert found[:index] + found[index + 1 :] == (written if isinstance(written, list) else [])


@pytest.mark.parametrize(
    ("place", "old", "new"),
    [
        (("name",), "name:   'Prison'   # a name\n", ""),
        (("roles", 0, "name"), "  - name: guard # its noun\n    count: 2", "  - count: 2"),
        (("roles", 1, "starting_prompt"), "  - starting_prompt: You are a prisoner.",
         "  -"),
        (("roles", 0, "sections", 0),
         "      # Why they talk.\n      Goal: >-\n        Keep\n        order.\n", ""),
        (("roles", 0, "sections", 1), '      Mood: "Calm."\n', ""),
        (("sampling", "temperature"), 'sampling: {temperature: 0.5, "top_p": 1}  # both',
         'sampling: {"top_p": 1}  # both'),
        (("section_order", 0), "section_order: [Goal, # the first\n  Mood]",
         "section_order: [Mood]"),
        (("factors", 0, "levels", 1, "changes", 2), "      shared:\n        Risks: c\n", ""),
        (("factors", 0, "levels", 1, "changes", 0), "        Goal: a\n", ""),
        (("factors", 1, "levels", 1, "changes", 0),
         "  goal: {escape: {}, yard: {prisoner: {Goal: Sun.}}}", "  goal: {escape: {}, yard: {}}"),
        (("speaker", "method"), "speaker: random", "speaker: {}"),
    ],
)  # fmt: skip
def test_what_is_removed_leaves_nothing_behind(place: Place, old: str, new: str) -> None:
    edited = talk().without(place)
    assert changed(edited) == (old, new) or TALK.replace(old, new) == edited.text
    assert len(places_of(edited)) < len(places_of(talk()))


def places_of(text: DesignText) -> list[Place]:
    return list(places(text.value(())))


def test_what_is_not_written_needs_no_removal() -> None:
    text = talk()
    assert text.without(("memory",)) is text
    assert text.without(()) is text


def test_a_record_keeps_what_makes_it_one() -> None:
    for name in ("title", "content"):
        with pytest.raises(UsageError, match="cannot be removed by itself") as error:
            talk().without(("roles", 0, "sections", 0, name))
        assert error.value.remedy == "Remove roles[0].sections[0] as a whole."


def test_entries_move_with_the_comments_above_them() -> None:
    edited = talk().moved(("roles", 0, "sections"), 1, 0)
    assert changed(edited) == (
        "      # Why they talk.\n      Goal: >-\n        Keep\n        order.\n"
        '      # How they feel.\n\n      Mood: "Calm."',
        '      Mood: "Calm."\n      # How they feel.\n\n'
        "      # Why they talk.\n      Goal: >-\n        Keep\n        order.",
    )
    edited = talk().moved(("roles",), 0, 1)
    assert edited.text.index("# The prisoners.") < edited.text.index("# The guards.")
    assert edited.moved(("roles",), 1, 0).text == TALK
    edited = talk().moved(("factors", 0, "levels", 1, "changes"), 2, 0)
    assert changed(edited) == (
        "      guard:\n        Goal: a\n        Mood: b\n      shared:\n        Risks: c",
        "      shared:\n        Risks: c\n      guard:\n        Goal: a\n        Mood: b",
    )
    with pytest.raises(UsageError, match="cannot be split up"):
        talk().moved(("factors", 0, "levels", 1, "changes"), 0, 2)
    assert changed(talk().moved(("section_order",), 0, 1)) == (
        "section_order: [Goal, # the first\n  Mood]", "section_order: [Mood, # the first\n  Goal]"
    )  # fmt: skip


def test_a_section_goes_elsewhere_as_it_was_written() -> None:
    text = talk().inserted(("shared_sections",), 0, SECTION)
    edited = text.transferred(("roles", 0, "sections", 0), ("shared_sections",), 0)
    assert "  # Why they talk.\n  Goal: >-\n    Keep\n    order.\n  Fear: None.\n" in edited.text
    back = edited.transferred(("shared_sections", 0), ("roles", 0, "sections"), 0)
    assert back.value(()) == text.value(())
    assert "      # Why they talk.\n      Goal: >-\n        Keep\n        order.\n" in back.text
    alone = talk().transferred(("roles", 0, "sections", 0), ("roles", 1, "sections"), 0)
    assert "    sections:\n      # Why they talk.\n      Goal: >-\n" in alone.text
    assert text.transferred(("roles", 0), ("roles",), 1).text == text.moved(("roles",), 0, 1).text
    for place, to in ((("roles", 0), ("roles", 1, "sections")), (("name",), ("roles",)),
                      (("roles", 9), ("stop",))):  # fmt: skip
        with pytest.raises(UsageError, match="cannot be put into"):
            text.transferred(place, to, 0)
    with pytest.raises(UsageError, match="`Goal` stands there already"):
        text.with_value(("shared_sections", 0, "title"), "Goal").transferred(
            ("roles", 0, "sections", 0), ("shared_sections",), 0
        )


def test_comments_stay_whatever_is_set() -> None:
    text = talk()
    comments = [line.strip() for line in TALK.split("\n") if line.strip().startswith("#")]
    comments += ["# a name", "# said first", "# both", "# the first", "# its noun"]
    for place in leaves(text.value(())):
        for value in ("new", "Two\nlines.", "long " * 30 + "text"):
            if place[-1] in ("title", "target") and place[:2] == ("factors", 1):
                continue
            edited = text.with_value(place, value)
            assert all(comment in edited.text for comment in comments), (place, edited.text)
            assert edited.value(place) == value


def test_a_change_goes_to_another_role_as_it_was_written() -> None:
    text = talk(TALK.replace("        Goal: a\n", "        # Why.\n        Goal: 'a'  # a\n"))
    place = ("factors", 0, "levels", 1, "changes", 0, "target")
    edited = text.with_value(place, "prisoner")
    assert "      prisoner:\n        # Why.\n        Goal: 'a'  # a\n      guard:" in edited.text
    three = text.with_value((*place[:-2], 2, "target"), "guard")
    assert "        Mood: b\n        Risks: c\n  goal:" in three.text
    with pytest.raises(UsageError, match="`guard` cannot be split up"):
        three.with_value((*place[:-2], 1, "target"), "shared")


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_an_edit_of_a_seed_leaves_every_other_line(path: Path) -> None:
    text = DesignText(path.read_text(encoding="utf-8"), REAL_KINDS)
    old = text.text.split("\n")
    begun = sorted({text.line(place) or 0 for place in places(text.value(()))} | {len(old)})
    for place in leaves(text.value(())):
        line = text.line(place)
        assert line is not None
        following = next((n for n in begun if n > line), line)
        for value in ("Something else.", "Two\nlines."):
            if place[-1] in ("title", "name", "target") and "\n" in value:
                continue
            new = text.with_value(place, value).text.split("\n")
            assert new[: line - 1] == old[: line - 1]
            kept = len(old) - following + 1
            assert new[-kept:] == old[-kept:]


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_an_entry_put_into_a_seed_adds_lines_only(path: Path) -> None:
    text = DesignText(path.read_text(encoding="utf-8"), REAL_KINDS)
    for place in lists(text.value(())):
        entries = at(text.value(()), place)
        if not entries or not isinstance(entries[0], dict):
            continue
        field = next(iter(entries[0]))
        entry = {**entries[-1], field: "other"}
        edited = text.inserted(place, len(entries), entry)
        lines = iter(edited.text.split("\n"))
        assert all(line in lines for line in text.text.split("\n"))
        assert edited.without((*place, len(entries))).text == text.text


@pytest.mark.parametrize(
    "text", ["a\n ", "a\n  \n", "a\n\n  b\n \n", "\n a\n", "  a\nb", "a  b " * 20]
)
def test_blanks_in_a_text_are_kept(text: str) -> None:
    place = ("roles", 0, "starting_prompt")
    edited = talk().with_value(place, text)
    assert edited.value(place) == text
    assert edited.with_value(("roles", 0, "model"), "pocket").value(place) == text
    assert edited.moved(("roles",), 0, 1).value(("roles", 1, "starting_prompt")) == text
    assert edited.inserted(("roles", 0, "sections"), 0, SECTION).value(place) == text
    assert edited.with_value(place, "You are a guard.\n\nBe one.\n").text == TALK


def test_what_is_written_anew_says_what_it_said_by_default() -> None:
    text = talk(TALK.replace('sampling: {temperature: 0.5, "top_p": 1}  # both\n', ""))
    assert text.design is not None
    edited = text.with_value(("sampling", "temperature"), 0.5)
    assert edited.value(("sampling",)) == {"temperature": 0.5, "top_p": 0.9, "max_tokens": 200}
    edited = text.with_value(("selector", "sampling", "temperature"), 0.5)
    assert edited.value(("selector",)) == {"sampling": {"temperature": 0.5, "max_tokens": 20}}
    edited = text.with_value(("roles", 0, "sampling", "top_k"), 4)
    assert edited.value(("roles", 0, "sampling")) == {"top_k": 4}
    edited = text.with_value(("summarizer", "starting_prompt"), "Sum up.")
    assert edited.value(("summarizer",)) == {"starting_prompt": "Sum up."}


def test_what_no_mapping_can_say_is_written_in_long_form() -> None:
    changes: list[JsonValue] = [
        {"target": target, "title": title, "content": "x"}
        for target, title in (("guard", "Goal"), ("shared", "Goal"), ("guard", "Mood"))
    ]
    factor: JsonValue = {"name": "f", "levels": [{"name": "l", "changes": changes}]}
    alone = talk("kind: conversation\nname: A\n").inserted(("factors",), 0, factor)
    assert alone.value(("factors", 0)) == factor and "target: guard" in alone.text
    with pytest.raises(UsageError, match="nothing else"):
        talk().inserted(("factors",), 0, {"name": "f", "levels": [{"name": "l", "colour": "red"}]})
    with pytest.raises(UsageError) as error:
        talk().inserted(("factors",), 0, factor)
    assert error.value.remedy
