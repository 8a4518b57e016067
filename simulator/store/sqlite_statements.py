"""What the store asks of SQLite: one function for each verb of the port.

Writes run inside a transaction that others share. Each is one statement, or guards its
statements with a savepoint, so that a refused write leaves no trace.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Container, Mapping, Sequence

from simulator.domain.journal import Step
from simulator.domain.records import Experiment, ExperimentQuery, Lease, Run, RunOrder, RunQuery
from simulator.errors import ConflictError, NotFoundError
from simulator.store.sqlite_codec import (
    EXPERIMENT_COLUMNS,
    RUN_COLUMNS,
    Column,
    Row,
    experiment_of,
    from_ms,
    pack,
    pack_users,
    run_of,
    step_of,
    to_ms,
    unpack,
    unpack_users,
)

_INSERT_EXPERIMENT = f"INSERT INTO experiments ({EXPERIMENT_COLUMNS}) VALUES (?{', ?' * 9})"
_INSERT_RUN = f"INSERT INTO runs ({RUN_COLUMNS}) VALUES (?{', ?' * 13})"
_INSERT_STEP = """
    INSERT INTO messages (run_id, scope, idx, position, created_ms, document)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (run_id, scope, idx) DO NOTHING"""
_ACQUIRE = """
    UPDATE runs SET lease_owner = :owner, lease_expires_ms = :expires_ms, lease_user = :user,
        status = 'running',
        started_ms = coalesce(started_ms, :now_ms), error = NULL
    WHERE id = :id AND (lease_owner IS NULL OR lease_expires_ms <= :now_ms
                        OR lease_owner = :owner OR lease_owner = :replacing)"""

_NEWEST = "created_ms DESC, id DESC"
_TOKENS = "json_extract(usage, '$.prompt_tokens') + json_extract(usage, '$.completion_tokens')"
_ORDERS: Mapping[RunOrder, str] = {
    "newest": _NEWEST,
    "oldest": "created_ms, id",
    "last_finished": f"finished_ms DESC, {_NEWEST}",
    "most_tokens": f"{_TOKENS} DESC, {_NEWEST}",
    "highest_cost": f"json_extract(usage, '$.cost_usd') DESC, {_NEWEST}",
}

# ---------------------------------------------------------------- writes


def add_experiment(connection: sqlite3.Connection, row: Row) -> None:
    """Raises ConflictError when the id is taken."""
    try:
        connection.execute(_INSERT_EXPERIMENT, row)
    except sqlite3.IntegrityError as error:
        raise ConflictError(f"there is an experiment {_shown(row[0])} already") from error


def add_run(connection: sqlite3.Connection, row: Row, steps: Sequence[Row]) -> None:
    """Raises ConflictError when the id is taken, NotFoundError when its experiment is gone."""
    connection.execute("SAVEPOINT add_run")
    try:
        _insert_run(connection, row)
        for step in steps:
            if connection.execute(_INSERT_STEP, step).rowcount == 0:
                raise ConflictError(_place(step) + " is given twice")
    except Exception:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO add_run")
            connection.execute("RELEASE add_run")
        raise
    connection.execute("RELEASE add_run")


def _insert_run(connection: sqlite3.Connection, row: Row) -> None:
    try:
        connection.execute(_INSERT_RUN, row)
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
            raise not_found("experiment", row[1]) from error
        raise ConflictError(f"there is a run {_shown(row[0])} already") from error


def commit_step(connection: sqlite3.Connection, row: Row) -> None:
    """Raises ConflictError for another step at the same place, NotFoundError without the run."""
    try:
        if connection.execute(_INSERT_STEP, row).rowcount:
            return
    except sqlite3.IntegrityError as error:
        raise not_found("run", row[0]) from error
    stored, created_ms = connection.execute(
        "SELECT document, created_ms FROM messages WHERE run_id = ? AND scope = ? AND idx = ?",
        row[:3],
    ).fetchone()
    if not _decoded(row).same_as(step_of(stored, created_ms)):
        raise ConflictError(
            f"another step stands at {_place(row)}",
            remedy="Another process may have played this run; look at it, or fork it.",
        )


def _decoded(row: Row) -> Step:
    document, created_ms = row[5], row[4]
    assert isinstance(document, str | bytes) and isinstance(created_ms, int)
    return step_of(document, created_ms)


def _place(row: Row) -> str:
    return f"step {_shown(row[2])} of scope {_shown(row[1])} of run {_shown(row[0])}"


def update(
    connection: sqlite3.Connection, table: str, id_: str, changes: Mapping[str, Column]
) -> None:
    """Set the given columns of an experiment or a run, no others.

    Args:
        connection: In a transaction.
        table: `experiments` or `runs`.
        id_: Whose columns.
        changes: Column names, never from a user, to values; may be empty.

    Raises:
        NotFoundError: There is no such id.
    """
    assignments = ", ".join(f"{column} = ?" for column in changes) or "id = id"
    done = connection.execute(
        f"UPDATE {table} SET {assignments} WHERE id = ?", (*changes.values(), pack(id_))
    )
    if done.rowcount == 0:
        raise not_found(table.removesuffix("s"), id_)


def annotate(
    connection: sqlite3.Connection,
    table: str,
    id_: str,
    note: str | None,
    star: str | None,
    unstar: str | None,
) -> None:
    """Set the note and a user's star, if given; `table` as in `update`. Raises NotFoundError."""
    row = connection.execute(
        f"SELECT starred_by FROM {table} WHERE id = ?", (pack(id_),)
    ).fetchone()
    if row is None:
        raise not_found(table.removesuffix("s"), id_)
    users = set(unpack_users(row[0]))
    if star is not None:
        users.add(star)
    if unstar is not None:
        users.discard(unstar)
    changes: dict[str, Column] = {"starred_by": pack_users(users)}
    if note is not None:
        changes["note"] = pack(note)
    update(connection, table, id_, changes)


