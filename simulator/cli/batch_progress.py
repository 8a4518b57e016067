"""Shows how far a batch has come: a line that is drawn over, plain lines, or JSON lines."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from simulator.cli.output import Output
from simulator.presentation.estimates import span
from simulator.presentation.safe_text import one_line, visible

if TYPE_CHECKING:
    from rich.live import Live

    from simulator.domain.executions import Progress

LINE_S = 30.0
"""Seconds after which a plain line comes although little has happened."""
LINE_PERCENT = 5
"""How many percent more runs have ended when a plain line comes."""
FRAME_S = 0.1
"""Seconds between two drawings of the line on a terminal, at least."""


def progress_text(progress: Progress) -> str:
    """Such as `12 of 40 done · 1 failed · 16 live · 11 waiting · 8.3 messages/s · 2 min left`."""
    rate, left_s = progress.messages_per_s, progress.left_s
    elsewhere = f", {progress.elsewhere:,} of them played elsewhere" if progress.elsewhere else ""
    parts = [
        f"{progress.done:,} of {progress.total:,} done",
        f"{progress.failed:,} failed" if progress.failed else "",
        f"{progress.live:,} live",
        f"{progress.waiting:,} waiting{elsewhere}",
        f"{progress.cancelled:,} cancelled" if progress.cancelled else "",
        f"{_rate(rate)} messages/s" if rate and progress.live else "",
        f"{span(left_s)} left" if left_s is not None and progress.live else "",
    ]
    return " · ".join(filter(None, parts))


def _rate(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


class BatchProgress:
    """Shows reports of one batch for as long as the block runs."""

    def __init__(
        self, output: Output, batch_id: str, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Make one.

        Args:
            output: Where it is shown.
            batch_id: Whose reports they are.
            now: Seconds from any start.
        """
        self._output = output
        self._batch_id = batch_id
        self._now = now
        self._live: Live | None = None
        self._last: Progress | None = None
        self._told: Progress | None = None
        self._told_at = float("-inf")
        self._percent = 0
        if output.json:
            output.tell_events()

    def __enter__(self) -> Self:
        """Begin to draw on a terminal."""
        if self._output.is_live:
            from rich.live import Live

            self._live = Live(
                console=self._output.console, auto_refresh=False, transient=True,
                redirect_stdout=False, redirect_stderr=False,
            )  # fmt: skip
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Clear the line; elsewhere tell the last report, unless it was."""
        if self._live is not None:
            self._live.stop()
        elif self._last is not None and self._last != self._told:
            self._tell(self._last)

    def hear(self, progress: Progress) -> None:
        """Take in a report; it is shown if the last one shown is old or different enough."""
        self._last = progress
        now = self._now()
        if self._live is not None:
            if now - self._told_at >= FRAME_S:
                self._told_at = now
                self._draw(self._live, progress)
        elif self._output.json:
            if progress != self._told:
                self._tell(progress)
        elif self._is_news(progress, now):
            self._tell(progress)

    def say(self, text: str, style: str = "") -> None:
        """A line that stays, above the one that is drawn over."""
        if self._live is None:
            self._output.aside(text)
            return
        from rich.text import Text

        self._live.console.print(Text(visible(text), style))

    def _is_news(self, progress: Progress, now: float) -> bool:
        ended = progress.done + progress.failed + progress.cancelled
        percent = 100 * ended // max(progress.total, 1)
        if percent // LINE_PERCENT == self._percent and now - self._told_at < LINE_S:
            return False
        self._percent = percent // LINE_PERCENT
        return True

    def _tell(self, progress: Progress) -> None:
        self._told, self._told_at = progress, self._now()
        if not self._output.json:
            self._output.aside(progress_text(progress))
            return
        self._output.event(
            type="batch_progress", batch_id=self._batch_id, done=progress.done,
            failed=progress.failed, live=progress.live, waiting=progress.waiting,
            elsewhere=progress.elsewhere, cancelled=progress.cancelled,
            messages_per_s=progress.messages_per_s, left_s=progress.left_s,
        )  # fmt: skip

    def _draw(self, live: Live, progress: Progress) -> None:
        from rich.text import Text

        line = Text(f" {one_line(progress_text(progress))} ", "reverse")
        line.no_wrap, line.overflow = True, "ellipsis"
        live.update(line, refresh=True)
