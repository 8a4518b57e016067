"""What somebody may have meant by a word that does not exist."""

from __future__ import annotations

from collections.abc import Iterable

LEAST_LIKENESS = 60.0
"""In percent; less alike words are not offered."""


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The most similar of the words, case aside; None when none is similar."""
    from rapidfuzz import fuzz, process

    match = process.extractOne(
        word, list(words), processor=str.lower, scorer=fuzz.ratio, score_cutoff=LEAST_LIKENESS
    )
    return match[0] if match else None
