"""Chances of many tests, corrected for being many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulator.analysis.culture.scientific import scipy_module
from simulator.analysis.debates import proportions


def holm(chances: Sequence[float | None]) -> tuple[float | None, ...]:
    """Adjusted so that all together are wrong no more often than one.

    Holm (1979), Scand. J. Stat. 6:65. Tests that were not made (None) do not count.
    """
    return _placed(chances, proportions.holm(_made(chances)))


def benjamini_hochberg(chances: Sequence[float | None]) -> tuple[float | None, ...]:
    """Adjusted so that of those that are called significant, no larger share is wrong.

    Benjamini and Hochberg (1995), J. R. Stat. Soc. B 57:289. Tests that were not made (None) do
    not count.
    """
    made = _made(chances)
    adjusted = scipy_module("stats").false_discovery_control(made) if made else ()
    return _placed(chances, adjusted)


def significant_share(chances: Sequence[float | None], alpha: float = 0.05) -> float | None:
    """Share of tests below `alpha`, from 0 to 1; None where no test was made."""
    made = _made(chances)
    return sum(chance < alpha for chance in made) / len(made) if made else None


def _made(chances: Sequence[float | None]) -> list[float]:
    return [chance for chance in chances if chance is not None]


def _placed(chances: Sequence[float | None], adjusted: Iterable[float]) -> tuple[float | None, ...]:
    those = iter(adjusted)
    return tuple(None if chance is None else float(next(those)) for chance in chances)
