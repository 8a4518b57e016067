"""Plays one run from its first step to its end, or from where it was left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from simulator.domain.events import Listener, RunFinished, RunStarted
from simulator.domain.journal import Usage
from simulator.domain.ports import Backends, Clock, ExperimentStore, Kind, Person
from simulator.domain.records import Lease, Outcome, Run, RunStatus
from simulator.engine.control import RunControl
from simulator.engine.journal import Journal
from simulator.engine.stage import JournalStage, Performance
from simulator.errors import (
    ConflictError,
    DesignChangedError,
    InterruptedRunError,
    LeaseLostError,
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
    is_dead: Callable[[str], bool] = lambda owner: False
    """Whether an owner is known to be gone, so that its lease need not run out first."""


@dataclass(frozen=True, slots=True)
class Played:
    """A run as it ended, with what stopped it."""

    run: Run
    problem: SimulatorError | None = None
    """None unless `run.status` is `failed`."""


async def play_run(
    theatre: Theatre,
    run: Run,
    kind: Kind,
    design: Any,
    *,
    listener: Listener,
    control: RunControl | None = None,
    person: Person | None = None,
) -> Played:
    """Play a run to its end and record how it ended.

    Being cancelled leaves the run `paused`, to be resumed; `control.stop` leaves it `cancelled`.

    Args:
        theatre: The store, models and clock.
        run: As stored; its journal is replayed first.
        kind: Plays the design.
        design: Resolved: the launch's parameters are in it.
        listener: Hears what happens.
        control: Pauses and stops the run.
        person: Answers when the design leaves a choice to a person.

    Raises:
        LeaseLostError: Another process plays this run.
        DesignChangedError: The journal does not follow from the design; it stays as it was.
        StoreUnavailableError: The end could not be recorded; committed steps are kept.
    """
    await _acquire(theatre, run)
    try:
        if kind.cast(design, run.seed) != run.agents:
            raise DesignChangedError(
                f"The design no longer gives the agents and prompts of run {run.id}.",
                remedy="Start a new run of the changed design.",
            )
        return await _play_owned(
            theatre, run, kind, design, listener, control or RunControl(), person
        )
    finally:
        await asyncio.shield(_release(theatre, run.id))


async def _release(theatre: Theatre, run_id: str) -> None:
    """Give the run back; a store that cannot do it lets the lease run out instead."""
    try:
        await theatre.store.release(run_id, theatre.owner)
    except SimulatorError as error:
        _log.warning("run %s: the lease was not given back: %s", run_id, error.message)


async def _acquire(theatre: Theatre, run: Run) -> None:
    now = theatre.clock.now()
    lease = Lease(theatre.owner, now + timedelta(seconds=LEASE_S))
    in_the_way = await theatre.store.acquire(run.id, lease, now=now)
    if in_the_way is not None and theatre.is_dead(in_the_way.owner):
        in_the_way = await theatre.store.acquire(run.id, lease, now=now, replacing=in_the_way.owner)
    if in_the_way is not None:
        wait_s = max(1, round((in_the_way.expires_at - now).total_seconds()))
        raise LeaseLostError(
            f"Run {run.id} is being played by {in_the_way.owner}.",
            remedy=f"Watch it instead; if that process is dead, try again in {wait_s} s.",
        )


async def _play_owned(
    theatre: Theatre,
    run: Run,
    kind: Kind,
    design: Any,
    listener: Listener,
    control: RunControl,
    person: Person | None,
) -> Played:
    before = run
    store, clock = theatre.store, theatre.clock
    journal = Journal(await store.steps(run.id))
    run = run.model_copy(
        update={"status": "running", "started_at": run.started_at or clock.now(), "error": None}
    )
    await store.update_run(run.id, status="running", started_at=run.started_at, error="")
    listener(RunStarted(run, resumed_steps=len(journal)))
    performance = Performance(
        run, journal, store, theatre.backends, clock, control, listener, person
    )
    outcome: Outcome | None = None
    problem: SimulatorError | None = None
    interrupted: asyncio.CancelledError | None = None
    status: RunStatus = "completed"
    try:
        async with _heartbeat(theatre, run.id, control):
            outcome = await kind.play(run, design, JournalStage(performance))
    except DesignChangedError:
        await store.update_run(run.id, status=before.status, error=before.error or "")
        raise
    except (ConflictError, LeaseLostError) as lost:
        raise LeaseLostError(
            f"Run {run.id} was taken over by another process.", remedy="Watch it instead."
        ) from lost
    except InterruptedRunError:
        status = "cancelled"
    except asyncio.CancelledError as cancelled:
        status, interrupted = "paused", cancelled
    except SimulatorError as error:
        status, problem = "failed", error
    except Exception as fault:
        _log.exception("run %s failed", run.id)
        status, problem = "failed", _unexpected(fault)
    try:
        ended = await _end(theatre, run, status, performance.usage, outcome, problem)
    except SimulatorError as unrecorded:
        if problem is None:
            raise
        _log.error("run %s: its failure is not on record: %s", run.id, unrecorded.message)
        ended = run.model_copy(update={"status": "failed", "error": problem.message})
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
            lease = Lease(theatre.owner, theatre.clock.now() + timedelta(seconds=LEASE_S))
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


async def _end(
    theatre: Theatre,
    run: Run,
    status: RunStatus,
    usage: Usage,
    outcome: Outcome | None,
    problem: SimulatorError | None,
) -> Run:
    """Record the end, also while being cancelled."""
    if problem is not None:
        _log.error("run %s failed: %s", run.id, problem.message)
    finished_at = theatre.clock.now()
    error = problem.message if problem else None
    await asyncio.shield(
        theatre.store.update_run(
            run.id, status=status, usage=usage, outcome=outcome, error=error,
            finished_at=finished_at,
        )
    )  # fmt: skip
    return run.model_copy(
        update={
            "status": status, "usage": usage, "outcome": outcome, "error": error,
            "finished_at": finished_at,
        }
    )  # fmt: skip
