"""Two messages as a row, side by side or one above the other."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from screens.compare.changes import changed
from screens.compare.pairing import Pair
from screens.widgets.message_row import MessageRow
from screens.widgets.segments import Span
from screens.widgets.wrapping import WrappedText
from simulator.domain.journal import Step
from simulator.presentation.safe_text import one_line

MARGIN = 2
"""Cells before words, so that names stand out."""
MIDDLE = 3
"""Cells between the sides, for the mark."""
NONE = "(no such message)"


@dataclass(frozen=True, slots=True)
class PairColumns:
    """How the lines of pairs are divided, in cells."""

    width: int
    number: int
    """Of message numbers."""
    is_stacked: bool
    """Whether the right side stands below the left one."""

    @property
    def side(self) -> int:
        """Of each side."""
        room = self.width - 1 - self.number - MIDDLE
        return max(MARGIN + 2, room if self.is_stacked else room // 2)


class Side:
    """One of the two messages."""

    __slots__ = ("name", "role", "words")

    def __init__(self, row: MessageRow | None) -> None:
        self.name = one_line(row.speaker) if row is not None else ""
        self.role = row.role if row is not None else ""
        self.words = row.words if row is not None else WrappedText(NONE)


class PairRow:
    """A pair; what differs is found when it is drawn."""

    __slots__ = ("_changes", "_columns", "_sides", "day", "heading", "is_summary", "is_top", "pair")

    def __init__(self, pair: Pair, *, is_summary: bool = False) -> None:
        self.pair = pair
        self.is_summary = is_summary
        self.day = pair.either.day
        self.heading: str | None = None
        self.is_top = False
        self._columns: PairColumns | None = None
        self._sides: tuple[Side, Side] | None = None
        self._changes: tuple[list[Span], list[Span]] | None = None

    @property
    def sides(self) -> tuple[Side, Side]:
        """Left and right."""
        if self._sides is None:
            self._sides = (self._side(self.pair.left), self._side(self.pair.right))
        return self._sides

    def _side(self, step: Step | None) -> Side:
        if step is None:
            return Side(None)
        return Side(MessageRow(step, step.speaker, step.role, step.day, is_helper=self.is_summary))

    @property
    def changes(self) -> tuple[list[Span], list[Span]]:
        """Which words of each side differ."""
        if self._changes is None:
            left, right = self.sides
            is_told = left.name and right.name and not self.pair.is_same
            self._changes = changed(left.words.text, right.words.text) if is_told else ([], [])
        return self._changes

    # ------------------------------------------------------------ lines

    @property
    def before(self) -> int:
        """Lines above the names."""
        return 0 if self.heading is None else 1 if self.is_top else 2

    @property
    def is_stacked(self) -> bool:
        """Whether both sides are shown one above the other."""
        return self._columns is not None and self._columns.is_stacked and not self.pair.is_same

    @property
    def height(self) -> int:
        """See `Row`."""
        if self._sides is None:
            return self.before + 2
        left, right = (side.words.height for side in self._sides)
        if self._columns is not None and self._columns.is_stacked:
            return self.before + 1 + left + (0 if self.pair.is_same else 1 + right)
        return self.before + 1 + max(left, right)

    def wrap(self, columns: Hashable) -> None:
        """See `Row`."""
        assert isinstance(columns, PairColumns)
        if columns != self._columns:
            self._columns = columns
            for side in self.sides:
                side.words.wrap(columns.side - MARGIN)

    def find(self, most: int | None) -> bool:
        """See `Row`."""
        return all([side.words.find(most) for side in self.sides])

    def place(self, line: int) -> int:
        """See `Row`: a character of the longer side, as it has the most lines."""
        line -= self.before + 1
        return line if line < 0 else self._longer.line(line)[0]

    def line_at(self, place: int) -> int:
        """See `Row`."""
        if place < 0:
            return max(0, self.before + 1 + place)
        return self.before + 1 + self._longer.line_at(place)

    @property
    def _longer(self) -> WrappedText:
        left, right = self.sides
        return max(left.words, right.words, key=lambda words: len(words.text))
