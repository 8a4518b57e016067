from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from screens.editor import history
from screens.editor.history import LONGEST_STEP, PAUSE_S, History


def test_typing_without_a_pause_is_one_step() -> None:
    past = History("")
    for moment, text in enumerate(("h", "he", "hey")):
        past.record(text, "greeting", moment * PAUSE_S / 2, typed_at="greeting")
    assert past.back() is not None
    assert past.text == ""
    assert past.forth() is not None
    assert past.text == "hey"


def test_a_pause_another_place_and_a_deed_begin_new_steps() -> None:
    past = History("")
    past.record("a", "", 0.0, typed_at="one")
    past.record("ab", "", PAUSE_S, typed_at="one")
    past.record("abc", "", PAUSE_S, typed_at="two")
    past.record("abcd", "", PAUSE_S)
    past.record("abcde", "", PAUSE_S)
    seen = []
    while past.back() is not None:
        seen.append(past.text)
    assert seen == ["abcd", "abc", "ab", "a", ""]


def test_long_typing_is_several_steps() -> None:
    past = History("")
    for length in range(1, 3 * LONGEST_STEP):
        past.record("x" * length, "", length * 0.01, typed_at="one")
    assert past.back() is not None
    assert LONGEST_STEP < len(past.text) < 3 * LONGEST_STEP


def test_typing_after_undoing_does_not_join_what_was_undone() -> None:
    past = History("")
    past.record("a", "", 0.0, typed_at="one")
    past.record("ab", "", 5.0, typed_at="one")
    past.back()
    past.record("ac", "", 5.1, typed_at="one")
    assert past.forth() is None
    past.back()
    assert past.text == "a"


@given(st.lists(st.text("ab", max_size=3), max_size=10))
def test_going_all_the_way_back_and_forth_changes_nothing(texts: list[str]) -> None:
    past = History("start")
    for text in texts:
        past.record(text, "", 0.0)
    last = past.text
    while past.back() is not None:
        pass
    assert past.text == "start"
    while past.forth() is not None:
        pass
    assert past.text == last


def test_old_texts_go_when_they_are_too_large() -> None:
    past = History("x" * (history.MOST_CHARACTERS // 2))
    for letter in "abcd":
        past.record(letter * (history.MOST_CHARACTERS // 2), "", 0.0)
    steps = 0
    while past.back() is not None:
        steps += 1
    assert steps == 1
