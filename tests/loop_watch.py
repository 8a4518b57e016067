"""How long work keeps the event loop to itself."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

_Result = TypeVar("_Result")


async def longest_turn_s(work: Awaitable[_Result]) -> tuple[_Result, float]:
    """The result of a work, and the longest time in seconds that nothing else got a turn in it.

    Only time of this thread's own counts, so that a busy machine does not; nor do collections of
    the garbage that other tests left.
    """
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
    try:
        return await work, longest
    finally:
        gc.unfreeze()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
