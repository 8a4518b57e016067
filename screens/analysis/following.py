"""Runs that go on are looked at again and again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from simulator.domain.records import Run

FOLLOW_S = 2.0
"""Between two looks at runs that go on; longer where looking takes long."""

Look = Callable[[], Awaitable[Sequence[Run]]]


async def drawn_on(draw: Callable[[], Awaitable[bool]]) -> None:
    """Draw again, with pauses, for as long as drawing says that runs go on."""
    goes_on, took = True, 0.0
    while goes_on:
        await asyncio.sleep(max(FOLLOW_S, 4 * took))
        began = time.monotonic()
        goes_on = await draw()
        took = time.monotonic() - began
