"""How probable the rules of runs are, as choices of exact learners of one kind or another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.analysis.iterated.bayes.fitting import FittedPrior
from simulator.analysis.iterated.bayes.learners import Learner, log_likelihood
from simulator.analysis.iterated.bayes.tables import Floats, LikelihoodTable, likelihood_matrix
from simulator.analysis.iterated.intervals import seed_weights
from simulator.analysis.iterated.records import Lineage
from simulator.analysis.iterated.worlds.base import World

LAPSES = np.linspace(0.001, 1.0, 1000)
"""Shares of rules said at random that are tried."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Of the rules that learners after the first said, given what each read."""

    mean: float
    """Log-likelihood of a rule, nats, the mean over rules; runs of one seed count as one."""
    lapses: float
    """The share of rules said at random under which it is greatest, from 0.001 to 1."""
    rules: int
    """Of all runs."""


def likelihood_of(
    world: World, lineages: Sequence[Lineage], fitted: FittedPrior, learner: Learner
) -> Likelihood | None:
    """How well learners of a kind explain rules that were said; None where there is no rule.

    A rule is the learner's choice, or with the chance of a lapse any rule of the world: else one
    rule that MAP learners never say would rule them out. Rules are those before an interaction. The
    first learners are left out, from whose answers the prior is.

    Args:
        world: Of all lineages.
        lineages: Of one condition.
        fitted: Their prior and noise.
        learner: Of the kind in question.
    """
    table = likelihood_matrix(world, fitted.noise)
    found: list[float] = []
    weights: list[float] = []
    weighed = seed_weights([one.seed for one in lineages])
    for lineage, weight in zip(lineages, weighed, strict=True):
        own = list(_chances(table, lineage, fitted.prior, learner))
        found += own
        weights += [weight] * len(own)
    if not found:
        return None
    at_random = LAPSES[:, None] / len(table.hypotheses)
    by_lapses = np.log((1 - LAPSES[:, None]) * np.array(found) + at_random)
    means = by_lapses @ np.array(weights) / sum(weights)
    best = int(means.argmax())
    return Likelihood(float(means[best]), float(LAPSES[best]), len(found))


def _chances(
    table: LikelihoodTable, lineage: Lineage, prior: Floats, learner: Learner
) -> list[float]:
    """Of the rules that were said, generation by generation."""
    found = []
    with np.errstate(divide="ignore"):
        logs = np.log(prior)
    for one in lineage.generations[1:]:
        if one.said not in table.hypotheses or not one.read:
            continue
        joint = logs + log_likelihood(table, one.read)
        top = joint.max()
        # Data that contradict every hypothesis leave a learner without a choice.
        chances = learner.chances(np.exp(joint - top)) if np.isfinite(top) else np.zeros_like(prior)
        found.append(float(chances[table.place(one.said)]))
    return found
