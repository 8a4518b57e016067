from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis.debates.comparison import compare_all, pairs_of
from simulator.analysis.debates.proportions import Interval, Proportion
from simulator.analysis.debates.records import DebateRecord
from simulator.analysis.debates.summary import summarize
from simulator.presentation.debates import (
    NONE,
    Table,
    accuracy_text,
    comparison_tables,
    label,
    p_text,
    percent_text,
    points_text,
    record_tables,
)
from tests.analysis.debates.talk import debated, finals, record, records

DEBATE = replace(
    record(
        debated([["1", "2", "1"], ["2", "2", "1"]], final="1", question="A", tokens=200),
        debated([["1", None, "2"], ["2", "2", "2"]], final=None, question="B", tokens=400),
    ),
    temperatures=((0.2, 0.2, 0.2), (0.8, 0.8, 0.8)),
    missing=3,
)


def by_title(tables: list[Table]) -> dict[str, Table]:
    return {table.title: table for table in tables}


def cell(table: Table, heading: str, row: int = 0) -> str:
    return table.rows[row][table.headings.index(heading)]


def test_numbers_have_one_form() -> None:
    assert percent_text(Proportion(27, 50)) == "54.0 %"
    assert accuracy_text(Proportion(27, 50)) == "54.0 % [40.4, 67.0]"
    assert accuracy_text(Proportion(27, 50), 0.9) == "54.0 % [42.5, 65.1]"
    assert points_text(0.04, Interval(-0.031, 0.11)) == "+4.0 [-3.1, 11.0]"
    assert [p_text(p) for p in (1.0, 0.0703, 0.0004)] == ["1.000", "0.070", "<0.001"]
    assert accuracy_text(None) == percent_text(None) == points_text(0.0, None) == NONE


@pytest.mark.parametrize(("place", "text"), [(0, "A"), (25, "Z"), (26, "A2"), (53, "B3")])
def test_labels(place: int, text: str) -> None:
    assert label(place) == text


def test_a_debate_in_tables() -> None:
    tables = by_title(list(record_tables([summarize(DEBATE)])))
    assert list(tables) == [
        "Final answers", "What answers took", "Debaters by round", "Majority votes", "Rounds",
    ]  # fmt: skip
    finals_ = tables["Final answers"]
    assert cell(finals_, "ACCURACY") == "50.0 % [9.5, 90.5]"
    assert (cell(finals_, "UNDECIDED"), cell(finals_, "MISSING")) == ("1", "3")
    assert cell(finals_, "T") == "0.2/0.8"
    assert cell(finals_, "MODE") == "natural language"
    took = tables["What answers took"]
    assert took.rows[0][1:] == ("300", "3 s", NONE, "600", "6 s", NONE)
    debaters = tables["Debaters by round"]
    assert len(debaters.rows) == 8
    assert debaters.rows[1] == (
        "debater 1", "0.2", "2", "0.0 % [0.0, 65.8]", "1", "2 of 2", "0", "2",
    )  # fmt: skip
    assert debaters.rows[3][2:] == ("1 → 3", "", "", "1 of 2", "0", "1")
    votes = tables["Majority votes"]
    assert [row[0] for row in votes.rows] == [
        "all rounds but the first", "all rounds", "the last round",
    ]  # fmt: skip
    assert cell(votes, "ACCURACY", 2) == "50.0 % [9.5, 90.5]"


def test_what_is_unknown_takes_no_room() -> None:
    tables = by_title(list(record_tables([summarize(finals("1", "2"))])))
    assert list(tables) == ["Final answers", "Debaters by round"]
    assert "UNDECIDED" not in tables["Final answers"].headings
    assert "CHANGED" not in tables["Debaters by round"].headings


def test_three_debaters_are_compared_two_by_two() -> None:
    one = record(debated([["1"], ["1"], ["2"]], final="1"), debaters=3)
    tables = by_title(list(record_tables([summarize(one), summarize(one)])))
    pairs = tables["B: Agreement of each two"]
    assert pairs.rows[0] == ("debater 1 and debater 2", "100.0 %")
    assert len(pairs.rows) == 3


def test_comparisons_in_tables() -> None:
    worse = finals(*["1"] * 5, *["2"] * 5, name="worse", tokens=100)
    better = finals(*["1"] * 7, *["2"] * 3, name="better", tokens=400)
    points, took = comparison_tables(compare_all([worse, better]), [(0, 1)])
    assert points.rows[0] == (
        "A → B", "+20.0 [-10.3, 44.9]", "0.500", "5", "0", "2", "3", "0", "0",
    )  # fmt: skip
    assert took.rows[0] == ("A → B", "300", "3 s", NONE, "15", "0.15 s", NONE)
    (back, _) = comparison_tables(compare_all([better, worse, worse]), pairs_of(3), mid_p=True)
    assert cell(back, "ADJUSTED P") == "1.000"
    assert [row[0] for row in back.rows] == ["A → B", "A → C", "B → C"]
    assert "mid-p" in back.note
    elsewhere = record(debated([["1"]], question="Z"))
    (apart,) = comparison_tables(compare_all([elsewhere, finals("1")]), [(0, 1)])
    assert apart.rows[0][:3] == ("A → B", NONE, NONE)
    assert list(comparison_tables([], [])) == []


@given(st.lists(records(), min_size=1, max_size=3))
def test_every_row_fits_its_headings(many: list[DebateRecord]) -> None:
    tables = [
        *record_tables([summarize(one) for one in many]),
        *comparison_tables(compare_all(many), pairs_of(len(many))),
    ]
    for table in tables:
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.headings)}
        assert all("\n" not in text for row in table.rows for text in row)
