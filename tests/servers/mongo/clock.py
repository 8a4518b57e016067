"""The server's clock, which a test may put forward or back."""

from __future__ import annotations

import time

from bson import DatetimeMS


class ServerClock:
    """The machine's clock, wrong by `skew_s` seconds."""

    def __init__(self) -> None:
        self.skew_s = 0.0

    def now(self) -> DatetimeMS:
        """To the millisecond."""
        return DatetimeMS(time.time_ns() // 1_000_000 + round(self.skew_s * 1000))


CLOCK = ServerClock()
"""Of this process."""
