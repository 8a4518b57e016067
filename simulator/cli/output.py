"""What the command line writes: human text, plain text, or one JSON envelope."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from simulator.errors import SimulatorError
from simulator.presentation.safe_text import one_line, to_json, visible

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

_log = logging.getLogger("simulator.cli")

_WIDEST = 28
"""Characters of a cell of a fixed column; an id fits."""
_NARROWEST = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    title: str
    style: str = ""
    right: bool = False
    flexible: bool = False
    """Whether the column gives way when a terminal is narrow."""
    overflow: Literal["ellipsis", "fold"] = "ellipsis"
    """How it gives way: `fold` goes on below, for what people copy."""
    goes: int = 0
    """Where it stands among the columns that a narrow terminal leaves out, from 1; 0 stays."""


class Output:
    """Writes to the standard streams as the user wants it."""

    def __init__(self, spelled_out: Callable[[str], str] = str) -> None:
        """Make one.

        Args:
            spelled_out: Writes the commands in a sentence so that they can be pasted.
        """
        self.spelled_out = spelled_out
        self.json = False
        self.warnings: list[str] = []
        """Told in the envelope, unless they were told as events."""
        self._tells_events = False

    @property
    def is_terminal(self) -> bool:
        """Whether people look at it, with colours."""
        return not self.json and sys.stdout.isatty()

    @property
    def is_live(self) -> bool:
        """Whether lines can be drawn over."""
        return self.is_terminal and os.environ.get("TERM", "") not in ("", "dumb", "unknown")

    @cached_property
    def console(self) -> Console:
        """The terminal on standard output."""
        from rich.console import Console

        return Console(
            markup=False, highlight=False, emoji=False, force_terminal=self.is_live,
            soft_wrap=False,
        )  # fmt: skip

    def line(self, text: str = "", style: str = "", *, wrap: bool = True) -> None:
        """A line for people; foreign text in it is harmless.

        Without `wrap` the terminal breaks it where it ends, so that a command can be copied.
        """
        if self.json:
            return
        if self.is_live:
            from rich.text import Text

            self.console.print(Text(visible(text), style=style), soft_wrap=not wrap)
        else:
            sys.stdout.write(visible(text) + "\n")
            sys.stdout.flush()

    def raw(self, text: str) -> None:
        """Text as it is, for files; made visible only where it could steer a terminal."""
        sys.stdout.write(visible(text) if sys.stdout.isatty() else text)
        sys.stdout.flush()

    def show(self, renderable: RenderableType) -> None:
        """Something of rich's, on a terminal only."""
        self.console.print(renderable)

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """A table for people; elsewhere aligned columns that are never cut."""
        if self.json:
            return
        if self.is_live:
            self.console.print(self.rich_table(columns, rows))
        else:
            self._plain_table(columns, _cells(rows))

    def rich_table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> Table:
        """A table as wide as the terminal allows; foreign text in it is harmless."""
        from rich.cells import cell_len
        from rich.table import Table
        from rich.text import Text

        rows = _cells(rows)
        lines = [[column.title for column in columns], *rows]
        widths = [
            min(_WIDEST, max(cell_len(line[place]) for line in lines))
            for place in range(len(columns))
        ]
        kept = list(range(len(columns)))
        for place in sorted(kept, key=lambda place: columns[place].goes):
            if columns[place].goes and self._too_wide([(columns[p], widths[p]) for p in kept]):
                kept.remove(place)
        columns, widths = [columns[place] for place in kept], [widths[place] for place in kept]
        rest = max(_NARROWEST, self.console.width - _fixed(zip(columns, widths, strict=True)))
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for column, width in zip(columns, widths, strict=True):
            table.add_column(
                Text(column.title), style=column.style, justify="right" if column.right else "left",
                no_wrap=column.overflow == "ellipsis", overflow=column.overflow,
                width=None if column.flexible else width,
                max_width=rest if column.flexible else None,
            )  # fmt: skip
        for row in rows:
            table.add_row(*(Text(row[place]) for place in kept))
        return table

    def _too_wide(self, columns: Sequence[tuple[Column, int]]) -> bool:
        flexible = [width for column, width in columns if column.flexible]
        least = sum(min(width, _NARROWEST) for width in flexible)
        return _fixed(columns) + least > self.console.width

    def _plain_table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        lines = [[column.title for column in columns], *rows]
        widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
        for line in lines:
            padded = (
                cell.rjust(width) if column.right else cell.ljust(width)
                for cell, width, column in zip(line, widths, columns, strict=True)
            )
            self.line("  ".join(padded).rstrip())

    def event(self, **fields: Any) -> None:
        """One JSON object on a line of its own, at once."""
        sys.stdout.write(to_json(fields) + "\n")
        sys.stdout.flush()

    def result(self, data: Any, failure: SimulatorError | None = None) -> None:
        """The envelope of a success, or of a failure that has data too, where JSON is wanted."""
        if not self.json:
            return
        if failure is None:
            self.event(status="ok", data=data, warnings=self.warnings)
        else:
            error = self._details(failure)
            self.event(status="error", error=error, data=data, warnings=self.warnings)

    def warn(self, text: str) -> None:
        """A sentence that the user should know, and that stops nothing."""
        text = self.spelled_out(text)
        _log.warning("%s", text)
        if self.json and not self._tells_events:
            self.warnings.append(text)
            return
        # It stops nothing, not even where nobody reads: the next line of a result finds that out.
        with contextlib.suppress(OSError):
            if self.json:
                self._warned(text)
            else:
                self._error_line(f"Warning: {text}", "yellow")

    def tell_events(self) -> None:
        """From now on JSON is a line for each thing that happens, warnings among them."""
        self._tells_events = True
        while self.warnings:
            self._warned(self.warnings.pop(0))

    def _warned(self, text: str) -> None:
        self.event(type="warning", message=text)

    def problem(self, error: SimulatorError) -> None:
        """What went wrong: an envelope, or lines on standard error."""
        problems: Sequence[str] = getattr(error, "problems", ())
        listed = [problem for problem in problems if problem != error.message]
        if self.json:
            details = self._details(error)
            if problems:
                details["problems"] = list(problems)
            self.event(status="error", error=details)
            return
        self._error_line(f"Error: {_sentence(error.message)}", "bold red")
        for problem in listed:
            self._error_line(f"  {problem}")
        if error.remedy:
            self._error_line(self.spelled_out(error.remedy))

    def _details(self, error: SimulatorError) -> dict[str, Any]:
        remedy = error.remedy and self.spelled_out(error.remedy)
        return {"code": error.code, "message": error.message, "suggestion": remedy}

    def _error_line(self, text: str, style: str = "") -> None:
        console = self._error_console()
        if console is None:
            sys.stderr.write(visible(text) + "\n")
            sys.stderr.flush()
            return
        from rich.text import Text

        is_command = text.startswith("  ")
        console.print(Text(visible(text), style=style), soft_wrap=is_command)

    def _error_console(self) -> Console | None:
        """The terminal on standard error, if it is one.

        Where it is also that of standard output, whatever is drawn there must stay below.
        """
        if not sys.stderr.isatty() or os.environ.get("TERM", "") in ("", "dumb", "unknown"):
            return None
        with contextlib.suppress(ModuleNotFoundError):
            if self.is_live and os.path.sameopenfile(sys.stdout.fileno(), sys.stderr.fileno()):
                return self.console
            from rich.console import Console

            return Console(stderr=True, markup=False, highlight=False, force_terminal=True)
        return None

    def aside(self, text: str) -> None:
        """A line for people that is no result, so that it may be redirected apart."""
        if not self.json:
            self._error_line(text)


def _cells(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[one_line(cell) for cell in row] for row in rows]


def _fixed(columns: Iterable[tuple[Column, int]]) -> int:
    """Characters that the columns of a fixed width take, with the space after each."""
    return sum(width + 2 for column, width in columns if not column.flexible)


def _sentence(text: str) -> str:
    first = text.partition(" ")[0]
    return text[:1].upper() + text[1:] if first.isalpha() else text
