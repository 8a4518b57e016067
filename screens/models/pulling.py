"""How far a download has come, and how fast it goes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from simulator.domain.models import PullProgress
from simulator.presentation.model_cards import size_text
from simulator.presentation.safe_text import one_line, shortened

WINDOW_S = 5.0
"""Over which the speed is measured."""
_LONGEST_STATUS = 32


class PullMeter:
    """Follows one download; each of its parts begins anew."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Begin.

        Args:
            now: Seconds of a clock that only goes on.
        """
        self._now = now
        self._progress = PullProgress("asking")
        self._seen: deque[tuple[float, int]] = deque()

    def hear(self, progress: PullProgress) -> None:
        """Take what the server says."""
        if progress.status != self._progress.status:
            self._seen.clear()
        self._progress = progress
        if progress.completed_bytes is not None:
            now = self._now()
            self._seen.append((now, progress.completed_bytes))
            while len(self._seen) > 2 and now - self._seen[0][0] > WINDOW_S:
                self._seen.popleft()

    @property
    def share(self) -> float | None:
        """How much of the part is there, 0 to 1; None where the server does not say."""
        done, total = self._progress.completed_bytes, self._progress.total_bytes
        return min(1.0, done / total) if done is not None and total else None

    @property
    def bytes_per_s(self) -> float | None:
        """None until two moments are known."""
        if len(self._seen) < 2:
            return None
        (began, first), (ended, last) = self._seen[0], self._seen[-1]
        return (last - first) / (ended - began) if ended > began else None

    @property
    def text(self) -> str:
        """In a line."""
        progress, speed = self._progress, self.bytes_per_s
        parts = [shortened(one_line(progress.status), _LONGEST_STATUS)]
        if self.share is not None:
            done, total = size_text(progress.completed_bytes), size_text(progress.total_bytes)
            parts += [f"{self.share:.0%}", f"{done} of {total}"]
        if speed:
            parts.append(f"{size_text(round(speed))}/s")
            if progress.total_bytes and progress.completed_bytes is not None:
                parts.append(_left((progress.total_bytes - progress.completed_bytes) / speed))
        return " · ".join(parts)


def _left(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s left"
    return f"{seconds / 60:.0f} min left" if seconds < 5400 else f"{seconds / 3600:.1f} h left"
