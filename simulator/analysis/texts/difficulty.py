"""Difficulty: the Gunning fog index."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from simulator.analysis.packages import imported, packaged_text
from simulator.analysis.texts.measure import TextMeasure

_SENTENCE = re.compile(r"\b[^.!?]+[.!?]*")
_WORD = re.compile(r"[\w\='‘’]+")
_PUNCTUATION = re.compile(r"[^\w\s]")
_EASY = Path("resources", "en", "easy_words.txt")
_SYLLABLES = 3


def _difficulty(texts: Sequence[str]) -> list[float]:
    is_difficult = _difficult_words()
    return [_fog(text, is_difficult) for text in texts]


def _fog(text: str, is_difficult: Callable[[str], bool]) -> float:
    words = _words(text)
    if not words:
        return 0.0
    sentences = sum(_words(sentence) > 2 for sentence in _SENTENCE.findall(text))
    difficult = sum(map(is_difficult, set(_WORD.findall(text.lower()))))
    share = difficult / words * 100
    return _rounded(0.4 * (_rounded(words / max(1, sentences), 1) + share), 2)


def _words(text: str) -> int:
    return len(_PUNCTUATION.sub("", text).split())


def _rounded(number: float, digits: int) -> float:
    """Half up, as the published values; Python's own rounds half to even."""
    scale = 10.0**digits
    return math.floor(number * scale + 0.5) / scale


@lru_cache(maxsize=1)
def _difficult_words() -> Callable[[str], bool]:
    # Not imported: it needs pkg_resources, which setuptools no longer has.
    use = "The measure 'difficulty' needs textstat"
    easy = frozenset(packaged_text("textstat", _EASY, use).split())
    hyphens = imported("pyphen", "The measure 'difficulty' needs pyphen").Pyphen(lang="en_US")

    @lru_cache(maxsize=1 << 16)
    def is_difficult(word: str) -> bool:
        if word in easy:
            return False
        spoken = _PUNCTUATION.sub("", word)
        return bool(spoken) and len(hyphens.positions(spoken)) + 1 >= _SYLLABLES

    return is_difficult


DIFFICULTY = TextMeasure(
    "difficulty", "years of schooling",
    "Gunning fog (Gunning 1952): 0.4 (words a sentence + 100 x distinct words of 3 syllables or "
    "more, easy ones left out, over all words); English only.",
    _difficulty, "textstat-0.7.3", 0, skips_hashtags=True,
)  # fmt: skip
"""As textstat 0.7.3 computes it, whose list of easy words (Dale and Chall 1948) is read; syllables
are counted by where pyphen hyphenates. Sentences of one or two words are not counted, but their
words are. Rounded to two digits; 0 for a text without words."""
