"""Tables, priors, posteriors and choices, against plain arithmetic and the world itself."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis.iterated.bayes import tables
from simulator.analysis.iterated.bayes.learners import (
    Learner,
    entropy,
    log_likelihood,
    posterior,
)
from simulator.analysis.iterated.bayes.priors import (
    biased_prior,
    effective_prior,
    maximum,
    own_prior,
    prior_from_counts,
    uniform_prior,
)
from simulator.analysis.iterated.bayes.tables import likelihood_matrix
from simulator.analysis.iterated.worlds.agreement import consistent
from simulator.analysis.iterated.worlds.base import Example, World
from simulator.analysis.iterated.worlds.language import Language
from simulator.analysis.iterated.worlds.lights import Lights
from simulator.analysis.iterated.worlds.numbers import Numbers
from simulator.errors import UsageError
from tests.analysis.iterated.bayes import brute

WORLD = Lights()
TABLE = likelihood_matrix(WORLD, 0.1)


class Unlisted(Lights):
    """A world whose rules nobody can list."""

    @property
    def hypotheses(self) -> tuple[str, ...]:
        return ()


@pytest.mark.parametrize(
    "world", [Lights(objects=("A", "B", "screen")), Numbers(largest=12, widths=(5,)), Language()],
    ids=lambda one: one.name,
)  # fmt: skip
@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_a_table_says_what_the_world_says(world: World, noise: float) -> None:
    table, rng = likelihood_matrix(world, noise), Random(4)
    np.testing.assert_allclose(table.chances.sum(axis=2), 1)
    assert (table.levels is None) is bool(noise)
    for truth in rng.sample(world.hypotheses, 3):
        data = world.drawn(truth, 3, rng, noise=noise)
        said = [world.log_likelihood(one, data, noise) for one in world.hypotheses]
        np.testing.assert_allclose(log_likelihood(table, data), said, rtol=0, atol=1e-12)
        left = set(consistent(world, data))
        assert table.consistent(data).tolist() == [one in left for one in world.hypotheses]


def test_shares_explained_are_those_of_predictions_whatever_the_noise() -> None:
    data = (Example("A", "on"), Example("B", "off"), Example("A", "off"))
    found = TABLE.explained(data)
    assert found[TABLE.place(WORLD.hypotheses[0])] == pytest.approx(1 / 3)
    assert not TABLE.consistent(data).any()
    assert TABLE.predicting(Example("screen", "off")).sum() == 81
    assert TABLE.explained(()).tolist() == [1.0] * 243
    few = TABLE.only(TABLE.predicting(Example("screen", "off")))
    assert len(few.hypotheses) == 81 and few.chances.shape == few.possible.shape == (81, 31, 3)


@pytest.mark.parametrize("example", [Example("Z", "on"), Example("A", "blue")])
def test_data_of_another_world_are_refused(example: Example) -> None:
    with pytest.raises(ValueError, match="not one of the world's"):
        TABLE.items((example,))


def test_worlds_without_a_list_or_with_too_long_a_one_have_no_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(UsageError, match="cannot be listed"):
        likelihood_matrix(Unlisted())
    with pytest.raises(ValueError, match=r"noise is 1\.5"):
        likelihood_matrix(WORLD, 1.5)
    monkeypatch.setattr(tables, "MOST_ENTRIES", 100)
    with pytest.raises(UsageError, match="243 hypotheses, 31 inputs and 3 outputs"):
        likelihood_matrix(WORLD)


@given(st.data())
def test_posteriors_are_bayes_rule(data: st.DataObject) -> None:
    table = data.draw(brute.tables())
    prior = data.draw(brute.priors(len(table.hypotheses)))
    item = st.tuples(st.integers(0, len(table.inputs) - 1), st.integers(0, len(table.outputs) - 1))
    read = data.draw(st.lists(item, max_size=4))
    found = posterior(table, prior, [Example(f"x{x}", f"o{o}") for x, o in read])
    joint = [prior[h] * brute.likelihood(table, h, read) for h in range(len(prior))]
    total = math.fsum(joint)
    assert found.is_contradiction == (total == 0)
    if total:
        np.testing.assert_allclose(
            found.probabilities, [one / total for one in joint], rtol=0, atol=1e-12
        )
        assert found.log_evidence == pytest.approx(math.log(total), abs=1e-9)
    else:
        assert not found.probabilities.any() and found.log_evidence == -math.inf


def test_thousands_of_examples_leave_a_posterior() -> None:
    data = (Example("A", "on"), Example("B", "off")) * 2000
    found = posterior(TABLE, uniform_prior(243), data)
    assert found.probabilities.sum() == pytest.approx(1)
    assert found.probabilities[TABLE.consistent(data)].sum() == pytest.approx(1)


def test_learners_choose_by_sampling_maximum_or_between() -> None:
    joint = np.array([[0.1, 0.4, 0.4, 0.1], [0.0, 0.0, 0.0, 0.0]])
    for learner, chances in (
        (Learner(), [0.1, 0.4, 0.4, 0.1]),
        (Learner("map"), [0, 0.5, 0.5, 0]),
        (Learner("soft-map", 2), [1 / 34, 16 / 34, 16 / 34, 1 / 34]),
        (Learner("soft-map", 1), [0.1, 0.4, 0.4, 0.1]),
    ):
        found = learner.chances(joint)
        np.testing.assert_allclose(found[0], chances)
        assert not found[1].any()
    close = np.array([[0.3, 0.3 * (1 + 1e-14), 0.1]])
    assert Learner("map").chances(close).tolist() == [[0.5, 0.5, 0.0]]


@pytest.mark.parametrize(
    ("choice", "exponent"), [("best", 1.0), ("soft-map", 0.0), ("soft-map", math.inf)]
)
def test_unknown_learners_are_refused(choice: str, exponent: float) -> None:
    with pytest.raises(ValueError, match="it must be"):
        Learner(choice, exponent)  # type: ignore[arg-type]


def test_priors() -> None:
    screen_off = TABLE.predicting(Example("screen", "off"))
    biased = biased_prior(screen_off, 0.9)
    assert biased.sum() == pytest.approx(1) and biased @ screen_off == pytest.approx(0.9)
    assert len(set(biased)) == 2
    np.testing.assert_allclose(biased_prior(screen_off, 1 / 3), uniform_prior(243))
    np.testing.assert_allclose(prior_from_counts(np.array([3.0, 0.0]), 1), [0.8, 0.2])
    np.testing.assert_allclose(own_prior([2, 6], 2), [0.25, 0.75])
    np.testing.assert_allclose(own_prior([1e308, 1e308, 0], 3), [0.5, 0.5, 0])
    np.testing.assert_allclose(own_prior([5e-324, 5e-324], 2), [0.5, 0.5])
    np.testing.assert_allclose(own_prior({"b": 3.0}, ("a", "b")), [0, 1])
    np.testing.assert_allclose(maximum(np.array([0.4, 0.2, 0.4])), [0.5, 0, 0.5])
    left = effective_prior(biased, screen_off)
    assert left.sum() == pytest.approx(1) and not left[~screen_off].any()
    assert not effective_prior(biased, np.zeros(243, dtype=bool)).any()


@pytest.mark.parametrize(
    "weights",
    [
        [1.0],
        [1.0, -1.0],
        [0.0, 0.0],
        [math.nan, 1.0],
        [math.inf, 1.0],
        {"c": 1.0},
        [10**400, 1],
        {"a": 10**400},
    ],
)
def test_weights_that_are_no_prior_are_refused(weights: list[float] | dict[str, float]) -> None:
    with pytest.raises(UsageError) as refused:
        own_prior(weights, ("a", "b"))
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("preferred", "share"), [([False] * 2, 0.5), ([True] * 2, 0.5), ([True, False], 2)]
)
def test_shares_that_belong_to_nobody_are_refused(preferred: list[bool], share: float) -> None:
    with pytest.raises(UsageError):
        biased_prior(np.array(preferred), share)


def test_a_negative_pseudo_count_is_refused() -> None:
    with pytest.raises(ValueError, match="pseudo_count"):
        prior_from_counts(np.ones(2), -1)


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=6))
def test_entropy_lies_between_certainty_and_uniform(weights: list[float]) -> None:
    shares = np.array(weights) / sum(weights)
    found = float(entropy(shares))
    assert -1e-12 <= found <= math.log(len(weights)) + 1e-12
    assert found == pytest.approx(-sum(p * math.log(p) for p in shares))
