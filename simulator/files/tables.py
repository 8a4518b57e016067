"""What measures came to, as CSV for spreadsheets and statistics programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from simulator.analysis.gathering import Gathered, Key, LeftOut
from simulator.analysis.summary import Summary
from simulator.files.transcripts import csv_cell

_NUMBERS = (
    "n", "runs", "total", "mean", "mean_95_low", "mean_95_high", "minimum", "first_quartile",
    "median", "third_quartile", "maximum",
)  # fmt: skip


def summary_csv(found: Gathered, summaries: Mapping[Key, Summary]) -> str:
    """One row for each group: the measure, its unit, the group, and its numbers in full.

    Cells that a spreadsheet would take for a formula begin with an apostrophe.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    by = [str(csv_cell(name)) for name in found.by]
    writer.writerow(["measure", "unit", "per", *by, *_NUMBERS])
    measure = found.measure
    for key, one in summaries.items():
        interval = [one.interval.low, one.interval.high] if one.interval else [None, None]
        writer.writerow(
            [measure.name, measure.unit, measure.per, *map(csv_cell, key), one.n, one.runs,
             one.total, one.mean, *interval, one.minimum, one.first_quartile, one.median,
             one.third_quartile, one.maximum]
        )  # fmt: skip
    return stream.getvalue()


def left_out_csv(rows: Iterable[LeftOut]) -> str:
    """One row for each step that a measure has no value for, with why."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(["run_id", "position", "speaker", "why"])
    for row in rows:
        writer.writerow([row.run_id, row.position, csv_cell(row.speaker), row.why])
    return stream.getvalue()