def delete_experiment(
    connection: sqlite3.Connection, experiment_id: str, now_ms: int, despite: Collection[str]
) -> int:
    """How many runs went with it. Raises NotFoundError, ConflictError."""
    key = (pack(experiment_id),)
    for run_id, lease in leases(connection, now_ms, experiment_id).items():
        if lease.owner not in despite:
            raise being_played(run_id, lease)
    count: int = connection.execute(
        "SELECT count(*) FROM runs WHERE experiment_id = ?", key
    ).fetchone()[0]
    if connection.execute("DELETE FROM experiments WHERE id = ?", key).rowcount == 0:
        raise not_found("experiment", experiment_id)
    return count


def delete_run(
    connection: sqlite3.Connection, run_id: str, now_ms: int, despite: Collection[str]
) -> None:
    """Raises NotFoundError, ConflictError."""
    lease = lease_of(connection, run_id)
    if lease is not None and to_ms(lease.expires_at) > now_ms and lease.owner not in despite:
        raise being_played(run_id, lease)
    if connection.execute("DELETE FROM runs WHERE id = ?", (pack(run_id),)).rowcount == 0:
        raise not_found("run", run_id)


def acquire(
    connection: sqlite3.Connection, run_id: str, lease: Lease, now_ms: int, replacing: str | None
) -> Lease | None:
    """None when the lease is ours now, else the one in the way. Raises NotFoundError."""
    taken = connection.execute(
        _ACQUIRE,
        {
            "id": pack(run_id),
            "owner": pack(lease.owner),
            "expires_ms": to_ms(lease.expires_at),
            "user": pack(lease.user),
            "now_ms": now_ms,
            "replacing": None if replacing is None else pack(replacing),
        },
    )
    if taken.rowcount:
        return None
    return lease_of(connection, run_id)


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


def renew(connection: sqlite3.Connection, run_id: str, lease: Lease) -> bool:
    """Whether the lease was ours and was pushed back."""
    done = connection.execute(
        "UPDATE runs SET lease_expires_ms = ? WHERE id = ? AND lease_owner = ?",
        (to_ms(lease.expires_at), pack(run_id), pack(lease.owner)),
    )
    return done.rowcount == 1


