"""Transitions and distributions equal those of plain enumeration, and end where theory says."""

from __future__ import annotations

import math
from collections import Counter
from operator import mul

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis.iterated.bayes.chains import (
    Transition,
    distributions,
    first_learners,
    held_transition,
    kept_share,
    long_run,
    transition_matrix,
)
from simulator.analysis.iterated.bayes.curves import curve_of
from simulator.analysis.iterated.bayes.enumeration import (
    consistency_sets,
    multiset_count,
    multisets,
)
from simulator.analysis.iterated.bayes.learners import Learner
from simulator.analysis.iterated.bayes.priors import (
    biased_prior,
    effective_prior,
    maximum,
    uniform_prior,
)
from simulator.analysis.iterated.bayes.tables import LikelihoodTable, likelihood_matrix
from simulator.analysis.iterated.worlds.base import Example
from simulator.analysis.iterated.worlds.lights import Lights
from tests.analysis.iterated.bayes import brute

SMALL = likelihood_matrix(Lights(objects=("A", "B")))
NOISY = likelihood_matrix(Lights(objects=("A", "B")), 0.1)
WORLD = Lights()
WHOLE = likelihood_matrix(WORLD)
some_learners = pytest.mark.parametrize(
    "learner", [Learner(), Learner("map"), Learner("soft-map", 3.0)], ids=lambda one: one.choice
)


@settings(max_examples=25)
@given(st.data())
def test_transitions_are_those_of_every_sequence_of_examples(data: st.DataObject) -> None:
    table = data.draw(brute.tables())
    prior = data.draw(brute.priors(len(table.hypotheses)))
    learner, examples = data.draw(brute.learners), data.draw(st.integers(1, 3))
    found = transition_matrix(table, prior, learner, examples)
    matrix, stopped, uncertainty = brute.transition(table, prior, learner, examples)
    assert found.is_exact
    brute.assert_equal(found.matrix, matrix)
    brute.assert_equal(found.stopped, stopped)
    brute.assert_equal(found.uncertainty, uncertainty)


@some_learners
def test_concepts_whose_members_are_alike_are_gone_through_by_the_sets_they_leave(
    learner: Learner,
) -> None:
    table = brute.concepts_of([[1, 1, 1, 1], [1, 0, 1, 0], [0, 0, 1, 1], [1, 0, 0, 0]])
    prior = np.array([0.1, 0.2, 0.3, 0.4])
    found = transition_matrix(table, prior, learner, 3)
    matrix, _, uncertainty = brute.transition(table, prior, learner, 3)
    assert found.data == 5 < multiset_count(4, 3)
    brute.assert_equal(found.matrix, matrix)
    brute.assert_equal(found.uncertainty, uncertainty)


@some_learners
@pytest.mark.parametrize("known", [SMALL, NOISY], ids=["certain", "noisy"])
def test_generations_are_those_of_plain_enumeration(
    learner: Learner, known: LikelihoodTable
) -> None:
    prior = biased_prior(known.predicting(Example("B", "off")), 0.7)
    first = (Example("A, B", "on"),)
    start, _ = first_learners(known, prior, learner, first)
    found = distributions(transition_matrix(known, prior, learner, 2), start, 6)
    matrix, _, _ = brute.transition(known, prior, learner, 2)
    held = brute.concluded(known, prior, learner, [(known.inputs.index("A, B"), 0)])
    for shares in found.shares:
        brute.assert_equal(shares, held)
        held = [math.fsum(map(mul, held, column)) for column in zip(*matrix, strict=True)]
    assert not found.stopped.any()


@settings(max_examples=25)
@given(st.data())
def test_the_prior_stays_with_samplers_and_the_chain_is_reversible(data: st.DataObject) -> None:
    table = data.draw(brute.tables())
    prior = data.draw(brute.priors(len(table.hypotheses)))
    found = transition_matrix(table, prior, Learner(), data.draw(st.integers(1, 3)))
    flow = prior[:, None] * found.matrix
    brute.assert_equal(flow, flow.T)
    brute.assert_equal(prior @ found.matrix, prior)


@settings(max_examples=25)
@given(st.data())
def test_samplers_end_at_the_prior_wherever_they_start(data: st.DataObject) -> None:
    table = data.draw(brute.tables(noises=(0.1, 0.3)))
    size = len(table.hypotheses)
    prior = data.draw(brute.priors(size, smallest=0.001))
    found = transition_matrix(table, prior, Learner(), data.draw(st.integers(1, 2)))
    for start in np.eye(size):
        brute.assert_equal(long_run(found, start), prior)


def test_samplers_of_all_243_hypotheses_end_at_the_prior() -> None:
    prior = biased_prior(WHOLE.predicting(Example("screen", "off")), 0.9)
    found = transition_matrix(WHOLE, prior, Learner(), 1)
    brute.assert_equal(long_run(found, np.eye(243)[33]), prior)


