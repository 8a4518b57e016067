"""Rows of many heights: how high each is, and where it stands."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence
from itertools import accumulate
from typing import Generic, Protocol, TypeVar

LINES_AT_ONCE = 250


class Row(Protocol):
    """What stands in a list of rows."""

    def wrap(self, columns: Hashable) -> None:
        """Be as wide as that; does nothing if it is already."""
        ...

    def find(self, most: int | None) -> bool:
        """Find at most so many more lines; whether all are known."""
        ...

    @property
    def height(self) -> int:
        """Lines; a guess while not all are known."""
        ...

    def place(self, line: int) -> int:
        """What stands on a line, whatever the width."""
        ...

    def line_at(self, place: int) -> int:
        """Where that stands at the present width."""
        ...


R = TypeVar("R", bound=Row)


class Rows(Generic[R]):
    """A stack of rows; their heights are guesses until they are found."""

    def __init__(self, rows: Iterable[R] = ()) -> None:
        self.rows = list(rows)
        self.columns: Hashable = None
        """How the rows are divided; None before anything is known of the width."""
        self._heights = [row.height for row in self.rows]
        self._is_found = bytearray(len(self.rows))
        self._tops = [0]
        self.stack()

    def __len__(self) -> int:
        return len(self.rows)

    def divide(self, columns: Hashable) -> None:
        """All heights are to be found anew; the old ones are the guesses."""
        self.columns = columns
        self._is_found = bytearray(len(self.rows))

    def insert(self, place: int, row: R) -> None:
        """Put a row before that place, or at the end."""
        self.rows.insert(place, row)
        self._heights.insert(place, row.height)
        self._is_found.insert(place, 0)

    def extend(self, rows: Sequence[R]) -> None:
        """Put rows at the end."""
        self.rows += rows
        self._heights += [row.height for row in rows]
        self._is_found += bytes(len(rows))

    def remove(self, first: int, last: int) -> None:
        """Take rows away, `last` not included."""
        del self.rows[first:last], self._heights[first:last], self._is_found[first:last]

    def is_found(self, number: int) -> bool:
        """Whether the height of a row is no guess."""
        return bool(self._is_found[number])

    def find(self, number: int, longest_s: float = 0.0) -> int:
        """The height of a row, exact unless there is no time for all its lines."""
        row, until = self.rows[number], time.perf_counter() + longest_s
        row.wrap(self.columns)
        while not (is_found := row.find(LINES_AT_ONCE)) and time.perf_counter() < until:
            pass
        self._is_found[number] = is_found
        self._heights[number] = row.height
        return row.height

    def stack(self) -> None:
        """Put the rows one below the other, after heights have changed."""
        self._tops = list(accumulate(self._heights, initial=0))

    @property
    def height(self) -> int:
        """Lines of all rows, as last stacked."""
        return self._tops[-1]

    def top(self, number: int) -> int:
        """The first line of a row; of the one after the last, the end."""
        return self._tops[min(number, len(self._tops) - 1)]

    def at(self, line: int) -> int:
        """The row that a line is in, or the nearest one."""
        return max(0, min(bisect_right(self._tops, line) - 1, len(self.rows) - 1))
