"""The numbers beside the plot."""

from __future__ import annotations

import asyncio
from itertools import islice

from rich.text import Text
from textual.widgets import DataTable

from screens.analysis.viewing import View
from simulator.analysis.gathering import Key
from simulator.presentation.findings import (
    grouping_text,
    interval_text,
    label_text,
    number_text,
)

ROWS_AT_ONCE = 25
"""Rows that are measured and drawn before keys have their turn."""
PAUSE_S = 0.005
MOST_ROWS = 200
"""A longer table takes too long to lay out; the exported one has all."""


class SummaryTable(DataTable[Text]):
    """One row for each group."""

    def __init__(self) -> None:
        super().__init__(id="summary", cursor_type="row", zebra_stripes=True)
        self._keys: list[Key] = []

    def key_at(self, row: int) -> Key | None:
        """The group of a row; None where there is none."""
        return self._keys[row] if row < len(self._keys) else None

    async def show(self, view: View) -> None:
        """Show the groups, some at a time."""
        self.clear(columns=True)
        self._keys = list(islice(view.summaries, MOST_ROWS))
        by = view.choice.by
        for name in (*map(grouping_text, by), "n", "mean", "95 %", "min", "median", "max", "total"):
            self.add_column(Text(name))
        for place, key in enumerate(self._keys):
            one = view.summaries[key]
            if place % ROWS_AT_ONCE == ROWS_AT_ONCE - 1:
                await asyncio.sleep(PAUSE_S)
            numbers = (one.minimum, one.median, one.maximum, one.total)
            self.add_row(
                *(Text(label_text(label, name)) for label, name in zip(key, by, strict=True)),
                _right(f"{one.n:,}"), _right(number_text(one.mean)),
                _right(interval_text(one.interval)), *(_right(number_text(n)) for n in numbers),
            )  # fmt: skip
        more = len(view.summaries) - MOST_ROWS
        if more > 0:
            cells = [Text(f"… {more:,} more; x exports all")]
            self.add_row(*cells, *[Text()] * (len(self.columns) - 1))


def _right(text: str) -> Text:
    return Text(text, justify="right")
