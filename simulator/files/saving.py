"""Writes files that users name: whole or not at all, and never over others unasked."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePath

from simulator.errors import NotFoundError, PermissionDeniedError, SimulatorError, UsageError


def write_file(path: Path, content: str | bytes, *, force: bool) -> None:
    """Write bytes, or text as UTF-8, to a file in one step.

    Raises:
        UsageError: The file exists and `force` is not given, or it is a folder.
        NotFoundError: The folder does not exist.
        PermissionDeniedError: The folder may not be written.
        SimulatorError: Another fault of the file system.
    """
    path = path.expanduser()
    data = content.encode("utf-8") if isinstance(content, str) else content
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", remedy="Name a file in it.")
    if path.exists() and not force:
        raise UsageError(f"{path} exists already.", remedy="Add --force to write over it.")
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    try:
        _replace(path.resolve(), data, force)
    except FileExistsError:
        raise UsageError(
            f"{path} exists already.", remedy="Add --force to write over it."
        ) from None
    except FileNotFoundError:
        raise NotFoundError(
            f"There is no folder {path.parent}.", remedy="Make it first, or name another file."
        ) from None
    except PermissionError:
        raise PermissionDeniedError(
            f"{path} may not be written.", remedy="Choose another folder."
        ) from None
    except OSError as error:
        raise SimulatorError(
            f"{path} cannot be written: {error.strerror}.", remedy="Choose another file."
        ) from None


def make_folder(path: Path) -> None:
    """Make a folder where there is none yet.

    Raises:
        UsageError: A file is in its place.
        NotFoundError: The folder that it would be in does not exist.
        PermissionDeniedError: That may not be written.
        SimulatorError: Another fault of the file system.
    """
    try:
        path.expanduser().mkdir(exist_ok=True)
    except FileExistsError:
        raise UsageError(f"There is a file {path} already.", remedy="Name a folder.") from None
    except FileNotFoundError:
        raise NotFoundError(
            f"There is no folder {path.parent}.", remedy="Make it first, or name another folder."
        ) from None
    except PermissionError:
        raise PermissionDeniedError(
            f"{path} may not be made.", remedy="Choose another folder."
        ) from None
    except OSError as error:
        raise SimulatorError(
            f"{path} cannot be made: {error.strerror}.", remedy="Choose another folder."
        ) from None


def check_folder(path: Path, names: Iterable[str], *, force: bool) -> None:
    """Say before long work what would be said when its files are written into a folder.

    Args:
        path: The folder, there or not.
        names: Of the files.
        force: Whether to write over files.

    Raises:
        UsageError: A file is in its place, or one of the files exists and `force` is not given.
        NotFoundError: The folder that it would be in does not exist.
    """
    folder = path.expanduser()
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"There is a file {path} already.", remedy="Name a folder.")
    if not folder.parent.is_dir():
        raise NotFoundError(
            f"There is no folder {path.parent}.", remedy="Make it first, or name another folder."
        )
    there = next((path / name for name in names if (folder / name).exists()), None)
    if there is not None and not force:
        raise UsageError(f"{there} exists already.", remedy="Add --force to write over it.")


def write_tree(folder: Path, files: Iterable[tuple[PurePath, str]], *, force: bool) -> int:
    """Write files with paths below a folder, which are made; how many they were.

    Raises:
        UsageError: A file exists and `force` is not given. Those before it are written.
        SimulatorError: As `write_file` and `make_folder`.
    """
    folder = folder.expanduser()
    make_folder(folder)
    made = {folder}
    count = 0
    for below, content in files:
        path = folder / below
        for parent in [*reversed(path.parents)][len(folder.parents) + 1 :]:
            if parent not in made:
                make_folder(parent)
                made.add(parent)
        write_file(path, content, force=force)
        count += 1
    return count


def _replace(path: Path, data: bytes, force: bool) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:80]}.", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        draft.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask)
        if force:
            draft.replace(path)
        else:
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
