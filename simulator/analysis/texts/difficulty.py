"""Difficulty: the Gunning fog index."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from simulator.analysis.texts.measure import TextMeasure
from simulator.analysis.texts.missing import imported


def _difficulty(texts: Sequence[str]) -> list[float]:
    statistics = _statistics()
    return [float(statistics.gunning_fog(text)) for text in texts]


@lru_cache(maxsize=1)
def _statistics() -> Any:
    with warnings.catch_warnings():
        # It imports what setuptools will drop (the extra holds setuptools below that version), and
        # leaves its word list open when it first reads it.
        warnings.simplefilter("ignore")
        statistics = imported("textstat.textstat", "textstat", "difficulty").textstatistics()
        statistics.gunning_fog("Extraordinary.")
        return statistics


DIFFICULTY = TextMeasure(
    "difficulty", "years of schooling",
    "Gunning fog (Gunning 1952): 0.4 (words a sentence + 100 x share of words of 3 syllables or "
    "more); English only.",
    _difficulty, "textstat-0.7.3", 0, skips_hashtags=True,
)  # fmt: skip
"""As textstat 0.7.3 computes it, rounded to two digits; 0 for an empty text."""
