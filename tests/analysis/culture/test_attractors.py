"""Attractors: the published numbers, and rules that hold for any values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis.culture.attractors import attractor_of, attractors_of
from simulator.analysis.culture.records import MeasuredChains
from tests.analysis.culture.measured import (
    joined,
    measured_of,
    published_attractors,
    published_measures,
)
from tests.analysis.culture.published import published


@published
@pytest.mark.parametrize(("generation", "suffix"), [(50, ""), (10, "_10")])
def test_published_attractors_are_found_again(generation: int, suffix: str) -> None:
    known = published_attractors()
    found = attractors_of(published_measures(), generation=generation, classic=True, resamples=0)
    assert len(found) == 36
    for one in found:
        position = known[f"positions{suffix}"][one.measure][one.model][one.task]
        strength = known[f"strengths{suffix}"][one.measure][one.model][one.task]
        assert one.position == pytest.approx(position, rel=1e-6, abs=1e-6), one
        assert one.strength == pytest.approx(strength, abs=1e-6), one
        assert (one.chains, one.texts, one.dropped) == (100, 20, 0)
        assert one.published_p is not None
        assert 1.8 < one.published_p <= 2


@published
def test_only_classic_lays_lengths_by_the_first_generation() -> None:
    measured = published_measures()
    right = attractors_of(measured, ("length",), resamples=0)
    classic = attractors_of(measured, ("length",), classic=True, resamples=0)
    values = measured.where(lambda c: c.model == right[0].model and c.task == right[0].task).values
    slope = np.polyfit(values["length"][:, 0], values["length"][:, 50], 1)[0]
    assert right[0].slope == pytest.approx(slope)
    assert right[0].slope != pytest.approx(classic[0].slope)


TEXTS = np.repeat(np.arange(6), 3)
X = np.repeat(np.array([-0.9, -0.4, 0.1, 0.3, 0.7, 0.95]), 3)


@given(
    slope=st.floats(-0.95, 0.95).filter(lambda s: abs(s) > 1e-3 or s == 0),
    position=st.floats(-100, 100),
)
@settings(max_examples=30)
def test_a_line_without_noise_gives_its_position_and_strength(
    slope: float, position: float
) -> None:
    found = attractor_of(X, slope * (X - position) + position, TEXTS, resamples=50)
    assert found.position == pytest.approx(position, abs=1e-8)
    assert found.strength == pytest.approx(1 - abs(slope), abs=1e-9)
    assert found.position_interval is not None
    assert found.position_interval.low == pytest.approx(position, abs=1e-6)
    assert found.p is not None
    assert found.p < 1e-6
    assert found.reason == ""


@given(slope=st.one_of(st.floats(1.01, 5), st.floats(-5, -1.01)))
@settings(max_examples=20)
def test_steep_lines_have_no_attractor_and_classic_says_zero(slope: float) -> None:
    found = attractor_of(X, slope * X + 0.3, TEXTS, resamples=50)
    assert (found.position, found.strength, found.exists) == (None, None, False)
    assert "no attractor" in found.reason
    assert found.attracted_share == 0
    assert found.p is not None
    assert found.p > 0.99
    classic = attractor_of(X, slope * X + 0.3, TEXTS, classic=True, resamples=0)
    assert (classic.position, classic.strength) == (0, 0)


@given(
    noise=st.lists(st.floats(-1, 1), min_size=18, max_size=18),
    scale=st.floats(0.1, 50),
    shift=st.floats(-20, 20),
    order=st.permutations(range(18)),
)
@settings(max_examples=30)
def test_positions_move_with_units_and_strengths_do_not(
    noise: list[float], scale: float, shift: float, order: list[int]
) -> None:
    y = 0.5 * X + np.array(noise) * 0.2
    one = attractor_of(X, y, TEXTS, resamples=0)
    places = np.array(order)
    other = attractor_of(
        (scale * X + shift)[places], (scale * y + shift)[places], TEXTS[places], resamples=0
    )
    assert one.position is not None
    assert other.position == pytest.approx(scale * one.position + shift, abs=1e-6)
    assert other.strength == pytest.approx(one.strength, abs=1e-9)
    assert other.p == pytest.approx(one.p, abs=1e-7)


def test_the_error_of_the_slope_comes_from_leaving_out_texts() -> None:
    rng = np.random.default_rng(1)
    y = 0.6 * X + rng.normal(0, 0.2, X.size)
    found = attractor_of(X, y, TEXTS, resamples=0)
    slopes = [np.polyfit(X[kept], y[kept], 1)[0] for kept in (np.arange(6)[:, None] != TEXTS)]
    error = np.sqrt(5 / 6 * sum((s - found.slope) ** 2 for s in slopes))
    assert found.slope_error == pytest.approx(error)


def test_copies_of_chains_of_a_text_add_no_certainty() -> None:
    rng = np.random.default_rng(2)
    x = np.linspace(-1, 1, 12)
    y = 0.9 * x + rng.normal(0, 0.3, 12)
    once = attractor_of(x, y, np.arange(12))
    often = attractor_of(np.tile(x, 10), np.tile(y, 10), np.tile(np.arange(12), 10))
    assert often.p == pytest.approx(once.p)
    assert often.strength_interval is not None
    assert once.strength_interval is not None
    assert often.strength_interval.low == pytest.approx(once.strength_interval.low)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    held, runs = 0, 100
    for seed in range(runs):
        x = np.repeat(rng.normal(0, 1, 30), 3)
        texts = np.repeat(np.arange(30), 3)
        y = 0.4 * x + 1.2 + np.repeat(rng.normal(0, 0.3, 30), 3) + rng.normal(0, 0.3, 90)
        interval = attractor_of(x, y, texts, resamples=400, seed=seed).position_interval
        assert interval is not None
        held += interval.low <= 2.0 <= interval.high
    assert 85 <= held <= 99


def test_the_same_seed_gives_the_same_intervals() -> None:
    y = 0.5 * X + np.random.default_rng(4).normal(0, 0.2, X.size)
    assert attractor_of(X, y, TEXTS, seed=1) == attractor_of(X, y, TEXTS, seed=1)
    assert attractor_of(X, y, TEXTS, seed=1) != attractor_of(X, y, TEXTS, seed=2)


NAN = float("nan")


@pytest.mark.parametrize(
    ("initial", "final", "texts", "reason", "dropped"),
    [
        ([], [], [], "only 0 chains", 0),
        ([0.1, 0.2], [1, 2], [0, 1], "only 2 chains", 0),
        ([0.1, 0.2, NAN, 0.4], [1, NAN, 3, 4], [0, 1, 2, 3], "only 2 chains", 2),
        ([0.1, 0.1, 0.1], [1, 2, 3], [5, 5, 5], "one initial text only", 0),
        ([0.1, 0.1, 0.1], [1, 2, 3], [0, 1, 2], "all initial values are equal", 0),
        ([0.1, 0.2, 0.3], [float("inf"), 2, 3], [0, 1, 2], "only 2 chains", 1),
    ],
)
def test_what_has_no_line_says_why(
    initial: list[float], final: list[float], texts: list[int], reason: str, dropped: int
) -> None:
    found = attractor_of(np.array(initial), np.array(final), np.array(texts, dtype=np.int64))
    assert reason in found.reason
    assert (found.position, found.strength, found.p, found.slope) == (None, None, None, None)
    assert found.dropped == dropped


def test_two_texts_have_a_line_but_no_certainty() -> None:
    found = attractor_of(np.array([0, 0, 1.0, 1]), np.array([1, 2, 1, 3.0]), np.array([0, 0, 1, 1]))
    assert found.strength == pytest.approx(0.5)
    assert (found.p, found.position_interval, found.slope_error) == (None, None, None)


def test_equal_final_values_are_an_attractor_of_full_strength() -> None:
    found = attractor_of(X, np.full(X.size, 3.0), TEXTS)
    assert found.position == pytest.approx(3)
    assert found.strength == pytest.approx(1)


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="Not one value for each chain"):
        attractor_of(X, X[1:], TEXTS)


def test_chains_that_stop_half_way_are_counted_and_groups_kept_apart() -> None:
    values = np.random.default_rng(5).random((8, 6))
    stopped = values.copy()
    stopped[0, 3:] = NAN
    cold = measured_of(stopped, temperature=0.0)
    hot = measured_of(values, temperature=1.0)
    found = attractors_of(joined(cold, hot), resamples=0)
    assert [(one.temperature, one.chains, one.dropped) for one in found] == [
        (0.0, 7, 1),
        (1.0, 8, 0),
    ]
    assert [one.generation for one in found] == [5, 5]
    early = attractors_of(cold, generation=2, resamples=0)
    assert (early[0].chains, early[0].dropped) == (8, 0)


@pytest.mark.parametrize("generation", [9, 0])
def test_a_generation_that_no_chain_has_is_no_traceback(generation: int) -> None:
    found = attractors_of(
        measured_of(np.random.default_rng(6).random((8, 6))), generation=generation
    )
    assert found[0].position is None
    assert found[0].reason
    assert found[0].dropped == 8


def test_nothing_measured_is_nothing_found() -> None:
    assert attractors_of(MeasuredChains((), {})) == ()


def test_intervals_are_of_resamples_that_have_an_attractor() -> None:
    y = 0.95 * X + np.random.default_rng(7).normal(0, 0.2, X.size)
    found = attractor_of(X, y, TEXTS)
    assert found.attracted_share is not None
    assert 0.1 < found.attracted_share < 0.99
    assert found.strength_interval is not None
    assert 0 < found.strength_interval.low < found.strength_interval.high <= 1
