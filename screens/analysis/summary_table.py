"""The numbers beside the plot."""

from __future__ import annotations

import asyncio

from rich.text import Text
from textual.widgets import DataTable

from screens.analysis.viewing import View
from simulator.presentation.findings import (
    grouping_text,
    interval_text,
    label_text,
    number_text,
)

ROWS_AT_ONCE = 50
MOST_ROWS = 1000
"""More are in the exported table."""


class SummaryTable(DataTable[Text]):
    """One row for each group."""

    def __init__(self) -> None:
        super().__init__(id="summary", cursor_type="row", zebra_stripes=True)

    async def show(self, view: View) -> None:
        """Show the groups, some at a time."""
        self.clear(columns=True)
        by = view.choice.by
        for name in (*map(grouping_text, by), "n", "mean", "95 %", "min", "median", "max", "total"):
            self.add_column(Text(name))
        for place, (key, one) in enumerate(list(view.summaries.items())[:MOST_ROWS]):
            if place % ROWS_AT_ONCE == ROWS_AT_ONCE - 1:
                await asyncio.sleep(0)
            numbers = (one.minimum, one.median, one.maximum, one.total)
            self.add_row(
                *(Text(label_text(label, name)) for label, name in zip(key, by, strict=True)),
                _right(f"{one.n:,}"), _right(number_text(one.mean)),
                _right(interval_text(one.interval)), *(_right(number_text(n)) for n in numbers),
            )  # fmt: skip


def _right(text: str) -> Text:
    return Text(text, justify="right")
