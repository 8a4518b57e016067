"""How the lines of a message look."""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from screens.voices import Voices
from screens.widgets.message_row import BAR, Columns, MessageRow
from screens.widgets.searching import Search
from screens.widgets.segments import Span, cell, marked

CURSOR_BAR = "▌"
HELPER_BAR = "│".ljust(BAR)
SPEAKING = "▍"
STYLES = ("cursor", "heading", "match", "match-here", "muted")


class Painter:
    """Draws messages in the voices of a run."""

    def __init__(self, voices: Voices, styles: Mapping[str, Style], *, is_dark: bool) -> None:
        """Make one.

        Args:
            voices: The run's.
            styles: One for each of `STYLES`.
            is_dark: Whether the background is.
        """
        self._voices = voices
        self._styles = styles
        self._is_dark = is_dark

    def draw(
        self,
        row: MessageRow,
        line: int,
        columns: Columns,
        *,
        is_here: bool,
        search: Search | None,
        match: int | None,
    ) -> list[Segment]:
        """A line of a row.

        Args:
            row: Whose.
            line: From 0, what stands above the words included.
            columns: How the row is divided.
            is_here: Whether the cursor is on it.
            search: What is marked in the words.
            match: Where the place begins that the search is on; None if it is in no word of these.
        """
        is_stacked = not columns.name
        line -= row.before
        if line < -is_stacked:
            return self._above(row, line + is_stacked, columns.width)
        muted = self._styles["muted"]
        is_first = line == -is_stacked
        segments = [Segment(CURSOR_BAR if is_here else " ", self._styles["cursor"])]
        if columns.number and (is_first or not is_stacked):
            number = str(row.step.position) if is_first and row.step is not None else ""
            segments += [cell(number, columns.number - 1, muted, to_right=True), Segment(" ")]
        if is_first:
            segments += self._speaker(row, columns)
        elif columns.name:
            segments.append(Segment(" " * columns.name))
        if line >= 0:
            segments += [Segment("  ")] if is_stacked else []
            segments += self._words(row, line, search, match)
        return segments

    def _above(self, row: MessageRow, line: int, width: int) -> list[Segment]:
        """A line above a message, counted from it: -1 is the last one."""
        style = self._styles["heading"]
        if row.heading is not None and line == -1:
            dash = "━" if row.is_part else "─"
            rule = f" {dash * 2} {row.heading} "
            return [Segment(rule + dash * max(0, width - cell_len(rule) - 1), style)]
        if row.heading is not None and line == -2:
            return []
        return [Segment(f" {row.notice or ''}", style)]

    def _speaker(self, row: MessageRow, columns: Columns) -> list[Segment]:
        style = self._voices.style(row.speaker, row.role, is_dark=self._is_dark)
        name = f"{self._voices.mark(row.speaker, row.role)} {row.speaker}"
        bold = Style.parse(style) + Style(bold=True)
        if not columns.name:
            return [Segment(name, bold)]
        return [cell(name, columns.name - 1, bold), Segment(" ")]

    def _words(
        self, row: MessageRow, line: int, search: Search | None, match: int | None
    ) -> list[Segment]:
        text, (start, stop) = row.words.text, row.words.line(line)
        first, last = row.body
        is_said = row.is_live or first <= start < last
        style = Style(italic=row.is_helper) if is_said else self._styles["muted"]

        def mark(span: Span) -> Style:
            return self._styles["match-here" if span[0] == match else "match"]

        spans = search.spans(row) if search is not None and is_said else ()
        segments = [Segment(HELPER_BAR, self._styles["muted"])] if row.is_helper else []
        segments += marked(text, start, stop, style, spans, mark)
        if row.is_live and line == row.words.height - 1:
            segments.append(Segment(SPEAKING, self._styles["muted"]))
        return segments
