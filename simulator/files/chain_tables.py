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

_GROUP = ("model", "task", "temperature", "measure")


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


def section_rows(name: str, found: Sequence[Any]) -> dict[str, list[dict[str, Any]]]:
    """Rows of tables for what a section found, by the table's name.

    Args:
        name: Of the section; its own table has it, further ones begin with it.
        found: Records of the analysis.
    """
    rows = [plain(one) for one in found]
    if name == "additive":
        return {
            name: [
                _of_model(model) | each | {"excludes_0": other.stands_out}
                for model, one in zip(rows, found, strict=True)
                for each, other in zip(model["differences"], one.differences, strict=True)
            ],
            f"{name}_coefficients": [
                _of_model(model) | each for model in rows for each in model["coefficients"]
            ],
        }
    if name == "dynamics":
        series = ("shares", "curve", "progress")
        steps = [
            {key: row[key] for key in _GROUP} | {"generation": generation}
            | {key[:-1] if key == "shares" else key: _at(row[key], place, generation)
               for key, place in (("shares", 1), ("curve", 0), ("progress", 1))}
            for row in rows for generation in range(len(row["curve"]))
        ]  # fmt: skip
        short = [{key: value for key, value in row.items() if key not in series} for row in rows]
        return {name: short, f"{name}_by_generation": steps}
    if name == "temperature":
        places = [
            {key: row[key] for key in ("model", "task")} | {"at": temperature} | attractor
            for row in rows
            for temperature, attractor in zip(row["temperatures"], row["attractors"], strict=True)
        ]
        for row in rows:
            del row["attractors"]
        return {name: rows, f"{name}_attractors": places}
    return {name: rows}


def cycle_row(one: ChainCycle, *, texts: bool) -> dict[str, Any]:
    """A cycle with the chain that it ends.

    Args:
        one: Any.
        texts: Whether to give the texts that are said again and again.
    """
    chain, cycle = one.chain, one.cycle
    row: dict[str, Any] = {
        "model": chain.model, "task": chain.task, "temperature": chain.temperature,
        "text": chain.text, "seed": chain.seed,
        "agent": chain.agent, "source": chain.source, "period": cycle.period,
        "onset": cycle.onset, "repetitions": cycle.repetitions, "trivial": cycle.trivial,
        "drifting": cycle.drifting,
    }  # fmt: skip
    return row | ({"texts": list(cycle.texts)} if texts else {})


def _of_model(model: Mapping[str, Any]) -> dict[str, Any]:
    return {key: model[key] for key in ("response", "standardised", "level", "rows", "dropped")}


def _at(values: Sequence[Any], first: int, generation: int) -> Any:
    """The value of a generation, of a series that begins with generation `first`."""
    place = generation - first
    return values[place] if 0 <= place < len(values) else None


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
