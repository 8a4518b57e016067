"""What exact learners would show with as many runs and samples as runs of models have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulator.analysis.iterated.bayes.fitting import FittedPrior, passed_on_size
from simulator.analysis.iterated.bayes.learners import Learner, Reader, log_likelihood, normalised
from simulator.analysis.iterated.bayes.sampling import drawn_items, drawn_places
from simulator.analysis.iterated.bayes.tables import (
    Flags,
    Floats,
    LikelihoodTable,
    Places,
    likelihood_matrix,
)
from simulator.analysis.iterated.bayes.theory import LEARNERS
from simulator.analysis.iterated.intervals import seed_weights
from simulator.analysis.iterated.records import Generation, Lineage
from simulator.analysis.iterated.worlds.base import World

MOST, LEAST = 200, 100
"""Societies that are simulated, as far as `_NUMBERS` allows."""
LITTLE = 0.05
"""A change of a distance or a probability that is too small to speak of."""
SURE = 0.99
"""Share of simulated societies of exact learners beyond which runs are none of theirs."""
_NUMBERS = 2**24
"""Of probabilities, in all generations of all societies."""
_CHUNK = 2**18
_ROUNDS = 60
"""Of the estimate of a prior, which begins where the answer is near."""


@dataclass(frozen=True, eq=False, slots=True)
class Courses:
    """Of simulated societies, in the first and the last generation that runs are seen in."""

    distance: Floats
    """Shape (societies, 2): total variation between the mean P(h) over runs and the prior that the
    first answers of this society show."""
    best: Floats
    """Shape (societies, 2): that mean at the hypothesis of its largest prior."""


def coming(
    world: World,
    lineages: Sequence[Lineage],
    fitted: FittedPrior,
    numbers: tuple[int, int],
    distance: Floats,
    best: Floats,
) -> tuple[bool | None, str]:
    """Whether runs come to their prior or to its maximum, and what exact learners would show.

    The mean of few P(h), of few samples, is far from any prior by chance. So it is held against
    exact learners with the fitted prior, as many runs and samples, and the same first data. It is
    not known where they would not be seen to come nearer either, where the prior cannot be known,
    and where only some kinds of learners are ruled out: nobody is refuted for whom theory holds.

    Args:
        world: Of all lineages.
        lineages: Of one condition, each with a learner.
        fitted: Their prior and noise.
        numbers: The first and the last generation.
        distance: Shape (2,): of the mean P(h) over runs to the prior in these, total variation.
        best: Shape (2,): that mean at the hypothesis of the largest prior.
    """
    beside, refuted = "", True
    for name, learner in LEARNERS.items():
        courses = simulated_courses(world, lineages, fitted, learner, numbers)
        if learner.is_sampler:
            typical = np.median(courses.distance, axis=0)
            most = float(np.quantile(courses.distance[:, 1], SURE))
            beside = (
                f" (exact {name}s with that prior, seen alike: "
                f"{typical[0]:.2f} to {typical[1]:.2f}, {100 * SURE:.0f} % of them at "
                f"most {most:.2f})"
            )
        gain, of_exact = _gain(learner, distance, best, courses)
        contradicts = _contradicts(gain, of_exact)
        would = float(np.median(of_exact[:, 1] - of_exact[:, 0]))
        if not contradicts and gain[1] - gain[0] >= LITTLE <= would:
            return True, beside
        if contradicts and fitted.is_drawn:
            # What few draws show of a prior is narrower than it, so that chains seem to leave it.
            wider = replace(fitted, prior=(fitted.prior + 1 / len(fitted.prior)) / 2)
            courses = simulated_courses(world, lineages, wider, learner, numbers)
            contradicts = _contradicts(*_gain(learner, distance, best, courses))
        refuted = refuted and contradicts
    return (False if refuted and not fitted.doubts else None), beside


def _gain(
    learner: Learner, distance: Floats, best: Floats, courses: Courses
) -> tuple[Floats, Floats]:
    """What grows where chains of a kind come to what they should, of runs and exact learners.

    Samplers come near to the prior, others to its maximum.
    """
    if learner.is_sampler:
        return -distance, -courses.distance
    return best, courses.best


def _contradicts(gain: Floats, of_exact: Floats) -> bool:
    """Whether runs end, and come, where all but a few societies of exact learners do not."""
    would = of_exact[:, 1] - of_exact[:, 0]
    grown = float(gain[1] - gain[0])
    return grown <= -LITTLE and bool(
        gain[1] < np.quantile(of_exact[:, 1], 1 - SURE) and grown < np.quantile(would, 1 - SURE)
    )


def simulated_courses(
    world: World,
    lineages: Sequence[Lineage],
    fitted: FittedPrior,
    learner: Learner,
    numbers: tuple[int, int],
    *,
    seed: int = 1,
) -> Courses:
    """Play exact learners with a fitted prior from the first data of runs, and see them as runs.

    Each society has as many runs as there are, whose P(h) is drawn from as many samples, and a
    prior that is estimated from its own first answers: a parametric bootstrap (Efron & Tibshirani,
    1993, An Introduction to the Bootstrap, chapter 6).

    Args:
        world: Of all lineages.
        lineages: Of one condition, each with a learner.
        fitted: Their prior and noise.
        learner: Of the kind that is played.
        numbers: The first and the last generation to be seen.
        seed: The same seed gives the same societies.
    """
    table = likelihood_matrix(world, fitted.noise)
    known = [one for one in lineages if one.generations]
    work = len(known) * len(fitted.prior) * max(1, numbers[1])
    many = int(np.clip(_NUMBERS // work, LEAST, MOST))
    society = _Society(table, known, fitted, learner, numbers)
    rng = np.random.default_rng(seed)
    step = max(1, _CHUNK // (len(known) * len(fitted.prior)))
    parts = [society.play(min(step, many - at), rng) for at in range(0, many, step)]
    answers, first, last = (np.concatenate(one) for one in zip(*parts, strict=True))
    priors = society.fit(answers)
    tops = priors.argmax(axis=1)[:, None]
    seen = (first, last)
    return Courses(
        np.stack([np.abs(one - priors).sum(axis=1) / 2 for one in seen], axis=1),
        np.stack([np.take_along_axis(one, tops, axis=1)[:, 0] for one in seen], axis=1),
    )


class _Society:
    def __init__(
        self,
        table: LikelihoodTable,
        lineages: Sequence[Lineage],
        fitted: FittedPrior,
        learner: Learner,
        numbers: tuple[int, int],
    ) -> None:
        self._table, self._fitted, self._learner, self._numbers = table, fitted, learner, numbers
        self._lineages = lineages
        self._examples = passed_on_size(lineages)
        self._reader = Reader(table, fitted.prior, self._examples)
        logs = np.array([log_likelihood(table, one.first) for one in lineages])
        self._likelihood = np.exp(logs - logs.max(axis=1, keepdims=True))
        self._weights = np.array(seed_weights([one.seed for one in lineages]))
        self._first = normalised(self._likelihood * fitted.prior)
        self._measured = any(
            own.probabilities is not None for one in lineages for own in one.generations
        )
        self._answers = [one.generations[0] for one in lineages]
        self._seen = [[_at(one, number) for one in lineages] for number in numbers]

    def play(self, many: int, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
        """Sums of first answers, and the mean P(h) in both generations: shapes (many, H)."""
        count, runs = len(self._fitted.prior), len(self._lineages)
        believed = np.broadcast_to(self._first, (many, runs, count))
        answers, held = np.zeros((many, count)), np.zeros((many, runs), dtype=np.intp)
        found: dict[int, Floats] = {}
        for number in range(1, self._numbers[1] + 1):
            if number > 1:
                items = drawn_items(self._table, held.ravel(), self._examples, rng)
                believed = normalised(self._reader.joint(items)).reshape(many, runs, count)
            weights = self._learner.weights(believed).reshape(-1, count)
            held = drawn_places(weights, rng.random(many * runs)).reshape(many, runs)
            if number == 1:
                told = self._told(believed, held, self._answers, rng)
                answers = np.einsum("bih,i->bh", told, self._weights)
            for own, place in zip(self._seen, self._numbers, strict=True):
                if place == number:
                    there: Flags = np.array([self._has(one) for one in own])
                    weighed = np.where(there, self._weights, 0.0)
                    told = self._told(believed, held, own, rng)
                    found[place] = np.einsum("bih,i->bh", told, weighed) / weighed.sum()
        if self._numbers[0] == 1 and all(map(self._has, self._answers)):
            # First answers are what is seen of the first generation, and not drawn anew.
            found[1] = answers / self._weights.sum()
        return answers, found[self._numbers[0]], found[self._numbers[1]]

    def fit(self, answers: Floats) -> Floats:
        """The priors that first answers show, shape (societies, H); as `maximised`, by rounds.

        Each round is of Vardi (1985, Annals of Statistics 13), and can do no harm.
        """
        count = len(self._fitted.prior)
        pseudo = self._fitted.pseudo_count
        priors = np.broadcast_to(self._fitted.prior, answers.shape)
        for _ in range(_ROUNDS if self._fitted.is_drawn else 0):
            expected = (self._weights / (priors @ self._likelihood.T)) @ self._likelihood
            priors = normalised((answers + pseudo) / (expected + pseudo * count))
        return priors

    def _has(self, one: Generation | None) -> bool:
        return one is not None and (one.probabilities is not None or not self._measured)

    def _told(
        self,
        believed: Floats,
        held: Places,
        own: Sequence[Generation | None],
        rng: np.random.Generator,
    ) -> Floats:
        """What is seen of beliefs, shape (many, runs, H)."""
        found = np.array(believed)
        for place, one in enumerate(own):
            if one is None or one.probabilities is None:
                found[:, place] = np.eye(believed.shape[-1])[held[:, place]]
            elif one.samples is not None:
                chances = normalised(found[:, place])
                found[:, place] = rng.multinomial(one.samples, chances) / one.samples
        return found


def _at(lineage: Lineage, number: int) -> Generation | None:
    return next((one for one in lineage.generations if one.number == number), None)
