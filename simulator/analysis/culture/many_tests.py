"""Chances of many tests, corrected for being many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.analysis.culture.records import Floats


def holm(chances: Sequence[float | None]) -> tuple[float | None, ...]:
    """Adjusted so that all together are wrong no more often than one.

    Holm (1979), Scand. J. Stat. 6:65. Tests that were not made (None) do not count.
    """
    made = _made(chances)
    order = np.argsort(made, kind="stable")
    factors = made.size - np.arange(made.size)
    adjusted = np.empty_like(made)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(factors * made[order]))
    return _placed(chances, adjusted)


def benjamini_hochberg(chances: Sequence[float | None]) -> tuple[float | None, ...]:
    """Adjusted so that of those that are called significant, no larger share is wrong.

    Benjamini and Hochberg (1995), J. R. Stat. Soc. B 57:289. Tests that were not made (None) do
    not count.
    """
    made = _made(chances)
    order = np.argsort(-made, kind="stable")
    factors = made.size / (made.size - np.arange(made.size))
    adjusted = np.empty_like(made)
    adjusted[order] = np.minimum(1, np.minimum.accumulate(factors * made[order]))
    return _placed(chances, adjusted)


def significant_share(chances: Sequence[float | None], alpha: float = 0.05) -> float | None:
    """Share of tests below `alpha`, from 0 to 1; None where no test was made."""
    made = _made(chances)
    return float((made < alpha).mean()) if made.size else None


def _made(chances: Sequence[float | None]) -> Floats:
    return np.array([chance for chance in chances if chance is not None], dtype=np.float64)


def _placed(chances: Sequence[float | None], adjusted: Floats) -> tuple[float | None, ...]:
    those = iter(adjusted)
    return tuple(None if chance is None else float(next(those)) for chance in chances)
