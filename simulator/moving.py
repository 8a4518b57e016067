"""Copies experiments with their runs and journals from one store into another.

Nothing that the target has is overwritten or deleted: a copy that was stopped anywhere is done
again and goes on, and two stores are merged by copying each into the other.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from simulator.domain.copies import (
    at_rest,
    is_same_run,
    is_surely_alike,
    missing_steps,
    standing,
)
from simulator.domain.journal import Step
from simulator.domain.ports import Clock, ExperimentStore
from simulator.domain.records import Experiment, Lease, Run, RunQuery, StoreCard
from simulator.errors import ConflictError, NotFoundError, StoreCorruptError, StoreError

LANES = 16
"""Runs that are copied at the same time."""
LEASE_S = 30.0
"""Seconds for which a run of the target is held while steps are added to it."""
RENEWAL_S = 5.0
"""Seconds after which that is prolonged."""
GRACE_S = 5.0
"""Seconds that the runs under way have to arrive when the copy is stopped."""

Fate = Literal["new", "caught_up", "known", "played", "conflict", "failed"]
"""What becomes of a run: `known` was there already, `played` is left out as somebody plays it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What did not arrive, or not whole."""

    what: str
    """Such as `run 01J…`."""
    reason: str

    def __str__(self) -> str:
        return f"{self.what}: {self.reason}"


@dataclass(slots=True)
class Moved:
    """How far a copy has come."""

    experiments_total: int = 0
    runs_total: int = 0
    experiments_new: int = 0
    experiments_known: int = 0
    runs: Counter[Fate] = field(default_factory=Counter)
    steps: int = 0
    """Written into the target's journals."""
    counted_runs: int = 0
    """Whose steps were counted on both sides."""
    counted_steps: int = 0
    """Their steps in the source; the target has as many, or more where it is ahead."""
    conflicts: list[Fault] = field(default_factory=list)
    """What the target has under the same id with other contents; it was left alone."""
    failures: list[Fault] = field(default_factory=list)
    """What the target would not take."""
    uncounted: list[Fault] = field(default_factory=list)
    """What the count check did not find in the target, the first ones first."""

    @property
    def is_whole(self) -> bool:
        """Whether all arrived that nobody plays."""
        return not (self.conflicts or self.failures or self.uncounted)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A run, and what the target has of it."""

    run: Run
    steps: int
    theirs: Run | None = None
    their_steps: int = 0


def same_store(one: StoreCard, other: StoreCard) -> bool:
    """Whether both are the same database, a file also under another name."""
    if one.kind != other.kind:
        return False
    if one.kind == "sqlite":
        return Path(one.place).samefile(other.place)
    return one.place == other.place


class Mover:
    """Copies experiments from one store into another, once."""

    def __init__(
        self,
        source: ExperimentStore,
        target: ExperimentStore,
        *,
        owner: str,
        user: str,
        clock: Clock,
        is_dead: Callable[[str], bool] = lambda owner: False,
        listener: Callable[[Moved], None] = lambda moved: None,
        dry_run: bool = False,
    ) -> None:
        """Make one.

        Args:
            source: Is only read.
            target: Another store; see `same_store`.
            owner: Names this process, to hold the target's runs that steps are added to.
            user: On whose behalf.
            clock: Tells which leases have run out.
            is_dead: Whether an owner is known to be gone, so that its lease means nothing.
            listener: Hears how far it has come, after each experiment and run.
            dry_run: Only look; what is reported as new or caught up is not written.
        """
        self._source = source
        self._target = target
        self._owner = owner
        self._user = user
        self._clock = clock
        self._is_dead = is_dead
        self._listener = listener
        self._dry_run = dry_run
        self._written: dict[str, list[str]] = {}
        self.moved = Moved()

    async def move(self, experiments: Iterable[Experiment]) -> Moved:
        """Copy the experiments, parents first, and count what has arrived.

        When it is cancelled, runs under way arrive first, as far as they do within `GRACE_S`.

        Raises:
            StoreUnavailableError: A store cannot be reached any more; so do the other errors that
                concern a whole store. They come in an ExceptionGroup.
        """
        ordered = parents_first(experiments)
        counts = await self._source.count_runs([one.id for one in ordered])
        self.moved.experiments_total = len(ordered)
        self.moved.runs_total = sum(counts.values())
        lanes = asyncio.Semaphore(LANES)

        async def in_lane(pair: _Pair) -> None:
            try:
                await _arrived(self._move_run(pair))
            finally:
                lanes.release()

        async with asyncio.TaskGroup() as group:
            for experiment in ordered:
                if not await self._move_experiment(experiment):
                    continue
                for pair in await self._pairs(experiment.id):
                    await lanes.acquire()
                    group.create_task(in_lane(pair))
        if not self._dry_run:
            await self._count()
        return self.moved

    # ------------------------------------------------------------ experiments

    async def _move_experiment(self, experiment: Experiment) -> bool:
        """Whether its runs can follow."""
        what = f"experiment {experiment.name!r} ({experiment.id}) with its runs"
        try:
            is_there = await self._meet(experiment)
        except ConflictError as conflict:
            self.moved.conflicts.append(Fault(what, conflict.message))
            return False
        except StoreCorruptError:
            raise
        except (StoreError, NotFoundError) as error:
            self.moved.failures.append(Fault(what, error.message))
            return False
        self.moved.experiments_known += is_there
        self.moved.experiments_new += not is_there
        self._listener(self.moved)
        return True

    async def _meet(self, experiment: Experiment) -> bool:
        """Whether the target had it already. Raises ConflictError for another of the same id."""
        try:
            theirs = await self._target.experiment(experiment.id)
        except NotFoundError:
            if self._dry_run:
                return False
            try:
                await self._target.add_experiment(experiment)
            except ConflictError:
                theirs = await self._target.experiment(experiment.id)
            else:
                self._written[experiment.id] = []
                return False
        if (theirs.kind, theirs.design) != (experiment.kind, experiment.design):
            raise ConflictError("another design has this id there")
        for user in self._missing_stars(experiment, theirs):
            await self._target.annotate_experiment(experiment.id, star=user)
        return True

    def _missing_stars(self, ours: Experiment | Run, theirs: Experiment | Run) -> list[str]:
        return [] if self._dry_run else sorted(set(ours.starred_by) - set(theirs.starred_by))

    # ------------------------------------------------------------ runs

    async def _pairs(self, experiment_id: str) -> list[_Pair]:
        """The experiment's runs, the oldest first, beside those of the target; played ones not."""
        query = RunQuery(experiment_id=experiment_id, order="oldest")
        ours = await self._source.runs(query)
        theirs = {run.id: run for run in await self._target.runs(query)} if ours else {}
        steps = await self._source.count_messages([run.id for run in ours], whole_journal=True)
        their_steps = await self._target.count_messages(
            [run.id for run in ours if run.id in theirs], whole_journal=True
        )
        played = await self._played(self._source, ours)
        played |= await self._played(self._target, theirs.values())
        self._done("played", sum(run.id in played for run in ours))
        return [
            _Pair(at_rest(run), steps[run.id], theirs.get(run.id), their_steps.get(run.id, 0))
            for run in ours
            if run.id not in played
        ]

    async def _played(self, store: ExperimentStore, runs: Collection[Run]) -> set[str]:
        """Which of all runs have somebody who plays them; nothing is asked where none can."""
        if all(run.status != "running" for run in runs):
            return set()
        return await self._all_played(store)

    async def _all_played(self, store: ExperimentStore) -> set[str]:
        leases = await store.leases(now=self._clock.now())
        return {run_id for run_id, lease in leases.items() if not self._is_dead(lease.owner)}

    async def _move_run(self, pair: _Pair) -> None:
        run = pair.run
        fate: Fate
        try:
            fate = await (self._add(pair) if pair.theirs is None else self._join(pair, pair.theirs))
        except ConflictError as conflict:
            fate = "conflict"
            self.moved.conflicts.append(Fault(f"run {run.id}", conflict.message))
        except StoreCorruptError:
            raise
        except (StoreError, NotFoundError) as error:
            fate = "failed"
            self.moved.failures.append(Fault(f"run {run.id}", error.message))
        if fate in ("new", "caught_up"):
            self._written.setdefault(run.experiment_id, []).append(run.id)
        elif fate == "known":
            self.moved.counted_runs += 1
            self.moved.counted_steps += pair.steps
        self._done(fate, 1)

    def _done(self, fate: Fate, runs: int) -> None:
        self.moved.runs[fate] += runs
        self._listener(self.moved)

    async def _add(self, pair: _Pair) -> Fate:
        """Write a run that the target has not."""
        run = pair.run
        if self._dry_run:
            return "new"
        steps = await self._source.steps(run.id)
        if len(steps) < pair.steps:
            raise NotFoundError("it was deleted meanwhile")
        try:
            await self._target.add_run(run, steps)
        except ConflictError:
            theirs = await self._target.run(run.id)
            counts = await self._target.count_messages([run.id], whole_journal=True)
            return await self._join(_Pair(run, len(steps), theirs, counts[run.id]), theirs)
        self.moved.steps += len(steps)
        return "new"

    async def _join(self, pair: _Pair, theirs: Run) -> Fate:
        """Bring the target's run to where the source's is, unless it is ahead.

        Raises ConflictError when they are two runs, or were played on apart.
        """
        run = pair.run
        if not is_same_run(run, theirs):
            raise ConflictError("another run has this id there")
        for user in self._missing_stars(run, theirs):
            await self._target.annotate_run(run.id, star=user)
        theirs = at_rest(theirs)
        if pair.steps == pair.their_steps and is_surely_alike(run, theirs, pair.steps):
            return "known"
        steps = await self._source.steps(run.id)
        there = await self._target.steps(run.id)
        missing = missing_steps(steps, there)
        is_ahead = len(there) > len(steps) or standing(theirs) >= standing(run)
        if is_ahead and not missing:
            return "known"
        return "caught_up" if self._dry_run else await self._catch_up(run, theirs, missing)

    async def _catch_up(self, run: Run, theirs: Run, missing: Sequence[Step]) -> Fate:
        """Hold the target's run as its players do, commit the steps, and record the run's end."""
        target = self._target
        if run.started_at not in (None, theirs.started_at):
            await target.update_run(run.id, started_at=run.started_at)
        if not await self._acquire(run.id):
            return "played"
        try:
            await self._commit(run.id, missing)
        except BaseException:
            await asyncio.shield(target.release(run.id, self._owner, status="paused"))
            raise
        was_ours = await target.release(
            run.id, self._owner, status=run.status, usage=run.usage, outcome=run.outcome,
            error=run.error, finished_at=run.finished_at,
        )  # fmt: skip
        return "caught_up" if was_ours else "played"

    async def _acquire(self, run_id: str) -> bool:
        now, lease = self._clock.now(), self._lease()
        holder = await self._target.acquire(run_id, lease, now=now)
        if holder is not None and self._is_dead(holder.owner):
            holder = await self._target.acquire(run_id, lease, now=now, replacing=holder.owner)
        return holder is None

    async def _commit(self, run_id: str, steps: Iterable[Step]) -> None:
        """Commit in order, so that what is there can be resumed, until we lose the run."""
        renewed_s = self._clock.monotonic()
        for step in steps:
            if self._clock.monotonic() - renewed_s > RENEWAL_S:
                renewed_s = self._clock.monotonic()
                if not await self._target.renew(run_id, self._lease()):
                    return
            await self._target.commit(step)
            self.moved.steps += 1

    def _lease(self) -> Lease:
        return Lease(self._owner, self._clock.now() + timedelta(seconds=LEASE_S), self._user)

    # ------------------------------------------------------------ the count check

    async def _count(self) -> None:
        """Count on both sides what was written, and note what is not all there.

        What was known was counted before, and that is how it was known.
        """
        for experiment_id, run_ids in self._written.items():
            try:
                await self._target.experiment(experiment_id)
            except NotFoundError:
                fault = Fault(f"experiment {experiment_id}", "it is not there")
                self.moved.uncounted.append(fault)
                continue
            runs = await self._target.runs(RunQuery(experiment_id=experiment_id))
            await self._count_steps(run_ids, {run.id for run in runs})

    async def _count_steps(self, run_ids: Sequence[str], there: Collection[str]) -> None:
        ours = await self._source.count_messages(run_ids, whole_journal=True)
        theirs = await self._target.count_messages(run_ids, whole_journal=True)
        played = await self._all_played(self._source) | await self._all_played(self._target)
        for run_id in run_ids:
            if run_id in there and theirs[run_id] >= ours[run_id]:
                self.moved.counted_runs += 1
                self.moved.counted_steps += ours[run_id]
            elif run_id not in played:
                reason = f"{theirs[run_id]} of {ours[run_id]} steps are there"
                self.moved.uncounted.append(
                    Fault(f"run {run_id}", reason if run_id in there else "it is not there")
                )


def parents_first(experiments: Iterable[Experiment]) -> list[Experiment]:
    """The experiments, each after the one that it was duplicated from, if that is among them."""
    waiting = {experiment.id: experiment for experiment in experiments}
    ordered: list[Experiment] = []
    while waiting:
        free = [one for one in waiting.values() if one.parent_id not in waiting]
        # What points at itself in a circle has no first.
        for one in free or list(waiting.values()):
            ordered.append(waiting.pop(one.id))
    return ordered


async def _arrived(work: Coroutine[Any, Any, None]) -> None:
    """Do the work, which a cancellation lets end if that does not take long."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=GRACE_S)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise
