"""Plays a batch in a process of its own, which goes on when the terminal is closed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.cli.model_options import model_words
from simulator.errors import PermissionDeniedError
from simulator.redaction import masked_address
from simulator.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from simulator.cli.session import Session
    from simulator.domain.batches import Batch


@dataclass(frozen=True, slots=True)
class Detached:
    """A process that plays a batch."""

    pid: int
    log: Path
    """What it says."""


def detach(session: Session, batch: Batch, options: Sequence[str] = ()) -> Detached:
    """Start a process that helps with a batch until nothing is left of it.

    It belongs to a session of its own, so that no signal of this terminal reaches it. An address
    of the store that holds a password is given in its environment, where other users cannot read
    it.

    Args:
        session: This use of the command line; the process does as its options say.
        batch: As stored.
        options: Further options of `launch --join`.

    Raises:
        PermissionDeniedError: No log can be written.
    """
    log = log_of(session, batch)
    words = ["launch", "--join", batch.id, *options, *model_words(session.model_settings)]
    if session.log_level is not None:
        words += ["--log-level", session.log_level]
    address, environment = session.store_settings().store_url, dict(os.environ)
    if masked_address(address) != address:
        environment["SIMULATOR_STORE"] = address
    elif session.store is not None:
        words += ["--store", session.store]
    command = [sys.executable, str(PROJECT_ROOT / "main.py"), *words]
    try:
        with log.open("ab") as file:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                env=environment, start_new_session=True,
            )  # fmt: skip
    except OSError as error:
        raise PermissionDeniedError(
            f"The log of the batch cannot be written: {log}: {error.strerror}.",
            remedy="Set SIMULATOR_LOG_DIR to a folder that can be written.",
        ) from None
    # It outlives us, so nobody here waits for its end.
    process.returncode = 0
    return Detached(process.pid, log)


def log_of(session: Session, batch: Batch) -> Path:
    """Where a process that plays the batch in the background says what it does."""
    folder = session.settings.log_dir if session.log_file is None else session.log_file.parent
    return folder.resolve() / f"batch-{batch.id}.log"
