"""Priors are found again from answers that come from them, and runs get curves of their own."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from random import Random

import numpy as np
import pytest

from simulator.analysis.iterated.bayes.answers import likelihood_of
from simulator.analysis.iterated.bayes.chains import first_learners
from simulator.analysis.iterated.bayes.fitting import (
    FittedPrior,
    fitted_curve,
    fitted_prior,
    maximised,
    passed_on_size,
)
from simulator.analysis.iterated.bayes.learners import (
    Choice,
    Learner,
    entropy,
    entropy_seen,
    normalised,
    posterior,
)
from simulator.analysis.iterated.bayes.priors import biased_prior, effective_prior, uniform_prior
from simulator.analysis.iterated.bayes.tables import Floats, likelihood_matrix
from simulator.analysis.iterated.conditions import Condition
from simulator.analysis.iterated.fits import CHOICES, fits_of
from simulator.analysis.iterated.measured import measure_lineage
from simulator.analysis.iterated.records import Generation, Lineage
from simulator.analysis.iterated.worlds.base import Data, Example
from simulator.analysis.iterated.worlds.lights import Lights
from simulator.errors import UsageError

WORLD = Lights(objects=("A", "screen"))
TABLE = likelihood_matrix(WORLD, 0.05)
BIAS = TABLE.predicting(Example("screen", "off"))
PRIOR = biased_prior(BIAS, 0.8)
SEEDS = count(100)
"""Lineages are independent unless they are given one seed."""


def lineage(
    first: Data,
    said: str | None = None,
    probabilities: tuple[float, ...] | None = None,
    *,
    passed_on: Data = (),
    truth: str | None = None,
    seed: int | None = None,
) -> Lineage:
    seed = next(SEEDS) if seed is None else seed
    learner = Generation(1, "scripted/test", first, said, said, passed_on, (), probabilities)
    alternative = None if truth is None else WORLD.alternative(truth)
    wanted = {} if truth is None else {"screen": "off"}
    return Lineage("run", "lights", truth, alternative, first, (learner,), seed, wanted=wanted)


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


def test_noise_is_the_share_of_examples_that_answers_miss_as_each_is_a_draw_of_it() -> None:
    read = (Example("A", "on"), Example("screen", "off"))
    right, wrong = (WORLD.hypothesis({"A": "on", "screen": one}) for one in ("off", "on"))
    for many, noise in ((1, 0.1), (3, 0.5 / 13), (8, 0.5 / 33)):
        found = fitted_prior(WORLD, [lineage(read * 2, right) for _ in range(many)])
        assert found.noise == pytest.approx(noise), "four examples each, and none of them missed"
    # Half of the examples are missed, however many there are.
    assert fitted_prior(WORLD, [lineage(read, wrong) for _ in range(4)]).noise == pytest.approx(0.5)
    several = [lineage(read[:1] * 9, right), lineage(read[1:], wrong)]
    assert fitted_prior(WORLD, several).noise == pytest.approx(1.5 / 11)
    guessing = [lineage((Example("A", "off"),), right) for _ in range(40)]
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


def test_lineages_of_one_seed_count_once() -> None:
    read = (Example("A", "on"),)
    one, other = (WORLD.hypothesis({"A": "on", "screen": own}) for own in ("on", "off"))
    once = fitted_prior(WORLD, [lineage(read, one), lineage(read, other)])
    twice = fitted_prior(
        WORLD, [lineage(read, one, seed=1), lineage(read, one, seed=1), lineage(read, other)]
    )
    np.testing.assert_allclose(once.prior, twice.prior)
    assert (once.noise, once.repeated) == (twice.noise, 0)
    assert (twice.answers, twice.repeated) == (3, 1)
    off = (Example("A", "off"),)
    curves = [
        fitted_curve(
            WORLD, [lineage(read, truth=one, seed=1)] * many + [lineage(off, seed=2)], once
        )
        for many in (1, 5)
    ]
    np.testing.assert_allclose(curves[0].shares, curves[1].shares)


def test_what_is_believed_before_a_search_is_compared_with_what_runs_believed_then() -> None:
    first = (Example("screen", "on"),)
    run = lineage(first, passed_on=first, truth=WORLD.hypothesis({"A": "on", "screen": "on"}))
    fitted = FittedPrior(PRIOR, 0.05, 1, 0, 0, 0.0, 0.1)
    held = fitted_curve(WORLD, [run], fitted, effective=True, generations=3).by_measure
    believed = posterior(TABLE, PRIOR, first)
    assert held["bias_probability"][0] == pytest.approx(believed.probabilities[BIAS].sum())
    assert held["bias_probability"].min() > 0 == held["biased"].max()
    assert held["entropy"][0] == pytest.approx(float(entropy(believed.probabilities)))
    best = fitted_curve(WORLD, [run], fitted, learner=Learner("map"), generations=3).by_measure
    assert best["biased"][0] == 0 < best["bias_probability"][0]
    # What the second learner believes, of all data that the first one may pass on.
    own = [
        chance / 3 * posterior(TABLE, PRIOR, (Example(given, output),)).probabilities[BIAS].sum()
        for place, given in enumerate(TABLE.inputs)
        for output, chance in zip(
            TABLE.outputs, TABLE.chances[:, place].T @ start(first), strict=True
        )
    ]
    assert held["bias_probability"][1] == pytest.approx(sum(own))


def start(first: Data) -> Floats:
    prior = effective_prior(PRIOR, TABLE.consistent(first))
    return first_learners(TABLE, prior, Learner(), first)[0]


@pytest.mark.parametrize(
    ("firsts", "exact", "told"),
    [
        ([((("screen", "on"),), 6)], True, ["All first data are the same and rule 6 of 9"]),
        (
            [((("screen", "on"),), 2), ((("A", "on"),), 2)], True,
            ["The first data of all runs rule 4 of 9"],
        ),
        (
            [((("A", one),), 2) for one in ("on", "off", "und")], True,
            ["fall into 3 groups"],
        ),
        ([((("A, screen", "on"),), 3), ((("A, screen", "off"),), 3),
          ((("A, screen", "und"),), 3)], False, ["into 3 groups"]),
        ([((("A, screen", "on"),), 1)], False, ["same", "1 rule cannot tell 9 hypotheses"]),
    ],
)  # fmt: skip
def test_priors_that_answers_do_not_tell(
    firsts: list[tuple[tuple[tuple[str, str], ...], int]], exact: bool, told: list[str]
) -> None:
    flat = tuple(uniform_prior(9).tolist())
    runs = [
        lineage(tuple(Example(*one) for one in first), WORLD.hypotheses[0], flat if exact else None)
        for first, many in firsts
        for _ in range(many)
    ]
    found = fitted_prior(WORLD, runs, noise=0.0).doubts
    assert len(found) == len(told), found
    assert all(words in one for words, one in zip(told, found, strict=True)), found


def test_data_that_overlap_and_all_of_p_leave_no_doubt() -> None:
    flat = tuple(uniform_prior(9).tolist())
    firsts = [(Example(name, one),) for name in ("A", "screen") for one in ("on", "off", "und")]
    assert fitted_prior(WORLD, [lineage(one, None, flat) for one in firsts], noise=0.0).doubts == ()
    noisy = fitted_prior(WORLD, [lineage(firsts[0], None, flat)] * 2, noise=0.5)
    assert noisy.doubts == (), "where answers follow data little, they show what is believed"


@pytest.mark.parametrize("kind", ["sampler", "map"])
def test_rules_tell_the_kind_of_learner_that_said_them(kind: Choice) -> None:
    rng, runs = Random(5), []
    fitted = FittedPrior(PRIOR, 0.05, 1, 0, 0, 0.0, 0.1)
    for _ in range(60):
        read = WORLD.drawn(rng.choice(WORLD.hypotheses), 1, rng, noise=0.05)
        chances = first_learners(TABLE, PRIOR, Learner(kind), read)[0]
        one = lineage(read, rng.choices(WORLD.hypotheses, chances.tolist())[0])
        runs.append(replace(one, generations=(one.generations[0], *one.generations)))
    found = {
        own: likelihood_of(WORLD, runs, fitted, Learner(own, 3.0 if own == "soft-map" else 1.0))
        for own in CHOICES
    }
    means = {own: one.mean for own, one in found.items() if one is not None}
    assert max(means, key=means.__getitem__) == kind
    own = found[kind]
    assert own is not None and own.rules == 60 and own.lapses < 0.1
    assert likelihood_of(WORLD, [lineage(())], fitted, Learner()) is None


def test_answers_that_their_data_make_unlikely_have_a_prior_all_the_same() -> None:
    # As of a model that says one rule whatever it reads.
    rng = np.random.default_rng(1)
    counts, likelihoods = np.zeros((4, 60)), 10 ** rng.uniform(-6, 0, (4, 60))
    counts[:, 7], likelihoods[:, 7] = 1.0, 1e-6
    likelihoods[range(4), range(4)] = 1.0
    found = maximised(counts, likelihoods, 1 / 60)
    assert np.isfinite(found).all() and int(found.argmax()) == 7
    # Of each answer, what is expected is what was observed.
    expected = (found * likelihoods)[:, 7] / (likelihoods @ found)
    assert expected.sum() == pytest.approx(4 + 1 / 60 - found[7], abs=1e-6)


@pytest.mark.parametrize("many", [1, 8])
def test_the_curve_meets_the_exact_p_of_h_that_its_prior_is_estimated_from(many: int) -> None:
    rng, runs = Random(3), []
    for _ in range(many):
        first = WORLD.drawn(rng.choice(WORLD.hypotheses), 3, rng, noise=0.05)
        chances = tuple(posterior(TABLE, PRIOR, first).probabilities.tolist())
        runs.append(lineage(first, None, chances, passed_on=first, truth=WORLD.feasible[0]))
    condition = Condition("all", {}, tuple(measure_lineage(one, WORLD) for one in runs))
    (fit,) = fits_of([condition])
    assert fit.fitted is not None
    assert fit.fitted.pseudo_count < 1e-6 and not any("uniform" in one for one in fit.doubts)
    far = {one.measure: one for one in fit.deviations()}
    # How sure each of several learners is follows from the noise too, which is another estimate.
    for name in ("bias_probability", "entropy")[: 2 if many == 1 else 1]:
        assert far[name].of_curve == pytest.approx(far[name].of_runs, abs=0.01)


def test_a_prior_is_held_as_little_as_answers_are_precise_and_it_is_told_where_that_counts() -> (
    None
):
    read = (Example("A", "on"), Example("screen", "on")) * 2
    shares = tuple(float(one == WORLD.hypotheses[0]) for one in WORLD.hypotheses)
    rule = fitted_prior(WORLD, [lineage(read, WORLD.hypotheses[0])])
    run = lineage(read, None, shares)
    sampled = replace(run, generations=(replace(run.generations[0], samples=20),))
    many = fitted_prior(WORLD, [sampled])
    assert rule.pseudo_count == pytest.approx(1 / 9)
    assert many.pseudo_count == pytest.approx(1 / 9 / 20)
    assert fitted_prior(WORLD, [run, run]).pseudo_count == pytest.approx(1e-6 / 9)
    rare = replace(run, generations=(replace(run.generations[0], samples=5),))
    assert "5 samples cannot tell 9 hypotheses" in fitted_prior(WORLD, [rare]).doubts[-1]
    assert not any("samples cannot" in one for one in many.doubts)
    overlapping = [
        replace(sampled, first=(Example(name, one),), seed=next(SEEDS))
        for name in ("A", "screen") for one in ("on", "off", "und")
    ]  # fmt: skip
    (doubt,) = fitted_prior(WORLD, overlapping, pseudo_count=1.0, noise=0.2).doubts
    assert "towards a uniform prior" in doubt and "probabilities.by: scores" in doubt


def test_the_entropy_of_a_curve_is_the_one_that_as_many_samples_would_show() -> None:
    rng = np.random.default_rng(4)
    rows = rng.dirichlet(np.full(60, 0.2), size=2)
    for samples in (2, 20, 100):
        drawn = np.array([rng.multinomial(samples, row, size=800) for row in rows]) / samples
        np.testing.assert_allclose(
            entropy_seen(rows, samples), entropy(drawn).mean(axis=1), atol=0.03
        )
    np.testing.assert_array_equal(entropy_seen(rows, None), entropy(rows))
    assert entropy_seen(np.array([[0.0, 0.0], [1.0, 0.0]]), 20).tolist() == [0, 0]
    assert np.isfinite(entropy_seen(rows, 1000)).all()
    first = (Example("screen", "on"),)
    run = lineage(first, WORLD.hypotheses[0], tuple(PRIOR.tolist()), passed_on=first)
    seen = replace(run, generations=(replace(run.generations[0], samples=3),))
    fitted = FittedPrior(PRIOR, 0.05, 1, 1, 0, 0.0, 0.1)
    believed = posterior(TABLE, PRIOR, first).probabilities
    for effective in (False, True):
        exact, few, both = (
            fitted_curve(WORLD, own, fitted, generations=3, effective=effective)
            for own in ([run], [seen], [run, seen])
        )
        assert few.entropy[0] == pytest.approx(
            float(entropy_seen(normalised(believed), 3)) if effective else few.entropy[0]
        )
        assert (few.entropy < exact.entropy - 0.1).all() and few.entropy.max() <= np.log(3)
        np.testing.assert_allclose(both.entropy, (few.entropy + exact.entropy) / 2)
        np.testing.assert_array_equal(few.shares, exact.shares)
        assert "from 3 samples" in few.notes[-1] and not any("samples" in o for o in exact.notes)
