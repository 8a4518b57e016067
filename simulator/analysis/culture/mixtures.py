"""Mixtures of normal distributions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.analysis.culture.records import Floats
from simulator.analysis.culture.scientific import scipy_module


@dataclass(frozen=True, slots=True)
class Mixture:
    """Normal distributions with weights that add up to 1; three arrays of one shape."""

    means: Floats
    spreads: Floats
    """Standard deviations, above 0."""
    weights: Floats

    @property
    def mean(self) -> float:
        """Of the whole."""
        return float(self.means @ self.weights)

    def below(self, value: float) -> float:
        """The probability of less than a value."""
        normal = scipy_module("special").ndtr
        return float(normal((value - self.means) / self.spreads) @ self.weights)

    def quantiles(self, shares: Sequence[float]) -> tuple[float, ...]:
        """Values below which such shares lie, to within a ten-thousandth of the narrowest spread.

        Args:
            shares: Between 0 and 1.
        """
        brent = scipy_module("optimize").brentq
        low = float((self.means - 12 * self.spreads).min())
        high = float((self.means + 12 * self.spreads).max())
        near = max(1e-4 * float(self.spreads.min()), 1e-13 * (high - low))
        return tuple(
            float(brent(lambda value, share=share: self.below(value) - share, low, high, xtol=near))
            for share in shares
        )
