"""Somebody at the keyboard: asked in the terminal while the event loop goes on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Sequence

from simulator.cli.output import Output
from simulator.errors import InterruptedRunError


class Keyboard:
    """Lines that are typed; whoever stops waiting for one leaves it to the next reader."""

    def __init__(self) -> None:
        self._typed = ""

    async def line(self) -> str | None:
        """The next line; None at the end of the input."""
        while "\n" not in self._typed:
            data = await _data()
            if not data:
                return None
            self._typed += data.decode("utf-8", "replace")
        line, _, self._typed = self._typed.partition("\n")
        return line


async def _data() -> bytes:
    """What is typed next; nothing at the end of the input."""
    loop, keyboard = asyncio.get_running_loop(), sys.stdin.fileno()
    arrived: asyncio.Future[bytes] = loop.create_future()

    def read() -> bytes:
        try:
            return os.read(keyboard, 65536)
        except OSError:
            return b""

    def read_in_thread() -> None:
        data = read()
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, arrived, data)

    try:
        loop.add_reader(keyboard, lambda: _settle(arrived, read()))
    except (NotImplementedError, OSError):
        # Nothing waits for this thread when the program ends, and it holds no lock.
        threading.Thread(target=read_in_thread, name="keyboard", daemon=True).start()
        return await arrived
    try:
        return await arrived
    finally:
        loop.remove_reader(keyboard)


class TerminalPerson:
    """Chooses by number or name; Enter takes the next in the list, `q` stops the run."""

    def __init__(
        self,
        output: Output,
        names: Sequence[str],
        last_speaker: Callable[[], str | None],
        *,
        hide: Callable[[], None],
        reveal: Callable[[], None],
    ) -> None:
        """Make one.

        Args:
            output: Where questions are shown.
            names: Everybody, in the order of the list.
            last_speaker: Who spoke last.
            hide: Clears what is drawn at the bottom of the terminal.
            reveal: Draws it again.
        """
        self._output = output
        self._names = list(names)
        self._last_speaker = last_speaker
        self._hide = hide
        self._reveal = reveal
        self._keyboard = Keyboard()

    async def choose(self, question: str, options: Sequence[str]) -> str:
        """One of the options. Raises InterruptedRunError when the person leaves."""
        usual = self._next(options)
        self._hide()
        try:
            for number, option in enumerate(options, 1):
                self._output.line(f"  {number}. {option}")
            while True:
                self._prompt(f"{question} [{usual}; q stops] ")
                answer = await self._keyboard.line()
                if answer is None or answer.strip().casefold() == "q":
                    raise InterruptedRunError("stopped by the user")
                chosen = picked(answer.strip(), options) if answer.strip() else usual
                if chosen is not None:
                    return chosen
                self._output.line("  Type a number or a name of the list, Enter, or q.")
        finally:
            self._reveal()

    def _next(self, options: Sequence[str]) -> str:
        """Whoever of the options comes after the last speaker."""
        last = self._last_speaker()
        if last in self._names:
            place = self._names.index(last)
            for name in (*self._names[place + 1 :], *self._names[:place]):
                if name in options:
                    return name
        return options[0]

    def _prompt(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def _settle(future: asyncio.Future[bytes], data: bytes) -> None:
    if not future.done():
        future.set_result(data)


def picked(answer: str, options: Sequence[str]) -> str | None:
    """The option that an answer means: its number, its name, or a beginning that only it has."""
    if answer.isdecimal() and 1 <= int(answer) <= len(options):
        return options[int(answer) - 1]
    folded = answer.casefold()
    for option in options:
        if option.casefold() == folded:
            return option
    near = [option for option in options if option.casefold().startswith(folded)]
    return near[0] if len(near) == 1 else None
