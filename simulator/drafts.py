"""What was typed in the editor and is not stored yet, kept through a crash."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator.errors import PermissionDeniedError, SimulatorError

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_SUFFIX = ".json"


@dataclass(frozen=True)
class Draft:
    """A text of the editor."""

    id: str
    """Letters, digits, `_` and `-`; see `new_draft_id`."""
    text: str
    experiment_id: str | None
    """The experiment that is edited in place; None for a new one."""
    parent_id: str | None
    """The experiment that it is a copy of."""
    store: str
    """The store of both, as its address is shown: without a password."""
    saved_at: datetime
    """With its time zone."""


def new_draft_id() -> str:
    """An id that no draft has."""
    return secrets.token_hex(8)


class Drafts:
    """The drafts in a folder, a file for each, which only their owner may read.

    Several processes may use it at once; of one draft saved by two, the later stays.
    """

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when the first draft is saved."""
        self._folder = folder
        self.unreadable: tuple[Path, ...] = ()
        """Files that the latest `list` could not read; they stay where they are."""

    def list(self) -> tuple[Draft, ...]:
        """All drafts, the newest first.

        Raises:
            PermissionDeniedError: The folder may not be read.
            SimulatorError: It cannot be read for another reason.
        """
        found: list[Draft] = []
        unreadable: list[Path] = []
        with self._told("read"):
            paths = sorted(self._folder.iterdir()) if self._folder.exists() else []
        for path in paths:
            if path.suffix != _SUFFIX or path.name.startswith("."):
                continue
            try:
                found.append(_read(path))
            except FileNotFoundError:
                continue  # another process discarded it
            except (OSError, ValueError, RecursionError):
                unreadable.append(path)
        self.unreadable = tuple(unreadable)
        return tuple(sorted(found, key=lambda draft: (draft.saved_at, draft.id), reverse=True))

    def save(self, draft: Draft) -> None:
        """Write a draft in place of an earlier one of its id, whole or not at all.

        It does not wait for the disk, so that it can be done while somebody types; a crash of the
        program loses nothing.

        Raises:
            PermissionDeniedError: The folder may not be written.
            SimulatorError: It cannot be written for another reason, such as a full disk.
        """
        path = self._path(draft.id)
        document = asdict(draft) | {"saved_at": draft.saved_at.isoformat()}
        with self._told("written"):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{draft.id}-", dir=self._folder)
            try:
                with os.fdopen(handle, "w", encoding="ascii") as file:
                    json.dump(document, file)
                Path(name).replace(path)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(name).unlink()
                raise

    def discard(self, id: str) -> None:  # noqa: A002
        """Delete a draft; nothing happens when there is none.

        Raises:
            PermissionDeniedError: The folder may not be written.
            SimulatorError: It cannot be written for another reason.
        """
        with self._told("written"):
            self._path(id).unlink(missing_ok=True)

    def _path(self, id: str) -> Path:  # noqa: A002
        if not _ID.fullmatch(id):
            raise ValueError(f"{id!r} cannot name a draft")
        return self._folder / f"{id}{_SUFFIX}"

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except PermissionError as error:
            raise PermissionDeniedError(
                f"Drafts cannot be {what} in {self._folder}: {error.strerror}.",
                remedy="Make the folder yours; until then, store what you type yourself.",
            ) from error
        except OSError as error:
            raise SimulatorError(
                f"Drafts cannot be {what} in {self._folder}: {error.strerror or error}.",
                remedy="Free some space there; until then, store what you type yourself.",
            ) from error


def _read(path: Path) -> Draft:
    """The draft in a file.

    Raises ValueError when it holds none.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("not a file")
    document: Any = json.loads(path.read_bytes())
    if not isinstance(document, dict) or document.get("id") != path.stem:
        raise ValueError("not a draft of this name")
    for name, types in _TYPES.items():
        if not isinstance(document.get(name), types):
            raise ValueError(f"no {name}")
    saved_at = datetime.fromisoformat(document["saved_at"])
    if saved_at.tzinfo is None:
        raise ValueError("no time zone")
    return Draft(**{name: document[name] for name in _TYPES} | {"saved_at": saved_at})


_TYPES: dict[str, Any] = {
    "id": str, "text": str, "experiment_id": str | None, "parent_id": str | None, "store": str,
    "saved_at": str,
}  # fmt: skip
