"""Counts on both sides what a copy has written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.domain.ports import ExperimentStore
from simulator.domain.records import RunQuery
from simulator.errors import NotFoundError
from simulator.lanes import in_lanes
from simulator.moving.holding import Holder
from simulator.moving.moved import Fault, Moved


async def count(
    source: ExperimentStore,
    target: ExperimentStore,
    written: Mapping[str, Sequence[str]],
    holder: Holder,
    moved: Moved,
) -> None:
    """Count what was written, and note what is not all there.

    What was known was counted before, and that is how it was known.

    Args:
        source: Has it all.
        target: Should have it.
        written: Runs by the experiment that they are of.
        holder: Tells which runs somebody plays, whose counts may differ.
        moved: Takes what was found.
    """

    async def count_one(experiment_id: str) -> None:
        try:
            await target.experiment(experiment_id)
        except NotFoundError:
            moved.uncounted.append(Fault(f"experiment {experiment_id}", "it is not there"))
            return
        await _count_steps(source, target, experiment_id, written[experiment_id], holder, moved)

    await in_lanes(count_one, written)


async def _count_steps(
    source: ExperimentStore,
    target: ExperimentStore,
    experiment_id: str,
    run_ids: Sequence[str],
    holder: Holder,
    moved: Moved,
) -> None:
    ours = await source.count_messages(run_ids, whole_journal=True)
    theirs = await target.count_messages(run_ids, whole_journal=True)
    # A run that has steps is there.
    doubtful = {run_id for run_id in run_ids if not theirs[run_id] >= ours[run_id] > 0}
    lacking = doubtful
    played: set[str] = set()
    if doubtful:
        runs = await target.runs(RunQuery(experiment_id=experiment_id))
        lacking = doubtful - {run.id for run in runs}
        played = await holder.played(source) | await holder.played(target)
    for run_id in run_ids:
        if run_id not in lacking and theirs[run_id] >= ours[run_id]:
            moved.counted_runs += 1
            moved.counted_steps += ours[run_id]
        elif run_id not in played:
            reason = f"{theirs[run_id]} of {ours[run_id]} steps are there"
            moved.uncounted.append(
                Fault(f"run {run_id}", "it is not there" if run_id in lacking else reason)
            )
