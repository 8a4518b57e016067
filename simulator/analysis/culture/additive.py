"""The Bayesian additive model of strengths and positions, solved without sampling.

As in "When LLMs Play the Telephone Game" (arXiv 2407.04503): y ~ Normal(sum of the coefficients of
the row's levels, sigma), without an intercept; each coefficient ~ Normal(0, 1); sigma ~
HalfNormal(1). The published posterior was drawn by a Markov chain. Given sigma the model is
conjugate (Gelman et al., 2013, Bayesian Data Analysis, section 14.8), so sigma is integrated on a
grid, and a difference between levels is a mixture of normal distributions whose quantiles are found
to the precision of the grid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.analysis.culture.attractors import Attractor
from simulator.analysis.culture.estimates import Estimate
from simulator.analysis.culture.mixtures import Mixture
from simulator.analysis.culture.records import Floats
from simulator.analysis.summary import Interval

_POINTS = 400
_RANGE = (-14.0, 14.0)
"""Of log sigma, searched for where the posterior lies."""


@dataclass(frozen=True, slots=True)
class Coefficient:
    """What a level adds to the response."""

    factor: str
    level: str
    estimate: Estimate
    """Posterior mean and interval, as all estimates here."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One level's coefficient less another's."""

    factor: str
    first: str
    second: str
    estimate: Estimate
    """Of first - second."""

    @property
    def stands_out(self) -> bool:
        """Whether the interval excludes 0; a star in the published figures."""
        return self.estimate.stands_out


@dataclass(frozen=True, slots=True)
class AdditiveModel:
    """What rows say about the levels of factors."""

    response: str
    rows: int
    """With a response."""
    dropped: int
    """Rows without one, such as where there is no attractor."""
    level: float
    """Of the intervals, such as 0.95."""
    standardised: bool
    """Whether the priors are about the response in standard deviations from its mean; all numbers
    here are in units of the response even so."""
    scale: float = 1.0
    """What the response was divided by."""
    centre: float = 0.0
    """What was subtracted before; coefficients are relative to it."""
    levels: Mapping[str, tuple[str, ...]] | None = None
    """By factor, in order of appearance; None where there is nothing."""
    sigma: Estimate | None = None
    coefficients: tuple[Coefficient, ...] = ()
    differences: tuple[Difference, ...] = ()
    """Every ordered pair of different levels of each factor."""
    reason: str = ""
    """Why there is nothing; empty where there is."""

    def difference(self, factor: str, first: str, second: str) -> Difference:
        """First less second.

        Raises:
            KeyError: No such levels.
        """
        for one in self.differences:
            if (one.factor, one.first, one.second) == (factor, first, second):
                return one
        raise KeyError((factor, first, second))


def additive_model(
    values: Sequence[float | None],
    factors: Mapping[str, Sequence[str]],
    *,
    response: str = "",
    standardise: bool = False,
    level: float = 0.95,
    reason: str = "",
) -> AdditiveModel:
    """The posterior of the additive model.

    The priors expect coefficients of about 1. Values that are much larger, such as lengths, are
    shrunk to no differences unless they are standardised; the published models of positions are
    not.

    Args:
        values: One for each row; None or not a number where there is none.
        factors: By name, the level of each row.
        response: A name for the values.
        standardise: Subtracts the mean of the values and divides by their standard deviation first.
        level: Of the intervals, between 0 and 1.
        reason: Why nothing is to be found; empty where there is no such reason.

    Raises:
        ValueError: A factor has not one level for each row, or there is no factor.
    """
    y = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    if not factors or any(len(those) != y.size for those in factors.values()):
        raise ValueError("Each factor needs one level for each row.")
    known = np.isfinite(y)
    y, dropped = y[known], int((~known).sum())
    kept = {
        name: [one for one, there in zip(those, known, strict=True) if there]
        for name, those in factors.items()
    }
    centre = float(y.mean()) if standardise and y.size else 0.0
    scale = float(y.std(ddof=1)) if standardise and y.size > 1 else 1.0
    equal = y.size < 2 or bool(np.ptp(y) <= 1e-12 * float(np.abs(y).max()))
    levels = {name: tuple(dict.fromkeys(those)) for name, those in kept.items()}
    design = _design(kept, levels)
    reason = _why_not(y, design, equal, reason)
    empty = AdditiveModel(response, y.size, dropped, level, standardise, reason=reason)
    if reason:
        return empty
    posterior = _Posterior.of(design, (y - centre) / scale)

    def estimate(contrast: Floats) -> Estimate:
        mixture = posterior.mixture(contrast)
        low, high = mixture.quantiles(((1 - level) / 2, (1 + level) / 2))
        return Estimate(scale * mixture.mean, Interval(scale * low, scale * high))

    places = [(name, one) for name, those in levels.items() for one in those]
    units = np.eye(len(places))
    return AdditiveModel(
        response,
        y.size,
        dropped,
        level,
        standardise,
        scale,
        centre,
        levels,
        sigma=posterior.sigma(level, scale),
        coefficients=tuple(
            Coefficient(*place, estimate(unit)) for place, unit in zip(places, units, strict=True)
        ),
        differences=tuple(
            Difference(factor, first, second, estimate(units[row] - units[column]))
            for row, (factor, first) in enumerate(places)
            for column, (other, second) in enumerate(places)
            if factor == other and row != column
        ),
    )


