"""A plot with its tables: beside it where there is room for both, else below it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.containers import Container

from screens.analysis.debates import NOTE_CELLS, DebatePane, table_lines
from simulator.presentation.debates import Table

LEAST_PLOT = 58
"""Columns that a plot beside tables has, at least."""
LEAST_NOTE = 44
"""Cells of a line of what is to be known of tables, at least, where they are narrower."""
_AROUND = 3
"""Columns beside the text of tables: blanks and the scroll bar."""


class ChainTables(DebatePane):
    """Tables of chains."""

    needed = 0
    """Columns that they take as a whole."""

    def show(self, tables: Sequence[Table], note_cells: int = NOTE_CELLS) -> None:
        """Show these tables; their notes are no wider than they are, unless that is too narrow."""
        widest = max((cell_len(line) for one in tables for line in table_lines(one)), default=0)
        cells = min(max(widest, LEAST_NOTE), note_cells)
        self.needed = (max(widest, cells) if tables else 0) + _AROUND
        super().show(tables, cells)


class ChainPanes(Container):
    """The plot, and the tables where they fit."""

    DEFAULT_CSS = """
    ChainPanes { layout: horizontal; height: 1fr; }
    ChainPanes ChainTables { height: 1fr; }
    ChainPanes.-below { layout: vertical; }
    ChainPanes.-below ChainTables { height: auto; max-height: 40%; }
    """

    def __init__(self) -> None:
        super().__init__(id="chain-panes")

    def show(self, tables: Sequence[Table]) -> None:
        """Show other tables."""
        self.query_one(ChainTables).show(tables)
        self._fit()

    def on_resize(self, event: events.Resize) -> None:
        """There is room for more or less."""
        self._fit()

    def _fit(self) -> None:
        """Tables stand beside the plot, whole, or below it over the whole width."""
        tables = self.query_one(ChainTables)
        is_below = self.size.width - tables.needed < LEAST_PLOT
        self.set_class(is_below, "-below")
        tables.styles.width = "1fr" if is_below else tables.needed
