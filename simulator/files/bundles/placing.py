"""Puts a bundle in its place, whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from simulator.errors import NotFoundError, PermissionDeniedError, SimulatorError, UsageError
from simulator.files.bundles.layout import MANIFEST, SUMS, is_of_bundle
from simulator.files.bundles.sums import sum_of, sums_text

_NOWHERE = "Choose another place."
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""When all files of a ZIP say that they were written, so that equal bundles have equal bytes."""


@contextmanager
def drafted(target: Path, *, force: bool) -> Iterator[Path]:
    """A new folder to write a bundle's files into; when the block ends well, they are in place.

    Checksums are added. A reader finds the bundle as it was before, or the new one.

    Args:
        target: A folder, or a file that ends in .zip.
        force: Whether a bundle that is there is replaced.

    Raises:
        UsageError: Something is there.
        NotFoundError: The folder that it would be in is not there.
        PermissionDeniedError: That may not be written.
        SimulatorError: Another fault of the file system, as a full disk.
    """
    target = target.expanduser()
    with _faults_told(target):
        _check_free(target, force)
        target = target.parent.resolve() / target.name
        with tempfile.TemporaryDirectory(
            prefix=f".{target.name[:80]}.", dir=target.parent, ignore_cleanup_errors=True
        ) as room:
            draft = Path(room, "bundle")
            draft.mkdir()
            yield draft
            names = sorted(
                path.relative_to(draft).as_posix() for path in draft.rglob("*") if path.is_file()
            )
            sums = {name: sum_of(draft / name) for name in names}
            (draft / SUMS).write_text(sums_text(sums), encoding="ascii", newline="\n")
            if _is_zip(target):
                packed = Path(room, "bundle.zip")
                _pack(draft, [*names, SUMS], packed)
                _put_file(packed, target, force=force)
            else:
                _put_folder(draft, target, Path(room, "before"))


def _is_zip(target: Path) -> bool:
    return target.suffix.lower() == ".zip"


def _check_free(target: Path, force: bool) -> None:
    if _is_zip(target):
        if target.is_dir():
            raise UsageError(f"{target} is a folder.", remedy="Name a file in it.")
        if target.exists() and not force:
            raise UsageError(f"{target} exists already.", remedy="Add --force to write over it.")
    elif target.exists() and not target.is_dir():
        raise UsageError(
            f"{target} is a file.", remedy="Name a folder, or a file that ends in .zip."
        )
    elif target.is_dir() and any(target.iterdir()):
        if not force:
            raise UsageError(
                f"{target} is not empty.", remedy="Name a new folder, or add --force for a bundle."
            )
        if not _is_nothing_else(target):
            raise UsageError(
                f"{target} holds more than a bundle, so it is not replaced.",
                remedy="Name a new folder.",
            )


def _is_nothing_else(folder: Path) -> bool:
    names = [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    ]
    return MANIFEST in names and all(map(is_of_bundle, names))


def _pack(draft: Path, names: list[str], packed: Path) -> None:
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            size = (draft / name).stat().st_size
            with (
                (draft / name).open("rb") as file,
                archive.open(entry, "w", force_zip64=size >= 2**31) as packing,
            ):
                shutil.copyfileobj(file, packing, 1_000_000)


def _put_file(packed: Path, target: Path, *, force: bool) -> None:
    if force:
        packed.replace(target)
        return
    try:
        os.link(packed, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        with target.open("xb") as file, packed.open("rb") as source:
            shutil.copyfileobj(source, file, 1_000_000)


def _put_folder(draft: Path, target: Path, before: Path) -> None:
    had_one = target.is_dir()
    if had_one:
        target.rename(before)
    try:
        draft.rename(target)
    except OSError:
        if had_one:
            with suppress(OSError):
                before.rename(target)
        raise


@contextmanager
def _faults_told(target: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise UsageError(
            f"{target} exists already.", remedy="Add --force to write over it."
        ) from None
    except FileNotFoundError:
        raise NotFoundError(
            f"There is no folder {target.parent}.", remedy="Make it first, or name another place."
        ) from None
    except PermissionError:
        raise PermissionDeniedError(f"{target} may not be written.", remedy=_NOWHERE) from None
    except OSError as error:
        raise SimulatorError(
            f"{target} cannot be written: {error.strerror}.", remedy=_NOWHERE
        ) from None
