"""What chains of texts came to, as CSV and JSON: numbers in full."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from simulator.analysis.culture.overview import ChainCycle
from simulator.files.transcripts import csv_cell


def plain(value: Any) -> Any:
    """A record of an analysis as JSON has it: no arrays, and null where there is no number."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def rows_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as CSV, with a column for each number in them; `value` within `end` is `end_value`."""
    flat = [dict(_flat("", row)) for row in rows]
    headings = list(dict.fromkeys(name for row in flat for name in row))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([csv_cell(row.get(name)) for name in headings] for row in flat)
    return stream.getvalue()


def cycle_row(one: ChainCycle, *, texts: bool) -> dict[str, Any]:
    """A cycle with the chain that it ends.

    Args:
        one: Any.
        texts: Whether to give the texts that are said again and again.
    """
    chain, cycle = one.chain, one.cycle
    row: dict[str, Any] = {
        "model": chain.model, "task": chain.task, "text": chain.text, "seed": chain.seed,
        "agent": chain.agent, "source": chain.source, "period": cycle.period,
        "onset": cycle.onset, "repetitions": cycle.repetitions, "trivial": cycle.trivial,
        "drifting": cycle.drifting,
    }  # fmt: skip
    return row | ({"texts": list(cycle.texts)} if texts else {})


def _flat(prefix: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [
            cell
            for key, one in value.items()
            for cell in _flat(f"{prefix}_{key}" if prefix else str(key), one)
        ]
    if isinstance(value, list):
        return [(prefix, "; ".join(_words(one) for one in value))]
    return [(prefix, value)]


def _words(value: Any) -> str:
    return ":".join(map(str, value)) if isinstance(value, list) else str(value)
