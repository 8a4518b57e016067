"""What exact learners come to, generation by generation, under the names of the runs' measures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from simulator.analysis.iterated.bayes.chains import (
    Transition,
    distributions,
    first_learners,
    held_transition,
)
from simulator.analysis.iterated.bayes.learners import Learner, entropy_seen, normalised, posterior
from simulator.analysis.iterated.bayes.learners import entropy as entropy_of
from simulator.analysis.iterated.bayes.priors import effective_prior
from simulator.analysis.iterated.bayes.tables import Flags, Floats, LikelihoodTable
from simulator.analysis.iterated.worlds.base import Example


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """Chains of exact learners from the same first data: means over all of them, not samples."""

    label: str
    prior: Floats
    """Shape (H,): of learners, within their effective hypotheses."""
    shares: Floats
    """Shape (G, H): P_t(h), how often each hypothesis is held in generation t, from 1."""
    stopped: Floats
    """Shape (G,): chains that came to an end, as data contradicted every hypothesis."""
    entropy: Floats
    """Shape (G,), nats: of a learner's posterior, the mean over learners that are not stopped;
    what `entropy` of P(h) is in runs. Where `bias_believed` and `truth_believed` are known, of the
    posterior before an interaction."""
    entropy_of_chains: Floats
    """Shape (G,), nats: of P_t(h), over the chains that are not stopped."""
    consistency: Floats
    """Shape (G,): share of the first examples that the hypothesis explains, the mean over learners
    that are not stopped."""
    consistent: Floats
    """Shape (G,): chance that the hypothesis explains all of the first examples."""
    bias_probability: Floats | None = None
    """Shape (G,): chance that the hypothesis has what the bias wants; None for no bias."""
    truth_probability: Floats | None = None
    """Shape (G,): chance that the hypothesis is the truth; None where there is none."""
    bias_believed: Floats | None = None
    """Shape (G,): posterior of what the bias wants, before a hypothesis is chosen and before an
    interaction, the mean over learners that are not stopped; None where it was not followed."""
    truth_believed: Floats | None = None
    """Shape (G,): the same of the truth."""
    notes: tuple[str, ...] = ()
    """What limits these numbers, in sentences for people."""
    way: str = ""
    """How the transitions were found: exactly or by estimates, and of how many data."""
    condition: Mapping[str, str] = field(default_factory=dict)
    """What the claim varies from curve to curve, as names and short words."""

    @property
    def distance(self) -> Floats:
        """Shape (G,): total variation between P_t(h) and the prior, 0 to 1.

        To be stopped is one state more, which the prior does not have.
        """
        found: Floats = (np.abs(self.shares - self.prior).sum(axis=1) + self.stopped) / 2
        return found

    @property
    def by_measure(self) -> dict[str, Floats]:
        """By the names of measures of runs.

        Those of P(h), which is taken before an interaction, are what learners believe; those of
        rules are what they hold after it.
        """
        bias, truth = self.bias_believed, self.truth_believed
        found = {
            "entropy": self.entropy,
            "bias_probability": self.bias_probability if bias is None else bias,
            "biased": self.bias_probability,
            "truth_probability": self.truth_probability if truth is None else truth,
            "exact": self.truth_probability,
            "consistency": self.consistency,
        }
        return {name: values for name, values in found.items() if values is not None}


def curve_of(
    table: LikelihoodTable,
    prior: Floats,
    learner: Learner,
    *,
    first: Sequence[Example],
    examples: int,
    generations: int,
    label: str = "",
    effective: Flags | None = None,
    bias: Flags | None = None,
    truth: str | None = None,
    condition: Mapping[str, str] | None = None,
    transition: Transition | None = None,
    believing: Transition | None = None,
    samples: int | None = None,
) -> Curve:
    """Follow the learners of some first data.

    Args:
        table: Of the world.
        prior: Shape (H,), sum 1; of all hypotheses.
        learner: All are alike.
        first: What generation 1 reads.
        examples: What every other generation reads.
        generations: 1 or more.
        label: Its name in a figure.
        effective: Shape (H,): hypotheses that learners may hold, in every generation; None for all.
            An interaction leaves the others out: to choose anew among these, as often as needed, is
            to choose by the posterior within them.
        bias: Shape (H,): hypotheses with what a bias wants.
        truth: The hypothesis that the first data come from.
        condition: What a claim varies.
        transition: Of these learners, where it is known already.
        believing: Of samplers with the whole prior, whose choices are the posterior. Where it is
            given, what learners believe before an interaction is followed too.
        samples: From which `entropy` is estimated, as where runs have P(h) by samples; None where
            P(h) is exact. Transitions that are given are of as many.
    """
    left = prior if effective is None else effective_prior(prior, effective)
    known = transition or held_transition(table, left, learner, examples, samples=samples)
    start, uncertainty = first_learners(table, left, learner, first, samples=samples)
    found = distributions(known, start, generations, uncertainty=uncertainty)
    going = normalised(found.shares)
    truth_place = None if truth is None else table.place(truth)
    believed, doubt = None, found.uncertainty
    if believing is not None:
        before = normalised(found.shares[:-1])
        began = posterior(table, prior, first)
        believed = normalised(np.vstack([began.probabilities, before @ believing.matrix]))
        own = math.nan
        if not began.is_contradiction:
            own = float(entropy_seen(began.probabilities, samples))
        later = np.where(before.any(axis=1), before @ believing.uncertainty, np.nan)
        doubt = np.concatenate([[own], later])
    return Curve(
        label=label,
        prior=left,
        shares=found.shares,
        stopped=found.stopped,
        entropy=doubt,
        entropy_of_chains=np.where(going.any(axis=1), entropy_of(going), np.nan),
        consistency=going @ table.explained(first),
        consistent=found.shares @ table.consistent(first),
        bias_probability=None if bias is None else found.shares @ bias,
        truth_probability=None if truth_place is None else found.shares[:, truth_place],
        bias_believed=None if believed is None or bias is None else believed @ bias,
        truth_believed=(
            None if believed is None or truth_place is None else believed[:, truth_place]
        ),
        notes=tuple(_notes(left, truth_place, start, found.stopped, known)),
        way=known.way,
        condition=dict(condition or {}),
    )


def mean_curve(curves: Sequence[Curve], weights: Sequence[float] = ()) -> Curve:
    """The mean of curves of as many generations.

    Stopped chains count with what they hold, nothing; of a measure that some curves lack the mean
    is over the others.

    Args:
        curves: At least one.
        weights: One of each, over 0; none for all alike.
    """
    shares = np.array(weights or [1.0] * len(curves))

    def known(values: Sequence[Floats | None]) -> Floats | None:
        own = [one for one in values if one is not None]
        there = np.array([one is not None for one in values])
        return _weighted(own, shares[there]) if own else None

    def mean(values: Sequence[Floats]) -> Floats:
        return _weighted(values, shares)

    return replace(
        curves[0],
        notes=tuple(dict.fromkeys(note for one in curves for note in one.notes)),
        way="; ".join(dict.fromkeys(one.way for one in curves)),
        prior=mean([one.prior for one in curves]),
        shares=mean([one.shares for one in curves]),
        stopped=mean([one.stopped for one in curves]),
        entropy=mean([one.entropy for one in curves]),
        entropy_of_chains=mean([one.entropy_of_chains for one in curves]),
        consistency=mean([one.consistency for one in curves]),
        consistent=mean([one.consistent for one in curves]),
        bias_probability=known([one.bias_probability for one in curves]),
        truth_probability=known([one.truth_probability for one in curves]),
        bias_believed=known([one.bias_believed for one in curves]),
        truth_believed=known([one.truth_believed for one in curves]),
    )


def _weighted(all_: Sequence[Floats], weights: Floats) -> Floats:
    """The mean over the first axis; where some are not numbers, over the others."""
    values = np.array(all_)
    there = ~np.isnan(values)
    total = np.tensordot(weights, np.where(there, values, 0.0), axes=1)
    many = np.tensordot(weights, there.astype(np.float64), axes=1)
    found: Floats = np.divide(total, many, out=np.full(total.shape, np.nan), where=many > 0)
    return found


def _notes(
    prior: Floats, truth: int | None, start: Floats, stopped: Floats, transition: Transition
) -> list[str]:
    notes = []
    if not prior.any():
        notes.append("The effective hypothesis set is empty: no learner has a hypothesis.")
    elif truth is not None and not prior[truth]:
        notes.append("The truth has a prior of 0: no data can lead to it.")
    if prior.any() and not start.any():
        notes.append("The first data contradict every hypothesis with a prior over 0.")
    elif stopped[-1] > 1e-12 and start.any():
        notes.append(f"A share of {stopped[-1]:.2g} of chains ends without a hypothesis left.")
    if transition.error is not None:
        notes.append(
            f"Estimated from {transition.data:,} data of each hypothesis; the largest standard "
            f"error of a transition is {transition.error.max():.2g}."
        )
    return notes
