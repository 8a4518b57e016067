"""Measures of texts, and how a researcher adds one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextMeasure:
    """From texts to numbers, each text by itself."""

    name: str
    unit: str
    """Of the number, such as `characters`."""
    meaning: str
    """In a sentence, for people."""
    of_texts: Callable[[Sequence[str]], Sequence[float]]
    """As many numbers as texts; not a number where there is nothing to measure."""
    version: str = "1"
    """Changes with every change of the values, so that kept ones are measured again."""
    low: float | None = None
    """The least possible value; None where there is none."""
    high: float | None = None
    """The greatest possible value; None where there is none."""
    skips_hashtags: bool = False
    """Whether the published values of it are of texts without hashtags."""


def text_measure(
    *,
    name: str,
    unit: str = "",
    meaning: str = "",
    version: str = "1",
    low: float | None = None,
    high: float | None = None,
) -> Callable[[Callable[[str], float]], TextMeasure]:
    """Make a measure of a function from a text to a number.

    Args:
        name: Under which tables show it.
        unit: Of the number.
        meaning: In a sentence; the function's docstring unless given.
        version: Change it when the function gives other values.
        low: The least possible value.
        high: The greatest possible value.
    """

    def made(function: Callable[[str], float]) -> TextMeasure:
        told = meaning or (function.__doc__ or "").strip().partition("\n")[0]
        return TextMeasure(
            name, unit, told, lambda texts: [float(function(text)) for text in texts], version,
            low, high,
        )  # fmt: skip

    return made
