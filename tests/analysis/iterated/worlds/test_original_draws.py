"""Draws are those of the original for the same seeds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis.iterated.worlds.lights import STATUSES, Lights
from simulator.analysis.iterated.worlds.original_draws import (
    SEEDS,
    SHARES,
    STRONG,
    TRUTHS,
    WEAK,
    ambiguous_first_data,
    drawn_truth,
    first_experiment,
)

SCREENS = Lights()
LETTERS = Lights("lights-letters", ("A", "B", "C", "D", "E"))

seeds = st.integers(0, 2**32 - 1)


def test_the_truth_of_the_first_seed_is_the_published_one() -> None:
    truth = drawn_truth(LETTERS, SEEDS[0])
    assert [*LETTERS.statuses(truth).values()] == ["on", "on", "off", "off", "on"]


def test_first_data_are_the_published_ones() -> None:
    data = ambiguous_first_data(SCREENS, SCREENS.feasible[STRONG], 1314)
    assert [one.input for one in data] == ["C, screen", "C, D", "C", "B, D"]
    assert {one.output for one in data} == {"on"}


def test_a_first_experiment_stays_the_same() -> None:
    truth, data = first_experiment(LETTERS, 10086)
    assert truth == drawn_truth(LETTERS, 10086)
    assert [tuple(one) for one in data] == [
        ("E", "on"),
        ("A, C, D, E", "on"),
        ("C, D", "off"),
        ("A", "on"),
    ]


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_first_experiments_are_those_of_numpy(seed: int) -> None:
    source = np.random.RandomState(seed)
    statuses: list[str] = []
    while not {"on", "off"} <= {*statuses}:
        statuses = [str(source.choice(STATUSES, size=1, p=SHARES)[0]) for _ in range(5)]
    kept = source.permutation(np.arange(31))[:21]
    numbers = [number for number in range(1, 32) if number in kept]
    picked = [numbers[at] for at in source.choice(len(numbers), size=4, replace=False)]
    truth, data = first_experiment(LETTERS, seed)
    assert [*LETTERS.statuses(truth).values()] == statuses
    assert [one.input for one in data] == [LETTERS.inputs[number - 1] for number in picked]


@given(seeds, st.sampled_from((STRONG, WEAK, *TRUTHS)))
@settings(max_examples=40, deadline=None)
def test_ambiguous_first_data_are_those_of_numpy(seed: int, index: int) -> None:
    truth = SCREENS.feasible[index]
    both = SCREENS.ambiguous(truth, SCREENS.alternative(truth) or "")
    source = np.random.RandomState(seed)
    source.permutation(31)
    count = min(8, len(both))
    data = ambiguous_first_data(SCREENS, truth, seed, count)
    assert data == tuple(both[at] for at in source.choice(len(both), size=count, replace=False))


def test_more_than_there_is_is_told() -> None:
    with pytest.raises(ValueError, match="there are"):
        ambiguous_first_data(SCREENS, SCREENS.feasible[WEAK], 1, 32)
    with pytest.raises(ValueError, match="no screen"):
        ambiguous_first_data(LETTERS, LETTERS.hypotheses[0], 1)
    with pytest.raises(ValueError, match="seed"):
        drawn_truth(LETTERS, 2**32)
