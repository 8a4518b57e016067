"""Works that run beside each other in scopes of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from simulator.errors import SimulatorError

_Result = TypeVar("_Result")


async def side_by_side(
    works: Sequence[Callable[[], Coroutine[Any, Any, _Result]]], *, at_once: int | None = None
) -> list[_Result]:
    """The results of works, in the order of the works.

    An error that is meant for users ends the others at once. Any other is raised when the others
    are done: where a replay comes to the end of its journal in one scope, others go on in theirs.

    Args:
        works: Each is called once.
        at_once: How many run at the same time; None runs all. Who comes first starts first.
    """
    free = asyncio.Semaphore(at_once or max(1, len(works)))
    put_off: list[Exception] = []

    async def done(work: Callable[[], Coroutine[Any, Any, _Result]]) -> list[_Result]:
        async with free:
            try:
                return [await work()]
            except SimulatorError:
                raise
            except Exception as error:
                put_off.append(error)
                return []

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(done(work)) for work in works]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    if put_off:
        raise put_off[0]
    return [result for task in tasks for result in task.result()]
