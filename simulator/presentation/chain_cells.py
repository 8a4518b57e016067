"""Cells of tables of chains, and tables that fit a terminal."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from rich.cells import cell_len

from simulator.analysis.culture.estimates import Estimate
from simulator.analysis.summary import Interval
from simulator.presentation.debates import NONE, Table
from simulator.presentation.safe_text import one_line, shortened
from simulator.presentation.wording import counted as many

WIDTH = 80
"""Columns that a table may take before it becomes one for each model."""
STAR = "*"
"""Marks numbers whose interval excludes 0."""
_NAME, _LONG_NAME = 26, 60
"""Characters of a model's name in a cell and in a title."""
_GAP = 2


def number_text(value: float | None) -> str:
    """A number with 4 digits, such as `0.5405`, `15.18` or `1,024`."""
    return _number(value, 4)


def brief_text(value: float | None) -> str:
    """A number with 3 digits, such as `0.541`, `15.2` or `1,024`."""
    return _number(value, 3)


def interval_text(interval: Interval | None, text: Callable[[float], str] = brief_text) -> str:
    """Such as `[0.410, 0.670]`."""
    return NONE if interval is None else f"[{text(interval.low)}, {text(interval.high)}]"


def share_text(value: float | None) -> str:
    """A number from 0 to 1 with 2 decimals."""
    return NONE if value is None or not math.isfinite(value) else _signless(f"{value:.2f}")


def with_interval(
    value: float | None, interval: Interval | None, text: Callable[[float], str] = brief_text
) -> str:
    """Such as `0.541 [0.410, 0.670]`; without the brackets where there is no interval."""
    told = brief_text(value)
    return told if interval is None else f"{told} {interval_text(interval, text)}"


def estimate_text(estimate: Estimate | None) -> str:
    """Such as `0.541 [0.410, 0.670]*`; the star where the interval excludes 0."""
    if estimate is None:
        return NONE
    return with_interval(estimate.value, estimate.interval) + (STAR if estimate.stands_out else " ")


def model_text(model: str) -> str:
    """A model's name on one line, cut where it is long."""
    return shortened(one_line(model), _NAME)


def grouped(
    title: str,
    found: Sequence[Any],
    headings: Sequence[str],
    cells: Callable[[Any], Sequence[str]],
    note: str = "",
    *,
    counted: bool = True,
) -> Table:
    """A row for each record, which tells its model, task, temperature and measure.

    Args:
        title: Of the table.
        found: Records with `model` and `task`, perhaps with `temperature`, shown where there are
            several, with `measure`, and with `chains`.
        headings: Of the further cells.
        cells: The further cells of a record.
        note: To stand below.
        counted: Whether to tell how many chains a record has: below where all have as many.
    """
    keys: dict[str, Callable[[Any], str]] = {
        "MODEL": lambda one: model_text(one.model), "TASK": lambda one: one_line(one.task)
    }  # fmt: skip
    if len({getattr(one, "temperature", None) for one in found}) > 1:
        keys["T"] = lambda one: NONE if one.temperature is None else f"{one.temperature:g}"
    if found and hasattr(found[0], "measure"):
        keys["MEASURE"] = lambda one: one_line(one.measure)
    counts = {one.chains for one in found if counted and hasattr(one, "chains")}
    if len(counts) == 1:
        count = counts.pop()
        note = f"{note} Of {many(count, 'chain')} each.".strip() if count else note
    tail: Callable[[Any], Sequence[str]] = (
        (lambda one: (f"{one.chains:,}",)) if counts else _nothing
    )
    headings = (*headings, "N") if counts else headings
    rows = tuple((*(key(one) for key in keys.values()), *cells(one), *tail(one)) for one in found)
    return Table(title, (*keys, *headings), rows, words=len(keys), note=note)


def by_model(table: Table, models: Sequence[str], width: int = WIDTH) -> Iterator[Table]:
    """The table itself where it fits, else one for each model, named in the title.

    Args:
        table: With MODEL as its first column.
        models: The model of each row in full.
        width: Columns that it may take.
    """
    if len(table.rows) < 1 or _width(table) <= width or table.headings[0] != "MODEL":
        yield table
        return
    names = list(dict.fromkeys(models))
    for name in names:
        rows = tuple(
            row[1:] for row, model in zip(table.rows, models, strict=True) if model == name
        )
        yield replace(
            table,
            title=f"{table.title}: {shortened(one_line(name), _LONG_NAME)}",
            headings=table.headings[1:],
            rows=rows,
            words=table.words - 1,
            note=table.note if name == names[-1] else "",
        )


def noted_once(tables: Sequence[Table]) -> Iterator[Table]:
    """The tables, without notes that the next one repeats."""
    for place, table in enumerate(tables, 1):
        is_repeated = place < len(tables) and tables[place].note == table.note
        yield replace(table, note="") if is_repeated else table


def reasons_text(found: Sequence[Any], most: int = 4) -> str:
    """Why some records have nothing, each reason once; empty where all have something."""
    reasons = list(dict.fromkeys(one.reason for one in found if one.reason))
    if not reasons:
        return ""
    return f" None: {'; '.join(reasons[:most])}{'; …' if len(reasons) > most else ''}."


def _nothing(_: Any) -> tuple[str, ...]:
    return ()


def _width(table: Table) -> int:
    columns = zip(table.headings, *table.rows, strict=True)
    return sum(max(map(cell_len, column)) + _GAP for column in columns) - _GAP


def _number(value: float | None, digits: int) -> str:
    if value is None or not math.isfinite(value):
        return NONE
    decimals = max(0, digits - _whole_digits(value))
    # Rounding may add a digit: 0.9996 is 1.00, as 1 is.
    decimals = max(0, digits - _whole_digits(round(value, decimals)))
    return _signless(f"{value:,.{decimals}f}")


def _whole_digits(value: float) -> int:
    return 0 if abs(value) < 1 else len(str(int(abs(value))))


def _signless(text: str) -> str:
    """Without a sign where it is 0."""
    return text.lstrip("-") if not any(digit in text for digit in "123456789") else text
