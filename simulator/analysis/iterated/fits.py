"""Runs of models beside the exact learners fitted to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan, sqrt
from typing import get_args

from simulator.analysis.debates.proportions import LEVEL
from simulator.analysis.iterated.bayes.answers import Likelihood, likelihood_of
from simulator.analysis.iterated.bayes.curves import Curve
from simulator.analysis.iterated.bayes.fitting import FittedPrior, fitted_curve, fitted_prior
from simulator.analysis.iterated.bayes.learners import Choice, Learner
from simulator.analysis.iterated.conditions import Condition, GenerationMean, means_of
from simulator.analysis.iterated.worlds.base import World
from simulator.errors import UsageError

SHOWN = ("entropy", "bias_probability", "biased", "consistency", "exact")
"""Measures that runs and curves are compared by; those of P(h) go before those of rules."""


CHOICES: tuple[Choice, ...] = get_args(Choice)
"""Kinds of exact learners."""
GAMMA = 3.0
"""Exponent of soft-MAP, unless it is said."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A condition and the exact learners with the prior that its first learners seem to have."""

    condition: str
    means: tuple[GenerationMean, ...]
    """Of its runs."""
    fitted: FittedPrior | None
    """None where nothing could be fitted."""
    curve: Curve | None
    reason: str = ""
    """Why there is none, in a sentence without its full stop; empty where there is one."""
    learner: Choice = "sampler"
    """Of the curve."""
    likelihoods: Mapping[Choice, Likelihood] = field(default_factory=dict)
    """Of the rules of runs as choices of learners of each kind; none where no rule follows the
    first."""

    @property
    def best(self) -> Choice | None:
        """The kind of learner that explains rules best; None where that is not known."""
        if not self.likelihoods:
            return None
        return max(self.likelihoods, key=lambda one: self.likelihoods[one].mean)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why the curve may be none of theirs, with what to do, in sentences for people."""
        if self.fitted is None:
            return ()
        found = list(self.fitted.doubts)
        if self.learner != "sampler" and self.fitted.from_probabilities < self.fitted.answers:
            found.append(
                "The prior is estimated as that of samplers: rules of others tell only which are "
                "the largest. Take P(h), with `probabilities.by: scores`, to know the rest."
            )
        return tuple(found)

    def deviations(self) -> Iterator[Deviation]:
        """How far runs are from the curve, by measure."""
        if self.curve is None:
            return
        for name, values in self.curve.by_measure.items():
            own = [one for one in self.means if one.measure == name]
            pairs = [
                (one, float(values[one.generation - 1]))
                for one in own
                if 1 <= one.generation <= len(values)
            ]
            if pairs:
                yield Deviation(self.condition, name, *_deviation(pairs))


@dataclass(frozen=True, slots=True)
class Deviation:
    """Runs and curve by one measure."""

    condition: str
    measure: str
    generation: int
    """The last one that both have."""
    of_runs: float
    """Mean in that generation."""
    of_curve: float
    within: bool | None
    """Whether the curve lies in the interval of the runs there; None where they have none."""
    error: float
    """Root of the mean squared difference over all generations that both have."""
    generations: int
    """That both have."""


def fits_of(
    conditions: Sequence[Condition],
    hear: Callable[[float], None] = lambda share: None,
    *,
    level: float = LEVEL,
    learner: Choice = "sampler",
    gamma: float = GAMMA,
) -> tuple[Fit, ...]:
    """Fit each condition on its own.

    After a hypothesis search learners hold only hypotheses that explain the first data, so that
    the exact learners do too. P(h) is taken before it, of both.

    Args:
        conditions: Any.
        hear: Is told the share that is done.
        level: Of the intervals of the runs.
        learner: Of the curves. How well each kind explains the rules is told in any case.
        gamma: Exponent of `soft-map`, over 0.
    """
    found = []
    for place, condition in enumerate(conditions, 1):
        found.append(_fit(condition, level, learner, gamma))
        hear(place / len(conditions))
    return tuple(found)


def _fit(condition: Condition, level: float, choice: Choice, gamma: float) -> Fit:
    means = means_of((condition,), SHOWN, level=level)
    world = _world(condition)
    if world is None:
        return Fit(condition.name, means, None, None, "its game has no rules")
    lineages = [one.lineage for one in condition.lineages if one.lineage.generations]
    try:
        fitted = fitted_prior(world, lineages)
        curve = fitted_curve(
            world, lineages, fitted, learner=_learner(choice, gamma),
            effective=condition.values.get("interaction") == "hypothesis_search",
        )  # fmt: skip
        found = {
            one: likelihood_of(world, lineages, fitted, _learner(one, gamma)) for one in CHOICES
        }
    except UsageError as error:
        return Fit(condition.name, means, None, None, error.message.rstrip("."))
    known = {one: own for one, own in found.items() if own is not None}
    return Fit(condition.name, means, fitted, curve, learner=choice, likelihoods=known)


def _learner(choice: Choice, gamma: float) -> Learner:
    return Learner(choice, gamma if choice == "soft-map" else 1.0)


def _world(condition: Condition) -> World | None:
    return next((one.world for one in condition.lineages if one.world is not None), None)


def _deviation(
    pairs: Sequence[tuple[GenerationMean, float]],
) -> tuple[int, float, float, bool | None, float, int]:
    last, of_curve = pairs[-1]
    interval = last.mean.interval
    within = None if interval is None else interval.low <= of_curve <= interval.high
    squares = [
        (one.mean.value - value) ** 2
        for one, value in pairs
        if one.mean.value == one.mean.value and value == value
    ]
    error = sqrt(sum(squares) / len(squares)) if squares else nan
    return last.generation, last.mean.value, of_curve, within, error, len(squares)
