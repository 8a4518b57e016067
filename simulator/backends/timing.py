"""Gives up on a server that falls silent, or talks for too long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from types import TracebackType

from simulator.backends.options import Timeouts
from simulator.backends.wrapping import Wrapper
from simulator.domain.models import Chunk, GenerateRequest, ModelBackend, ModelCard
from simulator.domain.prompts import Prompt
from simulator.errors import BackendUnavailableError


class TimedBackend(Wrapper):
    """A backend that ends a request which takes too long, so that it can be sent again.

    Until the first piece of text, each sign of life may be as long in coming as the first token;
    from then on as the stall timeout says. Time that the listener takes between pieces does not
    count as silence. Empty chunks are signs of life and go no further.
    """

    def __init__(self, inner: ModelBackend, timeouts: Timeouts) -> None:
        super().__init__(inner)
        self._timeouts = timeouts

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        """See the port.

        Raises:
            BackendUnavailableError: Also when one of the timeouts is over.
        """
        timeouts = self._timeouts
        watch = _Watch(timeouts.first_token_s, timeouts.reply_s)
        silence = f"sent nothing for {timeouts.first_token_s:g} s"
        variable = "SIMULATOR_FIRST_TOKEN_TIMEOUT_S"
        try:
            async with aclosing(self._inner.generate(request)) as chunks:
                while True:
                    with watch:
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        return
                    if chunk.text:
                        watch.patience_s = timeouts.stall_s
                        silence = f"stalled for {timeouts.stall_s:g} s"
                        variable = "SIMULATOR_STALL_TIMEOUT_S"
                    elif chunk.completion is None and chunk.retry is None:
                        continue
                    yield chunk
        except _OverdueError as error:
            if watch.is_spent:
                raise self._gave_up(
                    f"was not done after {timeouts.reply_s:g} s", "SIMULATOR_REPLY_TIMEOUT_S"
                ) from error
            raise self._gave_up(silence, variable) from error
        finally:
            watch.stop()

    async def describe(self) -> ModelCard:
        """See the port; to be answered within the stall timeout."""
        stall_s = self._timeouts.stall_s
        try:
            async with asyncio.timeout(stall_s):
                return await self._inner.describe()
        except TimeoutError as error:
            raise self._gave_up(
                f"said nothing of itself for {stall_s:g} s", "SIMULATOR_STALL_TIMEOUT_S"
            ) from error

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        """See the port; the scores may take as long as a whole reply."""
        reply_s = self._timeouts.reply_s
        try:
            async with asyncio.timeout(reply_s):
                return await self._inner.score(prompt, options)
        except TimeoutError as error:
            raise self._gave_up(
                f"was not done after {reply_s:g} s", "SIMULATOR_REPLY_TIMEOUT_S"
            ) from error

    def _gave_up(self, what: str, variable: str) -> BackendUnavailableError:
        return BackendUnavailableError(
            f"{self.model} at {self.endpoint} {what}.", remedy=f"{variable} sets how long to wait."
        )


class _OverdueError(Exception):
    """A wait was interrupted."""


class _Watch:
    """Interrupts the task that waits within `with` for too long, with an _OverdueError.

    As `asyncio.timeout`, but made for thousands of short waits: one timer serves them all, and is
    only set anew when it goes off or the patience has shrunk.
    """

    __slots__ = (
        "_cancels",
        "_deadline",
        "_end",
        "_expired",
        "_loop",
        "_task",
        "_timer",
        "patience_s",
    )

    def __init__(self, patience_s: float, total_s: float) -> None:
        self.patience_s = patience_s
        self._expired = False
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + total_s
        self._deadline = self._end
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._cancels = 0

    @property
    def is_spent(self) -> bool:
        """Whether the wait was ended by the end of all waits."""
        return self._deadline == self._end

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def __enter__(self) -> None:
        self._deadline = min(self._loop.time() + self.patience_s, self._end)
        self._task = asyncio.current_task()
        self._cancels = self._task.cancelling() if self._task is not None else 0
        if self._timer is None or self._deadline < self._timer.when():
            self._set()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        task, self._task = self._task, None
        if not self._expired or task is None:
            return
        if task.uncancel() <= self._cancels:
            raise _OverdueError from error

    def _set(self) -> None:
        self.stop()
        self._timer = self._loop.call_at(self._deadline, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._task is None:
            return
        if self._loop.time() < self._deadline:
            self._set()
        else:
            self._expired = True
            self._task.cancel()
