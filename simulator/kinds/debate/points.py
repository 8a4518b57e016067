"""Points of a temperature search: one temperature for each debater, for all rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from simulator.domain.seeds import derive_rng
from simulator.errors import DesignInvalidError, UsageError
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.launchable import by_debater
from simulator.kinds.debate.parameters import with_temperatures
from simulator.kinds.debate.turns import rounds_of, voters

Point = tuple[float, ...]
"""Softmax temperatures, dimensionless, in the order of the debaters who answer."""

DIGITS = 3
"""Digits after the point of temperatures that a search draws."""


@dataclass(frozen=True, slots=True)
class Space:
    """Where a search looks."""

    width: int
    """Temperatures of a point."""
    low: float
    high: float
    is_sorted: bool = False
    """Whether the lowest comes first, since it makes no difference whose it is."""

    def __post_init__(self) -> None:
        """Raises UsageError when there is nothing between the bounds."""
        if not 0 <= self.low < self.high:
            raise UsageError(
                f"There are no temperatures between {self.low:g} and {self.high:g}.",
                remedy="The lower bound is 0 or more, and below the upper one.",
            )

    @property
    def corners(self) -> tuple[Point, Point]:
        """The lowest and the highest point."""
        return (self.low,) * self.width, (self.high,) * self.width

    def tidied(self, point: Sequence[float]) -> Point:
        """A point within the bounds, rounded, and sorted where that is so."""
        found = [min(self.high, max(self.low, round(degrees, DIGITS))) for degrees in point]
        return tuple(sorted(found) if self.is_sorted else found)

    def drawn(self, count: int, seed: int) -> tuple[Point, ...]:
        """Points drawn uniformly; a longer draw with the same seed begins with a shorter one.

        Args:
            count: How many.
            seed: Of the search.
        """
        rng = derive_rng(seed, "temperatures")
        return tuple(
            self.tidied([rng.uniform(self.low, self.high) for _ in range(self.width)])
            for _ in range(count)
        )


def space_of(design: DebateDesign, low: float, high: float) -> Space:
    """Where a search for a debate's temperatures looks.

    A point has a temperature for each who answers, or one where nobody debates. Of two debaters
    who are alike the cooler one comes first, as in the original.

    Args:
        design: Resolved.
        low: Lowest temperature.
        high: Highest temperature.

    Raises:
        UsageError: There is nothing between them.
    """
    answering = [design.debaters[place] for place in voters(design)]
    plain = [
        one.model_copy(update={"name": "", "temperatures": (), "model": one.model or design.model})
        for one in answering
    ]
    return Space(len(plain), low, high, len(plain) == 2 and plain[0] == plain[1])


def temperatures_set(point: Sequence[float]) -> list[JsonValue]:
    """A point as a launch sets it, the same however it was written."""
    return list(point)


def temperatures_read(design: DebateDesign, text: str) -> list[JsonValue]:
    """What a launch sets for temperatures between commas.

    Args:
        design: Resolved, but for its temperatures.
        text: One number for each who answers, or as many as rounds for the first, then for the
            second, and so on (as the original has them).

    Raises:
        UsageError: They are no temperatures, or too few or too many.
    """
    try:
        found = by_debater(design, text)
    except ValueError as error:
        raise UsageError(f"--temperatures {text}: {error}") from None
    if not found:
        raise UsageError(f"--temperatures {text}: there is none.", remedy="Write such as 0.2,0.8.")
    try:
        with_temperatures(design, found)
    except DesignInvalidError:
        given = sum(map(len, found))
        raise UsageError(f"--temperatures {text}: {_what_fits(design, given)}") from None
    if all(len(one) == 1 for one in found):
        return temperatures_set([one[0] for one in found])
    return [list(one) for one in found]


def _what_fits(design: DebateDesign, given: int) -> str:
    people, rounds = sum(one.part == "answers" for one in design.debaters), rounds_of(design)
    fits = [f"{people} (one for each who answers)"]
    if people > 1:
        fits.insert(0, "1 (for all)")
    if rounds > 1:
        fits.append(f"{people * rounds} (of all {rounds} rounds of each in turn)")
    told = " or ".join([", ".join(fits[:-1]), fits[-1]] if len(fits) > 1 else fits)
    return f"{given} temperatures are given; what fits is {told}."
