"""Sampled chains agree with matrices within the error of chance."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.analysis.iterated.bayes.chains import (
    distributions,
    first_learners,
    transition_matrix,
)
from simulator.analysis.iterated.bayes.learners import Learner
from simulator.analysis.iterated.bayes.priors import biased_prior
from simulator.analysis.iterated.bayes.sampling import drawn_items, sampled_chains
from simulator.analysis.iterated.bayes.tables import likelihood_matrix
from simulator.analysis.iterated.worlds.base import Example
from simulator.analysis.iterated.worlds.lights import Lights
from tests.analysis.iterated.bayes import brute

CHAINS = 20_000
FIRST = (Example("A, B", "on"), Example("B", "off"))


@pytest.mark.parametrize("noise", [0.0, 0.2])
@pytest.mark.parametrize(
    "learner", [Learner(), Learner("map"), Learner("soft-map", 2.0)], ids=lambda one: one.choice
)
def test_shares_are_those_of_the_matrix(learner: Learner, noise: float) -> None:
    table = likelihood_matrix(Lights(objects=("A", "B")), noise)
    prior = biased_prior(table.predicting(Example("B", "off")), 0.7)
    start, _ = first_learners(table, prior, learner, FIRST)
    exact = distributions(transition_matrix(table, prior, learner, 2), start, 5).shares
    found = sampled_chains(
        table, prior, learner, first=FIRST, examples=2, chains=CHAINS, generations=5, seed=11
    )
    error = np.sqrt(exact * (1 - exact) / CHAINS)
    assert found.hypotheses.shape == (CHAINS, 5) and found.shares.shape == (5, 9)
    assert (np.abs(found.shares - exact) <= 4.5 * error + 1e-12).all()
    np.testing.assert_allclose(found.shares.sum(axis=1), 1)
    assert not found.stopped.any()


def test_a_seed_gives_the_same_chains_and_another_one_others() -> None:
    table = likelihood_matrix(Lights(objects=("A", "B")), 0.1)
    prior = biased_prior(table.predicting(Example("B", "off")), 0.7)
    first, again, other = (
        sampled_chains(
            table, prior, Learner(), first=(), examples=1, chains=50, generations=4, seed=seed
        ).hypotheses
        for seed in (1, 1, 2)
    )
    assert (first == again).all() and (first != other).any()


def test_chains_without_a_hypothesis_left_are_stopped() -> None:
    table = brute.table_of([[0], [1]], 2, 0.0)
    known = {"examples": 1, "chains": 3, "generations": 2, "seed": 0}
    found = sampled_chains(
        table, np.array([1.0, 0.0]), Learner("map"), first=(Example("x0", "o1"),), **known
    )
    assert (found.hypotheses == -1).all() and found.stopped.tolist() == [1, 1]
    assert not found.shares.any()


def test_many_examples_do_not_vanish_in_small_products() -> None:
    table = likelihood_matrix(Lights(objects=("A", "B")), 1e-4)
    prior = biased_prior(table.predicting(Example("B", "off")), 0.7)
    first = tuple(Example("A", output) for output in ("on", "off") * 200)
    found = sampled_chains(
        table, prior, Learner(), first=first, examples=400, chains=20, generations=2, seed=0
    )
    assert not found.stopped.any()
    assert (found.hypotheses[:, 0] == found.hypotheses[:, 1]).all()


def test_drawn_data_have_the_chances_of_the_table() -> None:
    table = brute.table_of([[0, 1], [1, 1]], 3, 0.3)
    items = drawn_items(table, np.full(20_000, 1), 2, np.random.default_rng(3))
    found = np.bincount(items.ravel(), minlength=6).reshape(2, 3) / items.size
    np.testing.assert_allclose(found, table.chances[1] / 2, atol=0.01)
