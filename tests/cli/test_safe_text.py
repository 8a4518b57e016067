from __future__ import annotations

import json
import unicodedata

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


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_ordinary_text_stays(text: str) -> None:
    assert visible(text + "\n\tword") == text + "\n\tword"


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
