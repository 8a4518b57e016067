"""Waits for a database that went away, and says so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bson.errors import BSONError
from pymongo.errors import PyMongoError

from simulator.domain.notices import StoreAway, StoreBack
from simulator.errors import SimulatorError
from simulator.store import mongo_errors as errors
from simulator.store.mongo_address import Address

T = TypeVar("T")

_FIRST_WAIT_S = 0.1
_LONGEST_WAIT_S = 2.0
PARTING_S = 2.0
"""Seconds that answers may take once the store is being closed."""
_SILENCE_S = 5.0
"""Seconds without an answer after which it is said that one is waited for."""


class Patience:
    """Asks the database, again and again while it is away; made and used on one event loop."""

    def __init__(self, address: Address, patience_s: float, notify: Callable[[str], None]) -> None:
        """Make one.

        Args:
            address: Whose database.
            patience_s: Seconds until an unanswered question fails.
            notify: Hears that the database is away, and that it is back.
        """
        self._address = address
        self._patience_s = patience_s
        self._notify = notify
        self._away_since: float | None = None
        self._closing = asyncio.Event()
        self._limits: set[asyncio.Timeout] = set()

    def close(self) -> None:
        """Wait no more: what fails from now on fails at once, and what is silent fails soon."""
        self._closing.set()
        soon = asyncio.get_running_loop().time() + PARTING_S
        for limit in self._limits:
            limit.reschedule(soon)

    async def ask(self, question: Callable[[bool], Awaitable[T]]) -> T:
        """The answer to a question.

        Args:
            question: Asks the database. It is given False the first time, then True: what it
                wrote before may have been written, although no answer came.

        Raises:
            SimulatorError: What the database's refusal means, or that it was away for too long.
        """
        began = time.monotonic()
        wait_s = _FIRST_WAIT_S
        again = False
        while True:
            silence = asyncio.get_running_loop().call_later(_SILENCE_S, self._silent, began)
            try:
                answer = await self._answer(question, again)
            except (PyMongoError, BSONError, ValueError, OSError) as error:
                problem = errors.translate(error, self._address)
                waited_s = time.monotonic() - began
                if not errors.is_transient(error) or waited_s > self._patience_s:
                    raise problem from error
                if self._closing.is_set():
                    raise problem from error
                self._away(problem, began)
            else:
                self._back()
                return answer
            finally:
                silence.cancel()
            again = True
            await self._wait(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    async def _answer(self, question: Callable[[bool], Awaitable[T]], again: bool) -> T:
        """The answer; while the store is being closed, one that comes soon."""
        try:
            async with asyncio.timeout(PARTING_S if self._closing.is_set() else None) as limit:
                self._limits.add(limit)
                try:
                    return await question(again)
                finally:
                    self._limits.discard(limit)
        except TimeoutError:
            raise errors.closed(self._address) from None

    async def _wait(self, wait_s: float) -> None:
        try:
            async with asyncio.timeout(wait_s):
                await self._closing.wait()
        except TimeoutError:
            pass

    def _silent(self, since: float) -> None:
        self._say_away(f"the database {self._address.place} does not answer", since)

    def _away(self, problem: SimulatorError, since: float) -> None:
        self._say_away(problem.message, since)

    def _say_away(self, what: str, since: float) -> None:
        if self._away_since is None:
            self._away_since = since
            minutes = self._patience_s / 60
            self._notify(
                StoreAway(
                    f"{what[0].upper()}{what[1:]}. Waiting up to {minutes:.3g} min for it; "
                    "everything that was committed is kept."
                )
            )

    def _back(self) -> None:
        if self._away_since is not None:
            away_s = time.monotonic() - self._away_since
            self._away_since = None
            self._notify(
                StoreBack(f"The database {self._address.place} is back after {away_s:.0f} s.")
            )
