"""A key that is pressed while something is drawn."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def key_pressed(key: str) -> Iterator[asyncio.Event]:
    """An event that is set when the key is pressed, or when nobody can type any more.

    Keys are not echoed meanwhile. Where the terminal does not give single keys it is never set.
    """
    pressed = asyncio.Event()
    try:
        import termios
        import tty
    except ModuleNotFoundError:
        yield pressed
        return
    loop, keyboard = asyncio.get_running_loop(), sys.stdin.fileno()

    def read() -> None:
        try:
            typed = os.read(keyboard, 1024)
        except OSError:
            typed = b""
        if not typed:
            loop.remove_reader(keyboard)
        if not typed or key.encode() in typed.lower():
            pressed.set()

    before = termios.tcgetattr(keyboard)
    tty.setcbreak(keyboard)
    loop.add_reader(keyboard, read)
    try:
        yield pressed
    finally:
        loop.remove_reader(keyboard)
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)
