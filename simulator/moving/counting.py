"""Counts on both sides what a copy has written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from simulator.domain.ports import ExperimentStore
from simulator.domain.records import RunQuery
from simulator.errors import NotFoundError
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
    for experiment_id, run_ids in written.items():
        try:
            await target.experiment(experiment_id)
        except NotFoundError:
            fault = Fault(f"experiment {experiment_id}", "it is not there")
            moved.uncounted.append(fault)
            continue
        runs = await target.runs(RunQuery(experiment_id=experiment_id))
        await _count_steps(source, target, run_ids, {run.id for run in runs}, holder, moved)


async def _count_steps(
    source: ExperimentStore,
    target: ExperimentStore,
    run_ids: Sequence[str],
    there: Collection[str],
    holder: Holder,
    moved: Moved,
) -> None:
    ours = await source.count_messages(run_ids, whole_journal=True)
    theirs = await target.count_messages(run_ids, whole_journal=True)
    played = await holder.played(source) | await holder.played(target)
    for run_id in run_ids:
        if run_id in there and theirs[run_id] >= ours[run_id]:
            moved.counted_runs += 1
            moved.counted_steps += ours[run_id]
        elif run_id not in played:
            reason = f"{theirs[run_id]} of {ours[run_id]} steps are there"
            moved.uncounted.append(
                Fault(f"run {run_id}", reason if run_id in there else "it is not there")
            )
