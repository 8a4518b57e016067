"""Two copies of a run or a batch, in two stores: whether they are one, and which is further."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from simulator.domain.batches import Batch
from simulator.domain.journal import Step
from simulator.domain.records import Run, RunStatus
from simulator.errors import ConflictError

_ABOUT = ("note", "starred_by", "schema_version")
"""What may differ between copies for good."""
_PROGRESS = ("status", "usage", "outcome", "error", "started_at", "finished_at")
_ENDED: tuple[RunStatus, ...] = ("completed", "failed", "cancelled")
_STATUSES: tuple[RunStatus, ...] = ("queued", "paused", "failed", "cancelled", "completed")
_NEVER = datetime(1, 1, 1, tzinfo=UTC)


_SET_BY_AMENDING = ("specification", "specification_hash", "estimate", "amended_at")
_ABOUT_BATCH = ("order", "schema_version")


def at_rest(run: Run) -> Run:
    """The run as it is where nobody plays it: left running, it is paused."""
    return run.model_copy(update={"status": "paused"}) if run.status == "running" else run


def is_same_run(one: Run, other: Run) -> bool:
    """Whether two records are of one run, however far each has come."""
    may_differ = {name: getattr(other, name) for name in (*_ABOUT, *_PROGRESS)}
    return one.model_copy(update=may_differ) == other


def is_surely_alike(one: Run, other: Run, steps: int) -> bool:
    """Whether two copies at rest, with as many steps each, are alike; judged without the steps.

    The end of a run that has ended names the very play: by its time, where not by the journal's
    hash. Runs that somebody can have gone on with since, and been killed, are never sure.
    """
    if not steps:
        return standing(one) == standing(other)
    return one.status in _ENDED and all(
        getattr(one, name) == getattr(other, name) for name in _PROGRESS
    )


def standing(run: Run) -> tuple[bool, datetime, int]:
    """Of two copies at rest with the same steps, the greater one has gone further."""
    return run.status == "completed", run.finished_at or _NEVER, _STATUSES.index(run.status)


def missing_steps(ours: Sequence[Step], theirs: Sequence[Step]) -> list[Step]:
    """The steps of our journal that theirs lacks, in our order; none where theirs has more.

    Raises:
        ConflictError: The journals went apart: neither goes on from the other.
    """
    there = {(step.scope, step.index): step for step in theirs}
    missing: list[Step] = []
    for step in ours:
        other = there.pop((step.scope, step.index), None)
        if other is None:
            missing.append(step)
        elif not step.same_as(other):
            raise ConflictError(f"the journals go apart at step {step.index} of {step.scope!r}")
    if missing and there:
        raise ConflictError("each journal has steps that the other lacks")
    return missing


def missing_amendments(ours: Batch, theirs: Batch) -> tuple[datetime, ...]:
    """When our copy of a batch was amended without theirs, the earliest first; none if it is ahead.

    Raises:
        ConflictError: They are two batches, or each was amended without the other.
    """
    may_differ = {name: getattr(theirs, name) for name in (*_ABOUT_BATCH, *_SET_BY_AMENDING)}
    if ours.model_copy(update=may_differ) != theirs:
        raise ConflictError("another batch has this id there")
    missing = set(ours.amended_at) - set(theirs.amended_at)
    ahead = set(theirs.amended_at) - set(ours.amended_at)
    if missing and ahead:
        raise ConflictError("it was amended here and there since")
    if not missing and not ahead and ours.specification_hash != theirs.specification_hash:
        raise ConflictError("it asks for other runs there")
    return tuple(sorted(missing))
