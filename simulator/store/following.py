"""New steps for those who follow runs, from this process and from others."""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Hashable,
    Iterator,
)
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from simulator.domain.journal import Step

PAGE = 500
LATE_POSITIONS = 128
"""How far behind the newest step a step may be committed and still be seen by a follower."""
FIRST_WAIT_S = 0.02
LONGEST_WAIT_S = 0.5


class ReadPage(Protocol):
    """Reads steps of one run with the keys that tell them apart."""

    def __call__(
        self, after: int, limit: int, known: Collection[Hashable]
    ) -> Awaitable[list[tuple[Hashable, Step]]]:
        """At most `limit` from positions greater than `after`, in order, without the known ones."""
        ...


class News:
    """Wakes those who follow runs; all of it happens on one event loop.

    This process's own writes are told by whoever writes. Other processes' are found by
    `listen`, which runs while anybody follows.
    """

    def __init__(self, listen: Callable[[], Coroutine[Any, Any, None]] | None) -> None:
        """Start with nobody following.

        Args:
            listen: Calls `touched` or `touched_all` on what other processes write, for ever;
                None when those who follow look by themselves.
        """
        self._listen = listen
        self._followers: dict[str, set[asyncio.Event]] = {}
        self._listening: asyncio.Task[None] | None = None
        self._stopped: set[asyncio.Task[None]] = set()
        self.closed = False
        """True when nothing new will come."""

    @contextmanager
    def follow(self, run_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the run may have new steps; clear it, then read."""
        event = asyncio.Event()
        self._followers.setdefault(run_id, set()).add(event)
        if self._listening is None and self._listen is not None and not self.closed:
            self._listening = asyncio.get_running_loop().create_task(self._listen())
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
        """Somebody wrote a step of the run."""
        for event in self._followers.get(run_id, ()):
            event.set()

    def touched_all(self) -> None:
        """Somebody wrote steps of unknown runs."""
        for run_id in self._followers:
            self.touched(run_id)

    def close(self) -> None:
        """Wake everybody for the last time, and listen no more."""
        self.closed = True
        self._stop()
        self.touched_all()

    async def ended(self) -> None:
        """Wait until what listened has let go."""
        await asyncio.gather(*self._stopped, return_exceptions=True)

    def _stop(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            self._stopped.add(self._listening)
            self._listening.add_done_callback(self._stopped.discard)
            self._listening = None


async def follow(
    news: News, read: ReadPage, run_id: str, after: int, *, longest_wait_s: float | None = None
) -> AsyncGenerator[Step, None]:
    """Steps of a run as they are committed, until the iterator or the news is closed.

    A step that is committed after one of a later position comes after it.

    Args:
        news: Tells when to read.
        read: Reads steps of the run.
        run_id: Whose.
        after: Positions up to this one are left out.
        longest_wait_s: Seconds after which to read without news at the latest: sooner after a
            step, more and more seldom without; None waits for news.
    """
    seen: dict[Hashable, int] = {}
    newest = after
    wait_s = FIRST_WAIT_S
    with news.follow(run_id) as event:
        while not news.closed:
            event.clear()
            start = max(after, newest - LATE_POSITIONS)
            seen = {key: position for key, position in seen.items() if position > start}
            page = await read(start, PAGE + len(seen), seen.keys())
            for key, step in page:
                seen[key] = step.position
                newest = max(newest, step.position)
                yield step
            wait_s = FIRST_WAIT_S if page else min(2 * wait_s, longest_wait_s or wait_s)
            whole = len(page) < PAGE
            page.clear()
            if whole:
                with suppress(TimeoutError):
                    async with asyncio.timeout(None if longest_wait_s is None else wait_s):
                        await event.wait()
