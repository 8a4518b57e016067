"""How long work keeps the event loop to itself."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable
from contextlib import suppress
from typing import NamedTuple, TypeVar

_Result = TypeVar("_Result")


class Turns(NamedTuple):
    """What a work took of this thread's own time, so that a busy machine does not count."""

    longest_s: float
    """The longest time that nothing else got a turn."""
    whole_s: float

    @property
    def longest_share(self) -> float:
        """That time as a share of the whole work's, which is the same on a slow machine."""
        return self.longest_s / self.whole_s


async def watched(work: Awaitable[_Result]) -> tuple[_Result, Turns]:
    """The result of a work, and its turns; collections of garbage of other tests do not count."""
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            longest, before = max(longest, now - before), now

    gc.collect()
    gc.freeze()
    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)
    began = time.thread_time()
    try:
        result = await work
        return result, Turns(longest, time.thread_time() - began)
    finally:
        gc.unfreeze()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
