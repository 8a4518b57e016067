"""Chains of exact learners: how often each hypothesis is held, generation by generation.

A learner reads m examples of the one before, whose inputs are uniform and with replacement, so
that hypotheses form a Markov chain: T[h, h'] is the sum over data of P(d | h) P(h' | d)
(Griffiths & Kalish, 2007, equation 5).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.iterated.bayes.cases import all_cases
from simulator.analysis.iterated.bayes.learners import (
    Learner,
    Reader,
    entropy,
    entropy_seen,
    normalised,
    posterior,
)
from simulator.analysis.iterated.bayes.sampling import drawn_items
from simulator.analysis.iterated.bayes.tables import Flags, Floats, LikelihoodTable
from simulator.analysis.iterated.worlds.base import Example

MOST_DATA = 600_000
"""Data that are gone through, those together that teach the same; then it takes about twice as long
as to draw them. With noise and 243 hypotheses of lights these are three examples with any prior,
four with one that takes the objects beside the screen alike, and five with a uniform one."""
MOST_DRAWN, LEAST_DRAWN, DRAWN_EXAMPLES = 2_000, 200, 40_000
"""Data drawn of each hypothesis where there are more: of so many examples together if that is
possible."""
_DOUBLINGS = 60
_SETTLED = 1e-15


@dataclass(frozen=True, eq=False, slots=True)
class Transition:
    """From the hypothesis that a learner holds to that of the next one."""

    matrix: Floats
    """Shape (H, H), rows: chances of the next learner's hypotheses. A row and its `stopped` add
    up to 1. Columns of a prior of 0 are 0."""
    stopped: Floats
    """Shape (H,): the chance that the next learner is left without a hypothesis."""
    uncertainty: Floats
    """Shape (H,): the mean entropy of the next learner's posterior; nats."""
    data: int
    """Cases of data gone through, or data drawn of each hypothesis."""
    error: Floats | None = None
    """Shape (H, H): standard errors of a matrix that was estimated, with 1 / draws for what was too
    rare to be drawn; None where it is exact."""

    @property
    def is_exact(self) -> bool:
        """Whether all data were gone through."""
        return self.error is None

    @property
    def way(self) -> str:
        """How it was found, for people."""
        if self.is_exact:
            return f"exact, all data in {self.data:,} case{'s' * (self.data != 1)}"
        return f"estimated, {self.data:,} data drawn of each hypothesis"


@dataclass(frozen=True, eq=False, slots=True)
class Distributions:
    """How often each hypothesis is held."""

    shares: Floats
    """Shape (G, H), generation 1 first. A row and its `stopped` add up to 1."""
    stopped: Floats
    """Shape (G,): chains that have come to an end, as data contradicted every hypothesis."""
    uncertainty: Floats
    """Shape (G,): the mean entropy of learners' posteriors; nats, of those that go on."""

    @property
    def entropy(self) -> Floats:
        """Shape (G,): of hypotheses over the chains that go on; nats."""
        return entropy(normalised(self.shares))


