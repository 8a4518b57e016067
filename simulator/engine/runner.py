"""Plays one run from its first step to its end, or from where it was left."""

from __future__ import annotations

import asyncio
import itertools
import logging
from dataclasses import dataclass
from typing import Any

from simulator.domain.events import Listener, RunFinished, RunStarted
from simulator.domain.journal import Usage
from simulator.domain.ports import Kind, Person
from simulator.domain.records import Outcome, Run, RunStatus
from simulator.engine.control import RunControl
from simulator.engine.journal import Journal
from simulator.engine.limits import Budget
from simulator.engine.performance import Performance
from simulator.engine.stage import JournalStage
from simulator.engine.tenure import Tenure
from simulator.engine.theatre import Theatre
from simulator.errors import (
    ConflictError,
    DesignChangedError,
    InterruptedRunError,
    LeaseLostError,
    LimitReachedError,
    SimulatorError,
    StoreUnavailableError,
)

_log = logging.getLogger(__name__)

PERFORMANCES = 4
"""How often a run is played on from its journal when others' steps turn up there."""


@dataclass(frozen=True, slots=True)
class Played:
    """A run as it ended, with what stopped it."""

    run: Run
    problem: SimulatorError | None = None
    """Why a run failed, or was paused without being asked to; None for all others."""


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
    once: bool = False,
) -> Played:
    """Play a run to its end and record how it ended.

    Being cancelled, meeting a limit, or a store that takes no more steps, leaves the run `paused`,
    to be resumed; `control.stop` leaves it `cancelled`. Who is cancelled while the store is away
    does not wait for it: the run is left as it is, to be resumed when its lease has run out.

    Args:
        theatre: The store, models and clock.
        run: As stored; its journal is replayed first.
        kind: Plays the design.
        design: Resolved: the launch's parameters are in it.
        listener: Hears what happens.
        control: Pauses and stops the run.
        person: Answers when the design leaves a choice to a person.
        budget: Stops the run before it would pass a limit; steps replayed count too.
        once: Whether a run that others have completed since it was read is left as it is.

    Raises:
        LeaseLostError: Another process plays this run, or this one does already.
        DesignChangedError: The journal does not follow from the design; it stays as it was.
        StoreUnavailableError: The end could not be recorded; committed steps are kept.
    """
    if kind.cast(design, run.seed) != run.agents:
        raise DesignChangedError(
            f"The design no longer gives the agents and prompts of run {run.id}.",
            remedy="Start a new run of the changed design.",
        )
    with Tenure(theatre, run.id) as tenure:
        try:
            now = await tenure.acquire()
            stored = await theatre.store.run(run.id) if once else run
        except asyncio.CancelledError:
            await tenure.release(status="paused", is_hurried=True)
            raise
        if once and stored.outcome is not None:
            await tenure.release(status="completed")
            return Played(stored.model_copy(update={"status": "completed"}))
        started = run.model_copy(
            update={"status": "running", "started_at": run.started_at or now, "error": None}
        )
        play = _Play(
            theatre, tenure, started, kind, design, listener, control or RunControl(), person,
            budget, usage=run.usage,
        )  # fmt: skip
        return await play.to_its_end(before=run)


@dataclass(slots=True)
class _Play:
    """A run that is ours, while it is played."""

    theatre: Theatre
    tenure: Tenure
    run: Run
    kind: Kind
    design: Any
    listener: Listener
    control: RunControl
    person: Person | None
    budget: Budget | None
    usage: Usage

    async def to_its_end(self, before: Run) -> Played:
        run, tenure = self.run, self.tenure
        outcome: Outcome | None = None
        problem: SimulatorError | None = None
        interrupted: asyncio.CancelledError | None = None
        status: RunStatus = "completed"
        try:
            async with tenure.kept(self.control):
                outcome = await self._outcome()
        except DesignChangedError:
            await tenure.release(status=before.status, usage=before.usage, error=before.error)
            raise
        except LeaseLostError as lost:
            heir = await self.theatre.store.lease(run.id)
            raise LeaseLostError(
                f"Run {run.id} was taken over by {heir.player if heir else 'another process'}.",
                remedy=f"Look on with `watch {run.id}`.",
            ) from lost
        except InterruptedRunError:
            status = "cancelled"
        except asyncio.CancelledError as cancelled:
            status, interrupted = "paused", cancelled
        except (LimitReachedError, StoreUnavailableError) as obstacle:
            status, problem = "paused", obstacle
        except ConflictError as conflict:
            status, problem = "paused", _disturbed(run, conflict)
        except SimulatorError as error:
            status, problem = "failed", error
        except Exception as fault:
            _log.exception("run %s failed", run.id)
            status, problem = "failed", _unexpected(fault)
        ended = run.model_copy(
            update={
                "status": status, "usage": self.usage, "outcome": outcome,
                "error": problem.message if problem else None,
                "finished_at": self.theatre.clock.now(),
            }
        )  # fmt: skip
        if problem is not None:
            _log.error("run %s %s: %s", run.id, status, problem.message)
        try:
            await tenure.release(
                status=status, usage=ended.usage, outcome=outcome, error=ended.error,
                finished_at=ended.finished_at, is_hurried=interrupted is not None,
            )  # fmt: skip
        except SimulatorError as unrecorded:
            if problem is None and interrupted is None:
                raise
            _log.error("run %s: its end is not on record: %s", run.id, unrecorded.message)
        self.listener(RunFinished(ended))
        if interrupted is not None:
            raise interrupted
        return Played(ended, problem)

    async def _outcome(self) -> Outcome:
        """Play on from the journal, and again when it turns out to have more steps.

        What an owner had sent before it lost its lease may arrive while the run is ours. Such
        steps are the journal's like all others.
        """
        told: dict[str, int] = {}
        for number in itertools.count(1):
            journal = Journal(await self.theatre.store.steps(self.run.id))
            if number == 1:
                self.listener(RunStarted(self.run, resumed_steps=len(journal)))
            performance = Performance(
                self.run, journal, self.theatre.store, self.theatre.backends, self.theatre.clock,
                self.control, self.listener, self.person, self.budget,
                confirm=self.tenure.confirm, owner=self.tenure.owner, told=told,
            )  # fmt: skip
            try:
                outcome = await self.kind.play(self.run, self.design, JournalStage(performance))
                return outcome.model_copy(update={"journal_hash": journal.hash.hexdigest()})
            except DesignChangedError as misfit:
                if number == 1:
                    raise
                raise ConflictError(misfit.message) from misfit
            except ConflictError as conflict:
                await self.tenure.renew()
                if number == PERFORMANCES:
                    raise
                _log.warning("run %s goes on from a late step: %s", self.run.id, conflict.message)
            finally:
                self.usage = performance.used.total()
        raise AssertionError


def _disturbed(run: Run, conflict: ConflictError) -> SimulatorError:
    return ConflictError(
        f"Others write into the journal of run {run.id}, which is ours to play: {conflict.message}",
        remedy="Find out which program writes to this database beside ours, then resume the run.",
    )


def _unexpected(fault: Exception) -> SimulatorError:
    return SimulatorError(
        f"The run stopped on a fault in the program: {type(fault).__name__}: {fault}",
        remedy="The log has the details; resume the run once the fault is mended.",
    )
