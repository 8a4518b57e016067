"""What exact learners come to, generation by generation, under the names of the runs' measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from simulator.analysis.iterated.bayes.chains import (
    Transition,
    distributions,
    first_learners,
    held_transition,
)
from simulator.analysis.iterated.bayes.learners import Learner, normalised
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
    what `entropy` of P(h) is in runs."""
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
    notes: tuple[str, ...] = ()
    """What limits these numbers, in sentences for people."""
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
        """By the names of measures of runs."""
        found = {
            "entropy": self.entropy,
            "bias_probability": self.bias_probability,
            "biased": self.bias_probability,
            "truth_probability": self.truth_probability,
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
) -> Curve:
    """Follow the learners of some first data.

    Args:
        table: Of the world.
        prior: Shape (H,), sum 1.
        learner: All are alike.
        first: What generation 1 reads.
        examples: What every other generation reads.
        generations: 1 or more.
        label: Its name in a figure.
        effective: Shape (H,): hypotheses that learners may hold, in every generation; None for all.
        bias: Shape (H,): hypotheses with what a bias wants.
        truth: The hypothesis that the first data come from.
        condition: What a claim varies.
        transition: Of these learners, where it is known already.
    """
    left = prior if effective is None else effective_prior(prior, effective)
    known = transition or held_transition(table, left, learner, examples)
    start, uncertainty = first_learners(table, left, learner, first)
    found = distributions(known, start, generations, uncertainty=uncertainty)
    going = normalised(found.shares)
    truth_place = None if truth is None else table.place(truth)
    return Curve(
        label=label,
        prior=left,
        shares=found.shares,
        stopped=found.stopped,
        entropy=found.uncertainty,
        entropy_of_chains=np.where(going.any(axis=1), entropy_of(going), np.nan),
        consistency=going @ table.explained(first),
        consistent=found.shares @ table.consistent(first),
        bias_probability=None if bias is None else found.shares @ bias,
        truth_probability=None if truth_place is None else found.shares[:, truth_place],
        notes=tuple(_notes(left, truth_place, start, found.stopped, known)),
        condition=dict(condition or {}),
    )


def mean_curve(curves: Sequence[Curve]) -> Curve:
    """The mean of curves of as many generations.

    Stopped chains count with what they hold, nothing; of a measure that some curves lack the mean
    is over the others.
    """
    first = curves[0]

    def mean(name: str) -> Floats | None:
        known = [getattr(one, name) for one in curves if getattr(one, name) is not None]
        if not known:
            return None
        there = ~np.isnan(known)
        many = there.sum(axis=0)
        total = np.where(there, known, 0.0).sum(axis=0)
        found: Floats = np.divide(total, many, out=np.full(total.shape, np.nan), where=many > 0)
        return found

    means = {
        name: mean(name)
        for name in (
            "prior", "shares", "stopped", "entropy", "entropy_of_chains", "consistency",
            "consistent", "bias_probability", "truth_probability",
        )
    }  # fmt: skip
    notes = tuple(dict.fromkeys(note for one in curves for note in one.notes))
    return replace(first, notes=notes, **means)  # type: ignore[arg-type]


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
