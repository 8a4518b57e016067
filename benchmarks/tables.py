"""How measurements are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One measured quantity beside what is asked of it."""

    what: str
    measured: str
    asked: str = ""
    met: bool | None = None
    """None when nothing is asked."""


def show(rows: Sequence[Row]) -> None:
    """Print the rows as aligned columns."""
    widths = [
        max(len(getattr(row, name)) for row in rows) for name in ("what", "measured", "asked")
    ]
    for row in rows:
        verdict = {True: "met", False: "MISSED", None: ""}[row.met]
        cells = zip((row.what, row.measured, row.asked), widths, strict=True)
        print("  ".join([*(cell.ljust(width) for cell, width in cells), verdict]).rstrip())
