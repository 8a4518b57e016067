"""What the store writes to SQLite: one function for each verb of the port.

They run inside a transaction that others share. Each is one statement, or guards its
statements with a savepoint, so that a refused write leaves no trace.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from simulator.domain.journal import Step
from simulator.domain.records import Experiment, Lease
from simulator.errors import ConflictError
from simulator.store.refusals import (
    being_played,
    given_twice,
    has_runs,
    made_for_another,
    not_found,
    occupied,
    revised,
    taken,
    taken_over,
)
from simulator.store.sqlite_codec import (
    BATCH_COLUMNS,
    EXPERIMENT_COLUMNS,
    RUN_COLUMNS,
    Column,
    Row,
    experiment_row,
    pack,
    pack_users,
    step_of,
    to_ms,
    unpack,
    unpack_users,
)
from simulator.store.sqlite_reads import batch as read_batch
from simulator.store.sqlite_reads import count_runs, lease_of, leases
from simulator.store.sqlite_reads import experiment as read_experiment

_ROWS = {"experiments": "experiment", "batches": "batch", "runs": "run"}
_REVISED = ("name", "design_hash", "note", "document")
_INSERT_EXPERIMENT = f"INSERT INTO experiments ({EXPERIMENT_COLUMNS}) VALUES (?{', ?' * 9})"
_INSERT_RUN = f"INSERT INTO runs ({RUN_COLUMNS}) VALUES (?{', ?' * 15})"
_INSERT_BATCH = f"INSERT INTO batches ({BATCH_COLUMNS}) VALUES (?{', ?' * 10})"
_INSERT_STEP = """
    INSERT INTO messages (run_id, scope, idx, position, created_ms, document)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (run_id, scope, idx) DO NOTHING"""
_STEPS_A_STATEMENT = 150
"""As many as all versions of SQLite have parameters for."""
OwnedStep = tuple[Row, str | None]
"""A step's row, and who has to hold its run; None asks for nobody."""
_ACQUIRE = """
    UPDATE runs SET lease_owner = :owner, lease_expires_ms = :expires_ms, lease_user = :user,
        status = 'running',
        started_ms = coalesce(started_ms, :now_ms), error = NULL
    WHERE id = :id AND (lease_owner IS NULL OR lease_expires_ms <= :now_ms
                        OR lease_owner = :owner OR lease_owner = :replacing)"""


def add_experiment(connection: sqlite3.Connection, row: Row) -> None:
    """Raises ConflictError when the id is taken."""
    try:
        connection.execute(_INSERT_EXPERIMENT, row)
    except sqlite3.IntegrityError as error:
        raise taken("experiment", _text(row[0])) from error


def revise_experiment(connection: sqlite3.Connection, experiment: Experiment, was: str) -> None:
    """Raises NotFoundError; ConflictError when it has runs, or another design hash than `was`."""
    stored = read_experiment(connection, experiment.id)
    if count_runs(connection, [experiment.id])[experiment.id]:
        raise has_runs(experiment.id)
    if stored.design_hash != was:
        raise revised(experiment.id)
    # What is no part of the design stays in the document as it is stored.
    kept = {"parent_id": stored.parent_id, "original_id": stored.original_id}
    row = experiment_row(experiment.model_copy(update=kept))
    columns = dict(zip(EXPERIMENT_COLUMNS.split(", "), row, strict=True))
    update(connection, "experiments", experiment.id, {name: columns[name] for name in _REVISED})


def add_batch(connection: sqlite3.Connection, row: Row) -> None:
    """Raises ConflictError when the id is taken, NotFoundError when its experiment is gone."""
    _insert_child(connection, "batch", _INSERT_BATCH, row)


def update_batch(
    connection: sqlite3.Connection,
    batch_id: str,
    changes: Mapping[str, Column],
    amended_ms: Sequence[int],
) -> None:
    """Set the given columns of a batch, and add to its times. Raises NotFoundError."""
    if amended_ms:
        known = [to_ms(moment) for moment in read_batch(connection, batch_id).amended_at]
        changes = {**changes, "amended_ms": json.dumps(sorted({*known, *amended_ms}))}
    update(connection, "batches", batch_id, changes)


def delete_batch(connection: sqlite3.Connection, batch_id: str) -> None:
    """Raises NotFoundError."""
    if connection.execute("DELETE FROM batches WHERE id = ?", (pack(batch_id),)).rowcount == 0:
        raise not_found("batch", batch_id)


def add_run(
    connection: sqlite3.Connection, row: Row, steps: Sequence[Row], design_hash: str
) -> None:
    """Raises ConflictError when the id is taken, NotFoundError when its experiment is gone.

    Raises DesignChangedError when that has another design hash.
    """
    with _all_or_nothing(connection):
        _insert_child(connection, "run", _INSERT_RUN, row)
        _must_be_of(connection, row, design_hash)
        for step in steps:
            if connection.execute(_INSERT_STEP, step).rowcount == 0:
                raise given_twice(*_name(step))


