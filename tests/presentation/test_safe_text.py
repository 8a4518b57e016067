from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.presentation.safe_text import one_line, to_json, visible

EVERYTHING = st.text(st.characters(categories=None))


@given(EVERYTHING)
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    shown = visible(text)
    for character in shown:
        assert character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs")
        assert unicodedata.bidirectional(character) not in (
            "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI",
        )  # fmt: skip
    shown.encode()
    assert "\n" not in one_line(text)


FILLERS = "\u115f\u1160\u3164\uffa0"
"""Letters by their category that nobody can see."""


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters=FILLERS)))
def test_ordinary_text_stays(text: str) -> None:
    assert visible(text + "\n\tword") == text + "\n\tword"


@given(EVERYTHING)
def test_what_is_shown_is_shown_as_it_is_when_it_is_shown_again(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize(
    "words",
    ["👩‍👩‍👧 and ❤️‍🔥", "1️⃣ ✈️ 👍🏽", "می‌خواهم", "क्‍ष", "e\u0301", "🇩🇪"],
    ids=["families", "variants", "persian", "hindi", "accents", "flags"],
)
def test_what_joins_letters_and_pictures_stays(words: str) -> None:
    assert visible(words) == words


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("to\u200bday", "to\\u200bday"),
        ("to\u2060day\ufeff", "to\\u2060day\\ufeff"),
        ("to\u200dday\u200c", "to\\u200dday\\u200c"),
        ("\u200d👩\u200d", "\\u200d👩\\u200d"),
        ("a\ufe0fb\ufe01", "a\\ufe0fb\\ufe01"),
        ("soft\u00adly \u3164", "soft\\xadly \\u3164"),
        ("\U000e0041\U000e0100", "\\U000e0041\\U000e0100"),
    ],
)
def test_words_cannot_hide_in_characters_without_width(hidden: str, shown: str) -> None:
    assert visible(hidden) == shown


def test_symbols() -> None:
    assert visible("\x1b[31m\x07\r\x7f\x9b\u202e\ud800") == "␛[31m␇␍␡\\x9b\\u202e\\ud800"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | EVERYTHING,
        lambda inner: st.lists(inner) | st.dictionaries(EVERYTHING, inner),
    )
)
def test_json_is_ascii_and_exact(value: object) -> None:
    text = to_json(value)
    assert text.isascii()
    assert json.loads(text) == value


def test_numbers_that_json_lacks_are_null() -> None:
    assert to_json({"a": [float("inf"), (1.5, float("nan"))]}) == '{"a": [null, [1.5, null]]}'
