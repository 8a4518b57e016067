"""Ctrl-C, SIGTERM and a closed terminal become one cancellation: runs are left in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any, TypeVar

_T = TypeVar("_T")

INTERRUPTED = 130
"""Exit code after Ctrl-C."""
SAME_WISH_S = 1.0
"""Seconds after the first signal in which another one is the same wish, told twice.

Later ones end the process on the spot.
"""


def _signals() -> list[signal.Signals]:
    """Those that stop us: not what `nohup`, or a shell for its background, has switched off."""
    stopping = [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", None)]
    return [
        number
        for number in stopping
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN
    ]


def _as_it_is() -> Callable[[], None]:
    """Gives the terminal back as it is now: with its cursor, and echoing what is typed."""
    keyboard: list[Any] | None = None
    with contextlib.suppress(ImportError, OSError, ValueError):
        import termios

        keyboard = termios.tcgetattr(sys.stdin.fileno()) if sys.stdin.isatty() else None

    def leave() -> None:
        with contextlib.suppress(OSError, ValueError):
            if sys.stdout.isatty():
                os.write(sys.stdout.fileno(), b"\x1b[?25h\r\n")
            if keyboard is not None:
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, keyboard)

    return leave


class Interrupted(Exception):
    """The user stopped the program; `exit_code` says with which signal."""

    def __init__(self, exit_code: int) -> None:
        super().__init__()
        self.exit_code = exit_code


class Interrupts:
    """The signals that came while a coroutine runs."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """Make one; `say` tells the user that it takes longer."""
        self._say = say
        self.exit_code: int | None = None
        """128 and the number of the first signal; None while none came."""
        self._since = 0.0
        self._holds = 0
        self._task: asyncio.Task[Any] | None = None

    def run(self, main: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """Run a coroutine in an event loop of its own.

        The first signal cancels it, and it puts things in order. Another one after that ends the
        process at once.

        Raises:
            Interrupted: A signal came before it ended.
        """
        leave_terminal = _as_it_is()
        with ExitStack() as stack:
            runner = asyncio.Runner()
            loop: asyncio.AbstractEventLoop | None = None

            def on_signal(number: int, frame: FrameType | None) -> None:
                if self.exit_code is None:
                    self.exit_code = 128 + number
                    self._since = time.monotonic()
                    if loop is not None:
                        loop.call_soon_threadsafe(self._cancel)
                elif time.monotonic() - self._since > SAME_WISH_S:
                    leave_terminal()
                    os._exit(self.exit_code)

            async def attached() -> _T:
                self._task = asyncio.current_task()
                self._cancel()
                try:
                    return await main()
                finally:
                    self._task = None

            for number in _signals():
                stack.callback(signal.signal, number, signal.signal(number, on_signal))
            stack.enter_context(runner)
            # Not before: a handler that raises while a loop is made leaves half of one behind.
            loop = runner.get_loop()
            try:
                return runner.run(attached())
            except asyncio.CancelledError:
                raise Interrupted(self.exit_code or INTERRUPTED) from None

    def stop(self, exit_code: int) -> None:
        """Do as if a signal had come."""
        if self.exit_code is None:
            self.exit_code = exit_code
            self._cancel()

    @contextmanager
    def raised(self) -> Iterator[None]:
        """Let signals end this block, in which no coroutine runs: somebody is asked something.

        Raises:
            KeyboardInterrupt: Ctrl-C.
            Interrupted: Another signal.
        """

        def on_signal(number: int, frame: FrameType | None) -> None:
            raise KeyboardInterrupt if number == signal.SIGINT else Interrupted(128 + number)

        with ExitStack() as stack:
            for number in _signals():
                stack.callback(signal.signal, number, signal.signal(number, on_signal))
            yield

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let no signal cancel this block; one that comes takes hold right after it."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1
            self._cancel()

    def _cancel(self) -> None:
        if self.exit_code is not None and not self._holds and self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            task.get_loop().call_later(SAME_WISH_S, self._tell)

    def _tell(self) -> None:
        with contextlib.suppress(OSError):
            self._say("Putting things in order. Ctrl-C again ends it at once.")
