"""Shows how far something has come that takes longer than a moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from simulator.cli.output import Output

PATIENCE_S = 1.0
"""Seconds for which nothing is shown."""
LINE_PERCENT = 10
"""How far it comes between two lines where there is no terminal."""


@contextmanager
def progress(output: Output, what: str) -> Iterator[Callable[[float], None]]:
    """What to tell the share that is done, from 0 to 1, for as long as the block runs.

    A bar on a terminal, elsewhere lines on standard error; nothing where JSON is wanted.
    """
    if output.json:
        yield lambda share: None
    elif output.is_live:
        yield from _bar(output, what)
    else:
        yield _Lines(output, what).hear


def _bar(output: Output, what: str) -> Iterator[Callable[[float], None]]:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    bar = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(),
        Remaining(compact=True), console=output.console, transient=True,
    )  # fmt: skip
    task = bar.add_task(what, total=1.0)
    began = time.monotonic()

    def hear(share: float) -> None:
        bar.update(task, completed=share)
        if not bar.live.is_started and time.monotonic() - began >= PATIENCE_S:
            bar.start()

    try:
        yield hear
    finally:
        bar.stop()


class _Lines:
    def __init__(self, output: Output, what: str) -> None:
        self._output = output
        self._what = what
        self._began = time.monotonic()
        self._shown = -1

    def hear(self, share: float) -> None:
        tenth = int(100 * share) // LINE_PERCENT
        if tenth > self._shown and share < 1.0 and time.monotonic() - self._began >= PATIENCE_S:
            self._shown = tenth
            self._output.aside(f"{self._what}: {int(100 * share)} %")
