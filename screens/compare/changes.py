"""Which words of two texts differ."""

from __future__ import annotations

from bisect import bisect_left

from screens.widgets.segments import Span
from simulator.files.design_diff import text_pieces

LONGEST = 6_000
"""Characters between what is the same at both ends from which no words are told apart."""
_LONGEST_WORD = 60


def changed(before: str, after: str) -> tuple[list[Span], list[Span]]:
    """Where each text has words that the other has not; takes milliseconds at any length."""
    start = _word_start(before, _same_length(before, after))
    rest = _same_length(before[start:][::-1], after[start:][::-1])
    rest = _word_end(before, rest)
    ours, theirs = before[start : len(before) - rest], after[start : len(after) - rest]
    if max(len(ours), len(theirs)) > LONGEST:
        return _whole(start, ours), _whole(start, theirs)
    removed: list[Span] = []
    added: list[Span] = []
    at = there = start
    # A last word is the same whether or not more words follow it.
    for piece in text_pieces(f"{ours} ", f"{theirs} "):
        size, words = len(piece.text), len(piece.text.rstrip())
        if piece.what == "removed":
            removed.append((at, at + words))
        elif piece.what == "added":
            added.append((there, there + words))
        at += size if piece.what != "added" else 0
        there += size if piece.what != "removed" else 0
    return [span for span in removed if span[0] < span[1]], [s for s in added if s[0] < s[1]]


def _whole(start: int, text: str) -> list[Span]:
    return [(start, start + len(text))] if text else []


def _same_length(one: str, other: str) -> int:
    """How many characters both begin with."""
    most = min(len(one), len(other))
    return bisect_left(range(1, most + 1), True, key=lambda n: not one.startswith(other[:n]))


def _word_start(text: str, end: int) -> int:
    """Back to the beginning of the word, if it is near."""
    for back in range(min(end, _LONGEST_WORD)):
        if text[end - back - 1].isspace():
            return end - back
    return 0 if end < _LONGEST_WORD else end


def _word_end(text: str, rest: int) -> int:
    """The same from the end."""
    first = len(text) - rest
    for ahead in range(min(rest, _LONGEST_WORD)):
        if text[first + ahead].isspace():
            return rest - ahead
    return 0 if rest < _LONGEST_WORD else rest
