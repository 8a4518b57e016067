from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from screens.editor.differences import difference, rebased

words = st.text("ab\n", max_size=12)


@given(words, words)
def test_a_difference_makes_one_text_of_the_other(old: str, new: str) -> None:
    found = difference(old, new)
    assert (new if found is None else found.applied(old)) == new
    assert (found is None) == (old == new)


@given(words, st.text("x", min_size=1), words, st.text("y", min_size=1), words)
def test_changes_in_two_places_are_both_kept(
    head: str, ours: str, middle: str, theirs: str, tail: str
) -> None:
    between = f"-{middle}-"
    base = f"{head}{between}{tail}"
    assert (
        rebased(base, f"{head}{ours}{between}{tail}", f"{head}{between}{theirs}{tail}")
        == f"{head}{ours}{between}{theirs}{tail}"
    )


def test_what_is_typed_wins_where_both_changed_one_place() -> None:
    assert rebased("one two", "one 2", "one zwei") == "one 2"


@given(words, words)
def test_a_change_of_one_side_alone_is_taken(base: str, changed: str) -> None:
    assert rebased(base, base, changed) == changed
    assert rebased(base, changed, base) == changed
