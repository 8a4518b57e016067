from __future__ import annotations

from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis.summary import Interval, Sample, Summary, student_t

numbers = st.floats(-1e9, 1e9)


def sample(values: list[float], runs: list[int] | None = None) -> Sample:
    of = list(range(len(values))) if runs is None else runs
    return Sample(np.array(values, np.float64), np.array(of, np.int64))


@pytest.mark.parametrize(
    ("degrees", "published"),
    [
        (1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (5, 2.5706), (6, 2.4469),
        (7, 2.3646), (8, 2.3060), (9, 2.2622), (10, 2.2281), (15, 2.1314), (20, 2.0860),
        (30, 2.0423), (60, 2.0003), (120, 1.9799), (10**6, 1.9600),
    ],
)  # fmt: skip
def test_students_t_is_that_of_the_published_tables(degrees: int, published: float) -> None:
    assert student_t(degrees) == pytest.approx(published, rel=0.0013)


def test_one_value_for_each_run_gives_the_ordinary_interval_of_a_mean() -> None:
    values = [3.0, 5.0, 9.0, 1.0, 2.0]
    half = 2.7764 * stdev(values) / 5**0.5
    found = Summary.of(sample(values))
    assert found.interval is not None
    assert found.interval.high - found.mean == pytest.approx(half, rel=0.001)
    assert found.mean - found.interval.low == pytest.approx(half, rel=0.001)


def test_equal_messages_within_runs_add_nothing_to_certainty() -> None:
    once = Summary.of(sample([1.0, 4.0, 7.0]))
    ten_times = Summary.of(sample([1.0, 4.0, 7.0] * 10, [0, 1, 2] * 10))
    assert once.interval is not None and ten_times.interval is not None
    assert ten_times.interval.low == pytest.approx(once.interval.low)
    assert (ten_times.n, ten_times.runs) == (30, 3)


def test_values_of_one_run_give_no_interval() -> None:
    assert Summary.of(sample([1.0, 2.0, 3.0], [7, 7, 7])).interval is None


def test_equal_values_are_certain() -> None:
    assert Summary.of(sample([2.0, 2.0])).interval == Interval(2.0, 2.0)


def test_the_five_numbers_are_interpolated_linearly() -> None:
    found = Summary.of(sample([4.0, 1.0, 3.0, 2.0]))
    five = (
        found.minimum, found.first_quartile, found.median, found.third_quartile, found.maximum
    )  # fmt: skip
    assert five == (1.0, 1.75, 2.5, 3.25, 4.0)


@given(st.lists(st.tuples(numbers, st.integers(0, 3)), min_size=1, max_size=20))
def test_numbers_stand_in_their_order(rows: list[tuple[float, int]]) -> None:
    values = [value for value, _ in rows]
    found = Summary.of(sample(values, [of for _, of in rows]))
    assert found.minimum <= found.first_quartile <= found.median
    assert found.median <= found.third_quartile <= found.maximum
    assert found.minimum <= found.mean <= found.maximum
    assert found.mean == pytest.approx(mean(values), abs=1e-3)
    assert found.n == len(values)
    if found.interval is not None:
        assert found.interval.low <= found.mean <= found.interval.high


@given(st.lists(numbers, min_size=2, max_size=20), st.floats(-100, 100))
def test_what_is_added_to_all_values_moves_the_interval_and_nothing_else(
    values: list[float], shift: float
) -> None:
    before = Summary.of(sample(values))
    after = Summary.of(sample([value + shift for value in values]))
    assert before.interval is not None and after.interval is not None
    width = before.interval.high - before.interval.low
    assert after.interval.high - after.interval.low == pytest.approx(width, rel=1e-6, abs=1e-3)
