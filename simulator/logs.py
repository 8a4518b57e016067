"""The log file: one line for each record, without secrets, shared by several processes."""

from __future__ import annotations

import contextlib
import logging
import os
import time
import tomllib
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

from simulator.errors import UsageError
from simulator.redaction import Redactor, secrets_in, secrets_of
from simulator.settings import APP_NAME, ENV_FILE, Settings, environment

LOG_NAME = "simulator.log"
MAX_BYTES = 5_000_000
BACKUPS = 5

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_BREAKS = {number: f"\\x{number:02x}" for number in (*range(32), *range(127, 160))}
_BREAKS |= {10: "\\n", 13: "\\r", 9: "\\t", 0x2028: "\\u2028", 0x2029: "\\u2029"}


class _LineFormatter(logging.Formatter):
    """`2026-01-31T12:00:00.123Z INFO simulator.engine: message` on one line."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        head = f"{moment}.{int(record.msecs):03d}Z {record.levelname} {record.process}"
        try:
            message = record.getMessage()
        except Exception:
            message = f"{record.msg!s} {record.args!r}"
        if record.exc_info:
            message += "\n" + self.formatException(record.exc_info)
        if record.stack_info:
            message += "\n" + record.stack_info
        return f"{head} {record.name}: {self._redact(message).translate(_BREAKS)}"


class _SharedFileHandler(RotatingFileHandler):
    """A rotating file that several processes may write.

    Whoever finds that another process has rotated the file opens the new one; rotating is done
    under a lock. Faults of the log never disturb the program.
    """

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):
            if self.stream is not None and self._was_rotated():
                self.stream.close()
                self.stream = self._open()
        super().emit(record)

    def doRollover(self) -> None:
        with _locked(Path(f"{self.baseFilename}.lock")), contextlib.suppress(OSError):
            if self._was_rotated():
                if self.stream is not None:
                    self.stream.close()
                self.stream = self._open()
            else:
                super().doRollover()

    def handleError(self, record: logging.LogRecord) -> None:
        return None

    def _was_rotated(self) -> bool:
        try:
            there = Path(self.baseFilename).stat()
        except FileNotFoundError:
            return True
        if self.stream is None:
            return False
        ours = os.fstat(self.stream.fileno())
        return (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock between processes; without one where the system has none."""
    file: IO[str] | None = None
    with contextlib.suppress(ImportError, OSError):
        import fcntl

        file = path.open("a", encoding="utf-8")
        fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if file is not None:
            file.close()


def set_up_logging(settings: Settings, verb: str) -> tuple[Path | None, str | None]:
    """Send the program's records to the log file, and note that the verb begins.

    Args:
        settings: Says where and how much.
        verb: What the user asked for.

    Returns:
        The log file, None when no folder can be written; and a sentence for the user when the
        file is not where the settings say.

    Raises:
        UsageError: The level is unknown.
    """
    level = settings.log_level.upper()
    if level not in _LEVELS:
        raise UsageError(
            f"SIMULATOR_LOG_LEVEL: there is no level {settings.log_level!r}.",
            remedy=f"Levels are {', '.join(_LEVELS)}.",
        )
    logger = logging.getLogger("simulator")
    close_logging()
    handler, warning = _open_somewhere(settings.log_dir)
    if handler is None:
        logger.addHandler(logging.NullHandler())
        return None, warning
    handler.setFormatter(_LineFormatter(Redactor(secrets_known(settings))))
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False
    logger.info("%s begins", verb)
    return Path(handler.baseFilename), warning


def hide_secrets(*several: Settings) -> None:
    """Take the secrets of these settings out of the log, not only of those it was set up with."""
    secrets = {secret for settings in several for secret in secrets_known(settings)}
    for handler in logging.getLogger("simulator").handlers:
        handler.setFormatter(_LineFormatter(Redactor(secrets)))


def close_logging() -> None:
    """Let go of the log file."""
    logger = logging.getLogger("simulator")
    logger.propagate = True
    for handler in list(logger.handlers):
        if isinstance(handler, (_SharedFileHandler, logging.NullHandler)):
            logger.removeHandler(handler)
            handler.close()


def _open_somewhere(folder: Path) -> tuple[_SharedFileHandler | None, str | None]:
    try:
        return _open(folder), None
    except OSError as error:
        reason = error.strerror or str(error)
    from platformdirs import user_log_path

    spare = user_log_path(APP_NAME, appauthor=False)
    try:
        return _open(spare), f"The log cannot be written to {folder} ({reason}); it is in {spare}."
    except OSError:
        return None, f"The log cannot be written to {folder} ({reason}); nothing is logged."


def _open(folder: Path) -> _SharedFileHandler:
    folder.mkdir(parents=True, exist_ok=True)
    return _SharedFileHandler(
        folder / LOG_NAME,
        maxBytes=MAX_BYTES,
        backupCount=BACKUPS,
        encoding="utf-8",
        errors="backslashreplace",
    )


def secrets_known(settings: Settings) -> set[str]:
    """Keys, tokens and passwords of the environment, `.env` and the settings."""
    from dotenv import dotenv_values

    found = secrets_of(os.environ)
    with contextlib.suppress(OSError, ValueError):
        found |= secrets_of(dotenv_values(ENV_FILE))
    return found | secrets_in(settings.store_url) | _endpoint_keys(settings.endpoints_file)


def _endpoint_keys(file: Path | None) -> set[str]:
    """The values of all variables that the user's endpoints have their keys from."""
    if file is None:
        return set()
    variables = environment()
    with contextlib.suppress(OSError, ValueError, AttributeError, TypeError):
        tables = tomllib.loads(file.expanduser().read_text(encoding="utf-8"))
        names = [name for table in tables.values() for name in table.get("key_variables", ())]
        return {variables[name] for name in names if variables.get(name)}
    return set()
