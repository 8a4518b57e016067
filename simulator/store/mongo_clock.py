"""The clock of the database's server, by which leases count."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from simulator.store.mongo_codec import Document

_SET_S = 1.0
"""Seconds by which this machine's two clocks part when one was set, or when it slept."""


class ServerClock:
    """Tells by how much the server's clock is ahead of this machine's.

    It is asked for once, and again after this machine's clock was set or the machine slept.
    """

    def __init__(self, ask_hello: Callable[[], Awaitable[Document]]) -> None:
        """Make one.

        Args:
            ask_hello: Gets the server's `hello`, with an aware `localTime`.
        """
        self._ask_hello = ask_hello
        self._shift = timedelta()
        self._parted: float | None = None

    async def shift(self) -> timedelta:
        """By how much the server is ahead, in whole seconds, below 0 when it is behind."""
        parted = time.time() - time.monotonic()
        if self._parted is None or abs(parted - self._parted) > _SET_S:
            skew = clock_skew(await self._ask_hello())
            self._shift = timedelta(seconds=round(skew.total_seconds()))
            self._parted = parted
        return self._shift

    async def now(self) -> datetime:
        """The server's time, aware, UTC."""
        return datetime.now(UTC) + await self.shift()


def clock_skew(hello: Document) -> timedelta:
    """By how much the clock of the server that said this is ahead of this machine's."""
    local: datetime = hello["localTime"]
    return local - datetime.now(UTC)
