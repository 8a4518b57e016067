"""Shows how far a download has come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from simulator.cli.output import Output
from simulator.presentation.safe_text import one_line

if TYPE_CHECKING:
    from rich.progress import Progress

    from simulator.domain.models import PullProgress

LINE_PERCENT, EVENT_PERCENT = 10, 1
"""How far a download comes between two lines for people, or two for programs."""


class PullDisplay(Protocol):
    """Hears of a download."""

    def hear(self, progress: PullProgress) -> None:
        """Show it."""
        ...


@contextmanager
def pull_display(output: Output) -> Iterator[PullDisplay]:
    """The display that fits the output, for as long as the block runs."""
    if output.json or not output.is_live:
        yield _Lines(output)
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(),
        TimeRemainingColumn(compact=True), console=output.console, transient=True,
    )  # fmt: skip
    with bar:
        yield _Bar(bar)


class _Lines:
    """A line when something new happens or another part is there."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._shown: tuple[str, int | None] | None = None

    def hear(self, progress: PullProgress) -> None:
        step = EVENT_PERCENT if self._output.json else LINE_PERCENT
        percent = _percent(progress)
        news = (progress.status, None if percent is None else percent // step)
        if news == self._shown:
            return
        self._shown = news
        if self._output.json:
            self._output.event(
                type="pull_progress", status=progress.status,
                completed_bytes=progress.completed_bytes, total_bytes=progress.total_bytes,
            )  # fmt: skip
        else:
            share = "" if percent is None else f" {percent} %"
            self._output.line(f"{one_line(progress.status)}{share}")


class _Bar:
    """One bar, which begins anew for each part."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=None)
        self._status = ""

    def hear(self, progress: PullProgress) -> None:
        if progress.status != self._status:
            self._status = progress.status
            self._bar.reset(self._task, total=None, description=one_line(progress.status)[:32])
        self._bar.update(
            self._task, total=progress.total_bytes, completed=progress.completed_bytes or 0
        )


def _percent(progress: PullProgress) -> int | None:
    if progress.completed_bytes is None or not progress.total_bytes:
        return None
    return min(100, 100 * progress.completed_bytes // progress.total_bytes)
