"""Learners who know their prior and the likelihood of data, and choose a hypothesis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

import numpy as np

from simulator.analysis.iterated.bayes.tables import Floats, LikelihoodTable, Places
from simulator.analysis.iterated.worlds.base import Example

Choice: TypeAlias = Literal["sampler", "map", "soft-map"]

TIE = 1e-9
"""Relative: probabilities closer than that to the largest are ties, whatever their last digits."""
_LEAST = 1e-300
"""What is less adds nothing to an entropy."""
_PLACES = np.linspace(0.0, 1.0, 2049) ** 2
"""Probabilities at which draws are followed, closest where most of them are."""
SMALLEST = -600.0
"""Log of the least product that floats hold with all their digits, and some to spare."""


@dataclass(frozen=True, slots=True)
class Learner:
    """How a hypothesis is chosen from the posterior.

    Griffiths & Kalish (2007, Cognitive Science 31): sampling and maximising. Kirby, Dowman &
    Griffiths (2007, PNAS 104): all between them, with probability proportional to the posterior
    to the power of an exponent.
    """

    choice: Choice = "sampler"
    """`sampler`: from the posterior. `map`: its maximum, one of the ties at random. `soft-map`:
    from the posterior to the power of the exponent."""
    exponent: float = 1.0
    """Of `soft-map` only, over 0: 1 is a sampler, infinity is `map`."""

    def __post_init__(self) -> None:
        if self.choice not in ("sampler", "map", "soft-map"):
            raise ValueError(f"choice is {self.choice!r}; it must be sampler, map or soft-map")
        if not 0 < self.exponent < math.inf:
            raise ValueError(f"exponent is {self.exponent}; it must be over 0 and finite")

    @property
    def is_sampler(self) -> bool:
        """Whether chances are those of the posterior."""
        return self.choice == "sampler" or (self.choice == "soft-map" and self.exponent == 1)

    def weights(self, joint: Floats) -> Floats:
        """Chances of hypotheses up to a factor; all 0 where no hypothesis is left.

        Args:
            joint: Shape (..., H), prior times likelihood, up to a factor in each row.
        """
        if self.is_sampler:
            return joint
        top = joint.max(axis=-1, keepdims=True)
        if self.choice == "map":
            ties: Floats = ((joint >= top * (1 - TIE)) & (top > 0)).astype(np.float64)
            return ties
        scaled = np.divide(joint, top, out=np.zeros_like(joint), where=top > 0)
        powered: Floats = scaled**self.exponent
        return powered

    def chances(self, joint: Floats) -> Floats:
        """Chances of hypotheses, sum 1, or all 0 where no hypothesis is left; as `weights`."""
        return normalised(self.weights(joint))


@dataclass(frozen=True, eq=False, slots=True)
class Posterior:
    """What is believed after data."""

    probabilities: Floats
    """Shape (H,), sum 1; all 0 where no hypothesis is left."""
    log_evidence: float
    """Log P(outputs | inputs) under the prior; nats, -inf where no hypothesis is left."""

    @property
    def is_contradiction(self) -> bool:
        """Whether no hypothesis with a prior over 0 can say the data."""
        return self.log_evidence == -math.inf


def posterior(table: LikelihoodTable, prior: Floats, data: Sequence[Example]) -> Posterior:
    """Bayes' rule, in logarithms: P(h | d) = P(d | h) P(h) / P(d).

    Args:
        table: Of the world.
        prior: Shape (H,), 0 or more; all 0 where no hypothesis is left before any data.
        data: Examples, independent of each other.
    """
    logs = _log(prior) + log_likelihood(table, data)
    top = float(logs.max())
    if top == -math.inf:
        return Posterior(np.zeros_like(prior), -math.inf)
    scaled = np.exp(logs - top)
    total = float(scaled.sum())
    return Posterior(scaled / total, top + math.log(total))


def log_likelihood(table: LikelihoodTable, data: Sequence[Example]) -> Floats:
    """Log P(outputs | inputs, h) of every hypothesis: shape (H,), nats, -inf where it cannot be."""
    found: Floats = _log(table.by_item[table.items(data)]).sum(axis=0)
    return found


class Reader:
    """Prior times likelihood of many data at once."""

    def __init__(self, table: LikelihoodTable, prior: Floats, examples: int) -> None:
        """Prepare.

        Args:
            table: Of the world.
            prior: Shape (H,).
            examples: In each data; more of them are multiplied as logarithms where products
                would be too small for floats.
        """
        self._prior = prior
        self._by_item = table.by_item
        least = [float(one[one > 0].min(initial=1.0)) for one in (prior, table.by_item)]
        self._in_logs = examples * math.log(least[1]) + math.log(least[0]) < SMALLEST
        if self._in_logs:
            self._prior, self._by_item = _log(prior), _log(table.by_item)

    @property
    def is_scaled(self) -> bool:
        """Whether rows of `joint` have factors of their own, as products would be too small."""
        return self._in_logs

    def joint(self, items: Places) -> Floats:
        """Shape (data, H); up to a factor in each row where `is_scaled`.

        Args:
            items: Shape (data, examples), as `LikelihoodTable.items`.
        """
        found = np.repeat(self._prior[None], len(items), axis=0)
        for column in items.T:
            if self._in_logs:
                found += self._by_item[column]
            else:
                found *= self._by_item[column]
        if not self._in_logs:
            return found
        top = found.max(axis=1, keepdims=True)
        scaled: Floats = np.exp(found - np.where(np.isfinite(top), top, 0.0))
        return scaled


def normalised(weights: Floats) -> Floats:
    """Rows that add up to 1; those of only 0 as they are."""
    total = weights.sum(axis=-1, keepdims=True)
    found: Floats = weights / np.where(total > 0, total, 1.0)
    return found


def entropy(probabilities: Floats) -> Floats:
    """Shannon entropy of rows in nats, shape without the last axis; 0 of rows of only 0."""
    logs = np.log(np.maximum(probabilities, _LEAST))
    found: Floats = 0.0 - np.einsum("...i,...i->...", probabilities, logs)
    return found


def entropy_seen(probabilities: Floats, samples: int | None) -> Floats:
    """The entropy of rows as it is estimated from draws, in the mean; nats.

    That of the shares of draws is lower than the true one, and never above the logarithm of their
    number (Miller, 1955, Information Theory in Psychology). Its mean is a sum over how often each
    hypothesis is drawn, which is binomial.

    Args:
        probabilities: Rows of sum 1, or of only 0.
        samples: Draws; None for the entropy itself.
    """
    if samples is None:
        return entropy(probabilities)
    # Between places so close the curve is as good as straight: off by less than 1e-4 in a row.
    found: Floats = np.interp(probabilities, _PLACES, _parts_seen(samples)).sum(axis=-1)
    return found


@cache
def _parts_seen(samples: int) -> Floats:
    """What a hypothesis adds to the entropy of its draws in the mean, at each of the places."""
    counts = np.arange(1, samples)
    shares = counts / samples
    logs = np.array([math.log(math.comb(samples, one)) for one in counts.tolist()])
    inner = _PLACES[1:-1, None]
    chances = np.exp(logs + counts * np.log(inner) + (samples - counts) * np.log1p(-inner))
    return np.concatenate([[0.0], chances @ (-shares * np.log(shares)), [0.0]])


def _log(values: Floats) -> Floats:
    return np.log(values, out=np.full_like(values, -math.inf), where=values > 0)
