"""Words looked for in the rows of a transcript."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from screens.widgets.message_row import MessageRow
from screens.widgets.segments import Span
from simulator.presentation.safe_text import visible

MOST = 100_000
"""Places that are found at most."""
KEPT_ROWS = 500
"""Rows whose places are kept for drawing."""


class Search:
    """Where words stand, whatever their case."""

    def __init__(self, words: str) -> None:
        self.words = words
        self._pattern = re.compile(re.escape(visible(words)), re.IGNORECASE)
        self.found: list[tuple[int, int]] = []
        """Row and character of each place, in order."""
        self.is_whole = False
        """Whether all rows were looked at."""
        self._spans: dict[MessageRow, list[Span]] = {}

    def look_through(self, rows: Sequence[MessageRow]) -> Iterator[None]:
        """Find the places, row by row."""
        self.found.clear()
        self.is_whole = False
        for number, row in enumerate(rows):
            for match in self._pattern.finditer(row.words.text, *row.body):
                self.found.append((number, match.start()))
            yield
            if len(self.found) > MOST:
                del self.found[MOST:]
                break
        self.is_whole = True

    def spans(self, row: MessageRow) -> Sequence[Span]:
        """Beginnings and ends in one row."""
        if row not in self._spans:
            if len(self._spans) >= KEPT_ROWS:
                self._spans.clear()
            text = row.words.text
            self._spans[row] = [found.span() for found in self._pattern.finditer(text, *row.body)]
        return self._spans[row]

    def number(self, place: tuple[int, int]) -> int:
        """Which of the places that is, from 1."""
        return bisect_right(self.found, place)

    def next(self, at: tuple[int, int], by: int) -> tuple[int, int] | None:
        """The place after (or with -1 before) another one; from the end it goes to the start."""
        if not self.found:
            return None
        if by > 0:
            return self.found[bisect_right(self.found, at) % len(self.found)]
        return self.found[bisect_left(self.found, at) - 1]
