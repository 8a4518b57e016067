"""Measures of texts, and how a researcher adds one."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from simulator.errors import SimulatorError, UsageError

if TYPE_CHECKING:
    from simulator.analysis.culture.records import Floats

_HASHTAG = re.compile(r"#\w+")
_SHOWN = 40


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


TableOf: TypeAlias = "Callable[[TextMeasure], Floats]"
"""A measure of all texts of the chains, shape (chains, most generations + 1)."""


@dataclass(frozen=True, slots=True)
class ChainMeasure:
    """From chains of texts to numbers, each text in its relation to others of its chain."""

    name: str
    unit: str
    meaning: str
    """In a sentence, for people."""
    of_chains: Callable[[Sequence[Sequence[str]], TableOf], Floats]
    """From the texts of chains, and what gives measures of them, to shape (chains, most
    generations + 1); not a number where there is no text, or nothing to compare."""
    low: float | None = None
    high: float | None = None
    skips_hashtags: bool = False
    """As of a `TextMeasure`."""
    by_group: bool = False
    """Whether it is to see the chains of one model, task and temperature at a time."""


def classic_text(text: str) -> str:
    r"""A text without what `#\w+` matches.

    The published values (arXiv 2407.04503) are of such texts, but for the initial ones: chains that
    collapse into thousands of tags would outweigh all others.
    """
    return _HASHTAG.sub("", text)


def text_measure(
    *,
    name: str,
    unit: str = "",
    meaning: str = "",
    version: str = "",
    low: float | None = None,
    high: float | None = None,
    skips_hashtags: bool = False,
    batch: bool = False,
) -> Callable[[Callable[[Any], Any]], TextMeasure]:
    """Make a measure of a function from a text to a number.

    Args:
        name: Under which tables show it.
        unit: Of the number.
        meaning: In a sentence; the first line of the function's docstring unless given.
        version: Change it when the function gives other values. Unless given, it is made of the
            function's own source.
        low: The least possible value.
        high: The greatest possible value.
        skips_hashtags: Whether hashtags are taken out where the values are to be as published.
        batch: Whether the function takes a sequence of texts and gives as many numbers.

    Returns:
        The measure. Where the function raises, it raises UsageError with the text's beginning.
    """

    def made(function: Callable[[Any], Any]) -> TextMeasure:
        def of_one(text: str) -> float:
            try:
                return float(function(text))
            except SimulatorError:
                raise
            except Exception as error:
                raise _failed(name, error, f" on the text {_beginning(text)}") from error

        def of_all(texts: Sequence[str]) -> list[float]:
            try:
                return [float(value) for value in function(texts)]
            except SimulatorError:
                raise
            except Exception as error:
                raise _failed(name, error, "") from error

        return TextMeasure(
            name, unit, meaning or (function.__doc__ or "").strip().partition("\n")[0],
            of_all if batch else lambda texts: list(map(of_one, texts)),
            version or _version_of(function), low, high, skips_hashtags,
        )  # fmt: skip

    return made


def _version_of(function: Callable[[Any], Any]) -> str:
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        return "1"
    return hashlib.blake2b(source.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _beginning(text: str) -> str:
    return ascii(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def _failed(name: str, error: Exception, where: str) -> UsageError:
    return UsageError(
        f"The measure {name!r} failed{where}: {type(error).__name__}: {error}.",
        remedy="Let it return a number for every text; float('nan') where there is none.",
    )
