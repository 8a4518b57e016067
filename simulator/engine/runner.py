"""Plays one run from its first step to its end, or from where it was left."""

from __future__ import annotations

import asyncio
import logging
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
"""Seconds after which a run of a dead process may be taken over from another machine."""
HEARTBEAT_S = 10.0


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
        started = await _acquire(theatre, run)
    except asyncio.CancelledError:
        await asyncio.shield(theatre.store.release(run.id, theatre.owner, status="paused"))
        raise
    return await _play_owned(
        theatre, run, started, kind, design, listener, control or RunControl(), person, budget
    )


async def _acquire(theatre: Theatre, run: Run) -> Run:
    """The run as it is once it is ours to play."""
    now = theatre.clock.now()
    lease = Lease(theatre.owner, now + timedelta(seconds=LEASE_S), theatre.user)
    in_the_way = await theatre.store.acquire(run.id, lease, now=now)
    if in_the_way is not None and theatre.is_dead(in_the_way.owner):
        in_the_way = await theatre.store.acquire(run.id, lease, now=now, replacing=in_the_way.owner)
    if in_the_way is not None:
        wait_s = max(1, round((in_the_way.expires_at - now).total_seconds()))
        raise LeaseLostError(
            f"Run {run.id} is being played by {in_the_way.owner}.",
            remedy=f"Watch it instead; if that process is dead, try again in {wait_s} s.",
        )
    return run.model_copy(
        update={"status": "running", "started_at": run.started_at or now, "error": None}
    )


async def _play_owned(
    theatre: Theatre,
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
        async with _heartbeat(theatre, run.id, control):
            journal = Journal(await theatre.store.steps(run.id))
            listener(RunStarted(run, resumed_steps=len(journal)))
            performance = Performance(
                run, journal, theatre.store, theatre.backends, theatre.clock, control, listener,
                person, budget,
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
        raise LeaseLostError(
            f"Run {run.id} was taken over by another process.", remedy="Watch it instead."
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
async def _heartbeat(theatre: Theatre, run_id: str, control: RunControl) -> AsyncIterator[None]:
    """Keep the lease alive, and turn a stop or a lost lease into the right exception."""
    player = asyncio.current_task()
    assert player is not None
    lost = False

    async def beat() -> None:
        nonlocal lost
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            expires_at = theatre.clock.now() + timedelta(seconds=LEASE_S)
            lease = Lease(theatre.owner, expires_at, theatre.user)
            if not await theatre.store.renew(run_id, lease):
                lost = True
                player.cancel()
                return

    control.attach(player)
    beating = asyncio.create_task(beat())
    try:
        yield
    except asyncio.CancelledError:
        if lost:
            player.uncancel()
            raise LeaseLostError(f"The lease of run {run_id} ran out.") from None
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
