"""The prior that runs of models seem to have, and the exact learners with that prior."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulator.analysis.iterated.bayes.chains import Transition, held_transition
from simulator.analysis.iterated.bayes.curves import Curve, curve_of, mean_curve
from simulator.analysis.iterated.bayes.doubts import doubts_of, few_samples, pull_of
from simulator.analysis.iterated.bayes.learners import Learner, log_likelihood, normalised
from simulator.analysis.iterated.bayes.priors import effective_prior
from simulator.analysis.iterated.bayes.tables import (
    Flags,
    Floats,
    LikelihoodTable,
    likelihood_matrix,
)
from simulator.analysis.iterated.intervals import seed_weights
from simulator.analysis.iterated.measures import is_biased
from simulator.analysis.iterated.records import Generation, Lineage
from simulator.analysis.iterated.worlds.base import World
from simulator.errors import UsageError

_STEPS = 200
_EXACT = 1e-10
_RIDGE = 1e-9
_FARTHEST = 4.0
"""Of a step of log weights."""
_CERTAIN = 1e6
"""Draws that exact P(h) is worth: so many that their chance is none."""
_LESS = 0.1
"""Of a pseudo-count, to see what it does."""


@dataclass(frozen=True, eq=False, slots=True)
class FittedPrior:
    """A prior that explains first answers."""

    prior: Floats
    """Shape (H,), sum 1, all over 0."""
    noise: float
    """Of the likelihood that it goes with: share of the examples read that answers miss."""
    answers: int
    """First learners whose answer was used."""
    from_probabilities: int
    """Those of them whose P(h) was used instead of the one hypothesis that they said."""
    left_out: int
    """First learners without an answer, and lineages without a learner."""
    ruled_out: float
    """Answers that the data rule out, counted by their P(h): 0 where there is noise."""
    pseudo_count: float
    repeated: int = 0
    """Of the answers, those whose seed another one has: all answers of a seed count as one."""
    is_drawn: bool = False
    """Whether answers are rules or P(h) by samples, which chance has a part in."""
    doubts: tuple[str, ...] = ()
    """Why it cannot be known from these answers, with what to do, in sentences for people."""


def first_answers(world: World, lineages: Sequence[Lineage]) -> list[tuple[Lineage, Generation]]:
    """Lineages whose first learner gave P(h) or a hypothesis, with that learner."""
    return [
        (lineage, lineage.generations[0])
        for lineage in lineages
        if lineage.generations
        and (
            lineage.generations[0].probabilities is not None
            or lineage.generations[0].said in world.hypotheses
        )
    ]


def answered_noise(
    table: LikelihoodTable, counts: Floats, explained: Floats, examples: Floats
) -> float:
    """The share of examples that answers do not explain, with half a missed example added.

    Noise is drawn for each example, so that an answer tells as much of it as it has read examples.

    Args:
        table: Gives the number of outputs; the share is held below that of guessing.
        counts: Shape (answers, H): P(h), or 1 at the answer, times what the answer counts.
        explained: Shape (answers, H): share of the examples read that hypotheses explain.
        examples: Shape (answers,): how many these are.
    """
    missed = float(((counts * (1 - explained)).sum(axis=1) * examples).sum())
    read = float((counts.sum(axis=1) * examples).sum())
    guessing = 1 - 1 / len(table.outputs)
    return min((missed + 0.5) / (read + 1), 0.9 * guessing)


def fitted_prior(
    world: World,
    lineages: Sequence[Lineage],
    *,
    pseudo_count: float | None = None,
    noise: float | None = None,
) -> FittedPrior:
    """Estimate the prior of models from what their first learners answered.

    An answer follows from data as well as from the prior, so that shares of answers are no prior.
    This one maximises the probability of the answers as draws from posteriors, times that of
    `pseudo_count` answers for each hypothesis that would have been given without any data. It is
    the estimate from biased samples of Vardi (1985, Annals of Statistics 13), with a symmetric
    Dirichlet distribution: where P(d | h) = 0, an answer says nothing of h. Answers of one seed,
    whose first data are the same, count as one together.

    Args:
        world: Of all lineages; its hypotheses can be listed.
        lineages: Runs of one condition.
        pseudo_count: Of each hypothesis, over 0. The larger, the nearer to uniform. None for one
            rule without data in all (Perks, 1947, Journal of the Institute of Actuaries 73), where
            an answer is a rule; a sample in all where it is P(h) by samples; and next to nothing
            where P(h) is exact, as nothing is then left to chance.
        noise: Of the likelihood; None takes the share of examples that answers do not explain.

    Raises:
        UsageError: No first learner gave an answer, or the world cannot be listed.
    """
    if pseudo_count is not None and not pseudo_count > 0:
        raise ValueError(f"pseudo_count is {pseudo_count}; it must be over 0")
    plain = likelihood_matrix(world, 0.0)
    found = first_answers(world, lineages)
    if not found:
        raise UsageError(
            "No prior can be fitted: no first learner gave a rule or P(h).",
            remedy="Choose runs whose first learner gave a rule.",
        )
    own = [lineage for lineage, _ in found]
    weights = np.array(seed_weights([one.seed for one in own]))
    counts = weights[:, None] * np.array([_counted(plain, learner) for _, learner in found])
    explained = np.array([plain.explained(lineage.first) for lineage, _ in found])
    # To have read nothing counts as one example explained, as nothing was missed.
    sizes = np.array([float(max(1, len(lineage.first))) for lineage, _ in found])
    share = answered_noise(plain, counts, explained, sizes) if noise is None else noise
    table = likelihood_matrix(world, share)
    logs = np.array([log_likelihood(table, lineage.first) for lineage, _ in found])
    tops = logs.max(axis=1, keepdims=True)
    evidence = np.exp(logs - np.where(np.isfinite(tops), tops, 0.0))
    by_rules = [learner.probabilities is None for _, learner in found]
    if pseudo_count is None:
        told = np.array([_draws(learner) for _, learner in found])
        pseudo_count = float(weights.sum() / (weights @ told)) / len(plain.hypotheses)
    prior = maximised(counts, evidence, pseudo_count)
    doubts = list(doubts_of(evidence, [one.first for one in own], float(weights[by_rules].sum())))
    samples = np.array([float(learner.samples or 0) for _, learner in found])
    doubts += few_samples(float(weights @ samples), len(plain.hypotheses))
    if not doubts:
        # What holds a prior where answers say little of it lets go with less of a count.
        doubts += pull_of(prior, maximised(counts, evidence, pseudo_count * _LESS))
    return FittedPrior(
        prior=prior,
        noise=share,
        answers=len(found),
        from_probabilities=len(found) - sum(by_rules),
        left_out=len(lineages) - len(found),
        ruled_out=float(counts[evidence == 0].sum()),
        pseudo_count=pseudo_count,
        repeated=len(found) - len({lineage.seed for lineage in own}),
        is_drawn=any(_draws(learner) < _CERTAIN for _, learner in found),
        doubts=tuple(doubts),
    )


def maximised(counts: Floats, likelihoods: Floats, pseudo_count: float) -> Floats:
    """The prior under which answers are as frequent as expected; shape (H,).

    Newton's method on log weights, in which the logarithm of the probability is concave: its
    slope is observed minus expected answers.

    Args:
        counts: Shape (answers, H), rows of what each answer counts, 1 or less. An answer that its
            data rule out is left out.
        likelihoods: Shape (answers, H): P(data of the answer | h) up to a factor in each row, so
            that the largest is 1 or all are 0.
        pseudo_count: Of answers without data, for each hypothesis; over 0.
    """
    size = counts.shape[1]
    possible = np.where(likelihoods > 0, counts, 0.0)
    many = possible.sum(axis=1)
    # Answers without data are one more row, of flat likelihood.
    possible = np.vstack([possible, np.full(size, pseudo_count)])
    likelihoods = np.vstack([likelihoods, np.ones(size)])
    many = np.append(many, pseudo_count * size)
    observed = possible.sum(axis=0)
    logs = np.zeros(size)
    value = -math.inf
    for _ in range(_STEPS):
        believed = likelihoods * np.exp(logs)
        evidence = believed.sum(axis=1)
        shares = np.divide(
            believed, evidence[:, None], out=np.zeros_like(believed), where=evidence[:, None] > 0
        )
        slope = observed - many @ shares
        if np.abs(slope).max() < _EXACT * many.sum():
            break
        curved = np.diag(many @ shares) - (shares.T * many) @ shares
        # Weights have no scale of their own; the added constant holds their sum where it is.
        # Hypotheses that are hardly believed bend it hardly: a little is added, so that it can be
        # solved, and weights move by no more than a factor at a time.
        little = np.eye(size) * _RIDGE * many.sum() / size
        step = np.linalg.solve(curved + many.sum() / size**2 + little, slope)
        step -= step.mean()
        step *= min(1.0, _FARTHEST / float(np.abs(step).max()))
        value, size_of_step = _value(logs, observed, many, likelihoods), 1.0
        while (
            size_of_step > 1e-6
            and not _value(logs + size_of_step * step, observed, many, likelihoods) >= value
        ):
            size_of_step /= 2
        logs = logs + size_of_step * step
        logs -= logs.max()
    weights = np.exp(logs)
    found: Floats = weights / weights.sum()
    return found


def fitted_curve(
    world: World,
    lineages: Sequence[Lineage],
    fitted: FittedPrior,
    *,
    learner: Learner | None = None,
    effective: bool = False,
    generations: int | None = None,
    label: str = "Bayesian, prior fitted",
) -> Curve:
    """What exact learners with a fitted prior do from the first data of the runs.

    Every lineage has a curve of its own, from its first data and with its truth and bias; this is
    the mean of them, in which those of one seed count as one. Where P(h) of a lineage is by
    samples, the entropy is the one that so many would show, in the mean.

    Args:
        world: Of all lineages.
        lineages: Those to be laid under it.
        fitted: Their prior.
        learner: A sampler where it is not given.
        effective: Whether learners hold only hypotheses that explain all the first data, as after
            a hypothesis search. What they believe before it is with the whole prior all the same.
        generations: As many as the longest lineage where it is not given.
        label: Its name in a figure.

    Raises:
        UsageError: There is no lineage.
    """
    if not lineages:
        raise UsageError(
            "There are no runs to lay exact learners under.", remedy="Choose runs that have begun."
        )
    table = likelihood_matrix(world, fitted.noise)
    learner = learner or Learner()
    examples = passed_on_size(lineages)
    many = generations or max(1, *(len(lineage.generations) for lineage in lineages))
    # P(h) of runs is taken before a rule is chosen and mended; samplers who mend nothing hold
    # rules as often as they believe in them.
    before = effective or not learner.is_sampler
    believing: dict[int | None, Transition] = {}
    usual = samples_of(lineages)
    known: dict[tuple[bytes, int | None], Transition] = {}
    curves = []
    for lineage in lineages:
        samples = usual if any(one.samples for one in lineage.generations) else None
        if before and samples not in believing:
            believing[samples] = held_transition(
                table, fitted.prior, Learner(), examples, samples=samples
            )
        mask = table.consistent(lineage.first) if effective else None
        prior = fitted.prior if mask is None else effective_prior(fitted.prior, mask)
        key = (prior > 0).tobytes(), samples
        if key not in known:
            known[key] = held_transition(table, prior, learner, examples, samples=samples)
        curves.append(
            curve_of(
                table, fitted.prior, learner, first=lineage.first, examples=examples,
                generations=many, label=label, truth=lineage.truth, effective=mask,
                bias=bias_of(world, lineage), transition=known[key],
                believing=believing.get(samples), samples=samples,
            )
        )  # fmt: skip
    found = mean_curve(curves, seed_weights([one.seed for one in lineages]))
    if usual is None:
        return found
    told = (
        f"Entropy: that of P(h) from {usual:,} samples, of the runs and, as expected of so many, "
        "of exact learners."
    )
    return replace(found, notes=(*found.notes, told))


def samples_of(lineages: Sequence[Lineage]) -> int | None:
    """The median of samples that P(h) is from, over learners that have any; None where none has."""
    sizes = [own.samples for one in lineages for own in one.generations if own.samples]
    return max(1, round(float(np.median(sizes)))) if sizes else None


def bias_of(world: World, lineage: Lineage) -> Flags | None:
    """The hypotheses with what the bias of a lineage wants; None where it has no bias."""
    if not lineage.wanted:
        return None
    return np.array([is_biased(world, lineage, one) for one in world.hypotheses])


def passed_on_size(lineages: Sequence[Lineage]) -> int:
    """How many examples a learner passes on: the median of those that passed any, at least 1."""
    sizes = [len(one.passed_on) for lineage in lineages for one in lineage.generations]
    found = [size for size in sizes if size]
    if not found:
        found = [len(lineage.first) for lineage in lineages]
    return max(1, round(float(np.median(found))))


def _draws(learner: Generation) -> float:
    """From how many draws an answer is known."""
    if learner.probabilities is None:
        return 1.0
    return _CERTAIN if learner.samples is None else float(learner.samples)


def _counted(table: LikelihoodTable, learner: Generation) -> Floats:
    if learner.probabilities is not None:
        return normalised(np.asarray(learner.probabilities, dtype=np.float64))
    counted = np.zeros(len(table.hypotheses))
    counted[table.place(str(learner.said))] = 1.0
    return counted


def _value(logs: Floats, observed: Floats, many: Floats, likelihoods: Floats) -> float:
    """Log probability of all answers, up to a constant."""
    evidence = likelihoods @ np.exp(logs)
    known = many > 0
    return float(observed @ logs - many[known] @ np.log(evidence[known]))
