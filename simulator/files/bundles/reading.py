"""Bundles where they lie: a folder, or a ZIP file with or without a folder in it."""

from __future__ import annotations

import hashlib
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from simulator.domain.records import SCHEMA_VERSION
from simulator.errors import (
    BundleDamagedError,
    DesignChangedError,
    NotFoundError,
    PermissionDeniedError,
)
from simulator.files.bundles.layout import CARD, FORMAT, MANIFEST, NEEDED, SUMS, Manifest
from simulator.files.bundles.lines import record_in
from simulator.files.bundles.sums import read_sums

_CHUNK = 4_000_000
_SMALL = 100_000_000
"""Bytes of checksums or manifest that are read at most."""
_AGAIN = "Fetch or copy it again from where it came from; nothing was imported."


@dataclass(frozen=True, slots=True)
class Bundle:
    """An open bundle, of which nothing is known to be whole yet."""

    place: str
    """As errors are to show it."""
    sizes: Mapping[str, int]
    """Bytes of its files by their names; links and other odd things are left out."""
    open_file: Callable[[str], IO[bytes]]

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """One of its files, to be read.

        Raises:
            BundleDamagedError: It is not there, or cannot be read.
        """
        if name not in self.sizes:
            raise BundleDamagedError(f"{self.place}: {name} is missing.", remedy=_AGAIN)
        try:
            with self.open_file(name) as file:
                yield cast("BinaryIO", file)
        except (
            OSError, EOFError, ValueError, RuntimeError, zlib.error, struct.error,
            zipfile.BadZipFile,
        ) as error:  # fmt: skip
            told = error.strerror if isinstance(error, OSError) else None
            raise BundleDamagedError(
                f"{self.place}: {name} cannot be read: {told or 'the ZIP file is damaged'}.",
                remedy=_AGAIN,
            ) from error

    def where(self, name: str) -> str:
        """How errors name a file of it."""
        return f"{self.place}: {name}"


def is_bundle(path: Path) -> bool:
    """Whether a place is a bundle, or was one: a folder with its checksums, or a ZIP file."""
    path = path.expanduser()
    if path.is_dir():
        return (path / SUMS).is_file() or (path / MANIFEST).is_file()
    return path.suffix.lower() == ".zip" or (path.is_file() and zipfile.is_zipfile(path))


@contextmanager
def opened_bundle(path: Path) -> Iterator[Bundle]:
    """A bundle, for as long as the block runs.

    Raises:
        NotFoundError: There is none.
        PermissionDeniedError: It may not be read.
        BundleDamagedError: It is a ZIP file that cannot be opened.
    """
    place, path = str(path), path.expanduser()
    try:
        if path.is_dir():
            yield Bundle(place, _files_below(path), lambda name: (path / name).open("rb"))
            return
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise NotFoundError(f"There is no bundle {place}.", remedy="Check its path.") from None
    except PermissionError:
        raise PermissionDeniedError(f"{place} may not be read.") from None
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile, struct.error):
        raise BundleDamagedError(f"{place} is no whole ZIP file.", remedy=_AGAIN) from None
    with archive:
        entries = _entries(archive, place)
        sizes = {name: entry.file_size for name, entry in entries.items()}
        yield Bundle(place, sizes, lambda name: archive.open(entries[name]))


def _files_below(folder: Path) -> dict[str, int]:
    sizes = {}
    for path in folder.rglob("*"):
        status = path.lstat()
        if stat.S_ISREG(status.st_mode):
            sizes[path.relative_to(folder).as_posix()] = status.st_size
    return sizes


def _entries(archive: zipfile.ZipFile, place: str) -> dict[str, zipfile.ZipInfo]:
    """The files by name, without the folder that all are in. Their names are never made paths."""
    files = [entry for entry in archive.infolist() if not entry.is_dir()]
    sums = [one.filename for one in files if one.filename.rpartition("/")[2] == SUMS]
    folder = min(sums, key=len).removesuffix(SUMS) if sums else ""
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in files:
        name = entry.filename.removeprefix(folder)
        if name in entries:
            raise BundleDamagedError(f"{place} has two files {name!r}.", remedy=_AGAIN)
        entries[name] = entry
    return entries


def checking(bundle: Bundle) -> Iterator[float]:
    """Read a whole bundle and compare it with its checksums; yields the share done, 0 to 1.

    Raises:
        BundleDamagedError: A file is missing, changed or not to be read; the message names it.
    """
    sums = _sums(bundle)
    for name in NEEDED:
        if name not in sums:
            raise BundleDamagedError(f"{bundle.where(SUMS)} lacks {name}.", remedy=_AGAIN)
    total = sum(bundle.sizes.get(name, 0) for name in sums) or 1
    done = 0
    for name, expected in sums.items():
        digest = hashlib.sha256()
        with bundle.open(name) as file:
            while data := file.read(_CHUNK):
                digest.update(data)
                done += len(data)
                yield min(done / total, 1.0)
        if digest.hexdigest() != expected:
            raise _changed(bundle, name)


def _changed(bundle: Bundle, name: str) -> BundleDamagedError:
    return BundleDamagedError(
        f"{bundle.where(name)} is not as it was written: its checksum differs.",
        remedy=f"Where that was on purpose, write its new sum into {SUMS}, as sha256sum prints it."
        if name == CARD
        else _AGAIN,
    )


def strangers(bundle: Bundle) -> list[str]:
    """Files that are there and that its checksums do not name, which an import leaves alone."""
    return sorted(set(bundle.sizes) - set(_sums(bundle)) - {SUMS})


def _sums(bundle: Bundle) -> dict[str, str]:
    with bundle.open(SUMS) as file:
        return read_sums(file.read(_SMALL), bundle.where(SUMS))


def manifest_of(bundle: Bundle) -> Manifest:
    """What the bundle says of itself.

    Raises:
        BundleDamagedError: It cannot be read.
        DesignChangedError: A later version wrote it, of which this one does not know enough.
    """
    with bundle.open(MANIFEST) as file:
        manifest = record_in(file.read(_SMALL), bundle.where(MANIFEST), Manifest)
    if manifest.format > FORMAT or manifest.schema_version > SCHEMA_VERSION:
        raise DesignChangedError(
            f"{bundle.place} was written by version {manifest.simulator_version}, which keeps more "
            "than this one can read.",
            remedy="Update the program, then import it again.",
        )
    return manifest
