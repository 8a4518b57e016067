"""News of new steps, from this process and from others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from simulator.errors import SimulatorError

_FIRST_WAIT_S = 0.02
_LONGEST_WAIT_S = 0.5


class News:
    """Wakes those who follow runs; all of it happens on one event loop.

    This process's own writes are told by the writer. Other processes' are found by asking for
    the data version while anybody follows: soon after a change, more and more seldom without.
    """

    def __init__(self, foreign_version: Callable[[], Awaitable[int]]) -> None:
        """Start with nobody following.

        Args:
            foreign_version: Asks for a number that changes when another process has written.
        """
        self._foreign_version = foreign_version
        self._followers: dict[str, set[asyncio.Event]] = {}
        self._poll: asyncio.Task[None] | None = None
        self.closed = False
        """True when nothing new will come."""

    @contextmanager
    def follow(self, run_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the run may have new steps; clear it, then read."""
        event = asyncio.Event()
        self._followers.setdefault(run_id, set()).add(event)
        if self._poll is None and not self.closed:
            self._poll = asyncio.get_running_loop().create_task(self._ask_repeatedly())
        try:
            yield event
        finally:
            followers = self._followers[run_id]
            followers.discard(event)
            if not followers:
                del self._followers[run_id]
            if not self._followers:
                self._stop()

    def touched(self, run_id: str) -> None:
        """This process wrote a step of the run."""
        for event in self._followers.get(run_id, ()):
            event.set()

    def close(self) -> None:
        """Wake everybody for the last time."""
        self.closed = True
        self._stop()
        self._wake_all()

    def _wake_all(self) -> None:
        for run_id in self._followers:
            self.touched(run_id)

    def _stop(self) -> None:
        if self._poll is not None:
            self._poll.cancel()
            self._poll = None

    async def _ask_repeatedly(self) -> None:
        known: int | None = None
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                version = await self._foreign_version()
            except SimulatorError:
                # Those who follow meet the error themselves when they read.
                version = None
            if version != known:
                known = version
                wait_s = _FIRST_WAIT_S
                self._wake_all()
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
