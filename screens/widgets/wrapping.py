"""Texts cut into lines by words, exactly as wide as terminals draw them, and fast."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice

from rich.cells import cell_len, get_character_cell_size

NARROWEST = 2
"""Cells that the widest character takes, so that each fits on a line."""
MOST_UNSEEN = 16
"""Characters that a line may have for each of its cells, since some take none."""
_UNEVEN = re.compile(
    "[^ -~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u0530\u1e00-\u1fff\u2010-\u2027"
    "\u2030-\u205e\u20a0-\u20bf\u2100-\u214f\u2190-\u22ff\u2400-\u2426\u2500-\u25fc]"
)
"""Whatever may not take exactly one cell."""
_SPACES = re.compile(" +")
_JOINER, _SELECTOR = "\u200d", "\ufe0f"
_widened: dict[str, int] = {}


def line_starts(text: str, width: int, start: int = 0) -> Iterator[int]:
    """Where each line of a text begins; the text has no tabs or other control characters.

    Spaces between two lines belong to the first one, beyond its width if need be; so does a line
    break.

    Args:
        text: Whose lines.
        width: Cells of a line, at least `NARROWEST`.
        start: Where to begin, itself the beginning of a line.
    """
    width = max(NARROWEST, width)
    is_even = text.isascii()
    while True:
        stop = text.find("\n", start)
        end = len(text) if stop < 0 else stop
        yield start
        if not is_even and _UNEVEN.search(text, start, end) is not None:
            yield from _uneven_starts(text, start, end, width)
        elif end - start > width:
            yield from _even_starts(text, start, end, width)
        if stop < 0:
            return
        start = stop + 1


def _even_starts(text: str, start: int, end: int, width: int) -> Iterator[int]:
    """Where the lines after the first begin, every character being one cell wide."""
    while end - start > width:
        limit = start + width
        cut = limit
        if text[limit] != " ":
            cut = text.rfind(" ", start, limit) + 1
            if cut <= start or (text[start] == " " and text[start:cut].isspace()):
                cut = limit
        start = _after_spaces(text, cut, end)
        if start < end:
            yield start


def _after_spaces(text: str, start: int, end: int) -> int:
    if start < end and text[start] == " ":
        found = _SPACES.match(text, start, end)
        return found.end() if found is not None else start
    return start


def _uneven_starts(text: str, start: int, end: int, width: int) -> Iterator[int]:
    """The same where characters take two cells, or none; as `rich.cells.cell_len` counts them."""
    index = good = whole = start
    cells, before, was_wide = 0, "", False
    while index < end:
        character = text[index]
        size = 0
        if character == _SELECTOR:
            size, before = _widening(before), ""
        elif character == _JOINER:
            index += 1
        elif size := get_character_cell_size(character):
            if index > start and (text[index - 1] == " " or was_wide or size == 2):
                good = index
            whole, before, was_wide = index, character, size == 2
        cells += size
        if cells <= width and index - start < MOST_UNSEEN * width:
            index += 1
            continue
        if character == " ":
            cut = index
        elif cells > width and good > start and not text[start:good].isspace():
            cut = good
        else:
            cut = whole if start < whole and cells > width else max(index, start + 1)
        start = index = good = whole = _after_spaces(text, cut, end)
        cells, before, was_wide = 0, "", False
        if start < end:
            yield start


def _widening(character: str) -> int:
    """Cells that a picture's selector adds to the character before it."""
    if not character:
        return 0
    if character not in _widened:
        _widened[character] = cell_len(character + _SELECTOR) - cell_len(character)
    return _widened[character]


class WrappedText:
    """A text with its lines, which are found some at a time."""

    __slots__ = ("_finding", "_starts", "_width", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._width = 0
        self._starts: array[int] = array("I")
        self._finding: Iterator[int] | None = None

    def wrap(self, width: int) -> None:
        """Begin to find the lines of that width, unless they are known."""
        if width != self._width:
            self._width = width
            self._starts = array("I")
            self._finding = line_starts(self.text, width)

    def find(self, most: int | None = None) -> bool:
        """Find so many more lines, or all; whether all are known then."""
        if self._finding is not None:
            known = len(self._starts)
            self._starts.extend(islice(self._finding, most))
            if most is None or len(self._starts) - known < most:
                self._finding = None
        return self._finding is None

    def append(self, text: str) -> None:
        """Put words at the end; only the last line is cut anew."""
        self.find()
        self.text += text
        if self._starts:
            self._finding = line_starts(self.text, self._width, self._starts.pop())
            self.find()

    @property
    def height(self) -> int:
        """How many lines there are; a guess while not all are known."""
        if self._finding is None and self._starts:
            return len(self._starts)
        return max(len(self._starts) + 1, len(self.text) // max(NARROWEST, self._width))

    def line(self, number: int) -> tuple[int, int]:
        """Beginning and end of a line, without the spaces at its end; nothing if not known yet."""
        if number >= len(self._starts):
            return len(self.text), len(self.text)
        start = self._starts[number]
        last = number + 1 == len(self._starts)
        if last and self._finding is not None:
            return start, start
        stop = len(self.text) if last else self._starts[number + 1]
        return start, start + len(self.text[start:stop].rstrip(" \n"))

    def line_at(self, offset: int) -> int:
        """The line that a character stands on."""
        return max(0, bisect_right(self._starts, offset) - 1)
