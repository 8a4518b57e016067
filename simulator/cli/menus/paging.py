"""Long output a screenful at a time."""

from __future__ import annotations

import io
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout

from rich.cells import cell_len

_STYLES = re.compile(r"\x1b\[[0-9;]*m")
RESET = "\x1b[0m"


class _Held(io.StringIO):
    """What is written is kept, but looks as if it went to the terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return sys.__stdout__.fileno() if sys.__stdout__ is not None else super().fileno()


@contextmanager
def held_back() -> Iterator[list[str]]:
    """Keep what the block prints; the list has its lines when the block has ended."""
    lines: list[str] = []
    held = _Held()
    try:
        with redirect_stdout(held):
            yield lines
    finally:
        lines += held.getvalue().splitlines()


def show_paged(lines: list[str], wants_more: Callable[[str], bool]) -> None:
    """Print lines until the screen is full, and go on for as long as more is wanted.

    Args:
        lines: May have colours.
        wants_more: Asks whether to go on, given how much has been shown, such as `40 %`.
    """
    shown = 0
    while shown < len(lines):
        shown += _print_screenful(lines[shown:])
        if shown < len(lines) and not wants_more(f"{100 * shown // len(lines)} %"):
            return


def _print_screenful(lines: list[str]) -> int:
    """Print as many lines as fit; their number."""
    size = shutil.get_terminal_size()
    room = max(1, size.lines - 1)
    for number, line in enumerate(lines):
        rows = max(1, -(-cell_len(_STYLES.sub("", line)) // size.columns))
        if number and rows > room:
            return number
        room -= rows
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    return len(lines)
