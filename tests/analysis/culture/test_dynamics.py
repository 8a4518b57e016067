"""How values change along chains: rules that hold for any series, and bad input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis.culture.dynamics import (
    Resampling,
    changes_of,
    course_of,
    cumulativeness_of,
    dynamics_of,
)
from simulator.analysis.culture.records import Floats
from tests.analysis.culture.measured import joined, measured_of, published_measures
from tests.analysis.culture.published import published

SERIES = st.lists(st.integers(-50, 50), min_size=2, max_size=20).map(
    lambda values: np.array(values, dtype=np.float64)
)


@given(series=SERIES)
@settings(max_examples=50)
def test_shares_and_progress_add_up_and_all_stay_within_bounds(series: Floats) -> None:
    course = course_of(series)
    if course is None:
        assert np.ptp(series) == 0
        return
    assert sum(course.shares) == pytest.approx(1)
    assert course.curve[0] == 0
    assert course.curve[-1] == pytest.approx(1)
    assert list(course.curve) == sorted(course.curve)
    for value in (course.area, course.punctuatedness, course.directness, course.cumulativeness):
        assert -1e-12 <= value <= 1 + 1e-12
    assert (course.progress is None) == (series[0] == series[-1])
    if course.progress is not None:
        assert sum(course.progress) == pytest.approx(1)


@given(series=SERIES, scale=st.sampled_from([-3.0, 0.5, 7.0]), shift=st.integers(-9, 9))
@settings(max_examples=30)
def test_units_do_not_matter(series: Floats, scale: float, shift: int) -> None:
    one, other = course_of(series), course_of(scale * series + shift)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert other.shares == pytest.approx(one.shares)
        assert other.area == pytest.approx(one.area)
        assert other.cumulativeness == pytest.approx(one.cumulativeness)


def test_even_change_is_not_punctuated_and_one_step_is() -> None:
    even = course_of(np.linspace(3, -2, 51))
    assert even is not None
    assert even.area == pytest.approx(0.5)
    assert even.punctuatedness == pytest.approx(0, abs=1e-12)
    assert even.directness == pytest.approx(1)
    assert even.cumulativeness == pytest.approx(49 / 50)
    sudden = course_of(np.array([0.0] + [1.0] * 50))
    assert sudden is not None
    assert sudden.area == pytest.approx(0.99)
    assert sudden.punctuatedness == pytest.approx(0.98)
    assert sudden.cumulativeness == 0
    late = course_of(np.array([0.0] * 50 + [1.0]))
    assert late is not None
    assert late.area == pytest.approx(0.01)
    assert late.punctuatedness == pytest.approx(0.98)


def test_a_step_away_from_the_end_is_no_progress() -> None:
    course = course_of(np.array([0.0, -1.0, 3.0, 2.0]))
    assert course is not None
    assert course.shares == pytest.approx((1 / 6, 4 / 6, 1 / 6))
    assert course.progress == pytest.approx((-0.5, 1.0, 0.5))
    assert course.directness == pytest.approx(2 / 6)


def test_cumulativeness_by_hand() -> None:
    assert cumulativeness_of(np.array([0.0, 6.0, 10.0, 7.0])) == pytest.approx(0.4)
    assert cumulativeness_of(np.ones(4)) == 0


@pytest.mark.parametrize("series", [[], [1.0], [1.0, float("nan")]])
def test_series_with_gaps_have_no_course(series: list[float]) -> None:
    with pytest.raises(ValueError, match="two or more values without gaps"):
        course_of(np.array(series))


def test_flat_and_stopped_chains_are_counted_and_texts_weigh_the_same() -> None:
    values = [[0, 1, 2], [0, 2, 2], [5, 5, 5], [1, 3, float("nan")], [0, 0, 2]]
    (found,) = dynamics_of(measured_of(values, texts=2))
    assert (found.chains, found.texts, found.dropped, found.flat) == (4, 2, 1, 1)
    assert found.shares == pytest.approx((0.5, 0.5))
    assert found.curve == pytest.approx((0, 0.5, 1))
    assert found.area is not None
    assert found.area.value == pytest.approx(((0.5 + 0.25) / 2 + 0.75) / 2)
    assert found.cumulativeness is not None
    assert found.cumulativeness.value == pytest.approx(((0.5 + 0 + 1) / 3 + 0) / 2)


def test_what_has_no_dynamics_says_why() -> None:
    (flat,) = dynamics_of(measured_of(np.ones((4, 3))))
    assert (flat.reason, flat.flat, flat.area) == ("no chain ever changes", 4, None)
    (gone,) = dynamics_of(measured_of(np.full((4, 3), np.nan)))
    assert (gone.dropped, gone.area) == (4, None)
    assert "no chain with a value" in gone.reason
    (short,) = dynamics_of(measured_of(np.ones((4, 1))))
    assert short.reason


def test_one_text_has_a_mean_without_an_error() -> None:
    (found,) = dynamics_of(measured_of([[0, 1, 2], [0, 2, 2]], texts=1))
    assert found.area is not None
    assert (found.area.error, found.area.texts) == (None, 1)


def test_classic_differences_shrink_with_one_outlier_and_robust_ones_do_not() -> None:
    values = np.random.default_rng(1).normal(10, 2, (40, 6))
    calm = measured_of(values, task="a")
    wild = values.copy()
    wild[0, 3] = 1000.0
    scales = {
        classic: [
            changes_of(measured_of(some), classic=classic)[0].scale for some in (values, wild)
        ]
        for classic in (True, False)
    }
    assert scales[True][0] == pytest.approx(values.max())
    assert scales[True][1] == 1000
    assert scales[False][1] == pytest.approx(scales[False][0], rel=0.05)
    first, second = changes_of(joined(calm, measured_of(wild, task="b")))
    assert first.scale == second.scale
    assert first.difference is not None
    assert second.difference is not None
    assert first.difference.value == pytest.approx(second.difference.value)
    gap = np.abs(values[:, 5] - values[:, 1]).mean() / (first.scale or 0)
    assert first.difference.value == pytest.approx(gap)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.ones((4, 2)), "fewer than two generations"),
        (np.full((4, 4), np.nan), "no chain has values"),
        (np.ones((4, 4)), "all values are equal"),
    ],
)
def test_what_has_no_difference_says_why(values: Floats, reason: str) -> None:
    (found,) = changes_of(measured_of(values))
    assert reason in found.reason
    assert found.difference is None


@published
def test_published_chains_change_more_than_evenly_in_their_first_step() -> None:
    found = dynamics_of(published_measures(), ("difficulty",))
    assert len(found) == 9
    for one in found:
        assert one.chains == 100
        assert one.shares[0] > 1 / 50


def test_intervals_are_of_texts_and_not_of_chains() -> None:
    """Each chain copied ten times says no more of other texts."""
    rng = np.random.default_rng(2)
    values = rng.normal(size=(6, 8))
    (few,) = dynamics_of(measured_of(values, texts=6))
    (many,) = dynamics_of(measured_of(np.vstack([values] * 10), texts=6))
    assert few.area is not None
    assert few.area.interval is not None
    assert many.area is not None
    assert many.area.interval is not None
    assert many.area.interval.low == pytest.approx(few.area.interval.low)
    assert many.area.interval.high == pytest.approx(few.area.interval.high)
    assert few.area.interval.low < few.area.value < few.area.interval.high
    (narrow,) = dynamics_of(measured_of(values, texts=6), resampling=Resampling(level=0.5))
    assert narrow.area is not None
    assert narrow.area.interval is not None
    assert few.area.interval.low < narrow.area.interval.low
    (none,) = dynamics_of(measured_of(values, texts=6), resampling=Resampling(draws=0))
    (two,) = dynamics_of(measured_of(values[:2], texts=2))
    assert none.area is not None
    assert two.area is not None
    assert none.area.interval is two.area.interval is None
