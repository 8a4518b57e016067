"""What the store reads from SQLite: one function for each question of the port."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Container, Mapping, Sequence
from types import MappingProxyType

from simulator.domain.batches import Batch, BatchQuery
from simulator.domain.journal import Step
from simulator.domain.records import Experiment, ExperimentQuery, Lease, Run, RunOrder, RunQuery
from simulator.store.refusals import not_found
from simulator.store.sqlite_codec import (
    BATCH_COLUMNS,
    EXPERIMENT_COLUMNS,
    RUN_COLUMNS,
    Column,
    batch_of,
    experiment_of,
    from_ms,
    pack,
    run_of,
    step_of,
    unpack,
)

_NEWEST = "created_ms DESC, id DESC"
_TOKENS = "json_extract(usage, '$.prompt_tokens') + json_extract(usage, '$.completion_tokens')"
_ORDERS: Mapping[RunOrder, str] = {
    "newest": _NEWEST,
    "oldest": "created_ms, id",
    "last_finished": f"finished_ms DESC, {_NEWEST}",
    "most_tokens": f"{_TOKENS} DESC, {_NEWEST}",
    "highest_cost": f"json_extract(usage, '$.cost_usd') DESC, {_NEWEST}",
}


def experiment(connection: sqlite3.Connection, experiment_id: str) -> Experiment:
    """Raises NotFoundError."""
    row = connection.execute(
        f"SELECT {EXPERIMENT_COLUMNS} FROM experiments WHERE id = ?", (pack(experiment_id),)
    ).fetchone()
    if row is None:
        raise not_found("experiment", experiment_id)
    return experiment_of(row)


def run(connection: sqlite3.Connection, run_id: str) -> Run:
    """Raises NotFoundError."""
    row = connection.execute(
        f"SELECT {RUN_COLUMNS} FROM runs WHERE id = ?", (pack(run_id),)
    ).fetchone()
    if row is None:
        raise not_found("run", run_id)
    return run_of(row)


def experiments(connection: sqlite3.Connection, query: ExperimentQuery) -> list[Experiment]:
    """The newest first."""
    where, values = _conditions(
        query.id_fragment,
        query.starred_by,
        {
            "kind": query.kind,
            "creator": query.creator,
            "name": query.name,
            "design_hash": query.design_hash,
            "json_extract(CAST(document AS TEXT), '$.parent_id')": query.parent_id,
        },
        {"id": query.ids},
    )
    rows = connection.execute(
        f"SELECT {EXPERIMENT_COLUMNS} FROM experiments{where} ORDER BY {_NEWEST} LIMIT ?",
        (*values, _limit(query.limit)),
    )
    return [experiment_of(row) for row in rows.fetchall()]


def runs(connection: sqlite3.Connection, query: RunQuery) -> list[Run]:
    """In the order that the query names."""
    where, values = _conditions(
        query.id_fragment,
        query.starred_by,
        {
            "experiment_id": query.experiment_id,
            "batch_id": query.batch_id,
            "status": query.status,
            "creator": query.creator,
        },
    )
    rows = connection.execute(
        f"SELECT {RUN_COLUMNS} FROM runs{where} ORDER BY {_ORDERS[query.order]} LIMIT ?",
        (*values, _limit(query.limit)),
    )
    return [run_of(row) for row in rows.fetchall()]


def batch(connection: sqlite3.Connection, batch_id: str) -> Batch:
    """Raises NotFoundError."""
    row = connection.execute(
        f"SELECT {BATCH_COLUMNS} FROM batches WHERE id = ?", (pack(batch_id),)
    ).fetchone()
    if row is None:
        raise not_found("batch", batch_id)
    return batch_of(row)


def batches(connection: sqlite3.Connection, query: BatchQuery) -> list[Batch]:
    """The newest first."""
    where, values = _conditions(
        query.id_fragment,
        None,
        {"specification_hash": query.specification_hash, "creator": query.creator},
        {"id": query.ids, "experiment_id": query.experiment_ids},
    )
    rows = connection.execute(
        f"SELECT {BATCH_COLUMNS} FROM batches{where} ORDER BY {_NEWEST} LIMIT ?",
        (*values, _limit(query.limit)),
    )
    return [batch_of(row) for row in rows.fetchall()]


def run_ids(connection: sqlite3.Connection, batch_id: str) -> set[str]:
    """The ids of a batch's runs."""
    rows = connection.execute("SELECT id FROM runs WHERE batch_id = ?", (pack(batch_id),))
    return {unpack(id_) for (id_,) in rows.fetchall()}


def count_runs(connection: sqlite3.Connection, experiment_ids: Sequence[str]) -> dict[str, int]:
    """How many runs each has; experiments without runs count 0."""
    among, values = _among(experiment_ids)
    rows = connection.execute(
        "SELECT experiment_id, count(*) FROM runs"
        f" WHERE experiment_id IN {among} GROUP BY experiment_id",
        values,
    )
    counts = dict.fromkeys(experiment_ids, 0)
    return counts | {unpack(id_): count for id_, count in rows.fetchall()}