def test_map_learners_without_noise_end_at_the_only_maximum() -> None:
    prior = uniform_prior(243)
    best = WHOLE.place(WORLD.feasible[33])
    prior[best] *= 1.001
    prior /= prior.sum()
    found = transition_matrix(WHOLE, prior, Learner("map"), 1)
    brute.assert_equal(found.matrix[best], np.eye(243)[best])
    brute.assert_equal(long_run(found, uniform_prior(243)), maximum(prior))


def test_the_long_run_of_a_chain_with_a_period_is_its_mean() -> None:
    none = np.zeros(2)
    swapping = Transition(np.array([[0.0, 1.0], [1.0, 0.0]]), none, none, 1)
    brute.assert_equal(long_run(swapping, np.array([1.0, 0.0])), [0.5, 0.5])


def test_ties_of_map_learners_are_split_evenly() -> None:
    table = brute.table_of([[0, 0], [0, 1], [0, 1]], 2, 0.0)
    found = transition_matrix(table, uniform_prior(3), Learner("map"), 1)
    brute.assert_equal(found.matrix[0], [1 / 6 + 1 / 2, 1 / 6, 1 / 6])


def test_an_effective_set_is_a_prior_without_the_others() -> None:
    first = (Example("A, B", "on"), Example("B", "off"))
    effective = SMALL.consistent(first)
    prior = biased_prior(SMALL.predicting(Example("B", "on")), 0.9)
    kept = curve_of(
        SMALL, prior, Learner(), first=first, examples=2, generations=5, effective=effective,
        truth=SMALL.hypotheses[1], bias=SMALL.predicting(Example("B", "on")),
    )  # fmt: skip
    assert kept.bias_probability is not None and not kept.bias_probability.any()
    brute.assert_equal(kept.consistent, 1.0)
    brute.assert_equal(kept.shares[:, ~effective], 0.0)
    left = effective_prior(prior, effective)
    whole, held = (way(SMALL, left, Learner(), 2) for way in (transition_matrix, held_transition))
    brute.assert_equal(whole.matrix[effective], held.matrix[effective])
    brute.assert_equal(whole.uncertainty[effective], held.uncertainty[effective])
    assert not held.matrix[~effective].any()


def test_contradictory_first_data_leave_no_hypothesis_and_say_so() -> None:
    first = (Example("A", "on"), Example("A", "off"))
    found = curve_of(
        SMALL, uniform_prior(9), Learner("map"), first=first, examples=2, generations=3,
        bias=SMALL.predicting(Example("B", "off")),
    )  # fmt: skip
    assert found.stopped.tolist() == [1, 1, 1] and not found.shares.any()
    assert np.isnan([found.entropy, found.entropy_of_chains]).all(), "nobody is certain of anything"
    brute.assert_equal(found.distance, [1, 1, 1])
    assert found.bias_probability is not None and not found.bias_probability.any()
    assert found.notes == ("The first data contradict every hypothesis with a prior over 0.",)
    nothing = curve_of(
        SMALL, uniform_prior(9), Learner(), first=first, examples=2, generations=2,
        effective=SMALL.consistent(first),
    )  # fmt: skip
    assert nothing.stopped.tolist() == [1, 1]
    assert nothing.notes == ("The effective hypothesis set is empty: no learner has a hypothesis.",)


def test_a_truth_with_a_prior_of_0_is_never_concluded_and_said() -> None:
    truth = SMALL.hypotheses[0]
    prior = np.where(np.arange(9) == 0, 0.0, 1 / 8)
    found = curve_of(
        SMALL, prior, Learner(), first=(Example("A", "on"),), examples=1, generations=4,
        truth=truth,
    )  # fmt: skip
    assert found.truth_probability is not None and not found.truth_probability.any()
    assert found.notes == ("The truth has a prior of 0: no data can lead to it.",)
    brute.assert_equal(found.shares.sum(axis=1), 1)


def test_chains_that_stop_half_way_are_counted() -> None:
    # Without the second hypothesis, what the noise says at last contradicts the only one left.
    table = brute.table_of([[0], [1]], 2, 0.0)
    found = transition_matrix(table, np.array([1.0, 0.0]), Learner(), 1)
    assert found.stopped.tolist() == [0, 1]
    run = distributions(found, np.array([0.25, 0.75]), 3)
    brute.assert_equal(run.stopped, [0, 0.75, 0.75])
    brute.assert_equal(long_run(found, np.array([0.25, 0.75])), [0.25, 0])


def test_deviations_shrink_by_the_kept_share() -> None:
    prior = biased_prior(NOISY.predicting(Example("B", "off")), 0.7)
    for examples in (1, 2):
        found = transition_matrix(NOISY, prior, Learner(), examples)
        shares = distributions(found, np.eye(9)[0], 40).shares
        left = np.abs(shares - prior).sum(axis=1)
        assert left[39] / left[38] == pytest.approx(kept_share(found), abs=1e-3)
    certain = Transition(np.eye(2), np.zeros(2), np.zeros(2), 1)
    assert kept_share(certain) == 1


