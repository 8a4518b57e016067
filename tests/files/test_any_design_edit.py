"""Rules that every edit of every design's text keeps."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from simulator.errors import UsageError
from simulator.files.design_text import MISSING, DesignText, Place
from simulator.files.designs import write_design
from simulator.kinds.conversation.design import ConversationDesign
from tests.files.design_places import at, leaves, lists, places, with_set
from tests.files.kinds import KINDS
from tests.files.strategies import designs, texts

some = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
scalars = texts | st.integers(-5, 10**9) | st.booleans() | st.none() | st.floats(-9, 9)
ENTRIES = {
    "sections": {"title": "new title", "content": "new content"},
    "shared_sections": {"title": "new title", "content": "new\ncontent"},
    "roles": {"name": "cook", "starting_prompt": "You cook.", "sections": [
        {"title": "Goal", "content": "Cook."}]},
    "factors": {"name": "new factor", "levels": [
        {"name": "a", "changes": []},
        {"name": "b", "changes": [{"target": "shared", "title": "T", "content": None}]}]},
    "levels": {"name": "new level", "changes": []},
    "changes": {"target": "new target", "title": "T", "content": "x"},
    "section_order": "Goal",
    "weights": {"role": "cook", "weight": 2.5},
    "stop": {"phrase": "Bye"},
    "condition": {"factor": "f", "level": "l"},
}  # fmt: skip


def written(design: ConversationDesign, data: st.DataObject) -> DesignText:
    text = write_design(design)
    if data.draw(st.booleans(), label="CRLF"):
        text = text.replace("\n", "\r\n")
    return DesignText(text, KINDS)


def is_key(place: Place) -> bool:
    return place[-1] in ("title", "name", "target", "role", "factor") and len(place) > 1


@some
@given(designs, st.data())
def test_what_is_set_is_what_is_written_and_nothing_else_changes(
    design: ConversationDesign, data: st.DataObject
) -> None:
    text = written(design, data)
    values: Any = text.value(())
    for _ in range(3):
        place = data.draw(st.sampled_from(leaves(values)), label="place")
        value = data.draw(texts if is_key(place) else scalars, label="value")
        try:
            edited = text.with_value(place, value)
        except UsageError as error:
            assert is_key(place), (error.message, text.text)
            assert error.remedy
            continue
        assert edited.is_readable
        assert edited.value(()) == with_set(values, place, value)


@some
@given(designs, st.data())
def test_an_entry_put_in_and_taken_out_leaves_the_same(
    design: ConversationDesign, data: st.DataObject
) -> None:
    text = written(design, data)
    values: Any = text.value(())
    place = data.draw(st.sampled_from(lists(values)), label="place")
    entry: Any = ENTRIES.get(str(place[-1]), "END")
    count = len(at(values, place))
    index = data.draw(st.integers(0, count), label="index")
    try:
        longer = text.inserted(place, index, entry)
    except UsageError:
        assert place[-1] == "changes" and 0 < index < count
        return
    assert longer.value((*place, index)) == entry
    assert len(at(longer.value(()), place)) == count + 1
    assert longer.without((*place, index)).value(()) == values


@some
@given(designs, st.data())
def test_a_move_is_a_permutation(design: ConversationDesign, data: st.DataObject) -> None:
    text = written(design, data)
    values: Any = text.value(())
    place = data.draw(st.sampled_from([*lists(values), ("roles",)]), label="place")
    entries = at(values, place)
    assume(len(entries) > 1)
    old, new = (data.draw(st.integers(0, len(entries) - 1)) for _ in range(2))
    try:
        moved = text.moved(place, old, new)
    except UsageError:
        assert place[-1] == "changes"
        return
    order = [entry for n, entry in enumerate(entries) if n != old]
    order.insert(new, entries[old])
    assert moved.value(()) == with_set(values, place, order)
    assert sorted(moved.text.split()) == sorted(text.text.split())


@some
@given(designs, st.data())
def test_a_section_moves_between_lists_whole(
    design: ConversationDesign, data: st.DataObject
) -> None:
    text = written(design, data)
    values: Any = text.value(())
    owned = [p for p in places(values) if len(p) > 1 and p[-2] in ("sections", "shared_sections")]
    assume(owned)
    place = data.draw(st.sampled_from(owned), label="place")
    others: list[Place] = [("roles", n, "sections") for n in range(len(values["roles"]))]
    others = [other for other in [*others, ("shared_sections",)] if other != place[:-1]]
    to = data.draw(st.sampled_from(others), label="to")
    old = text.value(to)
    count = 0 if old is MISSING else len(at(values, to))
    index = data.draw(st.integers(0, count), label="index")
    section = at(values, place)
    try:
        edited = text.transferred(place, to, index)
    except UsageError:
        assert any(other["title"] == section["title"] for other in at(values, to))
        return
    assert edited.value((*to, index)) == section
    assert isinstance(place[-1], int)
    kept = [entry for n, entry in enumerate(at(values, place[:-1])) if n != place[-1]]
    assert edited.value(place[:-1]) == kept
    assert edited.without((*to, index)).inserted(place[:-1], place[-1], section).value(
        place[:-1]
    ) == at(values, place[:-1])


@some
@given(designs, st.data())
def test_lines_and_places_agree(design: ConversationDesign, data: st.DataObject) -> None:
    text = written(design, data)
    values: Any = text.value(())
    lines = {place: text.line(place) for place in places(values)}
    assert all(line is not None and 1 <= line <= text.text.count("\n") for line in lines.values())
    for place, line in lines.items():
        assert line is not None
        found = text.place_at(line)
        beside = [other for other, its in lines.items() if its == line]
        assert found[: len(place)] == place or found in beside
    for line in range(1, text.text.count("\n") + 1):
        place = text.place_at(line)
        begins = text.line(place)
        assert begins is not None and begins <= line
