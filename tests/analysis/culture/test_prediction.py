"""What an early generation says about the last one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis.culture.prediction import predict, predictions_of
from simulator.analysis.culture.records import Floats
from tests.analysis.culture.measured import measured_of, published_attractors, published_measures
from tests.analysis.culture.published import published

START = np.linspace(-1, 1, 8)


def _walked(pull: float, position: float, generations: int) -> Floats:
    """Chains that each generation brings nearer to a position, by the same factor."""
    powers = pull ** np.arange(generations + 1)
    return position + (START[:, None] - position) * powers


@given(pull=st.floats(0.3, 0.98), position=st.floats(-5, 5))
@settings(max_examples=20)
def test_chains_that_keep_the_law_are_predicted_to_the_digit(pull: float, position: float) -> None:
    (found,) = predictions_of(measured_of(_walked(pull, position, 20), texts=8), early=4)
    assert found.predicted_position == pytest.approx(position, abs=1e-6)
    assert found.position_error == pytest.approx(0, abs=1e-6)
    assert found.predicted_slope == pytest.approx(pull**20, abs=1e-9)
    assert found.predicted_strength == pytest.approx(found.observed_strength, abs=1e-9)
    assert found.law_error == pytest.approx(0, abs=1e-6)
    assert found.reason == ""


@published
def test_published_positions_at_generation_10_are_held_against_the_last() -> None:
    known = published_attractors()
    for one in predictions_of(published_measures(), classic=True):
        early = known["positions_10"][one.measure][one.model][one.task]
        last = known["positions"][one.measure][one.model][one.task]
        assert one.position_error == pytest.approx(early - last, rel=1e-5, abs=2e-6)
        assert one.early_strength == pytest.approx(
            known["strengths_10"][one.measure][one.model][one.task], abs=1e-6
        )
        assert one.law_error is not None
        assert one.line_error is not None
        assert one.line_error <= one.law_error


def test_a_slope_below_zero_has_powers_only_of_whole_numbers() -> None:
    early, final = -0.5 * START, 0.25 * START
    assert predict(START, early, final, steps=2).predicted_slope == pytest.approx(0.25)
    assert predict(START, early, final, steps=3).predicted_slope == pytest.approx(-0.125)
    part = predict(START, early, final, steps=2.5)
    assert (part.predicted_slope, part.law_error) == (None, None)
    assert part.predicted_position == pytest.approx(0)


def test_errors_by_hand() -> None:
    found = predict(
        np.array([0.0, 1, 2, 3]), np.array([1.0, 1.5, 2, 2.5]), np.array([3.0, 1, 3, 1]), steps=5
    )
    assert found.predicted_position == pytest.approx(2)
    assert found.final_mean == 2
    assert found.mean_error == pytest.approx(0)
    assert found.stay_error == pytest.approx(np.sqrt((4 + 0.25 + 1 + 2.25) / 4))
    assert found.predicted_slope == pytest.approx(0.5**5)
    misses = np.array([3.0, 1, 3, 1]) - 2 - 0.5**5 * np.array([-2.0, -1, 0, 1])
    assert found.law_error == pytest.approx(np.sqrt((misses**2).mean()))


def test_no_attractor_early_predicts_nothing_and_none_late_leaves_nothing_to_compare() -> None:
    early = predict(START, 2 * START, START / 2, steps=5)
    assert early.predicted_position is None
    assert early.reason.startswith("early: no attractor")
    late = predict(START, START / 2, 2 * START, steps=5)
    assert late.predicted_position == pytest.approx(0)
    assert late.position_error is None
    assert late.reason.startswith("last: no attractor")


def test_bad_values_are_counted_or_say_why() -> None:
    final = START.copy()
    final[:6] = np.nan
    found = predict(START, START / 2, final, steps=5)
    assert (found.chains, found.dropped) == (2, 6)
    assert "only 2 chains" in found.reason
    assert predict(np.array([]), np.array([]), np.array([]), steps=5).final_mean is None
    with pytest.raises(ValueError, match="Not one value for each chain"):
        predict(START, START[1:], START, steps=5)


@pytest.mark.parametrize("early", [0, 6, 10])
def test_generations_that_are_not_between_say_so(early: int) -> None:
    (found,) = predictions_of(measured_of(_walked(0.5, 1, 6)), early=early)
    assert "not between" in found.reason
    assert found.dropped == 8


def test_a_prediction_that_is_off_by_more_than_chance_is_told_from_one_that_is_not() -> None:
    rng = np.random.default_rng(4)
    start = np.tile(np.linspace(-1, 1, 10), 3)
    texts = np.tile(np.arange(10), 3)
    final = 0.2 * start + rng.normal(0, 0.05, start.size)
    for off, stands_out in ((0.0, False), (1.0, True)):
        early = 0.5 * start + off + rng.normal(0, 0.05, start.size)
        found = predict(start, early, final, texts, steps=2, resamples=300)
        assert found.position_error is not None
        assert found.error_interval is not None
        low, high = found.error_interval.low, found.error_interval.high
        assert low < found.position_error < high
        assert (low > 0) == stands_out
    assert predict(start, final, final, texts, steps=2).error_interval is None
    equal = predict(start, final, final, texts, steps=2, resamples=300)
    assert equal.error_interval is not None
    assert (equal.error_interval.low, equal.error_interval.high) == (0, 0)
