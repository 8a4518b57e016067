"""What two designs differ in is told by names, wherever things stand."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from simulator.files.design_diff import Change, Piece, design_changes, text_pieces
from simulator.files.designs import design_hash
from simulator.kinds.conversation.design import ConversationDesign
from tests.files.strategies import designs
from tests.lab import design

ROLES = [
    {"name": "guard", "starting_prompt": "You guard.", "sections": {"Goal": "Keep order."}},
    {"name": "prisoner", "starting_prompt": "You sit.", "sections": {"Goal": "Get out."}},
]


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    return design_changes(design(**before), design(**after))


def test_equal_designs_of_other_names_do_not_differ() -> None:
    assert changes({"note": "a", "name": "A"}, {"note": "b", "name": "B", "parent": "E1"}) == []


def test_places_are_told_by_names() -> None:
    other = [ROLES[0] | {"sections": {"Goal": "Keep calm."}, "count": 2}, ROLES[1]]
    assert changes({"roles": ROLES}, {"roles": other, "messages": 8}) == [
        Change("roles/guard/count", 1, 2),
        Change("roles/guard/sections/Goal", "Keep order.", "Keep calm."),
        Change("messages", 6, 8),
    ]


def test_what_stands_on_one_side_only_is_told_whole() -> None:
    more = [ROLES[0] | {"sections": {"Fears": "Riots.", "Goal": "Keep order."}}, ROLES[1]]
    assert changes({"roles": ROLES}, {"roles": more}) == [
        Change("roles/guard/sections/Fears", None, "Riots.")
    ]
    (gone,) = changes({"roles": ROLES}, {"roles": ROLES[:1]})
    assert (gone.path, gone.after) == ("roles/prisoner", None)
    assert isinstance(gone.before, dict) and gone.before["starting_prompt"] == "You sit."


def test_another_order_is_a_change_of_names() -> None:
    assert changes({"roles": ROLES}, {"roles": ROLES[::-1]}) == [
        Change("roles", ["guard", "prisoner"], ["prisoner", "guard"])
    ]


def test_levels_of_factors_are_matched_and_a_removed_section_is_seen() -> None:
    calm: dict[str, Any] = {"calm": {}, "angry": {"guard": {"Mood": "Angry."}}}
    before = {"roles": ROLES, "factors": {"mood": calm}}
    angry: dict[str, Any] = {"guard": {"Mood": "Furious.", "Goal": None}}
    after = {"roles": ROLES, "factors": {"mood": calm | {"angry": angry}}}
    assert changes(before, after) == [
        Change("factors/mood/angry/guard/Mood", "Angry.", "Furious."),
        Change("factors/mood/angry/guard/Goal", None, {"content": None}),
    ]


def test_entries_of_one_name_are_compared_as_a_whole() -> None:
    stops = [{"phrase": "Bye"}, {"phrase": "End"}]
    (change,) = changes({"stop": stops}, {"stop": stops[:1]})
    assert change.path == "stop"


@given(designs, designs)
def test_designs_differ_where_their_hashes_do(
    before: ConversationDesign, after: ConversationDesign
) -> None:
    found = design_changes(before, after)
    assert bool(found) == (design_hash(before) != design_hash(after))
    back = {change.path: (change.after, change.before) for change in design_changes(after, before)}
    assert back == {change.path: (change.before, change.after) for change in found}


@given(st.text(), st.text())
def test_pieces_make_up_both_texts(before: str, after: str) -> None:
    pieces = text_pieces(before, after)
    assert "".join(piece.text for piece in pieces if piece.what != "added") == before
    assert "".join(piece.text for piece in pieces if piece.what != "removed") == after


def test_words_are_compared_and_long_texts_by_lines() -> None:
    pieces = text_pieces("You are a guard.", "You are a kind guard.")
    assert [(piece.what, piece.text) for piece in pieces] == [
        ("kept", "You are a "), ("added", "kind "), ("kept", "guard."),
    ]  # fmt: skip
    lines = [f"Rule {number}: all the same words.\n" for number in range(900)]
    long = text_pieces("".join(lines), "".join([*lines[:450], "One more.\n", *lines[450:]]))
    assert [piece for piece in long if piece.what != "kept"] == [Piece("added", "One more.\n")]
