from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from screens.widgets.wrapping import _UNEVEN, NARROWEST, WrappedText, line_starts
from simulator.presentation.safe_text import visible

WIDTHS = st.integers(NARROWEST, 40)
HARD = "ab  \n\u0301\u200d\ufe0f❤👩日é🇩।क्ष1⃣\U0001f3fbـ"
"""Words and breaks, accents, joiners, pictures, wide letters."""
TEXTS = (
    st.text(HARD, max_size=200)
    | st.text(st.characters(categories=None), max_size=200)
    | st.text("abc  \n", max_size=200)
).map(lambda text: visible(text).expandtabs(4))


def lines(text: str, width: int) -> list[str]:
    wrapped = WrappedText(text)
    wrapped.wrap(width)
    wrapped.find()
    return [text[slice(*wrapped.line(number))] for number in range(wrapped.height)]


@given(TEXTS, WIDTHS)
@example("日本語", 2)
@example("a ❤\ufe0f", 3)
@example(" " * 50 + "x", 4)
def test_no_line_is_too_wide_and_no_character_is_lost(text: str, width: int) -> None:
    starts = list(line_starts(text, width))
    assert starts[0] == 0 and starts == sorted(set(starts))
    cut = [text[start:stop] for start, stop in zip(starts, [*starts[1:], len(text)], strict=True)]
    assert "".join(cut) == text
    shown = lines(text, width)
    assert [line.rstrip(" \n") for line in cut] == shown
    assert all(cell_len(line) <= width and "\n" not in line for line in shown)


@given(TEXTS, WIDTHS, st.integers(1, 9))
def test_found_bit_by_bit_the_lines_are_the_same(text: str, width: int, most: int) -> None:
    wrapped = WrappedText(text)
    wrapped.wrap(width)
    while not wrapped.find(most):
        assert wrapped.height > 0
    whole = list(line_starts(text, width))
    assert wrapped.height == len(whole)
    assert [wrapped.line(number)[0] for number in range(wrapped.height)] == whole
    assert [wrapped.line_at(start) for start in whole] == list(range(len(whole)))


@given(st.lists(TEXTS, max_size=6), WIDTHS)
def test_words_put_at_the_end_are_cut_as_in_a_whole(pieces: list[str], width: int) -> None:
    wrapped = WrappedText("")
    wrapped.wrap(width)
    for piece in pieces:
        wrapped.append(piece)
    text = "".join(pieces)
    assert wrapped.text == text
    assert [wrapped.line(n)[0] for n in range(wrapped.height)] == list(line_starts(text, width))


def test_words_stay_whole_where_they_fit() -> None:
    assert lines("one two  three four", 9) == ["one two", "three", "four"]
    assert lines("one\n\n  two", 9) == ["one", "", "  two"]
    assert lines("  indented", 8) == ["  indent", "ed"]
    assert lines("exactly ten", 7) == ["exactly", "ten"]
    assert lines("日本語 word", 7) == ["日本語", "word"]
    assert lines("", 9) == [""] and lines("a\n", 9) == ["a", ""]


def test_what_counts_as_even_takes_one_cell() -> None:
    uneven = [chr(n) for n in range(0x20, 0x10000) if not _UNEVEN.match(chr(n))]
    assert len(uneven) > 2000
    assert [hex(ord(character)) for character in uneven if cell_len(character) != 1] == []


@pytest.mark.parametrize(
    ("text", "most_s"),
    [("word " * 200_000, 0.2), ("x" * 1_000_000, 0.2), ("日本語です。" * 160_000, 3.0)],
    ids=["words", "one word", "wide"],
)
def test_a_text_of_a_million_characters_takes_time_in_proportion(text: str, most_s: float) -> None:
    wrapped = WrappedText(text)
    wrapped.wrap(77)
    began = time.thread_time()
    wrapped.find()
    assert time.thread_time() - began < most_s
    assert wrapped.height > 12_000
