"""The one place where SQLite's errors become ours."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulator.errors import (
    PermissionDeniedError,
    SimulatorError,
    StoreCorruptError,
    StoreError,
    StoreUnavailableError,
)

_SCARCE_BYTES = 64 * 1024
_PRIMARY_CODE = 0xFF


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Let errors of SQLite, the file system and unreadable rows leave as errors of the store."""
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning, OSError, ValueError) as error:
        raise translate(error, path) from error


def translate(error: Exception, path: Path) -> SimulatorError:
    """What to tell the user about an error met while working on the file at `path`.

    Args:
        error: From sqlite3, from the file system, or a ValueError of a row that does not decode.
        path: The database file.
    """
    if isinstance(error, OSError):
        return _file_error(error, path)
    if isinstance(error, ValueError):
        return _damaged(path, "holds a document that cannot be read")
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return StoreError(f"the database {path} refused: {error}")
    return _sqlite_error(code & _PRIMARY_CODE, error, path)


def locked(path: Path) -> StoreUnavailableError:
    """Another process kept the file locked for too long."""
    return StoreUnavailableError(
        f"the database {path} is locked by another process",
        remedy="Wait for the other process, or end it, and try again.",
    )


def closed(path: Path) -> StoreUnavailableError:
    """The store was used after it was closed."""
    return StoreUnavailableError(f"the store {path} is closed", remedy="Open it again.")


def _sqlite_error(code: int, error: Exception, path: Path) -> SimulatorError:
    match code:
        case sqlite3.SQLITE_NOTADB:
            return _not_ours(path, "is not a database")
        case sqlite3.SQLITE_CORRUPT:
            return _damaged(path, "is damaged")
        case sqlite3.SQLITE_FULL:
            return _full(path)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return locked(path)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return _forbidden(path)
        case sqlite3.SQLITE_CANTOPEN:
            return _unavailable(path, "cannot be opened")
        case sqlite3.SQLITE_IOERR:
            if _free_bytes(path) < _SCARCE_BYTES:
                return _full(path)
            return _unavailable(path, "cannot be read or written")
        case sqlite3.SQLITE_TOOBIG:
            return StoreError(f"a text is too large for the database {path}")
        case _:
            return StoreError(f"the database {path} refused: {error}")


def _file_error(error: OSError, path: Path) -> SimulatorError:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return _forbidden(path)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full(path)
    return _unavailable(path, f"cannot be opened ({error.strerror})")


def not_ours(path: Path) -> StoreCorruptError:
    """The file is a database of another application."""
    return _not_ours(path, "belongs to another application")


def too_new(path: Path, version: int) -> StoreCorruptError:
    """The file was written by a later version of the simulator."""
    return StoreCorruptError(
        f"the database {path} has schema {version}, which is newer than this version knows",
        remedy="Update the simulator, or choose another file.",
    )


def incomplete(path: Path) -> StoreCorruptError:
    """The file says that it is ours, but its tables are missing."""
    return _damaged(path, "is damaged: tables are missing")


def _not_ours(path: Path, what: str) -> StoreCorruptError:
    return StoreCorruptError(
        f"{path} {what}; it was left as it is", remedy="Choose another file with --store."
    )


def _damaged(path: Path, what: str) -> StoreCorruptError:
    return StoreCorruptError(
        f"the database {path} {what}",
        remedy="Restore it from a backup, or move it away and start with a new one.",
    )


def _full(path: Path) -> StoreUnavailableError:
    return StoreUnavailableError(
        f"the disk is full: nothing more can be written to {path}",
        remedy="Free some space and go on; everything committed before is kept.",
    )


def _forbidden(path: Path) -> PermissionDeniedError:
    return PermissionDeniedError(
        f"the database {path} may not be written",
        remedy="Allow writing to the file and its folder, or choose another file with --store.",
    )


def _unavailable(path: Path, what: str) -> StoreUnavailableError:
    return StoreUnavailableError(
        f"the database {path} {what}",
        remedy="Check that the path and its folder exist and that the disk works.",
    )


def _free_bytes(path: Path) -> int:
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return _SCARCE_BYTES
