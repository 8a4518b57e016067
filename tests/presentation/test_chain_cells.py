"""Cells of chains, and tables that fit."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis.culture.estimates import Estimate
from simulator.analysis.summary import Interval
from simulator.presentation.chain_cells import (
    brief_text,
    by_model,
    estimate_text,
    grouped,
    number_text,
)


@pytest.mark.parametrize(
    ("value", "brief", "longer"),
    [
        (0.54049, "0.540", "0.5405"), (-0.00001, "0.000", "0.0000"), (15.1771, "15.2", "15.18"),
        (943.06, "943", "943.1"), (11197.3, "11,197", "11,197"), (1.0, "1.00", "1.000"),
        (float("nan"), "–", "–"), (None, "–", "–"), (-6.2, "-6.20", "-6.200"),
    ],
)  # fmt: skip
def test_numbers(value: float | None, brief: str, longer: str) -> None:
    assert (brief_text(value), number_text(value)) == (brief, longer)


@given(value=st.floats(-1e6, 1e6))
def test_numbers_are_read_as_what_they_are(value: float) -> None:
    assert float(number_text(value).replace(",", "")) == pytest.approx(value, rel=6e-4, abs=6e-5)


def test_a_star_marks_intervals_without_0() -> None:
    assert estimate_text(Estimate(0.2, Interval(0.1, 0.3))) == "0.200 [0.100, 0.300]*"
    assert "*" not in estimate_text(Estimate(0.2, Interval(-0.1, 0.3)))
    assert estimate_text(Estimate(0.2)).strip() == "0.200"


def record(model: str, temperature: float | None = None, chains: int = 5) -> SimpleNamespace:
    return SimpleNamespace(model=model, task="t", temperature=temperature, chains=chains)


def test_temperatures_and_counts_have_columns_where_they_differ() -> None:
    one = grouped("X", [record("m"), record("n")], ("A",), lambda _: ("1",), "Note.")
    assert one.headings == ("MODEL", "TASK", "A")
    assert one.note == "Note. Of 5 chains each."
    other = grouped("X", [record("m", 0.5), record("m", chains=4)], ("A",), lambda _: ("1",))
    assert other.headings == ("MODEL", "TASK", "T", "A", "N")
    assert other.rows == (("m", "t", "0.5", "1", "5"), ("m", "t", "–", "1", "4"))


def test_a_table_that_is_too_wide_is_one_for_each_model() -> None:
    found = [record("m"), record("n"), record("m")]
    table = grouped("X", found, ("A",), lambda _: ("1" * 30,), "Note.")
    models = [one.model for one in found]
    assert list(by_model(table, models)) == [table]
    first, second = by_model(table, models, width=30)
    assert (first.title, second.title) == ("X: m", "X: n")
    assert (len(first.rows), len(second.rows)) == (2, 1)
    assert first.headings == ("TASK", "A")
    assert (first.note, second.note) == ("", table.note)
