"""Priors are found again from answers that come from them, and runs get curves of their own."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from simulator.analysis.iterated.bayes.chains import first_learners
from simulator.analysis.iterated.bayes.fitting import (
    FittedPrior,
    fitted_curve,
    fitted_prior,
    maximised,
    passed_on_size,
)
from simulator.analysis.iterated.bayes.learners import Learner, posterior
from simulator.analysis.iterated.bayes.priors import biased_prior, uniform_prior
from simulator.analysis.iterated.bayes.tables import likelihood_matrix
from simulator.analysis.iterated.records import Generation, Lineage
from simulator.analysis.iterated.worlds.base import Data, Example
from simulator.analysis.iterated.worlds.lights import Lights
from simulator.errors import UsageError

WORLD = Lights(objects=("A", "screen"))
TABLE = likelihood_matrix(WORLD, 0.05)
BIAS = TABLE.predicting(Example("screen", "off"))
PRIOR = biased_prior(BIAS, 0.8)


def lineage(
    first: Data,
    said: str | None = None,
    probabilities: tuple[float, ...] | None = None,
    *,
    passed_on: Data = (),
    truth: str | None = None,
) -> Lineage:
    learner = Generation(1, "scripted/test", first, said, said, passed_on, (), probabilities)
    alternative = None if truth is None else WORLD.alternative(truth)
    wanted = {} if truth is None else {"screen": "off"}
    return Lineage("run", "lights", truth, alternative, first, (learner,), 1, wanted=wanted)


def answers(many: int, *, exact: bool) -> list[Lineage]:
    """Of learners with the prior, each from first data of its own."""
    rng, found = Random(2), []
    for _ in range(many):
        first = WORLD.drawn(rng.choice(WORLD.hypotheses), 1, rng, noise=0.05)
        chances = posterior(TABLE, PRIOR, first).probabilities
        said = rng.choices(WORLD.hypotheses, chances.tolist())[0]
        found.append(lineage(first, said, tuple(chances.tolist()) if exact else None))
    return found


def test_a_prior_is_found_again_from_posteriors() -> None:
    found = fitted_prior(WORLD, answers(60, exact=True), pseudo_count=1e-9, noise=0.05)
    np.testing.assert_allclose(found.prior, PRIOR, atol=1e-6)
    assert (found.answers, found.from_probabilities, found.left_out) == (60, 60, 0)


def test_a_prior_is_found_again_from_single_answers_but_not_from_their_shares() -> None:
    found = fitted_prior(WORLD, answers(1500, exact=False), noise=0.05)
    np.testing.assert_allclose(found.prior, PRIOR, atol=0.04)
    assert found.from_probabilities == 0


def test_noise_is_the_share_of_examples_that_answers_miss() -> None:
    read = (Example("A", "on"), Example("screen", "off"))
    right, wrong = (WORLD.hypothesis({"A": "on", "screen": one}) for one in ("off", "on"))
    assert fitted_prior(WORLD, [lineage(read, right)] * 4).noise == pytest.approx(0.1)
    assert fitted_prior(WORLD, [lineage(read, wrong)] * 4).noise == pytest.approx(0.5)
    guessing = [lineage((Example("A", "off"),), right)] * 40
    assert fitted_prior(WORLD, guessing).noise == pytest.approx(0.6)


def test_without_evidence_only_pseudo_counts_remain() -> None:
    # Answers cannot tell apart what their data rule out.
    counts, likelihoods = np.array([[0.0, 1.0, 0.0]] * 5), np.array([[1.0, 1.0, 0.0]] * 5)
    found = maximised(counts, likelihoods, 1.0)
    assert found[2] == pytest.approx(1 / 3)
    assert found[1] / found[0] == pytest.approx(6)
    np.testing.assert_allclose(
        maximised(counts[:, :2], likelihoods[:, 2:] + [0, 0], 1), [1 / 2] * 2
    )


def test_answers_that_data_rule_out_are_counted_and_left_out() -> None:
    said = WORLD.hypotheses[0]
    found = fitted_prior(WORLD, [lineage((Example("A", "off"),), said)], noise=0.0)
    assert found.ruled_out == 1
    np.testing.assert_allclose(found.prior, uniform_prior(9))


def test_lineages_without_an_answer_are_counted() -> None:
    read = (Example("A", "on"),)
    empty = Lineage("run", "lights", None, None, read, (), seed=1)
    found = fitted_prior(WORLD, [lineage(read, WORLD.hypotheses[0]), lineage(read), empty])
    assert (found.answers, found.left_out) == (1, 2)
    with pytest.raises(UsageError, match="no first learner gave a rule"):
        fitted_prior(WORLD, [lineage(read), empty])
    with pytest.raises(ValueError, match="pseudo_count"):
        fitted_prior(WORLD, [], pseudo_count=0)


def test_the_curve_is_the_mean_over_first_data_and_begins_with_their_learners() -> None:
    truths = WORLD.feasible[0], WORLD.feasible[3]
    firsts = (Example("A, screen", "on"),), (Example("A", "off"), Example("screen", "on"))
    runs = [
        lineage(first, truth, passed_on=first, truth=truth)
        for first, truth in zip(firsts, truths, strict=True)
    ]
    fitted = FittedPrior(PRIOR, 0.05, 2, 0, 0, 0.0, 0.1)
    found = fitted_curve(WORLD, runs, fitted, generations=4)
    starts = [first_learners(TABLE, PRIOR, Learner(), first) for first in firsts]
    np.testing.assert_allclose(found.shares[0], np.mean([one for one, _ in starts], axis=0))
    assert found.entropy[0] == pytest.approx(np.mean([one for _, one in starts]))
    assert found.shares.shape == (4, 9)
    assert set(found.by_measure) == {
        "entropy", "bias_probability", "biased", "truth_probability", "exact", "consistency",
    }  # fmt: skip
    kept = fitted_curve(WORLD, runs, fitted, generations=4, effective=True)
    np.testing.assert_allclose(kept.consistent, 1)
    assert found.consistent[-1] < 0.9
    assert fitted_curve(WORLD, runs, fitted).shares.shape == (1, 9)
    with pytest.raises(UsageError, match="no runs"):
        fitted_curve(WORLD, [], fitted)


def test_the_bottleneck_is_the_median_of_what_was_passed_on() -> None:
    one, two = (Example("A", "on"),), (Example("A", "on"),) * 2
    assert passed_on_size([lineage(one, passed_on=two), lineage(one, passed_on=two)]) == 2
    assert passed_on_size([lineage(two)]) == 2
    assert passed_on_size([lineage(())]) == 1