def release(
    connection: sqlite3.Connection, run_id: str, owner: str, changes: Mapping[str, Column]
) -> bool:
    """Whether the run was the owner's and was given back, with the given columns set."""
    columns = {"lease_owner": None, "lease_expires_ms": None, **changes}
    assignments = ", ".join(f"{column} = ?" for column in columns)
    done = connection.execute(
        f"UPDATE runs SET {assignments} WHERE id = ? AND lease_owner = ?",
        (*columns.values(), pack(run_id), pack(owner)),
    )
    return done.rowcount == 1


# ---------------------------------------------------------------- reads


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
        kind=query.kind,
        creator=query.creator,
        name=query.name,
        design_hash=query.design_hash,
    )
    rows = connection.execute(
        f"SELECT {EXPERIMENT_COLUMNS} FROM experiments{where} ORDER BY created_ms DESC, id DESC",
        values,
    )
    return [experiment_of(row) for row in rows.fetchall()]


def runs(connection: sqlite3.Connection, query: RunQuery) -> list[Run]:
    """In the order that the query names."""
    where, values = _conditions(
        query.id_fragment,
        query.starred_by,
        experiment_id=query.experiment_id,
        status=query.status,
        creator=query.creator,
    )
    limit = -1 if query.limit is None else max(query.limit, 0)
    rows = connection.execute(
        f"SELECT {RUN_COLUMNS} FROM runs{where} ORDER BY {_ORDERS[query.order]} LIMIT ?",
        (*values, limit),
    )
    return [run_of(row) for row in rows.fetchall()]


def count_runs(connection: sqlite3.Connection, experiment_ids: Sequence[str]) -> dict[str, int]:
    """How many runs each has; experiments without runs count 0."""
    rows = connection.execute(
        "SELECT experiment_id, count(*) FROM runs"
        " WHERE experiment_id IN (SELECT value FROM json_each(?)) GROUP BY experiment_id",
        (json.dumps(list(experiment_ids)),),
    )
    counts = dict.fromkeys(experiment_ids, 0)
    return counts | {unpack(id_): count for id_, count in rows.fetchall()}


def count_messages(
    connection: sqlite3.Connection, run_ids: Sequence[str], whole_journal: bool
) -> dict[str, int]:
    """How many messages, or steps, each run has; runs without any count 0.

    The documents are searched, not parsed: inside their texts every quote has a backslash.
    """
    rows = connection.execute(
        "SELECT run_id, sum(? OR instr(document, ?) = 0 AND instr(document, ?) = 0)"
        " FROM messages WHERE run_id IN (SELECT value FROM json_each(?)) GROUP BY run_id",
        (
            whole_journal, '"in_transcript":false', '"in_transcript": false',
            json.dumps(list(run_ids)),
        ),
    )  # fmt: skip
    counts = dict.fromkeys(run_ids, 0)
    return counts | {unpack(id_): count for id_, count in rows.fetchall()}


def steps(
    connection: sqlite3.Connection,
    run_id: str,
    after: int,
    limit: int = -1,
    known: Container[int] = (),
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


def counts(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """How many experiments, runs and steps there are."""
    found: tuple[int, int, int] = connection.execute(
        "SELECT (SELECT count(*) FROM experiments), (SELECT count(*) FROM runs),"
        " (SELECT count(*) FROM messages)"
    ).fetchone()
    return found


def data_version(connection: sqlite3.Connection) -> int:
    """A number that changes when somebody else's connection has written."""
    version: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return version


def _conditions(
    id_fragment: str | None, starred_by: str | None, **equal: str | None
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
    if id_fragment is not None:
        fragment, length = pack(id_fragment), len(id_fragment)
        parts.append("(substr(id, 1, ?) = ? OR substr(id, -?) = ?)")
        values += [length, fragment, length, fragment]
    return (" WHERE " + " AND ".join(parts) if parts else ""), tuple(values)


def _shown(value: Column) -> str:
    text = unpack(value) if isinstance(value, str | bytes) else str(value)
    return text.encode("utf-8", "replace").decode()


def being_played(run_id: str, lease: Lease) -> ConflictError:
    """The run cannot go: somebody plays it."""
    return ConflictError(
        f"Run {_shown(run_id)} is being played by {_shown(lease.owner)}.", remedy="Stop it first."
    )


def not_found(what: str, id_: Column) -> NotFoundError:
    """There is no experiment or run of that id."""
    return NotFoundError(f"there is no {what} {_shown(id_)}")
