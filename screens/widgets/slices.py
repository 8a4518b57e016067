"""Long work on the event loop, in slices: keys and other screens get their turn in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from textual.timer import Timer
from textual.widget import Widget

SLICE_S = 0.008
PAUSE_S = 0.004


class Slices:
    """Work of a widget's that is done a little at a time."""

    def __init__(self, widget: Widget, after_slice: Callable[[], None]) -> None:
        """Begin without work.

        Args:
            widget: Whose timers are used; the work ends with it.
            after_slice: Called after each slice.
        """
        self._widget = widget
        self._after_slice = after_slice
        self._work: Iterator[object] | None = None
        self._timer: Timer | None = None

    @property
    def is_busy(self) -> bool:
        """Whether work is left."""
        return self._work is not None

    def start(self, work: Iterator[object], first_s: float = SLICE_S) -> None:
        """Do this instead of what is left of other work.

        Args:
            work: Yields often; each time it may be interrupted.
            first_s: Seconds of the first slice, which is done at once.
        """
        self.stop()
        self._work = work
        self._go_on(first_s)

    def stop(self) -> None:
        """Leave the rest undone."""
        if self._timer is not None:
            self._timer.stop()
        self._work = self._timer = None

    def _go_on(self, slice_s: float = SLICE_S) -> None:
        until = time.perf_counter() + slice_s
        for _ in self._work or ():
            if time.perf_counter() > until:
                self._timer = self._widget.set_timer(PAUSE_S, self._go_on)
                break
        else:
            self._work = self._timer = None
        self._after_slice()
