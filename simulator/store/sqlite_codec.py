"""Rows and documents: how values are written so that they come back equal.

A text that is not valid Unicode (a model may return half of a surrogate pair) cannot be a SQLite
text; it is stored as bytes. Documents are JSON with `Infinity` and `NaN` where they occur.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from pydantic import BaseModel, JsonValue
from pydantic_core import PydanticSerializationError

from simulator.domain.batches import Batch
from simulator.domain.journal import Step, Usage
from simulator.domain.records import Experiment, Outcome, Run

Column = str | bytes | int | None
Row = tuple[Column, ...]

EXPERIMENT_COLUMNS = (
    "id, name, kind, design_hash, creator, note, starred_by, created_ms, document, schema_version"
)
RUN_COLUMNS = (
    "id, experiment_id, batch_id, cell, creator, status, usage, outcome, error, note, starred_by,"
    " created_ms, started_ms, finished_ms, document, schema_version"
)
BATCH_COLUMNS = (
    'id, experiment_id, name, specification, specification_hash, estimate, "order", creator,'
    " created_ms, amended_ms, schema_version"
)

_EXPERIMENT_DOCUMENT = {"design", "parent_id", "original_id"}
_RUN_DOCUMENT = {
    "kind", "design_hash", "parameters", "seed", "agents", "forked_from", "original_id",
    "provenance",
}  # fmt: skip
_STEP_TIME = {"created_at"}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)

_step_to_json = Step.__pydantic_serializer__.to_json
_step_from_json = Step.__pydantic_validator__.validate_json


def to_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970-01-01 UTC of an aware time; finer parts are cut off."""
    return (moment - _EPOCH) // _MS


def from_ms(ms: int) -> datetime:
    """The aware UTC time at `ms` milliseconds since 1970-01-01 UTC."""
    return _EPOCH + timedelta(milliseconds=ms)


def pack(text: str) -> str | bytes:
    """A text as a column value: itself, or bytes where it is not valid Unicode."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def unpack(value: str | bytes) -> str:
    """The text that `pack` was given."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogatepass")


def pack_model(model: BaseModel, fields: set[str] | None = None) -> str | bytes:
    """A model, or some of its fields, as a document."""
    return pack_json(model.model_dump(include=fields))


def pack_json(value: JsonValue) -> str | bytes:
    """A value of a user's as a document."""
    return pack(json.dumps(value, ensure_ascii=False))


def pack_users(users: Iterable[str]) -> str:
    """A set of users as a column value: a JSON array in ASCII."""
    return json.dumps(sorted(set(users)))


def unpack_users(value: str) -> tuple[str, ...]:
    """The users that `pack_users` was given, sorted."""
    return tuple(json.loads(value))


def _unpack_document(value: str | bytes) -> dict[str, JsonValue]:
    document: dict[str, JsonValue] = json.loads(unpack(value))
    return document


def _optional_ms(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)


def _optional_time(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)


def experiment_row(experiment: Experiment) -> Row:
    """The values of EXPERIMENT_COLUMNS."""
    return (
        pack(experiment.id),
        pack(experiment.name),
        pack(experiment.kind),
        pack(experiment.design_hash),
        pack(experiment.creator),
        pack(experiment.note),
        pack_users(experiment.starred_by),
        to_ms(experiment.created_at),
        pack_model(experiment, _EXPERIMENT_DOCUMENT),
        experiment.schema_version,
    )


def experiment_of(row: tuple[Any, ...]) -> Experiment:
    """The experiment in a row of EXPERIMENT_COLUMNS. Raises ValueError when it is damaged."""
    id_, name, kind, design_hash, creator, note, stars, created_ms, document, version = row
    return Experiment.model_validate(
        {
            **_unpack_document(document),
            "id": unpack(id_),
            "name": unpack(name),
            "kind": unpack(kind),
            "design_hash": unpack(design_hash),
            "creator": unpack(creator),
            "note": unpack(note),
            "starred_by": unpack_users(stars),
            "created_at": from_ms(created_ms),
            "schema_version": version,
        }
    )


