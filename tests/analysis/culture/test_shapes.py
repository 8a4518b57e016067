"""Whether a line, and one attractor, are a fair account of values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import f, kurtosis, skew

from simulator.analysis.culture.records import Floats
from simulator.analysis.culture.shapes import bimodality_coefficient, shape_of, shapes_of
from tests.analysis.culture.measured import measured_of, published_measures
from tests.analysis.culture.published import LLAMA_70B, published

TEXTS = np.repeat(np.arange(12), 5)
X = np.linspace(-1, 1, 12)[TEXTS]


def _noise(seed: int, spread: float = 0.2) -> Floats:
    return np.random.default_rng(seed).normal(0, spread, X.size)


def test_two_heaps_are_several_modes_and_one_is_not() -> None:
    heaps = np.where(np.random.default_rng(1).random(X.size) < 0.5, -1.0, 1.0)
    two = shape_of(X, heaps + _noise(2), TEXTS)
    one = shape_of(X, _noise(3), TEXTS)
    assert two.several_modes()
    assert one.several_modes() is False
    assert two.coefficient is not None
    assert one.coefficient is not None
    assert two.coefficient > 5 / 9 > one.coefficient
    assert two.mixture_gain is not None
    assert one.mixture_gain is not None
    assert two.mixture_gain > 10
    assert one.mixture_gain < 2


def test_a_smooth_tail_is_no_second_mode() -> None:
    tail = np.random.default_rng(4).gamma(2, 1, X.size)
    assert shape_of(X, tail, TEXTS).several_modes() is False


def test_one_mode_is_seldom_called_several() -> None:
    called = [
        shape_of(X, _noise(seed), TEXTS, resamples=100, seed=seed).several_modes()
        for seed in range(10)
    ]
    assert sum(one or False for one in called) <= 1


def test_the_coefficient_is_made_of_unbiased_skewness_and_kurtosis() -> None:
    values = np.random.default_rng(5).gamma(2, 1, 30)
    n = values.size
    shape = skew(values, bias=False) ** 2 + 1
    below = kurtosis(values, bias=False) + 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))
    assert bimodality_coefficient(values) == pytest.approx(shape / below)
    grid = np.linspace(0, 1, 100_000)
    assert bimodality_coefficient(grid) == pytest.approx(5 / 9, abs=1e-3)


def test_a_line_fits_lines_and_misfits_curves() -> None:
    straight = shape_of(X, 0.5 * X + _noise(6), TEXTS, resamples=0)
    bent = shape_of(X, X**2 + _noise(6), TEXTS, resamples=0)
    waves = shape_of(X, np.sin(9 * X) + _noise(6), TEXTS, resamples=0)
    for shape, misfit, curve in (
        (straight, False, False),
        (bent, True, True),
        (waves, True, False),
    ):
        assert shape.misfit_p is not None
        assert shape.curve_p is not None
        assert (shape.misfit_p < 0.01, shape.curve_p < 0.01) == (misfit, curve)


def test_the_misfit_is_that_of_two_nested_models() -> None:
    y = 0.4 * X + _noise(7)
    line = np.polyval(np.polyfit(X, y, 1), X)
    means = np.array([y[text == TEXTS].mean() for text in TEXTS])
    pure = ((y - means) ** 2).sum()
    ratio = (((y - line) ** 2).sum() - pure) / 10 / (pure / 48)
    assert shape_of(X, y, TEXTS, resamples=0).misfit_p == pytest.approx(f.sf(ratio, 10, 48))


@pytest.mark.parametrize("scale", [-0.01, 1000.0])
def test_units_do_not_matter(scale: float) -> None:
    y = X**2 + _noise(8)
    one, other = (shape_of(k * X + 2, k * y + 2, TEXTS, resamples=50) for k in (1.0, scale))
    for name in ("misfit_p", "curve_p", "coefficient", "mixture_gain"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-5)


@published
def test_positivity_of_a_published_llama_has_several_modes() -> None:
    measured = published_measures().where(
        lambda chain: chain.model == LLAMA_70B and chain.task in ("inspiration", "continue")
    )
    for one in shapes_of(measured, ("positivity",), resamples=200):
        assert one.several_modes()
        assert (one.chains, one.texts, one.generation) == (100, 20, 50)


@pytest.mark.parametrize(
    ("final", "reason"),
    [
        ([], "only 0 chains"),
        ([1.0, 2.0, 3.0], "only 3 chains"),
        ([float("nan")] * 6, "only 0 chains"),
        ([2.0] * 6, "all final values are equal"),
    ],
)
def test_what_has_no_shape_says_why(final: list[float], reason: str) -> None:
    found = shape_of(np.arange(len(final), dtype=np.float64), np.array(final))
    assert reason in found.reason
    assert (found.coefficient, found.modes_p, found.misfit_p) == (None, None, None)


def test_one_text_has_modes_but_no_line() -> None:
    found = shape_of(np.ones(20), np.random.default_rng(9).normal(size=20), np.zeros(20, np.int64))
    assert (found.misfit_p, found.curve_p, found.reason) == (None, None, "")
    assert found.modes_p is not None


def test_few_values_and_texts_leave_single_numbers_out() -> None:
    found = shape_of(np.array([0.0, 1, 2, 3]), np.array([0.0, 2, 1, 5]))
    assert (found.misfit_p, found.mixture_gain, found.modes_p) == (None, None, None)
    assert found.coefficient is not None


def test_chains_that_stop_and_generations_that_are_not_there() -> None:
    values = np.random.default_rng(10).random((8, 4))
    values[0, 3] = np.nan
    assert shapes_of(measured_of(values))[0].dropped == 1
    (gone,) = shapes_of(measured_of(values), generation=9)
    assert (gone.dropped, gone.reason) == (8, "no chain has 9 generations")
