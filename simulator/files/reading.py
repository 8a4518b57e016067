"""Files that users name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from simulator.domain.nearest import nearest
from simulator.errors import (
    DesignInvalidError,
    NotFoundError,
    PermissionDeniedError,
    SimulatorError,
)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file to be read, for as long as the block runs.

    Raises:
        NotFoundError: There is no such file.
        PermissionDeniedError: The file may not be read.
        DesignInvalidError: It is a folder.
        SimulatorError: The file cannot be read for another reason.
    """
    with ExitStack() as stack:
        try:
            if path.is_dir():
                raise DesignInvalidError(
                    f"{path} is a folder.", remedy="Name a file in it instead."
                )
            file = stack.enter_context(path.open("rb"))
        except PermissionError:
            raise PermissionDeniedError(
                f"{path} may not be read.", remedy="Change the file's permissions, or copy it."
            ) from None
        except (FileNotFoundError, NotADirectoryError, ValueError):
            raise NotFoundError(f"There is no file {path}.", remedy=_alternative(path)) from None
        except OSError as error:
            raise _unreadable(path, error) from None
        try:
            yield file
        except OSError as error:
            raise _unreadable(path, error) from None


def read_text(path: Path, *, max_bytes: int) -> str:
    """The text of a UTF-8 file, with or without a byte order mark.

    Raises:
        DesignInvalidError: It is a folder, too large, or no UTF-8; else as `opened`.
    """
    with opened(path) as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise DesignInvalidError(
            f"{path} is larger than {max_bytes // 1_000_000} MB.",
            remedy="Check that it is the file you meant.",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DesignInvalidError(
            f"{path} is not UTF-8 text: line {line} has bytes that are no character.",
            remedy="Save the file as UTF-8 in your editor.",
        ) from None


def _unreadable(path: Path, error: OSError) -> SimulatorError:
    return SimulatorError(
        f"{path} cannot be read: {error.strerror or error}.", remedy="Name another file."
    )


def _alternative(path: Path) -> str:
    try:
        names = [p.name for p in path.parent.iterdir() if p.suffix in (".yaml", ".yml")]
    except (OSError, ValueError):
        return "Check the path."
    near = nearest(path.name, names)
    return f"Did you mean {path.parent / near}?" if near else "Check the path."