def strength_model(
    attractors: Sequence[Attractor],
    *,
    standardise: bool = False,
    by_temperature: bool = False,
    level: float = 0.95,
) -> AdditiveModel:
    """Strength by model, task and measure, as published; attractors of all measures together.

    Args:
        attractors: Of any measures.
        standardise: As of `additive_model`; strengths lie from 0 to 1, where the priors are wide.
        by_temperature: Whether temperatures are a factor too where those of one model differ.
        level: Of the intervals.
    """
    factors = _factors(attractors, by_temperature)
    return additive_model(
        [one.strength for one in attractors],
        factors | {"measure": [one.measure for one in attractors]},
        response="strength",
        standardise=standardise,
        level=level,
        reason=_one_only(factors),
    )


def position_models(
    attractors: Sequence[Attractor],
    *,
    standardise: bool = True,
    by_temperature: bool = False,
    level: float = 0.95,
) -> tuple[AdditiveModel, ...]:
    """Position by model and task, for each measure.

    Args:
        attractors: Of any measures.
        standardise: False for the published models, in which differences of difficulty and length
            vanish under the priors.
        by_temperature: As of `strength_model`.
        level: Of the intervals.
    """
    return tuple(
        additive_model(
            [one.position for one in those],
            factors,
            response=f"position of {measure}",
            standardise=standardise,
            level=level,
            reason=_one_only(factors),
        )
        for measure in dict.fromkeys(one.measure for one in attractors)
        for those in [[one for one in attractors if one.measure == measure]]
        for factors in [_factors(those, by_temperature)]
    )


def _factors(attractors: Sequence[Attractor], by_temperature: bool) -> dict[str, list[str]]:
    factors = {
        "model": [one.model for one in attractors],
        "task": [one.task for one in attractors],
    }
    known = {(one.model, one.temperature) for one in attractors}
    if by_temperature and len(known) > len(set(factors["model"])):
        factors["temperature"] = [
            "T ?" if one.temperature is None else f"T {one.temperature:g}" for one in attractors
        ]
    return factors


def _one_only(factors: Mapping[str, Sequence[str]]) -> str:
    if any(len(set(those)) > 1 for those in factors.values()):
        return ""
    return "one model and one task only"


def _design(kept: Mapping[str, Sequence[str]], levels: Mapping[str, tuple[str, ...]]) -> Floats:
    """Shape (rows, levels): 1 where the row has the level, else 0."""
    columns = [
        [float(one == level) for one in kept[name]]
        for name, those in levels.items()
        for level in those
    ]
    return np.array(columns, dtype=np.float64).T


def _why_not(y: Floats, design: Floats, equal: bool, reason: str) -> str:
    if y.size < 3:
        return f"only {y.size} {'row' if y.size == 1 else 'rows'} with a value; the model needs 3"
    if reason:
        return reason
    if equal:
        return "all values are equal"
    rest = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    exact = float(np.abs(rest).max()) <= 1e-10 * float(np.abs(y).max())
    if exact and np.linalg.matrix_rank(design) < y.size:
        return "the levels explain every value exactly, so that nothing is known of the spread"
    return ""


@dataclass(frozen=True, slots=True)
class _Posterior:
    """Sigma on a grid; given sigma, coefficients are normal about `axes @ (seen / (σ² + own))`."""

    sigmas: Floats
    weights: Floats
    """Posterior mass of each point; they add up to 1."""
    own: Floats
    """Eigenvalues of the design's cross product, not below 0."""
    axes: Floats
    """Its eigenvectors, in columns."""
    seen: Floats
    """The response along those axes."""

    @classmethod
    def of(cls, design: Floats, y: Floats) -> _Posterior:
        own, axes = np.linalg.eigh(design.T @ design)
        own = np.where(own > 1e-10 * own.max(), own, 0.0)
        seen = np.where(own > 0, axes.T @ (design.T @ y), 0.0)

        share = np.where(own > 0, seen / np.where(own > 0, own, 1.0), 0.0)
        # Not y'y less what is explained: the difference of large numbers loses its digits.
        rest = y - design @ (axes @ share)

        def density(log_sigma: Floats) -> Floats:
            """Log of p(y | σ) p(σ) σ, up to a constant."""
            square = np.exp(2 * log_sigma)[:, None]
            kept = share * seen / (square + own)
            misfit = (rest @ rest) / square[:, 0] + kept.sum(axis=1)
            width = (y.size - own.size) * 2 * log_sigma + np.log(square + own).sum(axis=1)
            return np.asarray(-(misfit + width + square[:, 0]) / 2 + log_sigma)

        low, high = _RANGE
        for _ in range(3):
            grid = np.linspace(low, high, _POINTS)
            height = density(grid)
            inside = np.flatnonzero(height > height.max() - 35)
            step = grid[1] - grid[0]
            low, high = grid[inside[0]] - step, grid[inside[-1]] + step
        grid = np.linspace(low, high, _POINTS)
        height = density(grid)
        mass = np.exp(height - height.max())
        return cls(np.exp(grid), mass / mass.sum(), own, axes, seen)

    def mixture(self, contrast: Floats) -> Mixture:
        """The posterior of a weighted sum of coefficients."""
        along = self.axes.T @ contrast
        square = (self.sigmas**2)[:, None]
        means = (along * self.seen / (square + self.own)).sum(axis=1)
        spreads = np.sqrt((along**2 * square / (square + self.own)).sum(axis=1))
        return Mixture(means, spreads, self.weights)

    def sigma(self, level: float, scale: float) -> Estimate:
        below = np.cumsum(self.weights) - self.weights / 2
        low, high = np.interp([(1 - level) / 2, (1 + level) / 2], below, self.sigmas)
        return Estimate(
            scale * float(self.sigmas @ self.weights),
            Interval(scale * float(low), scale * float(high)),
        )
