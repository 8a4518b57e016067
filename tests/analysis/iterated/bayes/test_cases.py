"""Data that teach the same are gone through together, and nothing is lost by it."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis.iterated.bayes import cases, symmetry
from simulator.analysis.iterated.bayes.chains import held_transition, transition_matrix
from simulator.analysis.iterated.bayes.enumeration import multiset_count, multisets, orbits
from simulator.analysis.iterated.bayes.learners import Learner
from simulator.analysis.iterated.bayes.priors import biased_prior, uniform_prior
from simulator.analysis.iterated.bayes.symmetry import symmetries
from simulator.analysis.iterated.bayes.tables import LikelihoodTable, likelihood_matrix
from simulator.analysis.iterated.worlds.base import Example
from simulator.analysis.iterated.worlds.lights import Lights
from tests.analysis.iterated.bayes import brute

NOISY = likelihood_matrix(Lights(objects=("A", "B")), 0.1)
THREE = likelihood_matrix(Lights(objects=("A", "B", "C")), 0.1)
WHOLE = likelihood_matrix(Lights(), 0.1)
BIASED = biased_prior(WHOLE.predicting(Example("screen", "off")), 0.6)


@st.composite
def alike(draw: st.DrawFn) -> tuple[LikelihoodTable, np.ndarray]:
    """Tables and priors with symmetries, some more of them than others."""
    weights = st.sampled_from([0.0, 1.0, 1.0, 2.0])
    if draw(st.booleans()):
        table = brute.table_of([[0, 0], [0, 1], [1, 0], [1, 1]], 2, 0.2)
    else:
        table = brute.table_of([[0], [1], [2]], 3, 0.2)
    size = len(table.hypotheses)
    prior = np.array(draw(st.lists(weights, min_size=size, max_size=size).filter(any)))
    return table, prior / prior.sum()


@settings(max_examples=15)
@given(alike(), brute.learners, st.integers(1, 3))
def test_transitions_by_symmetries_are_those_of_every_sequence(
    known: tuple[LikelihoodTable, np.ndarray], learner: Learner, examples: int
) -> None:
    table, prior = known
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cases, "_WORTH", 0)
        found = transition_matrix(table, prior, learner, examples)
    matrix, stopped, uncertainty = brute.transition(table, prior, learner, examples)
    assert found.is_exact
    brute.assert_equal(found.matrix, matrix)
    brute.assert_equal(found.stopped, stopped)
    brute.assert_equal(found.uncertainty, uncertainty)


@pytest.mark.parametrize("learner", [Learner(), Learner("map")], ids=lambda one: one.choice)
def test_fewer_cases_come_to_the_same_with_more_examples(
    learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    prior = uniform_prior(9)
    few = transition_matrix(NOISY, prior, learner, 6)
    monkeypatch.setattr(cases, "_WORTH", math.inf)
    many = transition_matrix(NOISY, prior, learner, 6)
    assert few.data < many.data * 0.6
    for name in ("matrix", "stopped", "uncertainty"):
        brute.assert_equal(getattr(few, name), getattr(many, name))


def test_symmetries_are_those_of_the_objects_that_a_prior_takes_alike() -> None:
    uneven = np.linspace(1, 2, 243)
    sizes = [len(symmetries(WHOLE.told_apart, one)) for one in (BIASED, uneven)]
    assert sizes == [math.factorial(4), 1]


def test_a_part_of_too_many_symmetries_is_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    table = likelihood_matrix(Lights(objects=("A", "B", "C", "D")), 0.1)
    sizes = {}
    for most in (24, 23, 5, 1):
        monkeypatch.setattr(symmetry, "MOST_SYMMETRIES", most)
        found = symmetries(table.told_apart, uniform_prior(81)).hypotheses
        known = {one.tobytes() for one in found}
        assert len(known) == len(found)
        assert {one[other].tobytes() for one in found for other in found} == known
        sizes[most] = len(found)
    assert sizes[24] == 24 and 1 < sizes[23] <= 12 and 1 < sizes[5] <= 5 and sizes[1] == 1


def test_orbits_stand_for_every_sequence_once() -> None:
    by_item = THREE.told_apart
    group = symmetries(by_item, uniform_prior(27)).items
    for size in (1, 2, 3):
        parts = zip(*orbits(group, size, 50), strict=True)
        rows, ways = (np.concatenate(one) for one in parts)
        assert ways.sum() == pytest.approx(float(len(by_item)) ** size, rel=1e-14)
        every = itertools.combinations_with_replacement(range(len(by_item)), size)
        firsts = {min(tuple(sorted(moved)) for moved in group[:, row].tolist()) for row in every}
        assert {*map(tuple, rows.tolist())} == firsts and len(rows) == len(firsts)


def test_items_that_teach_the_same_are_one() -> None:
    # Of two hypotheses, examples favour one, or the other, or neither.
    held = WHOLE.only(np.isin(np.arange(243), (0, 1)))
    assert len(held.told_apart) == 3
    np.testing.assert_allclose(held.told_apart.sum(axis=0), 1, rtol=1e-14)
    prior = np.where(np.isin(np.arange(243), (0, 1)), 0.5, 0.0)
    found = held_transition(WHOLE, prior, Learner(), 20)
    assert found.is_exact and found.data == multiset_count(3, 20)
    drawn = transition_matrix(held, uniform_prior(2), Learner(), 20, most=10, seed=3)
    assert drawn.error is not None
    assert (np.abs(found.matrix[:2, :2] - drawn.matrix) <= 5 * drawn.error).all()
    assert (found.way, drawn.way) == (
        "exact, all data in 231 cases",
        "estimated, 2,000 data drawn of each hypothesis",
    )


def test_four_noisy_examples_of_lights_are_exact_with_a_bias_for_the_screen() -> None:
    assert cases.all_cases(WHOLE, BIASED, 4, 200_000) is not None
    assert cases.all_cases(WHOLE, np.linspace(1, 2, 243), 4, 600_000) is None
    assert cases.all_cases(WHOLE, BIASED, 4, 100_000) is None


def test_one_item_is_said_in_one_way() -> None:
    (rows, ways), *more = multisets(1, 5, 10)
    assert (rows.tolist(), ways.tolist(), more) == ([[0] * 5], [1.0], [])