def test_the_measures_of_a_curve_are_means_over_hypotheses() -> None:
    first = (Example("A", "on"), Example("A, B", "on"), Example("B", "off"))
    bias, truth = NOISY.predicting(Example("B", "off")), NOISY.hypotheses[1]
    prior = biased_prior(bias, 0.7)
    found = curve_of(
        NOISY, prior, Learner(), first=first, examples=2, generations=3, bias=bias, truth=truth
    )
    assert found.bias_probability is not None and found.truth_probability is not None
    world = Lights(objects=("A", "B"))
    for shares, *values in zip(
        found.shares, found.consistency, found.consistent, found.bias_probability,
        found.truth_probability, found.entropy_of_chains, strict=True,
    ):  # fmt: skip
        held = dict(zip(world.hypotheses, shares.tolist(), strict=True))
        said = {
            one: [world.predict(one, given) == output for given, output in first] for one in held
        }
        brute.assert_equal(
            values,
            [
                math.fsum(p * sum(said[one]) / 3 for one, p in held.items()),
                math.fsum(p for one, p in held.items() if all(said[one])),
                math.fsum(p for one, p in held.items() if world.statuses(one)["B"] == "off"),
                held[truth],
                -math.fsum(p * math.log(p) for p in held.values() if p),
            ],
        )
    brute.assert_equal(found.distance[0], np.abs(found.shares[0] - prior).sum() / 2)


def test_learners_take_turns() -> None:
    prior = uniform_prior(9)
    start = np.eye(9)[0]
    one, other = (transition_matrix(NOISY, prior, Learner(kind), 1) for kind in ("sampler", "map"))
    found = distributions([one, other], start, 4).shares
    brute.assert_equal(found[3], start @ one.matrix @ other.matrix @ one.matrix)


@some_learners
def test_estimates_are_within_their_errors(learner: Learner) -> None:
    prior = biased_prior(NOISY.predicting(Example("B", "off")), 0.6)
    exact = transition_matrix(NOISY, prior, learner, 2)
    found = transition_matrix(NOISY, prior, learner, 2, most=10, draws=1_000, seed=5)
    assert found.error is not None and not found.is_exact and found.data == 1_000
    off = np.abs(found.matrix - exact.matrix)
    assert (off <= 5 * found.error + 1e-12).all() and off.max() > 1e-6
    np.testing.assert_allclose(found.uncertainty, exact.uncertainty, rtol=0, atol=0.05)
    note = curve_of(
        NOISY, prior, learner, first=(), examples=2, generations=2, transition=found
    ).notes[0]
    assert note.startswith("Estimated from 1,000 data of each hypothesis; the largest standard")


def test_multisets_are_each_there_once_with_their_orders() -> None:
    rows = [(tuple(row), orders) for rows, many in multisets(5, 4, 7) for row, orders in zip(
        rows.tolist(), many, strict=True)]  # fmt: skip
    assert len(rows) == len(dict(rows)) == multiset_count(5, 4)
    assert sum(many for _, many in rows) == 5**4
    for row, many in rows:
        repeats = math.prod(math.factorial(one) for one in Counter(row).values())
        assert many == math.factorial(4) / repeats


def test_sets_that_settle_count_all_sequences_of_many_examples() -> None:
    # Every hypothesis says one sequence of outputs of every sequence of inputs.
    for size in (6, 30):
        sets, ways = consistency_sets(SMALL, size, 1000) or pytest.fail("given up")
        np.testing.assert_allclose(ways @ sets / 3.0**size, np.ones(9), rtol=1e-12)
    assert consistency_sets(SMALL, 400, 1000) is None
    found = transition_matrix(SMALL, uniform_prior(9), Learner(), 400)
    assert found.data == 200 and not found.is_exact
    brute.assert_equal(found.matrix, np.eye(9))


@pytest.mark.parametrize("examples", [100, 151, 300])
def test_many_examples_of_few_kinds_are_not_lost_in_small_or_large_numbers(examples: int) -> None:
    table = brute.table_of([[0], [1]], 2, 0.4)
    prior = np.array([0.45, 0.55])
    found = transition_matrix(table, prior, Learner("map"), examples)
    # The second is concluded where it has as many examples or more: its prior breaks the tie.
    right = [math.comb(examples, one) * 0.6**one * 0.4 ** (examples - one)
             for one in range(examples + 1)]  # fmt: skip
    second = math.fsum(right[math.ceil(examples / 2) :])
    assert found.is_exact is (examples <= 150)
    np.testing.assert_allclose(found.matrix.sum(axis=1), 1)
    assert found.matrix[1, 1] == pytest.approx(second, abs=1e-12 if found.is_exact else 0.05)


def test_too_many_consistency_sets_are_given_up() -> None:
    assert consistency_sets(WHOLE, 2, 10) is None
    sets, ways = consistency_sets(WHOLE, 1, 1000) or pytest.fail("given up")
    assert (len(sets), ways.sum()) == (93, 93)


@pytest.mark.parametrize("bad", [{"examples": 0}, {"examples": 1, "draws": 1}])
def test_too_few_examples_or_draws_are_refused(bad: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be at least"):
        transition_matrix(SMALL, uniform_prior(9), Learner(), **bad)
