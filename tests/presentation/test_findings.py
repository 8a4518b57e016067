from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis.gathering import gathered
from simulator.analysis.measures import MEASURES
from simulator.analysis.summary import Interval
from simulator.presentation.findings import (
    interval_text,
    label_text,
    left_out_text,
    number_text,
)
from tests.analysis.journals import GUARD, SUMMARIZER, run, said, sheet


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (3.0, "3"), (4.5678, "4.57"), (0.01234, "0.0123"), (0.5, "0.500"),
        (123.456, "123.5"), (12345.6, "12,346"), (1e12, "1.00e+12"), (0.00001, "1.00e-05"),
        (-2.5, "-2.50"), (1234567.0, "1,234,567"),
    ],
)  # fmt: skip
def test_numbers_are_short_and_keep_three_digits(value: float, text: str) -> None:
    assert number_text(value) == text


@given(st.floats(-1e300, 1e300))
def test_any_number_is_short_and_near_what_it_says(value: float) -> None:
    text = number_text(value)
    assert len(text) <= 11
    assert float(text.replace(",", "")) == pytest.approx(value, rel=0.01)


def test_intervals_are_said_or_absent() -> None:
    assert interval_text(Interval(1.0, 2.5)) == "1 to 2.50"
    assert interval_text(None) == "–"


def test_labels_name_their_grouping_where_it_does_not_stand_beside_them() -> None:
    assert label_text(2, "day") == "2"
    assert label_text(2, "day", alone=True) == "day 2"
    assert label_text(None, "day") == "–"
    assert label_text(None, "day", alone=True) == "no day"
    assert label_text("R" * 18 + "ABCDEFGH", "run") == "ABCDEFGH"
    assert label_text("\x1b[31m\nred", "agent") == "␛[31m red"


def test_what_is_left_out_is_said_with_the_commonest_reasons() -> None:
    steps = [
        said(0, "Researcher"), said(1, GUARD), said(2, SUMMARIZER), said(3, GUARD, ""),
        said(4, GUARD, edited=True), said(5, GUARD, kind="interject", call=None),
        said(6, GUARD, ""),
    ]  # fmt: skip
    found = gathered([sheet(steps), sheet([], run(2))], MEASURES["words"])
    assert left_out_text(found) == (
        "1 of 7 steps; left out: 2 empty replies, 1 words of the researcher, "
        "1 words of helpers, as summaries, 2 others; 1 run without any step"
    )
    whole = gathered([sheet([said(0, GUARD)])], MEASURES["words"])
    assert left_out_text(whole) == "1 of 1 steps"
