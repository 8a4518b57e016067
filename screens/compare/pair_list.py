"""Two runs as a list of pairs: one scroll for both sides."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType

from screens.compare.pair_row import MARGIN, MIDDLE, PairColumns, PairRow, Side
from screens.compare.pairing import Pair
from screens.voices import Voices
from screens.widgets.row_list import RowList
from screens.widgets.segments import cell, marked
from simulator.domain.records import Agent
from simulator.presentation.ordering import Ordering

CURSOR_BAR = "▌"
SAME, DIFFERS = "=", "≠"
NARROW = 76
"""Cells from which both sides stand beside each other."""
STYLES = ("cursor", "heading", "changed", "muted", "differs")


class PairList(RowList[PairRow]):
    """Pairs of messages; those that differ are marked, and so are their words."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"pairs--{name}" for name in STYLES}
    DEFAULT_CSS = """
    PairList > .pairs--cursor { color: $primary; }
    PairList > .pairs--heading { color: $text-muted; text-style: bold; }
    PairList > .pairs--changed { color: $warning; text-style: underline; }
    PairList > .pairs--muted { color: $text-muted; }
    PairList > .pairs--differs { color: $warning; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "difference(1)", "Next ≠", id="compare.next", tooltip="The next difference"),
        Binding("N", "difference(-1)", "≠ before", show=False, id="compare.before",
                tooltip="The difference before"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__(id="pairs", empty="Reading …")
        self.differences: list[int] = []
        """Rows that differ."""
        self._voices = (Voices(()), Voices(()))
        self._styles: dict[str, Style] = {}
        self._digits = 3

    def show(
        self,
        pairs: Sequence[Pair],
        left: Sequence[Agent],
        right: Sequence[Agent],
        ordering: Ordering | None = None,
    ) -> None:
        """Show these pairs, at the first difference.

        Args:
            pairs: In their order.
            left: Agents of the left run.
            right: Agents of the right run.
            ordering: How runs of their kind are read; None is by days.
        """
        ordering = ordering or Ordering()
        self._voices = (Voices(left), Voices(right))
        self._digits = max(3, len(str(len(pairs))))
        is_helper = self._voices[0].is_helper
        rows = [PairRow(pair, is_summary=is_helper(pair.either.speaker)) for pair in pairs]
        before: tuple[str, int | None] | None = None
        for number, row in enumerate(rows):
            place = (row.pair.either.scope, row.day)
            heading = ordering.heading(*place, before)
            before = place
            if heading:
                row.heading, row.is_top = heading, number == 0
        self.differences = [number for number, row in enumerate(rows) if not row.pair.is_same]
        self.show_rows(rows)
        if self.differences:
            self._go_to(self.differences[0])

    def _go_to(self, number: int) -> None:
        """Put the cursor on a row, with what follows it in view as well."""
        self.move_to(number)
        top, room = self.stack.top(number), self.size.height
        if top - self.scroll_offset.y > room // 2:
            self.scroll_lines(top - room // 3)

    @property
    def difference(self) -> int:
        """Which difference the cursor is on, from 1; 0 for none."""
        place = bisect_left(self.differences, self.cursor)
        is_one = place < len(self.differences) and self.differences[place] == self.cursor
        return place + 1 if is_one else 0

    def action_difference(self, by: int) -> None:
        """The next row that differs, or with -1 the one before."""
        after = bisect_right(self.differences, self.cursor)
        place = after if by > 0 else bisect_left(self.differences, self.cursor) - 1
        if 0 <= place < len(self.differences):
            self._go_to(self.differences[place])

    # ------------------------------------------------------------ drawing

    def columns_of(self, width: int) -> Hashable:
        """See `RowScroll`."""
        return PairColumns(width, self._digits + 1, is_stacked=width < NARROW)

    def notify_style_update(self) -> None:
        """Take other colours, as of another theme."""
        super().notify_style_update()
        self._styles = {}

    def draw(self, number: int, line: int, width: int) -> list[Segment]:
        """See `RowScroll`."""
        if not self._styles:
            self._styles = {
                name: self.get_component_rich_style(f"pairs--{name}", partial=True)
                for name in STYLES
            }
        row, columns = self.rows[number], self.columns
        assert isinstance(columns, PairColumns)
        line -= row.before
        if line < 0:
            return self._heading(row, line, width)
        muted = self._styles["muted"]
        bar = CURSOR_BAR if number == self.cursor else " "
        digits = str(row.pair.either.position) if line == 0 else ""
        head = [
            Segment(bar, self._styles["cursor"]),
            cell(digits, columns.number - 1, muted, to_right=True),
            Segment(" "),
        ]
        if not columns.is_stacked:
            here = self._side(row, 0, line, columns.side)
            there = self._side(row, 1, line, columns.side)
            return [*head, *here, self._mark(row, line), *there]
        above = row.sides[0].words.height
        if line <= above:
            return [*head, self._mark(row, line), *self._side(row, 0, line, columns.side)]
        return [*head, Segment(" " * MIDDLE), *self._side(row, 1, line - above - 1, columns.side)]

    def _heading(self, row: PairRow, line: int, width: int) -> list[Segment]:
        if line < -1:
            return []
        rule = f" ── {row.heading} "
        return [Segment(rule + "─" * max(0, width - cell_len(rule) - 1), self._styles["heading"])]

    def _mark(self, row: PairRow, line: int) -> Segment:
        if line == 0 and not row.pair.is_same:
            return Segment(f" {DIFFERS} ", self._styles["differs"])
        return Segment(f" {SAME if line == 0 else '│'} ", self._styles["muted"])

    def _side(self, row: PairRow, number: int, line: int, width: int) -> list[Segment]:
        """A line of one of the messages, in exactly so many cells."""
        side = row.sides[number]
        muted = self._styles["muted"]
        if line == 0:
            return [self._speaker(side, number, width)]
        if line > side.words.height:
            return [Segment(" " * width)]
        words, (start, stop) = side.words, side.words.line(line - 1)
        is_faded = number == 1 and row.pair.is_same
        style = muted if is_faded or not side.name else Style()
        changes = self._styles["changed"]
        parts = marked(words.text, start, stop, style, row.changes[number], lambda span: changes)
        used = MARGIN + sum(part.cell_length for part in parts)
        return [Segment(" " * MARGIN), *parts, Segment(" " * max(0, width - used))]

    def _speaker(self, side: Side, number: int, width: int) -> Segment:
        if not side.name:
            return Segment(" " * width)
        voices = self._voices[number]
        style = voices.style(side.name, side.role, is_dark=self.app.current_theme.dark)
        name = f"{voices.mark(side.name, side.role)} {side.name}"
        return cell(name, width, Style.parse(style) + Style(bold=True))
