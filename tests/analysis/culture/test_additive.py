"""The additive model: against a Markov chain that knows only the model's density, and by rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis.culture.additive import (
    AdditiveModel,
    additive_model,
    position_models,
    strength_model,
)
from simulator.analysis.culture.attractors import Attractor, attractors_of
from simulator.analysis.culture.mixtures import Mixture
from simulator.analysis.culture.records import Floats
from tests.analysis.culture.measured import published_measures
from tests.analysis.culture.published import GPT, LLAMA_8B, LLAMA_70B, published


def _log_density(states: Floats, design: Floats, y: Floats) -> Floats:
    """Of coefficients and, last, log sigma: the model as it is written down."""
    coefficients, log_sigma = states[:, :-1], states[:, -1]
    sigma = np.exp(log_sigma)
    rest = ((y - coefficients @ design.T) ** 2).sum(axis=1)
    likelihood = -y.size * log_sigma - rest / (2 * sigma**2)
    prior = -((coefficients**2).sum(axis=1) + sigma**2) / 2
    return np.asarray(likelihood + prior + log_sigma)


def _sampled(design: Floats, y: Floats, *, walkers: int, steps: int, seed: int) -> Floats:
    """Draws by affine-invariant walkers: Goodman and Weare (2010), CAMCoS 5:65."""
    rng = np.random.default_rng(seed)
    half, size = walkers // 2, design.shape[1] + 1
    states = np.column_stack(
        [rng.normal(0, 0.3, (walkers, size - 1)), rng.normal(-1, 0.3, walkers)]
    )
    heights = _log_density(states, design, y)
    kept = []
    for step in range(steps):
        for mine, others in (
            (slice(0, half), slice(half, None)),
            (slice(half, None), slice(0, half)),
        ):
            stretch = (rng.random(half) + 1) ** 2 / 2
            partners = states[others][rng.integers(half, size=half)]
            moved = partners + stretch[:, None] * (states[mine] - partners)
            new = _log_density(moved, design, y)
            chance = (size - 1) * np.log(stretch) + new - heights[mine]
            taken = np.log(rng.random(half)) < chance
            states[mine] = np.where(taken[:, None], moved, states[mine])
            heights[mine] = np.where(taken, new, heights[mine])
        if step >= steps // 4 and step % 5 == 0:
            kept.append(states.copy())
    return np.concatenate(kept)


def _columns(factors: Mapping[str, Sequence[str]]) -> tuple[Floats, list[tuple[str, str]]]:
    places = [(name, one) for name, those in factors.items() for one in dict.fromkeys(those)]
    columns = [[float(one == level) for one in factors[name]] for name, level in places]
    return np.array(columns).T, places


def test_intervals_are_those_of_a_markov_chain() -> None:
    rng = np.random.default_rng(1)
    factors = {
        "model": [name for name in "abc" for _ in range(8)],
        "task": [name for _ in range(3) for name in "uvwx" for _ in range(2)],
    }
    design, places = _columns(factors)
    y = design @ rng.normal(0, 0.3, 7) + rng.normal(0, 0.16, 24)
    model = additive_model(y.tolist(), factors)
    draws = _sampled(design, y, walkers=200, steps=1200, seed=2)
    for one in model.differences:
        apart = (
            draws[:, places.index((one.factor, one.first))]
            - draws[:, places.index((one.factor, one.second))]
        )
        _close(one.estimate, apart)
    assert model.sigma is not None
    _close(model.sigma, np.exp(draws[:, -1]))


def _close(estimate: object, draws: Floats) -> None:
    known = [getattr(estimate, name) for name in ("value", "low", "high")]
    assert known == pytest.approx([draws.mean(), *np.quantile(draws, [0.025, 0.975])], abs=0.01)


@published
def test_the_strengths_of_three_published_models() -> None:
    """Five models were published, of which two are not at hand.

    In a balanced design the mean difference of two models rests on their own rows alone, all but
    for sigma, so the published means can be held to. Intervals are as wide as sigma is, which five
    models bring to 0.164.
    """
    model = strength_model(attractors_of(published_measures(), classic=True, resamples=0))
    assert model.rows == 36
    assert model.sigma is not None
    for other, mean, low, high in ((GPT, 0.190, 0.057, 0.323), (LLAMA_8B, 0.165, 0.033, 0.298)):
        one = model.difference("model", other, LLAMA_70B)
        assert one.stands_out
        assert one.estimate.value == pytest.approx(mean, abs=0.001)
        wide = (one.estimate.high - one.estimate.low) * 0.164 / model.sigma.value
        assert wide == pytest.approx(high - low, abs=0.005)
    assert not model.difference("model", GPT, LLAMA_8B).stands_out
    for factor, first, second in (
        ("task", "continue", "rephrase"),
        ("task", "inspiration", "rephrase"),
        ("measure", "toxicity", "positivity"),
        ("measure", "toxicity", "difficulty"),
        ("measure", "toxicity", "length"),
    ):
        assert model.difference(factor, first, second).stands_out


@published
def test_published_priors_hide_differences_of_difficulty_that_are_there() -> None:
    attractors = attractors_of(published_measures(), ("difficulty",), classic=True, resamples=0)
    (published_way,) = position_models(attractors, standardise=False)
    (right,) = position_models(attractors)
    assert not any(one.stands_out for one in published_way.differences)
    assert right.difference("model", LLAMA_8B, GPT).stands_out


FACTORS = {"f": ["a"] * 4 + ["b"] * 4, "g": ["u", "v"] * 4}
VALUES = st.lists(st.floats(-2, 2).map(lambda x: round(x, 3)), min_size=8, max_size=8).filter(
    lambda values: float(np.std(values)) > 0.05
)


def _numbers(model: AdditiveModel) -> list[float]:
    return [
        number
        for one in model.differences
        for number in (one.estimate.value, one.estimate.low, one.estimate.high)
    ]


@given(values=VALUES)
@settings(max_examples=15)
def test_differences_the_other_way_round_have_the_other_sign(values: list[float]) -> None:
    model = additive_model(values, FACTORS)
    if model.reason:
        assert "exactly" in model.reason
        return
    for one in model.differences:
        back = model.difference(one.factor, one.second, one.first)
        assert back.estimate.value == pytest.approx(-one.estimate.value, abs=1e-9)
        assert back.estimate.low == pytest.approx(-one.estimate.high, abs=1e-3)
        assert one.estimate.low < one.estimate.value < one.estimate.high
        assert back.stands_out == one.stands_out


@given(values=VALUES, scale=st.sampled_from([0.01, 1000.0]), shift=st.floats(-1000, 1000))
@settings(max_examples=10)
def test_standardised_differences_come_in_the_units_of_the_response(
    values: list[float], scale: float, shift: float
) -> None:
    one = additive_model(values, FACTORS, standardise=True)
    other = additive_model([scale * y + shift for y in values], FACTORS, standardise=True)
    assert _numbers(other) == pytest.approx(
        [scale * number for number in _numbers(one)], rel=1e-3, abs=scale * 1e-3
    )


def test_rows_in_another_order_say_the_same() -> None:
    values = [0.1, 0.4, 0.2, 0.9, 0.5, 0.6, 0.3, 0.8]
    order = [4, 0, 5, 1, 7, 2, 6, 3]
    one = additive_model(values, FACTORS)
    other = additive_model(
        [values[k] for k in order],
        {name: [those[k] for k in order] for name, those in FACTORS.items()},
    )
    for each in one.differences:
        same = other.difference(each.factor, each.first, each.second)
        assert same.estimate.low == pytest.approx(each.estimate.low, abs=1e-3)


def test_rows_without_a_value_are_counted_and_left_out() -> None:
    values = [0.1, 0.4, 0.2, 0.9, 0.5, 0.6, 0.3, 0.8]
    whole = additive_model(values, FACTORS)
    more = additive_model(
        [*values, None, float("nan")],
        {"f": [*FACTORS["f"], "a", "z"], "g": [*FACTORS["g"], "u", "u"]},
    )
    assert (more.rows, more.dropped) == (8, 2)
    assert _numbers(more) == _numbers(whole)


def test_wider_levels_give_wider_intervals() -> None:
    values = [0.1, 0.4, 0.2, 0.9, 0.5, 0.6, 0.3, 0.8]
    narrow = additive_model(values, FACTORS, level=0.5).differences[0].estimate
    wide = additive_model(values, FACTORS, level=0.99).differences[0].estimate
    assert wide.low < narrow.low < narrow.high < wide.high


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([None] * 8, "only 0 rows"),
        ([1.0, 2.0, *[None] * 6], "only 2 rows"),
        ([0.3] * 8, "all values are equal"),
        ([0.0] * 8, "all values are equal"),
        ([1.0] * 4 + [3.0] * 4, "explain every value exactly"),
    ],
)
@pytest.mark.parametrize("standardise", [True, False])
def test_what_has_no_posterior_says_why(
    values: list[float | None], reason: str, standardise: bool
) -> None:
    model = additive_model(values, FACTORS, standardise=standardise)
    assert reason in model.reason
    assert (model.differences, model.sigma) == ((), None)


def test_no_attractors_are_rows_that_are_left_out() -> None:
    some = [
        Attractor(model=model, task=task, measure="length", strength=strength, position=strength)
        for model, task, strength in (
            ("a", "t", 0.5), ("a", "u", 0.7), ("b", "t", None), ("b", "u", 0.2),
        )
    ]  # fmt: skip
    model = strength_model(some)
    assert (model.rows, model.dropped) == (3, 1)
    assert [one.response for one in position_models(some)] == ["position of length"]


def test_factors_need_a_level_for_each_row() -> None:
    with pytest.raises(ValueError, match="one level for each row"):
        additive_model([0.1, 0.2], {"f": ["a"]})
    with pytest.raises(ValueError, match="one level for each row"):
        additive_model([0.1, 0.2], {})


def test_a_mixture_of_one_is_a_normal_distribution() -> None:
    mixture = Mixture(np.array([2.0]), np.array([3.0]), np.array([1.0]))
    low, high = mixture.quantiles((0.025, 0.975))
    assert (low, high) == pytest.approx((2 - 3 * 1.959964, 2 + 3 * 1.959964), abs=1e-3)
    assert mixture.below(2.0) == pytest.approx(0.5)


@pytest.mark.parametrize("spread", [0.2, 3.0])
def test_one_level_is_what_a_dense_grid_says(spread: float) -> None:
    """Of the coefficient and sigma, from the model's density alone."""
    y = 1.0 + spread * np.array([-1.2, -0.3, 0.4, 0.5, 1.5])
    model = additive_model(y.tolist(), {"f": ["a"] * 5})
    centres, logs = np.linspace(-5, 6, 1200), np.linspace(-5, 3, 600)
    states = np.stack([axis.ravel() for axis in np.meshgrid(centres, logs)], axis=1)
    heights = _log_density(states, np.ones((5, 1)), y)
    mass = np.exp(heights - heights.max()).reshape(600, 1200)
    mass /= mass.sum()
    estimate = model.coefficients[0].estimate
    assert model.sigma is not None
    for found, axis, weights in (
        (estimate, centres, mass.sum(axis=0)),
        (model.sigma, np.exp(logs), mass.sum(axis=1)),
    ):
        low, high = np.interp([0.025, 0.975], np.cumsum(weights) - weights / 2, axis)
        known = [axis @ weights, low, high]
        assert [found.value, found.low, found.high] == pytest.approx(known, abs=0.01)


def test_standardising_is_by_mean_and_deviation() -> None:
    values = np.array([10.1, 40.0, 20.0, 90.0, 50.0, 61.0, 33.0, 80.0])
    model = additive_model(values.tolist(), FACTORS, standardise=True)
    assert model.centre == pytest.approx(values.mean())
    assert model.scale == pytest.approx(np.std(values, ddof=1))
    by_hand = additive_model(((values - model.centre) / model.scale).tolist(), FACTORS)
    assert _numbers(model) == pytest.approx(
        [model.scale * number for number in _numbers(by_hand)], rel=1e-6
    )
