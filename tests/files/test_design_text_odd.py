"""Texts that are malformed, huge, or written in rare ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import UsageError
from simulator.files.design_text import MISSING, DesignText, Place
from simulator.kinds.registry import KINDS as REAL_KINDS
from tests.files.design_places import at, leaves, lists, with_set
from tests.files.kinds import KINDS
from tests.files.talk import SECTION, TALK, talk


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("roles:\n  - &guard {name: guard}\n  - *guard\n", ("roles", 1, "name"), "&guard"),
        ("roles:\n  - &guard {name: guard}\n  - *guard\n", ("roles", 0, "name"), "&guard"),
        ("name: &name Talk\nnote: *name\n", ("name",), "&name"),
        ("sampling: &s {top_k: 1}\nselector: {sampling: {<<: *s}}\n",
         ("selector", "sampling", "top_k"), "<<"),
    ],
)  # fmt: skip
def test_what_stands_in_several_places_is_not_edited_in_one(
    text: str, place: Place, message: str
) -> None:
    with pytest.raises(UsageError, match=message) as error:
        talk(f"kind: conversation\n{text}").with_value(place, "x")
    assert error.value.remedy and "YAML" in error.value.remedy


def test_an_alias_itself_can_be_replaced() -> None:
    text = talk("kind: conversation\nname: &name Talk\nnote: *name  # the same\n")
    edited = text.with_value(("note",), "Other")
    assert edited.text == "kind: conversation\nname: &name Talk\nnote: Other  # the same\n"
    with pytest.raises(UsageError):
        text.without(("name",))


def test_keys_beside_a_merge_can_be_edited() -> None:
    base = "kind: conversation\nsampling: &s {top_k: 1}\nselector:\n  sampling:\n    <<: *s\n"
    text = talk(f"{base}    top_p: 1\n")
    edited = text.with_value(("selector", "sampling", "top_p"), 0.5)
    assert edited.text == f"{base}    top_p: 0.5\n"
    assert text.without(("selector", "sampling", "top_p")).text == base


def test_a_text_that_keeps_its_blank_lines_keeps_them() -> None:
    text = talk("kind: conversation\nname: |+\n  a\n\n\nnote: x\n")
    assert text.value(("name",)) == "a\n\n\n"
    edited = text.with_value(("note",), "new")
    assert edited.text == text.text.replace("x", "new")
    assert text.without(("note",)).value(("name",)) == "a\n\n\n"
    assert text.with_value(("starting_message",), "z").value(("name",)) == "a\n\n\n"
    below = talk("kind: conversation\nname: x\n\nnote: y\n").with_value(("name",), "a\n\n")
    assert below.value(("name",)) == "a\n\n" and below.value(("note",)) == "y"


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\n# end", "\n...\n"])
def test_a_text_may_end_anyhow(end: str) -> None:
    text = talk(f"kind: conversation\nname: x{end}")
    for value in ("y", "a\nb\n", "a\nb", "word " * 30 + "end"):
        assert text.with_value(("name",), value).value(("name",)) == value
        assert text.with_value(("note",), value).value(("note",)) == value
        assert text.inserted(("section_order",), 0, value).value(("section_order",)) == [value]


@pytest.mark.parametrize("text", ["", "\n", "# Only this.", "---\n", "\ufeff"])
def test_an_empty_text_can_be_filled(text: str) -> None:
    empty = talk(text)
    assert [fault.place for fault in empty.faults] == [()]
    filled = empty.with_value(("kind",), "conversation").with_value(("name",), "A")
    assert filled.text.startswith(text)
    assert filled.value(()) == {"kind": "conversation", "name": "A"}
    again = filled.without(("kind",)).without(("name",))
    assert again.value(()) == {}
    assert again.with_value(("kind",), "conversation").kind is not None


def test_line_ends_and_byte_order_marks_stay() -> None:
    text = "\ufeff" + TALK.replace("\n", "\r\n")
    edited = talk(text).with_value(("roles", 0, "starting_prompt"), "One\ntwo.")
    edited = edited.inserted(("roles", 0, "sections"), 0, SECTION)
    edited = edited.moved(("roles",), 0, 1).moved(("roles",), 1, 0)
    assert edited.text.startswith("\ufeff#")
    assert edited.text.count("\r\n") == edited.text.count("\n")
    assert (
        edited.without(("roles", 0, "sections", 0))
        .with_value(("roles", 0, "starting_prompt"), "You are a guard.\n\nBe one.\n")
        .text
        == text
    )


def test_a_malformed_text_waits_to_be_mended() -> None:
    text = DesignText(TALK.replace("name:   'Prison'", "name:   'Prison"), KINDS)
    assert not text.is_readable and text.design is None and text.kind is None
    (fault,) = text.faults
    assert (fault.place, fault.line, fault.column) == ((), 4, 9)
    assert text.value(("name",)) is MISSING and text.line(("name",)) is None
    assert text.place_at(4) == ()
    edits: list[Any] = [
        lambda: text.with_value(("name",), "x"), lambda: text.without(("name",)),
        lambda: text.inserted(("roles",), 0, {}), lambda: text.moved(("roles",), 0, 0),
        lambda: text.transferred(("roles", 0), ("roles",), 0),
    ]  # fmt: skip
    for edit in edits:
        with pytest.raises(UsageError) as error:
            edit()
        assert error.value.remedy


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("kind: conversation\n", ("shared_sections", 0)),
        ("kind: conversation\n", ("roles", 0, "name")),
        ("- 1\n", ("name",)), ("text", ("name",)), ("name: [x]\n", ("name", "x")),
        ("kind: conversation\nroles: {name: x}\n", ("roles", 0, "name")),
        ("kind: conversation\nfactors: {f: {l: x}}\n", ("factors", 0, "levels", 0, "changes", 0)),
        ("kind: conversation\nfactors: {f: {l: {t: x}}}\n",
         ("factors", 0, "levels", 0, "changes", 0, "title")),
        ("kind: conversation\nroles: []\n", ("roles", 0, "name")),
    ],
)  # fmt: skip
def test_places_that_the_text_has_no_room_for_are_refused(text: str, place: Place) -> None:
    with pytest.raises(UsageError) as error:
        talk(text).with_value(place, "x")
    assert error.value.remedy


@settings(max_examples=80)
@given(st.text(alphabet="ab:-[]{}\"'|>&*!%@`#,? \n\r\t\x00\ufeff\u2028<~1", max_size=60), st.data())
def test_nobody_can_type_what_breaks_it(typed: str, data: st.DataObject) -> None:
    at_line = data.draw(st.integers(0, TALK.count("\n")))
    lines = TALK.split("\n")
    for text in (typed, "\n".join([*lines[:at_line], typed, *lines[at_line:]])):
        read = DesignText(text, KINDS)
        assert (read.design is None) == bool(read.faults)
        assert DesignText(text, REAL_KINDS).is_readable == read.is_readable
        assert list(read.faults) == sorted(read.faults, key=lambda f: (f.line, f.column))
        for fault in read.faults:
            assert 1 <= fault.line <= text.count("\n") + text.count("\r") + text.count("\u2028") + 1
            read.value(fault.place)
        for line in range(at_line, at_line + 3):
            read.value(read.place_at(line))


@pytest.mark.parametrize(
    "text",
    ["a: " + "[" * 5000, "a: " + "{b: " * 70 + "}" * 70, "- " * 3000, "&a [" * 100, "x" * 1_000_000,
     "a: |\n" + "  line\n" * 20_000, "\ud800", "? " * 500, "a:\n" + "\t" * 1000, "\r" * 1000],
    ids=["lists", "mappings", "dashes", "anchors", "long", "lines", "surrogate", "keys", "tabs",
         "returns"],
)  # fmt: skip
def test_huge_and_deep_texts_are_read_or_faulted(text: str) -> None:
    read = DesignText(text, KINDS)
    assert read.faults
    read.place_at(1)


odd_lines = st.sampled_from([
    "- &a x", "x: *a", "    x:", "  ?", "  - ", "#", "|+", "  {a: b}", "\t", "      'x y': |2",
    "    - - a", "      !!str x: 1", "&b", "name: &b", "''",
])  # fmt: skip


def odd_text(data: st.DataObject) -> DesignText:
    lines = TALK.split("\n")
    at_line = data.draw(st.integers(0, len(lines)))
    text = DesignText("\n".join([*lines[:at_line], data.draw(odd_lines), *lines[at_line:]]), KINDS)
    return text if text.is_readable and text.kind else talk()


@settings(max_examples=50)
@given(st.data())
def test_a_value_set_in_an_odd_text_is_all_that_changes(data: st.DataObject) -> None:
    text = odd_text(data)
    values: Any = text.value(())
    place = data.draw(st.sampled_from(leaves(values)))
    value = data.draw(st.sampled_from(["x", "a\nb", "", " ", "word " * 40 + "end", None, 1]))
    try:
        edited = text.with_value(place, value)
    except UsageError as error:
        assert error.remedy
        return
    assert edited.value(()) == with_set(values, place, value)


@settings(max_examples=50)
@given(st.data())
def test_entries_of_an_odd_text_are_moved_and_removed_alone(data: st.DataObject) -> None:
    text = odd_text(data)
    values: Any = text.value(())
    place = data.draw(st.sampled_from([one for one in lists(values) if at(values, one)]))
    entries = at(values, place)
    old, new = (data.draw(st.integers(0, len(entries) - 1)) for _ in range(2))
    kept = [entry for n, entry in enumerate(entries) if n != old]
    moved = [*kept[:new], entries[old], *kept[new:]]
    edits: list[tuple[Callable[[], DesignText], Any]] = [
        (lambda: text.without((*place, old)), kept), (lambda: text.moved(place, old, new), moved),
        (lambda: text.inserted(place, new, entries[old]),
         [*entries[:new], entries[old], *entries[new:]]),
    ]  # fmt: skip
    for edit, expected in edits:
        try:
            edited = edit()
        except UsageError as error:
            assert error.remedy
            continue
        assert edited.value(()) == with_set(values, place, expected)


def test_an_entry_with_nothing_but_a_dash_stands_at_it() -> None:
    text = talk("kind: conversation\nroles:\n\n  -  # nobody\n  -\n  - name: x\n")
    assert [text.line(("roles", n)) for n in range(3)] == [4, 5, 6]
    assert text.place_at(5) == ("roles", 1)
    edited = text.with_value(("roles", 0, "name"), "new")
    assert edited.text == text.text.replace("-  # nobody", "- name: new  # nobody")
    assert text.without(("roles", 1)).text == text.text.replace("  -\n", "")


@pytest.mark.parametrize("written", ["{top_k}", "{top_k: }", "{top_k: , seed: 1}", "{seed, top_k}"])
def test_a_key_without_a_value_in_brackets_gets_one(written: str) -> None:
    place = ("selector", "sampling", "top_k")
    text = talk(f"kind: conversation\nselector: {{sampling: {written}}}\n")
    assert text.value(place) is None
    assert text.with_value(place, 5).value(place) == 5


def test_what_begins_on_the_line_of_something_else_can_be_moved() -> None:
    text = talk("kind: conversation\nfactors:\n  ? risks\n  : no: {}\n    # Or.\n    yes: {}\n")
    edited = text.moved(("factors", 0, "levels"), 0, 1)
    assert edited.text == text.text.replace(
        ": no: {}\n    # Or.\n    yes: {}", ": # Or.\n    yes: {}\n    no: {}"
    )
    assert edited.moved(("factors", 0, "levels"), 0, 1).value(()) == text.value(())
