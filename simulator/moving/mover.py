"""Copies experiments with their batches and runs, many side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

from simulator.domain.copies import at_rest, is_same_run, is_surely_alike
from simulator.domain.ports import Clock, ExperimentStore
from simulator.domain.records import Experiment, ExperimentQuery, Run, RunQuery, StoreCard
from simulator.errors import (
    ConflictError,
    DesignChangedError,
    NotFoundError,
    StoreCorruptError,
    StoreError,
)
from simulator.lanes import LANES, in_lanes, lanes
from simulator.moving.batches import move_batches
from simulator.moving.counting import count
from simulator.moving.holding import Holder, catch_up, news
from simulator.moving.moved import Fate, Fault, Moved

RUNS_AT_ONCE = 1000
"""Runs whose records are held beside the target's; more where one experiment has more."""
GRACE_S = 5.0
"""Seconds that the runs under way have to arrive when the copy is stopped."""


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
        self._holder = Holder(owner, user, clock, is_dead)
        self._listener = listener
        self._dry_run = dry_run
        self._written: dict[str, list[str]] = {}
        self.moved = Moved()

    async def move(self, experiments: Iterable[Experiment]) -> Moved:
        """Copy the experiments, parents first, and count what has arrived.

        When it is cancelled, runs under way arrive first, as far as they do within `GRACE_S`.

        Raises:
            StoreUnavailableError: A store cannot be reached any more; so do the other errors that
                concern a whole store.
        """
        every = list(experiments)
        counts = await self._source.count_runs([one.id for one in every])
        self.moved.experiments_total = len(every)
        self.moved.runs_total = sum(counts.values())
        async with lanes() as start:
            for portion in portions(every, counts):
                there = await self._move_experiments(portion)
                await self._move_batches(there)
                for pair in await self._pairs(there):
                    await start(self._move_run_whole, pair)
        if not self._dry_run:
            await count(self._source, self._target, self._written, self._holder, self.moved)
        return self.moved

    # ------------------------------------------------------------ experiments

    async def _move_experiments(self, portion: Sequence[Experiment]) -> list[Experiment]:
        """Those whose runs can follow."""
        ids = tuple(one.id for one in portion)
        there = {one.id: one for one in await self._target.experiments(ExperimentQuery(ids=ids))}

        async def can_follow(experiment: Experiment) -> bool:
            return await self._move_experiment(experiment, there.get(experiment.id))

        return list(compress(portion, await in_lanes(can_follow, portion)))

    async def _move_experiment(self, experiment: Experiment, theirs: Experiment | None) -> bool:
        """Whether its runs can follow."""
        what = f"experiment {experiment.name!r} ({experiment.id}) with its runs"
        try:
            is_there = await self._meet(experiment, theirs)
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

    async def _meet(self, experiment: Experiment, theirs: Experiment | None) -> bool:
        """Whether the target had it already. Raises ConflictError for another of the same id."""
        if theirs is None:
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

    async def _move_batches(self, portion: Sequence[Experiment]) -> None:
        ids = [one.id for one in portion]
        await move_batches(self._source, self._target, ids, self.moved, dry_run=self._dry_run)

    # ------------------------------------------------------------ runs

    async def _pairs(self, portion: Sequence[Experiment]) -> list[_Pair]:
        """The experiments' runs, the oldest first, beside those of the target; no played ones."""
        ours = await _runs_of(self._source, [one.id for one in portion])
        met = dict.fromkeys(run.experiment_id for run in ours)
        theirs = {run.id: run for run in await _runs_of(self._target, list(met))}
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
        return await self._holder.played(store)

    async def _move_run_whole(self, pair: _Pair) -> None:
        """Move it; a cancellation lets that end if it does not take long."""
        task = asyncio.ensure_future(self._move_run(pair))
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task}, timeout=GRACE_S)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            raise

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
        except (StoreError, NotFoundError, DesignChangedError) as error:
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
        if news(run, steps, theirs, await self._target.steps(run.id)) is None:
            return "known"
        if self._dry_run:
            return "caught_up"
        return await catch_up(self._target, self._holder, run, steps, self.moved)


async def _runs_of(store: ExperimentStore, experiment_ids: Sequence[str]) -> list[Run]:
    queries = [RunQuery(experiment_id=id_, order="oldest") for id_ in experiment_ids]
    return [run for runs in await in_lanes(store.runs, queries) for run in runs]


def portions(
    experiments: Iterable[Experiment], counts: Mapping[str, int]
) -> Iterator[list[Experiment]]:
    """The experiments, a few at a time, none before the one that it was duplicated from.

    Args:
        experiments: In any order.
        counts: How many runs each has.
    """
    for generation in _generations(experiments):
        portion: list[Experiment] = []
        runs = 0
        for experiment in generation:
            runs += counts[experiment.id]
            if portion and (len(portion) == LANES or runs > RUNS_AT_ONCE):
                yield portion
                portion, runs = [], counts[experiment.id]
            portion.append(experiment)
        yield portion


def _generations(experiments: Iterable[Experiment]) -> Iterator[list[Experiment]]:
    """The experiments, each after the one that it was duplicated from, if that is among them."""
    waiting = {experiment.id: experiment for experiment in experiments}
    while waiting:
        free = [one for one in waiting.values() if one.parent_id not in waiting]
        # What points at itself in a circle has no first.
        generation = free or list(waiting.values())
        for one in generation:
            del waiting[one.id]
        yield generation
