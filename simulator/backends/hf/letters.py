"""What a decoder's thread delivers to coroutines."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from weakref import WeakKeyDictionary, ref


class Letters:
    """What a decoder's thread delivers, in the order of its coming, for one reader."""

    def __init__(self) -> None:
        self._items: deque[object] = deque()
        self._came = asyncio.Event()
        self._bell = _Bell.of_this_loop()

    def put(self, item: object) -> None:
        """From any thread."""
        self._items.append(item)
        self._bell.ring(self._came)

    async def get(self) -> object:
        """The next one."""
        while not self._items:
            self._came.clear()
            await self._came.wait()
        return self._items.popleft()


class _Bell:
    """Sets events of a loop from other threads, waking the loop once for many of them."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = ref(loop)
        self._waiting: deque[asyncio.Event] = deque()
        self._is_ringing = False

    @classmethod
    def of_this_loop(cls) -> _Bell:
        """The one of the running loop."""
        loop = asyncio.get_running_loop()
        if loop not in _BELLS:
            _BELLS[loop] = cls(loop)
        return _BELLS[loop]

    def ring(self, event: asyncio.Event) -> None:
        """From any thread."""
        self._waiting.append(event)
        loop = self._loop()
        if self._is_ringing or loop is None:
            return
        self._is_ringing = True
        with suppress(RuntimeError):  # the loop was closed in this instant
            loop.call_soon_threadsafe(self._set)

    def _set(self) -> None:
        self._is_ringing = False
        while self._waiting:
            self._waiting.popleft().set()


_BELLS: WeakKeyDictionary[asyncio.AbstractEventLoop, _Bell] = WeakKeyDictionary()
