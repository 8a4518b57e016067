"""Length, variety and repetition of texts."""

from __future__ import annotations

import math
import re
from collections import Counter

from simulator.analysis.texts.measure import text_measure

_WORD = re.compile(r"\w+")
_GRAM = 4


@text_measure(
    name="length", unit="characters", meaning="Unicode characters, white space included.", low=0
)
def length(text: str) -> float:
    """Unicode characters, white space included."""
    return float(len(text))


@text_measure(
    name="entropy", unit="bits",
    meaning="Shannon entropy of the text's own words, in lower case.", low=0,
)  # fmt: skip
def entropy(text: str) -> float:
    """Entropy of the frequencies p of words, -sum p log2 p (Shannon 1948); 0 without words."""
    counts = Counter(_WORD.findall(text.lower()))
    total = counts.total()
    if len(counts) < 2:
        return 0.0
    return -math.fsum(n / total * math.log2(n / total) for n in counts.values())


@text_measure(
    name="repetition", unit="share",
    meaning="Share of runs of four words that stood in the text before; near 1 is collapse.",
    low=0, high=1,
)  # fmt: skip
def repetition(text: str) -> float:
    """1 less the share of distinct four-word runs; 0 in texts of less than five words.

    The complement of distinct-n (Li et al. 2016, arXiv 1510.03055) for n = 4.
    """
    words = _WORD.findall(text.lower())
    grams = list(zip(*(words[start:] for start in range(_GRAM)), strict=False))
    if len(grams) < 2:
        return 0.0
    return 1 - len(set(grams)) / len(grams)