def transition_matrix(
    table: LikelihoodTable,
    prior: Floats,
    learner: Learner,
    examples: int,
    *,
    most: int = MOST_DATA,
    draws: int | None = None,
    seed: int = 0,
    samples: int | None = None,
) -> Transition:
    """The transition of a bottleneck: exact, or estimated where there are too many data.

    Args:
        table: Of the world; learners and what they say have its noise.
        prior: Shape (H,).
        learner: All are alike.
        examples: That a learner reads, 1 or more.
        most: Data to go through, counted as by `all_cases`. With noise, four examples of 93 items
            are 3,321,960 data, and 138,415 or a few more where 24 symmetries keep the prior.
        draws: Data for each hypothesis where there are more than that, 2 or more; None for 2,000,
            and fewer of more than 20 examples.
        seed: Of these draws.
        samples: From which the entropy of a posterior is estimated; None where it is known.

    Raises:
        ValueError: Fewer examples or draws than that.
    """
    if draws is None:
        draws = min(MOST_DRAWN, max(LEAST_DRAWN, DRAWN_EXAMPLES // max(1, examples)))
    if examples < 1 or draws < 2:
        raise ValueError(f"{examples} examples and {draws} draws; they must be at least 1 and 2")
    cases = all_cases(table, prior, examples, most)
    if cases is None:
        return _estimated(table, prior, learner, examples, draws, seed, samples)
    count = len(prior)
    matrix, stopped, uncertainty = np.zeros((count, count)), np.zeros(count), np.zeros(count)
    gone_through = 0
    for likelihood, weights in cases.parts:
        joint = likelihood * prior
        said = likelihood.T * weights
        believed = normalised(joint)
        chosen = believed if learner.is_sampler else learner.chances(joint)
        matrix += said @ chosen
        stopped += said @ (chosen.sum(axis=1) == 0)
        uncertainty += said @ entropy_seen(believed, samples)
        gone_through += len(weights)
    return Transition(
        cases.summed(matrix), cases.summed(stopped), cases.summed(uncertainty), gone_through
    )


def held_transition(
    table: LikelihoodTable,
    prior: Floats,
    learner: Learner,
    examples: int,
    *,
    seed: int = 0,
    samples: int | None = None,
) -> Transition:
    """The transition of hypotheses that learners can hold; other rows are all 0, unlike elsewhere.

    Much quicker where an effective hypothesis set is small; arguments are those of
    `transition_matrix`.
    """
    held = prior > 0
    if held.all():
        return transition_matrix(table, prior, learner, examples, seed=seed, samples=samples)
    if not held.any():
        none = np.zeros(len(prior))
        return Transition(np.zeros((len(prior), len(prior))), none, none, 0)
    small = transition_matrix(
        table.only(held), prior[held], learner, examples, seed=seed, samples=samples
    )
    square, line = np.ix_(held, held), np.ix_(held)
    return Transition(
        _spread(small.matrix, square, held), _spread(small.stopped, line, held),
        _spread(small.uncertainty, line, held), small.data,
        None if small.error is None else _spread(small.error, square, held),
    )  # fmt: skip


def first_learners(
    table: LikelihoodTable,
    prior: Floats,
    learner: Learner,
    data: Sequence[Example],
    *,
    samples: int | None = None,
) -> tuple[Floats, float]:
    """What the learners of the first data conclude.

    Args:
        table: Of the world.
        prior: Shape (H,).
        learner: All are alike.
        data: That they read.
        samples: As of `transition_matrix`.

    Returns:
        Chances of hypotheses, shape (H,), all 0 where the data contradict every hypothesis; and
        the entropy of their posterior in nats, not a number there.
    """
    found = posterior(table, prior, data)
    believed = found.probabilities
    uncertainty = math.nan if found.is_contradiction else float(entropy_seen(believed, samples))
    return learner.chances(believed), uncertainty


def distributions(
    transitions: Transition | Sequence[Transition],
    first: Floats,
    generations: int,
    *,
    uncertainty: float = math.nan,
) -> Distributions:
    """Generation by generation, without sampling.

    Args:
        transitions: Of all learners, or several used in turn, the first for generation 2.
        first: Shape (H,): generation 1. What is missing to 1 has no hypothesis left.
        generations: 1 or more.
        uncertainty: The entropy of the posterior of generation 1 where it is known; nats.
    """
    turns = [transitions] if isinstance(transitions, Transition) else list(transitions)
    shares = [np.asarray(first, dtype=np.float64)]
    stopped = [_missing(shares[0])]
    uncertain = [uncertainty]
    for generation in range(generations - 1):
        turn = turns[generation % len(turns)]
        going = shares[-1].sum()
        uncertain.append(float(shares[-1] @ turn.uncertainty / going) if going > 0 else math.nan)
        stopped.append(stopped[-1] + float(shares[-1] @ turn.stopped))
        shares.append(shares[-1] @ turn.matrix)
    return Distributions(np.array(shares), np.array(stopped), np.array(uncertain))


def long_run(transition: Transition, start: Floats) -> Floats:
    """Where chains end up, whatever the period: shape (H,).

    Of samplers it is the prior (Griffiths & Kalish, 2007), wherever all hypotheses can be
    reached. What is missing to 1 has no hypothesis left.

    Args:
        transition: Of all learners.
        start: Shape (H,).
    """
    count = len(start)
    whole = np.zeros((count + 1, count + 1))
    whole[:count, :count], whole[:count, count], whole[count, count] = (
        transition.matrix, transition.stopped, 1.0
    )  # fmt: skip
    # Half a chance to stay leaves the limit as it is and takes periods away.
    whole = (normalised(whole) + np.eye(count + 1)) / 2
    for _ in range(_DOUBLINGS):
        later = normalised(whole @ whole)
        settled = np.abs(later - whole).max() < _SETTLED
        whole = later
        if settled:
            break
    found: Floats = (np.append(start, _missing(start)) @ whole)[:count]
    return found


def kept_share(transition: Transition) -> float:
    """What is left of a deviation from the long run after a generation, once it is small; 0 to 1.

    The second largest absolute value of the eigenvalues of the matrix: the rate at which chains
    forget their first data. 1 where they never do.
    """
    sizes = np.sort(np.abs(np.linalg.eigvals(transition.matrix)))
    return min(1.0, float(sizes[-2])) if len(sizes) > 1 else 0.0


def _missing(shares: Floats) -> float:
    """What is missing to 1; 0 where that is rounding."""
    missing = 1 - float(shares.sum())
    return missing if missing > 1e-9 else 0.0


def _spread(values: Floats, places: tuple[NDArray[Any], ...], held: Flags) -> Floats:
    found = np.zeros((len(held),) * values.ndim)
    found[places] = values
    return found


def _estimated(
    table: LikelihoodTable,
    prior: Floats,
    learner: Learner,
    examples: int,
    draws: int,
    seed: int,
    samples: int | None,
) -> Transition:
    count = len(prior)
    rng = np.random.default_rng(seed)
    reader = Reader(table, prior, examples)
    matrix, error = np.zeros((count, count)), np.zeros((count, count))
    stopped, uncertainty = np.zeros(count), np.zeros(count)
    for place in range(count):
        said = drawn_items(table, np.full(draws, place), examples, rng)
        joint = reader.joint(said)
        believed = normalised(joint)
        chosen = believed if learner.is_sampler else learner.chances(joint)
        matrix[place] = chosen.mean(axis=0)
        error[place] = np.sqrt(chosen.var(axis=0, ddof=1) / draws + draws**-2.0)
        stopped[place] = (chosen.sum(axis=1) == 0).mean()
        uncertainty[place] = entropy_seen(believed, samples).mean()
    return Transition(matrix, stopped, uncertainty, draws, error)
