"""The hand on a run: pause, step, resume, stop, and a word put in between turns."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from simulator.errors import InterruptedRunError


class RunControl:
    """Steers one run from outside, in the same event loop.

    A pause takes hold before the next step; the turn in progress is finished and committed. A
    stop abandons the turn in progress.
    """

    def __init__(self, *, pace_s: float = 0.0) -> None:
        """Make one.

        Args:
            pace_s: Seconds to wait before each step, for somebody who reads along.
        """
        self._pace_s = pace_s
        self._is_open = True
        self._stirred = asyncio.Event()
        """Set whenever somebody who waits should look again."""
        self._told_pause = False
        self._steps_allowed = 0
        self._stop_reason: str | None = None
        self._words: deque[tuple[str, str]] = deque()
        self._task: asyncio.Task[object] | None = None

    @property
    def is_paused(self) -> bool:
        """Whether the run holds, or will before its next step."""
        return not self._is_open

    @property
    def stop_reason(self) -> str | None:
        """Why the run was told to stop; None while it was not."""
        return self._stop_reason

    def pause(self) -> None:
        """Hold before the next step."""
        self._is_open = False
        self._steps_allowed = 0

    def resume(self) -> None:
        """Go on."""
        self._steps_allowed = 0
        self._is_open = True
        self._stirred.set()

    def step(self) -> None:
        """Let one more step pass, then hold again."""
        self._steps_allowed += 1
        self._is_open = True
        self._stirred.set()

    def stop(self, reason: str = "stopped by the user") -> None:
        """End the run; what is committed stays."""
        self._stop_reason = reason
        self._stirred.set()
        if self._task is not None:
            self._task.cancel()

    def interject(self, content: str, *, speaker: str = "Researcher") -> None:
        """Put words into the transcript before the next turn; at once while the run holds."""
        self._words.append((speaker, content))
        self._stirred.set()

    def take_interjection(self) -> tuple[str, str] | None:
        """The oldest (speaker, words) not yet taken."""
        return self._words.popleft() if self._words else None

    def attach(self, task: asyncio.Task[object]) -> None:
        """The task that `stop` cancels; a stop that came before takes hold at the gate."""
        self._task = task

    def detach(self) -> None:
        """The task is over; a later `stop` cancels nothing."""
        self._task = None

    async def between_turns(
        self, on_pause: Callable[[], None], on_resume: Callable[[], None]
    ) -> None:
        """Wait here between two turns while the run is paused and nobody puts words in.

        Raises:
            InterruptedRunError: The run was told to stop.
        """
        await self._held(on_pause, on_resume, words_pass=True)

    async def gate(self, on_pause: Callable[[], None], on_resume: Callable[[], None]) -> None:
        """Wait here before a step while the run is paused.

        Raises:
            InterruptedRunError: The run was told to stop.
        """
        await self._held(on_pause, on_resume, words_pass=False)
        if self._pace_s:
            await asyncio.sleep(self._pace_s)
        if self._steps_allowed:
            self._steps_allowed -= 1
            if not self._steps_allowed:
                self._is_open = False

    async def _held(
        self, on_pause: Callable[[], None], on_resume: Callable[[], None], *, words_pass: bool
    ) -> None:
        while not self._may_pass(words_pass):
            if not self._told_pause:
                self._told_pause = True
                on_pause()
            self._stirred.clear()
            await self._stirred.wait()
        if self._told_pause and self._is_open:
            self._told_pause = False
            on_resume()
        if self._stop_reason is not None:
            raise InterruptedRunError(self._stop_reason)

    def _may_pass(self, words_pass: bool) -> bool:
        is_stopped = self._stop_reason is not None
        return self._is_open or is_stopped or (words_pass and bool(self._words))
