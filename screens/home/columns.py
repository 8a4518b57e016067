"""The columns of the list of experiments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len, set_cell_size

from screens.home.listing import Line, Order
from simulator.presentation.moments import age
from simulator.presentation.safe_text import one_line

NARROWEST_NAME = 14
MOST = 200
"""Characters of a text that are looked at; no screen is wider."""
GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """One of them; the name has the width that the others leave."""

    title: str
    order: Order
    """What a click on the title sorts by."""
    width: int = 0
    """In cells."""
    tight: int = 0
    """The same where there is little room."""
    is_right: bool = False
    """Whether it stands to the right."""


COLUMNS = (
    Column("★", "favourites", 1, 1),
    Column("name", "name"),
    Column("kind", "kind", 12, 6),
    Column("runs", "runs", 6, 5, is_right=True),
    Column("models", "models", 14, 8),
    Column("creator", "creator", 8, 6),
    Column("age", "newest", 6, 6, is_right=True),
)


def widths(room: int) -> tuple[int, ...]:
    """The width of each column, without the gaps."""
    room -= GAP * len(COLUMNS)
    chosen = [column.width for column in COLUMNS]
    if room - sum(chosen) < NARROWEST_NAME:
        chosen = [column.tight for column in COLUMNS]
    name = max(NARROWEST_NAME, room - sum(chosen))
    return tuple(width or name for width in chosen)


def titles(sorted_by: Order, *, is_reversed: bool) -> tuple[str, ...]:
    """What stands above; the column that is sorted by has an arrow."""
    arrow = "▴" if is_reversed else "▾"
    return tuple(
        f"{one.title}{arrow}" if one.order == sorted_by and one.title != "★" else one.title
        for one in COLUMNS
    )


def cells(line: Line, now: datetime) -> tuple[str, ...]:
    """The texts of a row."""
    entry = line.entry
    branch = f"{'  ' * (line.depth - 1)}└ " if line.depth else ""
    more = f" +{len(entry.models) - 1}" if len(entry.models) > 1 else ""
    return (
        "★" if entry.is_starred else "",
        branch + one_line(entry.name[:MOST]),
        one_line(entry.kind[:MOST]),
        f"{entry.runs:,}" if entry.runs else "",
        one_line(entry.models[0][:MOST]) + more if entry.models else "",
        one_line(entry.creator[:MOST]),
        age(entry.created_at, now),
    )


def laid_out(texts: tuple[str, ...], room: int) -> str:
    """A row as wide as there is room; what does not fit ends with an ellipsis."""
    parts = []
    for column, text, width in zip(COLUMNS, texts, widths(room), strict=True):
        length = cell_len(text)
        if length > width:
            text = f"{set_cell_size(text, width - 1)}…"
        elif column.is_right:
            text = " " * (width - length) + text
        parts.append(set_cell_size(text, width))
    return set_cell_size(" " + (" " * GAP).join(parts), room)


def column_at(x: int, room: int) -> Column | None:
    """The column at that place of a row, or just left of it."""
    end = 1
    for column, width in zip(COLUMNS, widths(room), strict=True):
        end += width + GAP
        if x < end - 1:
            return column
    return None
