"""Copies the records of batches, between their experiments and their runs."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.domain.batches import Batch, BatchQuery
from simulator.domain.copies import missing_amendments
from simulator.domain.ports import ExperimentStore
from simulator.errors import ConflictError, NotFoundError, StoreCorruptError, StoreError
from simulator.lanes import in_lanes
from simulator.moving.moved import BatchFate, Fault, Moved


async def move_batches(
    source: ExperimentStore,
    target: ExperimentStore,
    experiment_ids: Sequence[str],
    moved: Moved,
    *,
    dry_run: bool,
) -> None:
    """Copy the batches of experiments that the target has.

    One that was amended in the source only is amended. What its players shall do is left as the
    target has it. The runs of a batch that is refused can follow without it.

    Args:
        source: Is only read.
        target: Has the experiments, unless it is a dry run.
        experiment_ids: Whose batches.
        moved: Counts them, and takes what did not arrive.
        dry_run: Only look.
    """
    ours = await source.batches(BatchQuery(experiment_ids=tuple(experiment_ids)))
    if not ours:
        return
    ids = tuple(batch.id for batch in ours)
    there = {batch.id: batch for batch in await target.batches(BatchQuery(ids=ids))}
    written: list[str] = []

    async def move(batch: Batch) -> None:
        what = f"batch {batch.name!r} ({batch.id})"
        try:
            fate = await _move(target, batch, there.get(batch.id), dry_run=dry_run)
        except ConflictError as conflict:
            moved.conflicts.append(Fault(what, conflict.message))
        except StoreCorruptError:
            raise
        except (StoreError, NotFoundError) as error:
            moved.failures.append(Fault(what, error.message))
        else:
            moved.batches[fate] += 1
            if fate != "known" and not dry_run:
                written.append(batch.id)

    await in_lanes(move, ours)
    if written:
        arrived = await target.batches(BatchQuery(ids=tuple(written)))
        for id_ in sorted(set(written) - {batch.id for batch in arrived}):
            moved.uncounted.append(Fault(f"batch {id_}", "it is not there"))


async def _move(
    target: ExperimentStore,
    batch: Batch,
    theirs: Batch | None,
    *,
    dry_run: bool,
) -> BatchFate:
    """What becomes of it. Raises ConflictError for two batches, or one that was amended apart."""
    if theirs is None:
        if dry_run:
            return "new"
        try:
            await target.add_batch(batch)
        except ConflictError:
            theirs = await target.batch(batch.id)
        else:
            return "new"
    missing = missing_amendments(batch, theirs)
    if not missing:
        return "known"
    if not dry_run:
        await target.update_batch(
            batch.id,
            specification=batch.specification,
            specification_hash=batch.specification_hash,
            estimate=batch.estimate,
            amended_at=missing,
        )
    return "caught_up"