def batch_row(batch: Batch) -> Row:
    """The values of BATCH_COLUMNS."""
    return (
        pack(batch.id),
        pack(batch.experiment_id),
        pack(batch.name),
        pack_json(batch.specification),
        pack(batch.specification_hash),
        None if batch.estimate is None else pack_json(batch.estimate),
        batch.order,
        pack(batch.creator),
        to_ms(batch.created_at),
        json.dumps([to_ms(moment) for moment in batch.amended_at]),
        batch.schema_version,
    )


def batch_of(row: tuple[Any, ...]) -> Batch:
    """The batch in a row of BATCH_COLUMNS. Raises ValueError when it is damaged."""
    (id_, experiment_id, name, specification, specification_hash, estimate, order, creator,
     created_ms, amended_ms, version) = row  # fmt: skip
    return Batch.model_validate(
        {
            "id": unpack(id_),
            "experiment_id": unpack(experiment_id),
            "name": unpack(name),
            "specification": _unpack_document(specification),
            "specification_hash": unpack(specification_hash),
            "estimate": None if estimate is None else _unpack_document(estimate),
            "order": order,
            "creator": unpack(creator),
            "created_at": from_ms(created_ms),
            "amended_at": [from_ms(moment) for moment in sorted(json.loads(amended_ms))],
            "schema_version": version,
        }
    )


def run_row(run: Run) -> Row:
    """The values of RUN_COLUMNS."""
    return (
        pack(run.id),
        pack(run.experiment_id),
        None if run.batch_id is None else pack(run.batch_id),
        run.cell,
        pack(run.creator),
        run.status,
        pack_model(run.usage),
        None if run.outcome is None else pack_model(run.outcome),
        None if run.error is None else pack(run.error),
        pack(run.note),
        pack_users(run.starred_by),
        to_ms(run.created_at),
        _optional_ms(run.started_at),
        _optional_ms(run.finished_at),
        pack_model(run, _RUN_DOCUMENT),
        run.schema_version,
    )


def run_of(row: tuple[Any, ...]) -> Run:
    """The run in a row of RUN_COLUMNS. Raises ValueError when it is damaged."""
    (id_, experiment_id, batch_id, cell, creator, status, usage, outcome, error, note, stars,
     created_ms, started_ms, finished_ms, document, version) = row  # fmt: skip
    return Run.model_validate(
        {
            **_unpack_document(document),
            "id": unpack(id_),
            "experiment_id": unpack(experiment_id),
            "batch_id": None if batch_id is None else unpack(batch_id),
            "cell": cell,
            "creator": unpack(creator),
            "status": status,
            "usage": Usage.model_validate(_unpack_document(usage)),
            "outcome": outcome and Outcome.model_validate(_unpack_document(outcome)),
            "error": None if error is None else unpack(error),
            "note": unpack(note),
            "starred_by": unpack_users(stars),
            "created_at": from_ms(created_ms),
            "started_at": _optional_time(started_ms),
            "finished_at": _optional_time(finished_ms),
            "schema_version": version,
        }
    )


def step_row(step: Step) -> Row:
    """Run, scope, index, position, time and document of a step.

    Pydantic's own serializer does the work; it knows neither lone surrogates nor infinite
    numbers, which go a slower way.
    """
    if _is_finite(step):
        try:
            document = _step_to_json(step, exclude=_STEP_TIME).decode()
        except PydanticSerializationError:
            pass
        else:
            return (
                step.run_id,
                step.scope,
                step.index,
                step.position,
                to_ms(step.created_at),
                document,
            )
    text = json.dumps(step.model_dump(exclude=_STEP_TIME), ensure_ascii=False)
    return (
        pack(step.run_id),
        pack(step.scope),
        step.index,
        step.position,
        to_ms(step.created_at),
        text.encode("utf-8", "surrogatepass"),
    )


def step_of(document: str | bytes, created_ms: int) -> Step:
    """The step in a document of `step_row`. Raises ValueError when it is damaged."""
    created_at = from_ms(created_ms)
    if isinstance(document, str):
        text = f'{document[:-1]},"created_at":"{created_at.isoformat()}"}}'
        step: Step = _step_from_json(text)
        return step
    fields = json.loads(unpack(document))
    return Step.model_validate({**fields, "created_at": created_at})


def _is_finite(step: Step) -> bool:
    if step.scores and not all(map(isfinite, step.scores)):
        return False
    return step.call is None or isfinite(step.call.usage.model_s)
