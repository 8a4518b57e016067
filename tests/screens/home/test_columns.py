from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from screens.home.columns import COLUMNS, GAP, cells, column_at, laid_out, titles, widths
from screens.home.listing import Line
from tests.screens.home.shelves import HOSTILE
from tests.screens.home.test_listing import an_entry
from tests.screens.host import NOW

letters = st.text("aé漢\N{GRINNING FACE}\u0301 ", max_size=40)


@given(letters, st.integers(0, 2_000_000), st.integers(60, 200), st.integers(0, 5))
def test_a_row_is_as_wide_as_there_is_room(name: str, runs: int, room: int, depth: int) -> None:
    line = Line(an_entry(name=name, creator=name, runs=runs), depth)
    assert cell_len(laid_out(cells(line, NOW), room)) == room


@given(st.integers(60, 200))
def test_every_column_has_room_and_is_found_again(room: int) -> None:
    assert sum(widths(room)) + GAP * len(COLUMNS) <= room
    found = [column_at(x, room) for x in range(room)]
    assert list(dict.fromkeys(one for one in found if one is not None)) == list(COLUMNS)


def test_foreign_words_stay_on_their_line() -> None:
    line = Line(an_entry(name=f"a\nb\r{HOSTILE}", creator="\x1b[2J"))
    text = laid_out(cells(line, NOW), 120)
    assert "\x1b" not in text and "\n" not in text and "\u202e" not in text
    assert "a b [/foo] [bold" in text


def test_a_megabyte_of_a_name_is_cut() -> None:
    text = laid_out(cells(Line(an_entry(name="x" * 2**20)), NOW), 80)
    assert cell_len(text) == 80 and "…" in text


def test_the_sorted_column_is_marked() -> None:
    assert titles("runs", is_reversed=False)[3] == "runs▾"
    assert titles("name", is_reversed=True)[1] == "name▴"
