"""Plays one run from its first step to its end, or from where it was left."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from simulator.domain.events import Listener, RunFinished, RunStarted
from simulator.domain.journal import Usage
from simulator.domain.models import Backends
from simulator.domain.ports import Clock, ExperimentStore, Kind, Person
from simulator.domain.records import Lease, Outcome, Run, RunStatus
from simulator.engine.control import RunControl
from simulator.engine.journal import Journal
from simulator.engine.limits import Budget
from simulator.engine.performance import Performance
from simulator.engine.stage import JournalStage
from simulator.errors import (
    ConflictError,
    DesignChangedError,
    InterruptedRunError,
    LeaseLostError,
    LimitReachedError,
    SimulatorError,
)

_log = logging.getLogger(__name__)

LEASE_S = 30.0
BEATS = 3
"""How often a lease is renewed before it would run out."""


@dataclass(frozen=True, slots=True)
class Theatre:
    """What playing runs takes, whatever the run."""

    store: ExperimentStore
    backends: Backends
    clock: Clock
    owner: str
    """Names this process among all that share the store."""
    user: str = ""
    """On whose behalf it plays."""
    is_dead: Callable[[str], bool] = lambda owner: False
    """Whether an owner is known to be gone, so that its lease need not run out first."""
    lease_s: float = LEASE_S
    """Seconds after which a run of a dead process may be taken over from another machine."""

    def lease(self) -> Lease:
        """The right to play from now on."""
        expires_at = self.clock.now() + timedelta(seconds=self.lease_s)
        return Lease(self.owner, expires_at, self.user)


class Tenure:
    """Our lease of a run while we play it."""

    def __init__(self, theatre: Theatre, run_id: str, lease: Lease) -> None:
        self._theatre = theatre
        self._run_id = run_id
        self._lease = lease
        self._beat_s = theatre.lease_s / BEATS

    async def renew(self) -> None:
        """Push the end of the lease back. Raises LeaseLostError when the run is not ours."""
        lease = self._theatre.lease()
        if not await self._theatre.store.renew(self._run_id, lease):
            raise LeaseLostError(f"The lease of run {self._run_id} ran out.")
        self._lease = lease

    async def confirm(self) -> None:
        """See that the run is ours, unless that is fresh knowledge.

        A machine that was asleep finds its run with another owner, whom it must not disturb.

        Raises:
            LeaseLostError: The run is not ours any more.
        """
        left = self._lease.expires_at - self._theatre.clock.now()
        if left < timedelta(seconds=self._beat_s):
            await self.renew()

    async def keep(self) -> None:
        """Renew the lease again and again, whatever the store says meanwhile.

        Raises LeaseLostError when it was lost.
        """
        while True:
            await asyncio.sleep(self._beat_s)
            try:
                await self.renew()
            except LeaseLostError:
                raise
            except SimulatorError as error:
                _log.warning("run %s: its lease was not renewed: %s", self._run_id, error.message)


@dataclass(frozen=True, slots=True)
class Played:
    """A run as it ended, with what stopped it."""

    run: Run
    problem: SimulatorError | None = None
    """Why a run failed, or was paused at a limit; None for all others."""


async def play_run(
    theatre: Theatre,
    run: Run,
    kind: Kind,
    design: Any,
    *,
    listener: Listener,
    control: RunControl | None = None,
    person: Person | None = None,
    budget: Budget | None = None,
) -> Played:
    """Play a run to its end and record how it ended.

    Being cancelled, or meeting a limit, leaves the run `paused`, to be resumed; `control.stop`
    leaves it `cancelled`.

    Args:
        theatre: The store, models and clock.
        run: As stored; its journal is replayed first.
        kind: Plays the design.
        design: Resolved: the launch's parameters are in it.
        listener: Hears what happens.
        control: Pauses and stops the run.
        person: Answers when the design leaves a choice to a person.
        budget: Stops the run before it would pass a limit; steps replayed count too.

    Raises:
        LeaseLostError: Another process plays this run.
        DesignChangedError: The journal does not follow from the design; it stays as it was.
        StoreUnavailableError: The end could not be recorded; committed steps are kept.
    """
    if kind.cast(design, run.seed) != run.agents:
        raise DesignChangedError(
            f"The design no longer gives the agents and prompts of run {run.id}.",
            remedy="Start a new run of the changed design.",
        )
    try:
        started, tenure = await _acquire(theatre, run)
    except asyncio.CancelledError:
        await asyncio.shield(theatre.store.release(run.id, theatre.owner, status="paused"))
        raise
    return await _play_owned(
        theatre, tenure, run, started, kind, design, listener, control or RunControl(), person,
        budget,
    )  # fmt: skip


async def _acquire(theatre: Theatre, run: Run) -> tuple[Run, Tenure]:
    """The run as it is once it is ours to play, and our lease of it."""
    now, lease = theatre.clock.now(), theatre.lease()
    in_the_way = await theatre.store.acquire(run.id, lease, now=now)
    if in_the_way is not None and theatre.is_dead(in_the_way.owner):
        in_the_way = await theatre.store.acquire(run.id, lease, now=now, replacing=in_the_way.owner)
    if in_the_way is not None:
        wait_s = max(1, math.ceil((in_the_way.expires_at - now).total_seconds()))
        raise LeaseLostError(
            f"Run {run.id} is being played by {in_the_way.player}.",
            remedy=f"Look on with `watch {run.id}`; if that machine died, try again in {wait_s} s.",
        )
    started = run.model_copy(
        update={"status": "running", "started_at": run.started_at or now, "error": None}
    )
    return started, Tenure(theatre, run.id, lease)


async def _play_owned(
    theatre: Theatre,
    tenure: Tenure,
    before: Run,
    run: Run,
    kind: Kind,
    design: Any,
    listener: Listener,
    control: RunControl,
    person: Person | None,
    budget: Budget | None,
) -> Played:
    usage = run.usage
    outcome: Outcome | None = None
    problem: SimulatorError | None = None
    interrupted: asyncio.CancelledError | None = None
    status: RunStatus = "completed"
    try:
        async with _heartbeat(tenure, control):
            journal = Journal(await theatre.store.steps(run.id))
            listener(RunStarted(run, resumed_steps=len(journal)))
            performance = Performance(
                run, journal, theatre.store, theatre.backends, theatre.clock, control, listener,
                person, budget, confirm=tenure.confirm,
            )  # fmt: skip
            try:
                outcome = await kind.play(run, design, JournalStage(performance))
                outcome = outcome.model_copy(update={"journal_hash": journal.hash.hexdigest()})
            finally:
                usage = Usage.total(performance.usages)
    except DesignChangedError:
        await _release(theatre, run, before.status, before.usage, None, before.error)
        raise
    except (ConflictError, LeaseLostError) as lost:
        await theatre.store.release(run.id, theatre.owner)
        heir = await theatre.store.lease(run.id)
        raise LeaseLostError(
            f"Run {run.id} was taken over by {heir.player if heir else 'another process'}.",
            remedy=f"Look on with `watch {run.id}`.",
        ) from lost
    except InterruptedRunError:
        status = "cancelled"
    except asyncio.CancelledError as cancelled:
        status, interrupted = "paused", cancelled
    except LimitReachedError as limit:
        status, problem = "paused", limit
    except SimulatorError as error:
        status, problem = "failed", error
    except Exception as fault:
        _log.exception("run %s failed", run.id)
        status, problem = "failed", _unexpected(fault)
    ended = run.model_copy(
        update={
            "status": status, "usage": usage, "outcome": outcome,
            "error": problem.message if problem else None, "finished_at": theatre.clock.now(),
        }
    )  # fmt: skip
    await _end(theatre, ended, problem)
    listener(RunFinished(ended))
    if interrupted is not None:
        raise interrupted
    return Played(ended, problem)


def _unexpected(fault: Exception) -> SimulatorError:
    return SimulatorError(
        f"The run stopped on a fault in the program: {type(fault).__name__}: {fault}",
        remedy="The log has the details; resume the run once the fault is mended.",
    )


@asynccontextmanager
async def _heartbeat(tenure: Tenure, control: RunControl) -> AsyncIterator[None]:
    """Keep the lease alive, and turn a stop or a lost lease into the right exception.

    Nobody plays on without a heartbeat: a fault in it ends the play too.
    """
    player = asyncio.current_task()
    assert player is not None
    lost: Exception | None = None

    async def beat() -> None:
        nonlocal lost
        try:
            await tenure.keep()
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


async def _end(theatre: Theatre, ended: Run, problem: SimulatorError | None) -> None:
    """Record the end, also while being cancelled; a failure is told even if that fails too."""
    if problem is not None:
        _log.error("run %s %s: %s", ended.id, ended.status, problem.message)
    try:
        await asyncio.shield(
            _release(
                theatre, ended, ended.status, ended.usage, ended.outcome, ended.error,
                ended.finished_at,
            )
        )  # fmt: skip
    except SimulatorError as unrecorded:
        if problem is None:
            raise
        _log.error("run %s: its failure is not on record: %s", ended.id, unrecorded.message)


async def _release(
    theatre: Theatre,
    run: Run,
    status: RunStatus,
    usage: Usage,
    outcome: Outcome | None,
    error: str | None,
    finished_at: datetime | None = None,
) -> None:
    ours = await theatre.store.release(
        run.id, theatre.owner, status=status, usage=usage, outcome=outcome, error=error,
        finished_at=finished_at,
    )  # fmt: skip
    if not ours:
        _log.warning("run %s: its end is not on record, as another process owns it now", run.id)
