from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from simulator.backends.stops import StopCutter

LETTERS = st.text(alphabet="ab\n", max_size=12)


@st.composite
def split_texts(draw: st.DrawFn) -> tuple[str, list[str]]:
    text = draw(LETTERS)
    places = draw(st.lists(st.integers(0, len(text)), max_size=len(text)).map(sorted))
    bounds = [0, *places, len(text)]
    return text, [text[a:b] for a, b in pairwise(bounds)]


def cut(pieces: list[str], stops: list[str]) -> tuple[list[str], bool]:
    cutter = StopCutter(stops)
    said = [cutter.feed(piece) for piece in pieces]
    return [*said, cutter.rest()], cutter.stopped


@given(split_texts(), st.lists(st.text(alphabet="ab\n", min_size=1, max_size=4), max_size=3))
@example(("aba", ["ab", "a"]), ["b", "aba"])
def test_a_reply_ends_where_the_first_stop_string_begins_however_it_is_cut(
    split: tuple[str, list[str]], stops: list[str]
) -> None:
    text, pieces = split
    said, stopped = cut(pieces, stops)
    places = [place for stop in stops if (place := text.find(stop)) >= 0]
    assert stopped == bool(places)
    assert "".join(said) == text[: min(places, default=len(text))]


@given(split_texts(), st.text(alphabet="ab\n", min_size=1, max_size=4))
def test_what_cannot_begin_a_stop_string_is_said_at_once(
    split: tuple[str, list[str]], stop: str
) -> None:
    _, pieces = split
    cutter, fed, said = StopCutter([stop]), "", ""
    for piece in pieces:
        fed += piece
        said += cutter.feed(piece)
        if cutter.stopped:
            return
        held = fed[len(said) :]
        assert stop.startswith(held) and len(held) < len(stop)


def test_without_stop_strings_everything_is_said_as_it_comes() -> None:
    assert cut(["a", "b", ""], []) == (["a", "b", "", ""], False)
