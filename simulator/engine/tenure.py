"""A run is played by one owner, as long as its lease is kept."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Self

from simulator.domain.journal import Usage
from simulator.domain.records import Lease, Outcome, RunStatus
from simulator.engine.control import RunControl
from simulator.engine.theatre import Theatre
from simulator.errors import InterruptedRunError, LeaseLostError, SimulatorError

_log = logging.getLogger(__name__)

BEATS = 3
"""How often a lease is renewed before it would run out."""
PARTING_S = 3.0
"""Seconds that who is cancelled still waits for the store."""

_plays = itertools.count(1)
_under_way: set[str] = set()
"""The owners of this process whose plays are not over."""


class Tenure:
    """Our right to play a run, from `acquire` to `release`; the play is over when it is left."""

    def __init__(self, theatre: Theatre, run_id: str) -> None:
        self.owner = f"{theatre.owner}:{next(_plays)}"
        """Names this play, among those of this process too."""
        self._theatre = theatre
        self._run_id = run_id
        self._beat_s = theatre.lease_s / BEATS
        self._stale_at = -math.inf

    def __enter__(self) -> Self:
        _under_way.add(self.owner)
        return self

    def __exit__(self, *error: object) -> None:
        _under_way.discard(self.owner)

    def _lease(self) -> Lease:
        expires_at = self._theatre.clock.now() + timedelta(seconds=self._theatre.lease_s)
        return Lease(self.owner, expires_at, self._theatre.user)

    async def acquire(self) -> datetime:
        """Take the run to play it; when that was.

        Raises:
            LeaseLostError: Another play of the run goes on.
        """
        store, run_id = self._theatre.store, self._run_id
        now, asked_at = self._theatre.clock.now(), self._theatre.clock.monotonic()
        in_the_way = await store.acquire(run_id, self._lease(), now=now)
        if in_the_way is not None and self._is_over(in_the_way.owner):
            in_the_way = await store.acquire(
                run_id, self._lease(), now=now, replacing=in_the_way.owner
            )
        if in_the_way is not None:
            raise self._refused(in_the_way, now)
        self._kept(asked_at)
        return now

    def _is_over(self, owner: str) -> bool:
        if self._is_of_this_process(owner):
            return owner not in _under_way
        return self._theatre.is_dead(owner)

    def _is_of_this_process(self, owner: str) -> bool:
        return owner.startswith(f"{self._theatre.owner}:")

    def _refused(self, lease: Lease, now: datetime) -> LeaseLostError:
        if self._is_of_this_process(lease.owner):
            return LeaseLostError(
                f"Run {self._run_id} is being played by this process already.",
                remedy=f"Look on with `watch {self._run_id}`.",
            )
        wait_s = max(1, math.ceil((lease.expires_at - now).total_seconds()))
        return LeaseLostError(
            f"Run {self._run_id} is being played by {lease.player}.",
            remedy=f"Look on with `watch {self._run_id}`; if that machine died, "
            f"try again in {wait_s} s.",
        )

    async def renew(self) -> None:
        """Push the end of the lease back. Raises LeaseLostError when the run is not ours."""
        asked_at = self._theatre.clock.monotonic()
        if not await self._theatre.store.renew(self._run_id, self._lease()):
            raise LeaseLostError(f"The lease of run {self._run_id} ran out.")
        self._kept(asked_at)

    def _kept(self, asked_at: float) -> None:
        self._stale_at = asked_at + self._theatre.lease_s - self._beat_s

    async def confirm(self) -> None:
        """See that the run is ours, unless that is fresh knowledge.

        A machine that was asleep, or whose store took long to answer, finds its run with another
        owner, whom it must not disturb.

        Raises:
            LeaseLostError: The run is not ours any more.
        """
        while self._theatre.clock.monotonic() > self._stale_at:
            await self.renew()

    async def keep(self) -> None:
        """Renew the lease again and again, whatever the store says meanwhile.

        Raises LeaseLostError when it was lost.
        """
        while True:
            await asyncio.sleep(self._beat_s)
            try:
                await self.renew()
                await self.confirm()
            except LeaseLostError:
                raise
            except SimulatorError as error:
                _log.warning("run %s: its lease was not renewed: %s", self._run_id, error.message)

    @asynccontextmanager
    async def kept(self, control: RunControl) -> AsyncIterator[None]:
        """Keep the lease, and turn a stop or a lost lease into the right exception.

        Nobody plays on without a heartbeat: a fault in it ends the play too.
        """
        player = asyncio.current_task()
        assert player is not None
        lost: Exception | None = None

        async def beat() -> None:
            nonlocal lost
            try:
                await self.keep()
            except Exception as error:
                lost = error
                player.cancel()

        control.attach(player)
        beating = asyncio.create_task(beat())
        try:
            yield
        except asyncio.CancelledError:
            if lost is not None:
                player.uncancel()
                raise lost from None
            if control.stop_reason is not None:
                player.uncancel()
                raise InterruptedRunError(control.stop_reason) from None
            raise
        finally:
            control.detach()
            beating.cancel()

    async def release(
        self,
        *,
        status: RunStatus,
        usage: Usage | None = None,
        outcome: Outcome | None = None,
        error: str | None = None,
        finished_at: datetime | None = None,
        is_hurried: bool = False,
    ) -> bool:
        """Give the run back with how it ended on record; whether that was done in time.

        Who is cancelled meanwhile, or `is_hurried`, waits `PARTING_S` and no longer: without an
        answer, the lease is left to run out.
        """
        giving_back = asyncio.create_task(
            self._theatre.store.release(
                self._run_id, self.owner, status=status, usage=usage, outcome=outcome,
                error=error, finished_at=finished_at,
            )
        )  # fmt: skip
        try:
            async with asyncio.timeout(PARTING_S if is_hurried else None):
                ours = await asyncio.shield(giving_back)
        except TimeoutError:
            _log.warning("run %s: its end is not on record: no answer in time", self._run_id)
            return False
        except asyncio.CancelledError:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PARTING_S):
                    await asyncio.gather(giving_back, return_exceptions=True)
            raise
        finally:
            giving_back.cancel()
        if not ours:
            _log.warning("run %s: its end is not on record: it is another's now", self._run_id)
        return ours
