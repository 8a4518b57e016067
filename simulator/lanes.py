"""Works side by side: so many at a time, and long ones without holding up the rest."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

LANES = 16
"""Works under way at the same time: enough to hide that a database is far away."""

BREATH_S = 0.004
"""Seconds of work in one piece."""

Start = Callable[[Callable[[_Item], Coroutine[Any, Any, _Result]], _Item], Awaitable[Any]]


@asynccontextmanager
async def lanes() -> AsyncIterator[Start[Any, Any]]:
    """Gives a function that starts a work on an item, once a lane is free.

    The block ends when all works have. The first failure stops the others, and is raised alone.
    """
    free = asyncio.Semaphore(LANES)

    async def start(
        work: Callable[[_Item], Coroutine[Any, Any, _Result]], item: _Item
    ) -> asyncio.Task[_Result]:
        await free.acquire()
        task = group.create_task(work(item))
        task.add_done_callback(lambda _: free.release())
        return task

    try:
        async with asyncio.TaskGroup() as group:
            yield start
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def in_lanes(
    work: Callable[[_Item], Coroutine[Any, Any, _Result]], items: Iterable[_Item]
) -> list[_Result]:
    """The results of a work on each item, in their order; the first failure is raised alone."""
    async with lanes() as start:
        tasks = [await start(work, item) for item in items]
    return [task.result() for task in tasks]


async def unhurried(items: Iterable[_Item]) -> AsyncIterator[_Item]:
    """The items, with a turn for everything else on the event loop every few milliseconds."""
    began = time.perf_counter()
    for item in items:
        if time.perf_counter() - began > BREATH_S:
            await asyncio.sleep(0)
            began = time.perf_counter()
        yield item
