from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screens.compare.changes import changed
from screens.compare.pairing import Pair, pairs
from simulator.domain.journal import Step
from simulator.presentation.orderings import ordering_of
from tests.screens.widgets.messages import message

WORDS = st.lists(st.sampled_from(["one", "two", "three", "\n", "日本"]), max_size=12).map(" ".join)


def cut(text: str, spans: list[tuple[int, int]]) -> list[str]:
    return [text[start:stop] for start, stop in spans]


@pytest.mark.parametrize(
    ("before", "after", "removed", "added"),
    [
        ("Ten minutes. Then back.", "No. Then back.", ["Ten minutes."], ["No."]),
        ("I walked home", "I walk home", ["walked"], ["walk"]),
        ("a b", "a b c", [], ["c"]),
        ("a b c", "a c", ["b"], []),
        ("a b", "a bc", ["b"], ["bc"]),
        ("", "new words", [], ["new words"]),
        ("same", "same", [], []),
        ("x one y two z", "x 1 y 2 z", ["one", "two"], ["1", "2"]),
    ],
)
def test_words_that_differ(before: str, after: str, removed: list[str], added: list[str]) -> None:
    ours, theirs = changed(before, after)
    assert (cut(before, ours), cut(after, theirs)) == (removed, added)


@given(WORDS, WORDS)
def test_what_is_not_marked_is_the_same(before: str, after: str) -> None:
    ours, theirs = changed(before, after)
    for text, spans in ((before, ours), (after, theirs)):
        assert spans == sorted(spans)
        assert all(0 <= start < stop <= len(text) for start, stop in spans)
    assert rest(before, ours) == rest(after, theirs)
    assert before != after or ours == theirs == []


def rest(text: str, spans: list[tuple[int, int]]) -> list[str]:
    """The words that are in no span."""
    kept = list(text)
    for start, stop in spans:
        kept[start:stop] = " " * (stop - start)
    return "".join(kept).split()


@pytest.mark.parametrize("middle", ["!", "word " * 3_000, "ab " * 100_000])
def test_long_texts_are_told_apart_quickly(middle: str) -> None:
    same = "the same words again and again " * 20_000
    began = time.thread_time()
    ours, theirs = changed(f"{same}{middle}{same}", f"{same}other{same}")
    assert time.thread_time() - began < 0.5
    assert ours and theirs and theirs[0][1] - theirs[0][0] < 100


def of(*contents: str, scope: str = "main", first: int = 0) -> list[Step]:
    return [message(first + n, words, scope=scope) for n, words in enumerate(contents)]


def test_steps_stand_beside_each_other_and_the_longer_run_goes_on() -> None:
    found = pairs(of("a", "b", "c"), of("a", "x"))
    assert [pair.is_same for pair in found] == [True, False, False]
    assert found[2].right is None and found[2].either.content == "c"
    assert pairs([], []) == []


def test_what_nobody_heard_stands_beside_nothing() -> None:
    chosen = message(0, "Guard", in_transcript=False)
    assert pairs([chosen, *of("a", first=1)], of("a")) == [Pair(of("a", first=1)[0], of("a")[0])]


def test_scopes_are_paired_each_by_itself() -> None:
    left = [*of("a", "b", scope="one"), *of("c", scope="two", first=2)]
    right = [*of("c", scope="two"), *of("a", "b", scope="one", first=1)]
    assert all(pair.is_same for pair in pairs(left, right))


def test_the_same_words_of_somebody_else_differ() -> None:
    (pair,) = pairs(of("a"), [message(0, "a", "Prisoner_386")])
    assert not pair.is_same


def test_parts_that_were_played_side_by_side_are_read_one_after_another() -> None:
    scopes = ("main/chain-0001", "main/chain-0002")
    steps = [
        message(2 * day + place, f"{place} {day}", scope=scope, day=day)
        for day in range(2)
        for place, scope in enumerate(scopes)
    ]
    found = pairs(steps, steps, ordering_of("telephone", None))
    assert [pair.either.content for pair in found] == ["0 0", "0 1", "1 0", "1 1"]
