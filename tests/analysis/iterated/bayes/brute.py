"""Exact learners again, in plain Python: every sequence of examples by itself, nothing merged."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from simulator.analysis.iterated.bayes.learners import Learner
from simulator.analysis.iterated.bayes.tables import LikelihoodTable

List = list[float]
Prior = Sequence[float] | NDArray[np.float64]


def assert_equal(found: ArrayLike, expected: ArrayLike) -> None:
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=0, atol=1e-12)


def table_of(predictions: Sequence[Sequence[int]], outputs: int, noise: float) -> LikelihoodTable:
    places = np.array(predictions, dtype=np.intp)
    right = places[..., None] == np.arange(outputs)
    return LikelihoodTable(
        tuple(f"h{number}" for number in range(places.shape[0])),
        tuple(f"x{number}" for number in range(places.shape[1])),
        tuple(f"o{number}" for number in range(outputs)),
        np.where(right, 1 - noise, noise / (outputs - 1)),
        right,
    )


def concepts_of(members: Sequence[Sequence[int]]) -> LikelihoodTable:
    """Hypotheses that say any of their members, all equally often."""
    right = np.array(members, dtype=np.bool_)[:, None]
    return LikelihoodTable(
        tuple(f"h{number}" for number in range(right.shape[0])),
        ("x0",),
        tuple(f"o{number}" for number in range(right.shape[2])),
        right / right.sum(axis=2, keepdims=True),
        right,
    )


@st.composite
def tables(draw: st.DrawFn, noises: Sequence[float] = (0.0, 0.1)) -> LikelihoodTable:
    inputs, outputs = draw(st.integers(1, 2)), draw(st.integers(2, 3))
    row = st.lists(st.integers(0, outputs - 1), min_size=inputs, max_size=inputs)
    rows = draw(st.lists(row, min_size=1, max_size=4))
    return table_of(rows, outputs, draw(st.sampled_from(noises)))


def priors(size: int, *, smallest: float = 0.0) -> st.SearchStrategy[NDArray[np.float64]]:
    weight = st.floats(max(smallest, 0.001), 1.0) | st.just(smallest)
    return (
        st.lists(weight, min_size=size, max_size=size)
        .filter(lambda weights: sum(weights) > 0)
        .map(lambda weights: np.array(weights) / sum(weights))
    )


learners = st.sampled_from([Learner(), Learner("map"), Learner("soft-map", 2.5)])


def likelihood(table: LikelihoodTable, place: int, data: Sequence[tuple[int, int]]) -> float:
    return math.prod(float(table.chances[place, given, output]) for given, output in data)


def concluded(
    table: LikelihoodTable,
    prior: Prior,
    learner: Learner,
    data: Sequence[tuple[int, int]],
) -> List:
    """All 0 where nothing is left."""
    joint = [prior[h] * likelihood(table, h, data) for h in range(len(prior))]
    if not any(joint):
        return [0.0] * len(joint)
    if learner.choice == "map":
        weights = [float(one > max(joint) * (1 - 1e-7)) for one in joint]
    else:
        exponent = learner.exponent if learner.choice == "soft-map" else 1.0
        weights = [(one / max(joint)) ** exponent for one in joint]
    return [one / math.fsum(weights) for one in weights]


def transition(
    table: LikelihoodTable,
    prior: Prior,
    learner: Learner,
    examples: int,
) -> tuple[list[List], List, List]:
    """The matrix, what stops, and the mean entropy of posteriors."""
    size = len(prior)
    matrix = [[0.0] * size for _ in range(size)]
    stopped, uncertainty = [0.0] * size, [0.0] * size
    items = list(itertools.product(range(len(table.inputs)), range(len(table.outputs))))
    for data in itertools.product(items, repeat=examples):
        chosen = concluded(table, prior, learner, data)
        believed = concluded(table, prior, Learner(), data)
        entropy = -math.fsum(p * math.log(p) for p in believed if p)
        for h in range(size):
            said = likelihood(table, h, data) / len(table.inputs) ** examples
            stopped[h] += said * (not any(chosen))
            uncertainty[h] += said * entropy
            for other in range(size):
                matrix[h][other] += said * chosen[other]
    return matrix, stopped, uncertainty
