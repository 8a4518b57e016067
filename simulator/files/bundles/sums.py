"""Checksums as `sha256sum` writes and checks them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from simulator.errors import BundleDamagedError
from simulator.files.bundles.layout import SUMS, is_of_bundle

_LINE = re.compile(r"([0-9a-f]{64})  ([0-9a-z./A-Z-]+)")


def sum_of(path: Path) -> str:
    """SHA-256 of a file, in 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sums_text(sums: Mapping[str, str]) -> str:
    """The contents of `SHA256SUMS`, for sums by the names of files."""
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))


def read_sums(data: bytes, where: str) -> dict[str, str]:
    """The sums by the names of files.

    Raises:
        BundleDamagedError: A line says something else, or names a file that no bundle has.
    """
    sums: dict[str, str] = {}
    text = data.decode("ascii", "replace")
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        found = _LINE.fullmatch(line)
        if found is None or found[2] in sums or not is_of_bundle(found[2]) or found[2] == SUMS:
            raise BundleDamagedError(f"{where}, line {number} is no checksum of a bundle's file.")
        sums[found[2]] = found[1]
    if not text.endswith("\n"):
        raise BundleDamagedError(f"{where} does not end with a whole line.")
    return sums