def add_runs(connection: sqlite3.Connection, rows: Sequence[tuple[Row, str]]) -> list[str]:
    """Insert rows of runs, each with its design's hash, but those whose ids are taken: these.

    Raises NotFoundError, DesignChangedError.
    """
    taken: list[str] = []
    with _all_or_nothing(connection):
        for row, design_hash in rows:
            try:
                _insert_child(connection, "run", _INSERT_RUN, row)
            except ConflictError:
                taken.append(_text(row[0]))
            else:
                _must_be_of(connection, row, design_hash)
    return taken


@contextmanager
def _all_or_nothing(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("SAVEPOINT added")
    try:
        yield
    except Exception:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO added")
            connection.execute("RELEASE added")
        raise
    connection.execute("RELEASE added")


def _must_be_of(connection: sqlite3.Connection, row: Row, design_hash: str) -> None:
    """See that the run in a row is of the design that its experiment has."""
    (stored,) = connection.execute(
        "SELECT design_hash FROM experiments WHERE id = ?", (row[1],)
    ).fetchone()
    if unpack(stored) != design_hash:
        raise made_for_another(_text(row[0]), _text(row[1]))


def _insert_child(connection: sqlite3.Connection, what: str, statement: str, row: Row) -> None:
    """Insert what begins with its id and its experiment's. ConflictError, NotFoundError."""
    try:
        connection.execute(statement, row)
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
            raise not_found("experiment", _text(row[1])) from error
        raise taken(what, _text(row[0])) from error


def commit_step(connection: sqlite3.Connection, row: Row, owner: str | None) -> None:
    """Raises ConflictError for another step at the same place, NotFoundError without the run.

    Raises LeaseLostError when the run is held by somebody else than the owner, if one is given.
    """
    if owner is not None:
        lease = lease_of(connection, _text(row[0]))
        if lease is not None and lease.owner != owner:
            raise taken_over(_text(row[0]), lease)
    try:
        if connection.execute(_INSERT_STEP, row).rowcount:
            return
    except sqlite3.IntegrityError as error:
        raise not_found("run", _text(row[0])) from error
    stored, created_ms = connection.execute(
        "SELECT document, created_ms FROM messages WHERE run_id = ? AND scope = ? AND idx = ?",
        row[:3],
    ).fetchone()
    if not _decoded(row).same_as(step_of(stored, created_ms)):
        raise occupied(*_name(row))


def commit_steps(connection: sqlite3.Connection, steps: Sequence[OwnedStep]) -> bool:
    """Append steps in as few statements as there can be: each hands the interpreter lock around.

    Returns whether all were appended; if not, none was, and why that is `commit_step` tells.
    """
    for start in range(0, len(steps), _STEPS_A_STATEMENT):
        if not _insert_steps(connection, steps[start : start + _STEPS_A_STATEMENT]):
            return False
    return True


def _insert_steps(connection: sqlite3.Connection, steps: Sequence[OwnedStep]) -> bool:
    pairs = ", ".join(["(?, ?)"] * len(steps))
    owners = [value for row, owner in steps for value in (row[0], owner)]
    (held,) = connection.execute(
        f"""WITH mine (run_id, owner) AS (VALUES {pairs}) SELECT count(*) FROM mine, runs
        WHERE runs.id = run_id AND (owner IS NULL OR ifnull(lease_owner, owner) = owner)""",
        owners,
    ).fetchone()
    if held != len(steps):
        return False
    rows = ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(steps))
    inserted = connection.execute(
        "INSERT INTO messages (run_id, scope, idx, position, created_ms, document)"
        f" VALUES {rows} ON CONFLICT (run_id, scope, idx) DO NOTHING",
        [value for row, _ in steps for value in row],
    )
    return inserted.rowcount == len(steps)


def _decoded(row: Row) -> Step:
    document, created_ms = row[5], row[4]
    assert isinstance(document, str | bytes) and isinstance(created_ms, int)
    return step_of(document, created_ms)


def _name(row: Row) -> tuple[str, str, int]:
    """Run, scope and index of a step's row."""
    run_id, scope, index = row[:3]
    assert isinstance(index, int)
    return _text(run_id), _text(scope), index


def _text(value: Column) -> str:
    assert isinstance(value, str | bytes)
    return unpack(value)


def update(
    connection: sqlite3.Connection, table: str, id_: str, changes: Mapping[str, Column]
) -> None:
    """Set the given columns of an experiment, a batch or a run, no others.

    Args:
        connection: In a transaction.
        table: `experiments`, `batches` or `runs`.
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
        raise not_found(_ROWS[table], id_)


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
        raise not_found(_ROWS[table], id_)
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
