"""The messages of runs as a table in Parquet."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from simulator.analysis.packages import imported
from simulator.domain.journal import Call, Step
from simulator.domain.records import Experiment, Run
from simulator.errors import SimulatorError
from simulator.files.transcripts import condition_of

ROWS_AT_ONCE = 5_000
"""Messages of a row group, unless one run has more."""


@dataclass(frozen=True, slots=True)
class Column:
    """Of the table."""

    name: str
    type: Literal["string", "int64", "float64", "bool", "time"]
    meaning: str
    of: Callable[[Experiment, Run, Step], Any]


def _of_call(get: Callable[[Call], Any]) -> Callable[[Experiment, Run, Step], Any]:
    return lambda experiment, run, step: None if step.call is None else get(step.call)


COLUMNS = (
    Column("run_id", "string", "Id of the run.", lambda e, r, s: r.id),
    Column("experiment_id", "string", "Id of its experiment.", lambda e, r, s: e.id),
    Column("experiment", "string", "What the experiment is called.", lambda e, r, s: e.name),
    Column("kind", "string", "Kind of the experiment.", lambda e, r, s: e.kind),
    Column("batch_id", "string", "Id of the run's batch.", lambda e, r, s: r.batch_id),
    Column("cell", "int64", "Cell of the batch, from 0.", lambda e, r, s: r.cell),
    Column("seed", "string", "Seed of the run, in digits.", lambda e, r, s: str(r.seed)),
    Column(
        "condition", "string", "Level of each factor, as a JSON object.",
        lambda e, r, s: json.dumps(condition_of(r, e)),
    ),
    Column("scope", "string", "The sequence of steps that it is in.", lambda e, r, s: s.scope),
    Column("index", "int64", "Place in the scope, from 0.", lambda e, r, s: s.index),
    Column("position", "int64", "Order of commitment in the run.", lambda e, r, s: s.position),
    Column("day", "int64", "Day, from 1, of kinds that know days.", lambda e, r, s: s.day),
    Column("speaker", "string", "Unique name of who speaks.", lambda e, r, s: s.speaker),
    Column("role", "string", "Role of who speaks.", lambda e, r, s: s.role),
    Column("content", "string", "What was said, after parsing.", lambda e, r, s: s.content),
    Column("edited", "bool", "Whether a fork put these words there.", lambda e, r, s: s.edited),
    Column(
        "model", "string", "The model that replied; empty where none was asked.",
        _of_call(lambda c: c.model),
    ),
    Column(
        "model_digest", "string", "Its weights, where its server names them.",
        _of_call(lambda c: c.model_digest),
    ),
    Column("raw", "string", "The reply before it was parsed.", _of_call(lambda c: c.raw)),
    Column("reasoning", "string", "What it thought aloud.", _of_call(lambda c: c.reasoning)),
    Column(
        "call_seed", "string", "Seed of its sampler, in digits.", _of_call(lambda c: str(c.seed)),
    ),
    Column(
        "temperature", "float64", "As sent; empty where the model takes none.",
        _of_call(lambda c: c.sampling.temperature),
    ),
    Column(
        "prompt_tokens", "int64", "Tokens that it read.",
        _of_call(lambda c: c.usage.prompt_tokens),
    ),
    Column(
        "completion_tokens", "int64", "Tokens that it wrote.",
        _of_call(lambda c: c.usage.completion_tokens),
    ),
    Column(
        "cost_usd", "float64", "Dollars, as far as prices are known.",
        _of_call(lambda c: c.usage.cost_usd),
    ),
    Column(
        "unpriced_calls", "int64", "Calls whose price is not known.",
        _of_call(lambda c: c.usage.unpriced_calls),
    ),
    Column("model_s", "float64", "Seconds spent on it.", _of_call(lambda c: c.usage.model_s)),
    Column("stop_reason", "string", "Why it ended.", _of_call(lambda c: c.stop_reason)),
    Column("created_at", "time", "When it was committed, UTC.", lambda e, r, s: s.created_at),
)  # fmt: skip


def can_write() -> bool:
    """Whether what writes Parquet is installed."""
    return find_spec("pyarrow") is not None


class MessageTable:
    """Writes the table, a few runs at a time; use it in a `with`.

    What is no valid Unicode, as half of a surrogate pair, stands as U+FFFD.
    """

    def __init__(self, path: Path) -> None:
        """Begin the file.

        Raises:
            NotFoundError: pyarrow is not installed.
        """
        use = "Parquet files are written by pyarrow"
        self._arrow = imported("pyarrow", use)
        parquet = imported("pyarrow.parquet", use)
        types = {
            "string": self._arrow.string(), "int64": self._arrow.int64(),
            "float64": self._arrow.float64(), "bool": self._arrow.bool_(),
            "time": self._arrow.timestamp("ms", tz="UTC"),
        }  # fmt: skip
        self._schema = self._arrow.schema([(one.name, types[one.type]) for one in COLUMNS])
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []
        self.rows = 0

    def __enter__(self) -> MessageTable:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if kind is None:
                self._flush()
        finally:
            self._writer.close()

    def add(self, experiment: Experiment, run: Run, steps: Sequence[Step]) -> None:
        """Append the messages of a run's transcript."""
        self._rows += [row_of(experiment, run, step) for step in steps if step.in_transcript]
        if len(self._rows) >= ROWS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        if not self._rows:
            return
        try:
            table = self._arrow.Table.from_pylist(self._rows, schema=self._schema)
        except (ValueError, TypeError, OverflowError) as error:
            raise SimulatorError(
                f"The messages cannot be written as Parquet: {error}.",
                remedy="Leave the table out with --no-parquet; the journals have everything.",
            ) from None
        self._writer.write_table(table)
        self.rows += len(self._rows)
        self._rows = []


def row_of(experiment: Experiment, run: Run, step: Step) -> dict[str, Any]:
    """A row of the table, with values by columns."""
    row = {column.name: column.of(experiment, run, step) for column in COLUMNS}
    return {
        name: _unicode(value) if isinstance(value, str) else value for name, value in row.items()
    }


def _unicode(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
