"""Waits for what other tasks of the event loop bring about, no longer than it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PATIENCE_S = 30.0


async def until(condition: Callable[[], bool]) -> None:
    """Let other tasks run until the condition holds; TimeoutError when it never does."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - there is no event for everything
            await asyncio.sleep(0.002)