def count_messages(
    connection: sqlite3.Connection, run_ids: Sequence[str], whole_journal: bool
) -> dict[str, int]:
    """How many messages, or steps, each run has; runs without any count 0.

    The documents are searched, not parsed: inside their texts every quote has a backslash.
    """
    among, values = _among(run_ids)
    rows = connection.execute(
        "SELECT run_id, sum(? OR instr(document, ?) = 0 AND instr(document, ?) = 0)"
        f" FROM messages WHERE run_id IN {among} GROUP BY run_id",
        (whole_journal, '"in_transcript":false', '"in_transcript": false', *values),
    )
    counts = dict.fromkeys(run_ids, 0)
    return counts | {unpack(id_): count for id_, count in rows.fetchall()}


def steps(
    connection: sqlite3.Connection,
    run_id: str,
    after: int,
    limit: int = -1,
    known: Container[object] = (),
) -> list[tuple[int, Step]]:
    """Row ids and steps with positions greater than `after`, in order of position.

    Args:
        connection: In autocommit mode.
        run_id: Whose journal.
        after: Positions up to this one are left out.
        limit: At most so many rows; -1 for all.
        known: Ids of rows to leave out, without the cost of decoding them.
    """
    rows = connection.execute(
        "SELECT rowid, document, created_ms FROM messages WHERE run_id = ? AND position > ?"
        " ORDER BY position, rowid LIMIT ?",
        (pack(run_id), after, limit),
    )
    return [
        (row_id, step_of(document, created_ms))
        for row_id, document, created_ms in rows.fetchall()
        if row_id not in known
    ]


def counts(connection: sqlite3.Connection) -> tuple[int, int, int, int]:
    """How many experiments, batches, runs and steps there are."""
    found: tuple[int, int, int, int] = connection.execute(
        "SELECT (SELECT count(*) FROM experiments), (SELECT count(*) FROM batches),"
        " (SELECT count(*) FROM runs), (SELECT count(*) FROM messages)"
    ).fetchone()
    return found


def data_version(connection: sqlite3.Connection) -> int:
    """A number that changes when somebody else's connection has written."""
    version: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return version


def _conditions(
    id_fragment: str | None,
    starred_by: str | None,
    equal: Mapping[str, str | None],
    among: Mapping[str, Sequence[str] | None] = MappingProxyType({}),
) -> tuple[str, tuple[Column, ...]]:
    parts: list[str] = []
    values: list[Column] = []
    for column, value in equal.items():
        if value is not None:
            parts.append(f"{column} = ?")
            values.append(pack(value))
    if starred_by is not None:
        parts.append("EXISTS (SELECT 1 FROM json_each(starred_by) WHERE value = ?)")
        values.append(pack(starred_by))
    for column, ids in among.items():
        if ids is not None:
            table, table_values = _among(ids)
            parts.append(f"{column} IN {table}")
            values += table_values
    if id_fragment is not None:
        fragment, length = pack(id_fragment), len(id_fragment)
        parts.append("(substr(id, 1, ?) = ? OR substr(id, -?) = ?)")
        values += [length, fragment, length, fragment]
    return (" WHERE " + " AND ".join(parts) if parts else ""), tuple(values)


def _among(ids: Sequence[str]) -> tuple[str, tuple[Column, ...]]:
    """A table of ids, however many, and its values."""
    # SQLite's JSON has neither bytes nor, before 3.45, texts with a NUL.
    odd = tuple(packed for packed in map(pack, ids) if isinstance(packed, bytes) or "\0" in packed)
    table = f"(SELECT value FROM json_each(?){' UNION SELECT ?' * len(odd)})"
    return table, (json.dumps(list(ids)), *odd)


def _limit(limit: int | None) -> int:
    """As SQLite takes it."""
    return -1 if limit is None else max(limit, 0)


def lease_of(connection: sqlite3.Connection, run_id: str) -> Lease | None:
    """Who plays the run. Raises NotFoundError."""
    row = connection.execute(
        "SELECT lease_owner, lease_expires_ms, lease_user FROM runs WHERE id = ?", (pack(run_id),)
    ).fetchone()
    if row is None:
        raise not_found("run", run_id)
    return None if row[0] is None else _lease(*row)


def leases(
    connection: sqlite3.Connection, now_ms: int, experiment_id: str | None = None
) -> dict[str, Lease]:
    """The leases that have not run out, by run; of one experiment or of all."""
    rows = connection.execute(
        "SELECT id, lease_owner, lease_expires_ms, lease_user FROM runs"
        " WHERE lease_owner IS NOT NULL AND lease_expires_ms > ?"
        " AND experiment_id = ifnull(?, experiment_id)",
        (now_ms, None if experiment_id is None else pack(experiment_id)),
    )
    return {unpack(id_): _lease(*lease) for id_, *lease in rows.fetchall()}


def _lease(owner: str | bytes, expires_ms: int, user: str | bytes) -> Lease:
    return Lease(owner=unpack(owner), expires_at=from_ms(expires_ms), user=unpack(user))
