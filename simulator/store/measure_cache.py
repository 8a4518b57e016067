"""Values of measures by text, in a SQLite file of their own."""

from __future__ import annotations

import logging
import math
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from simulator.errors import StoreError
from simulator.store.sqlite_schema import connect, make_file, set_wal

_log = logging.getLogger(__name__)
_BUSY_TIMEOUT_S = 10.0
_TABLE = """CREATE TABLE IF NOT EXISTS measured (
    measure TEXT NOT NULL, version TEXT NOT NULL, text BLOB NOT NULL, value REAL,
    PRIMARY KEY (measure, version, text)) WITHOUT ROWID"""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class KeptMeasure:
    """The values of one measure in a file."""

    measure: str
    version: str
    """Which way of measuring they were made by."""
    values: int


class MeasureCacheFile:
    """The file. One that cannot be used costs time, not results: it is told once and left alone.

    Made and used in one thread at a time; several processes may share it.
    """

    def __init__(self, path: Path, warn: Callable[[str], object] = _log.warning) -> None:
        """Open it.

        Args:
            path: The file; it is made, with its folders, readable by its owner only.
            warn: Hears that it cannot be used.
        """
        self.path = path
        self._warn = warn
        self._connection: sqlite3.Connection | None = None
        try:
            make_file(path)
            self._connection = connect(path, _BUSY_TIMEOUT_S)
            set_wal(self._connection, _BUSY_TIMEOUT_S)
            # A value that a power cut takes is measured again.
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute(_TABLE)
        except (sqlite3.Error, OSError, StoreError) as error:
            self._give_up(error)

    def values(self, measure: str, version: str, keys: Sequence[bytes]) -> dict[bytes, float]:
        """The values that are kept, by key; not a number where there was nothing to measure."""
        found: dict[bytes, float] = {}
        try:
            for start in range(0, len(keys) if self._connection else 0, _AT_ONCE):
                part = keys[start : start + _AT_ONCE]
                marks = ",".join("?" * len(part))
                rows = self._connection.execute(  # type: ignore[union-attr]
                    "SELECT text, value FROM measured WHERE measure = ? AND version = ? "
                    f"AND text IN ({marks})",
                    (measure, version, *part),
                )
                found |= {key: math.nan if value is None else value for key, value in rows}
        except sqlite3.Error as error:
            self._give_up(error)
        return found

    def keep(self, measure: str, version: str, values: Mapping[bytes, float]) -> None:
        """Keep values by key."""
        if self._connection is None:
            return
        rows = [
            (measure, version, key, None if math.isnan(value) else value)
            for key, value in values.items()
        ]
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(
                "INSERT OR REPLACE INTO measured VALUES (?, ?, ?, ?)", rows
            )
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._give_up(error)

    def contents(self) -> list[KeptMeasure]:
        """What is there, by measure and version; nothing where the file cannot be used."""
        if self._connection is None:
            return []
        try:
            rows = self._connection.execute(
                "SELECT measure, version, count(*) FROM measured GROUP BY measure, version"
                " ORDER BY measure, version"
            ).fetchall()
        except sqlite3.Error as error:
            self._give_up(error)
            return []
        return [KeptMeasure(*row) for row in rows]

    def clear(self, measure: str | None = None) -> int:
        """Forget the values of all measures, or of one; how many."""
        if self._connection is None:
            return 0
        try:
            gone = self._connection.execute(
                "DELETE FROM measured WHERE measure = ifnull(?, measure)", (measure,)
            ).rowcount
            with suppress(sqlite3.OperationalError):  # somebody else reads it just now
                self._connection.execute("VACUUM")
        except sqlite3.Error as error:
            self._give_up(error)
            return 0
        return gone

    def close(self) -> None:
        """Let the file go; calling it again does nothing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _give_up(self, error: Exception) -> None:
        self._warn(
            f"The measures kept in {self.path} cannot be used; all is measured anew: {error}. "
            "Delete the file if this stays so: only time is lost."
        )
        self.close()
