"""What the chosen debates came to, as tables."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from textwrap import wrap

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from screens.analysis.exporting import Export
from simulator.analysis.debates.comparison import Comparison, compare_all, pairs_of
from simulator.analysis.debates.records import DebateRecord
from simulator.analysis.debates.summary import DebateSummary, summarize
from simulator.debates import debate_record
from simulator.domain.records import Run
from simulator.errors import SimulatorError
from simulator.files import debate_tables
from simulator.presentation.debates import Table, comparison_tables, record_tables
from simulator.presentation.notices import short_id
from simulator.presentation.safe_text import visible
from simulator.presentation.wording import counted
from simulator.services import Services

ALL_PAIRS = 6
"""Runs up to which each two are compared; of more, each with the first."""

NOTE_CELLS = 76
"""Of a line of what is to be known of a table; the narrowest terminals show them."""


@dataclass(frozen=True, slots=True)
class Debates:
    """Runs of debates with at least one answered question, the oldest first."""

    records: Sequence[DebateRecord]
    summaries: Sequence[DebateSummary]
    comparisons: Sequence[Comparison]
    remarks: Sequence[str]
    """Sentences on what is left out."""

    @property
    def tables(self) -> list[Table]:
        """All there is to show."""
        places = pairs_of(len(self.records), baseline_only=len(self.records) > ALL_PAIRS)
        named = [replace(one, name=_short(one.name)) for one in self.summaries]
        return [*record_tables(named), *comparison_tables(self.comparisons, places)]

    def exports(self, text: str) -> dict[str, Export]:
        """The files that can be written, by what is in them."""
        offered = {
            "rounds": Export(
                "Each debater and round, as CSV", "debate-rounds.csv",
                lambda: debate_tables.rounds_csv(self.summaries),
            ),
            "shares": Export(
                "All shares with their intervals, as CSV", "debate-shares.csv",
                lambda: debate_tables.shares_csv(self.summaries),
            ),
            "answers": Export(
                "Each answer, as CSV", "debate-answers.csv",
                lambda: debate_tables.answers_csv(self.records),
            ),
            "tables": Export("The tables as they are shown", "debate.txt", lambda: text),
        }  # fmt: skip
        if self.comparisons:
            offered["comparisons"] = Export(
                "The comparisons, as CSV", "debate-comparisons.csv",
                lambda: debate_tables.comparisons_csv(self.comparisons),
            )  # fmt: skip
        return offered


async def debates_of(services: Services, runs: Sequence[Run]) -> Debates:
    """Read what runs of debates came to, as far as they were played."""
    records: list[DebateRecord] = []
    remarks: list[str] = []
    silent = 0
    for run in runs:
        try:
            record = await debate_record(services, run)
        except SimulatorError as error:
            remarks.append(f"Run {short_id(run.id)} is left out: {error.message}")
            continue
        if record.debated:
            records.append(record)
        silent += not record.debated
    if silent:
        remarks.append(f"{counted(silent, 'run')} without any answered question.")
    if len(records) > ALL_PAIRS:
        remarks.append("Each run is compared with the first one only.")
    return await asyncio.to_thread(_compared, records, remarks)


def _compared(records: Sequence[DebateRecord], remarks: Sequence[str]) -> Debates:
    baseline_only = len(records) > ALL_PAIRS
    return Debates(
        records, [summarize(record) for record in records],
        compare_all(records, baseline_only=baseline_only), remarks,
    )  # fmt: skip


def _short(name: str) -> str:
    """The name of a record with a short id of its run."""
    run_id, _, rest = name.partition(" ")
    return f"{short_id(run_id)} {rest}".strip()


class DebatePane(VerticalScroll):
    """Tables one below the other; wide ones are scrolled sideways."""

    DEFAULT_CSS = """
    DebatePane { overflow-x: auto; padding: 0 1; }
    DebatePane Static { width: auto; }
    """

    def compose(self) -> ComposeResult:
        """Nothing yet."""
        yield Static("", markup=False)

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        return str(self.query_one(Static).content)

    def show(self, tables: Sequence[Table], note_cells: int = NOTE_CELLS) -> None:
        """Show these tables, with what is to be known of them in lines of so many cells."""
        text = Text(no_wrap=True)
        for table in tables:
            title, *lines = table_lines(table)
            text.append(f"{title}\n", "bold")
            text.append("\n".join(lines) + "\n")
            for line in wrap(table.note, note_cells):
                text.append(f"{line}\n", "dim")
            text.append("\n")
        self.query_one(Static).update(text)


def table_lines(table: Table) -> list[str]:
    """The title, the headings and the rows, in columns; numbers stand to the right."""
    rows = [table.headings, *([visible(cell) for cell in row] for row in table.rows)]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return [table.title, *(_laid_out(row, widths, table.words) for row in rows)]


def _laid_out(row: Sequence[str], widths: Sequence[int], words: int) -> str:
    cells = []
    for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
        blanks = " " * (width - cell_len(cell))
        cells.append(cell + blanks if place < words else blanks + cell)
    return "  ".join(cells).rstrip()
