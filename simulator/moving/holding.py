"""Holds runs of the target while they are caught up, as their players do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from simulator.domain.copies import at_rest, missing_steps, standing
from simulator.domain.journal import Step
from simulator.domain.ports import Clock, ExperimentStore
from simulator.domain.records import Lease, Run
from simulator.errors import LeaseLostError
from simulator.moving.moved import Fate, Moved

LEASE_S = 30.0
"""Seconds for which a run of the target is held while steps are added to it."""
RENEWAL_S = 5.0
"""Seconds after which that is prolonged."""
STEPS_AT_ONCE = 100
"""Steps of a run that are on their way at the same time."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds runs while they are copied."""

    owner: str
    user: str
    clock: Clock
    is_dead: Callable[[str], bool]
    """Whether an owner is known to be gone, so that its lease means nothing."""

    async def played(self, store: ExperimentStore) -> set[str]:
        """The runs of a store that somebody plays."""
        leases = await store.leases(now=self.clock.now())
        return {run_id for run_id, lease in leases.items() if not self.is_dead(lease.owner)}

    async def acquire(self, store: ExperimentStore, run_id: str) -> bool:
        """Take a run; False when somebody plays it."""
        now, lease = self.clock.now(), self._lease()
        holder = await store.acquire(run_id, lease, now=now)
        if holder is not None and self.is_dead(holder.owner):
            holder = await store.acquire(run_id, lease, now=now, replacing=holder.owner)
        return holder is None

    async def renew(self, store: ExperimentStore, run_id: str) -> bool:
        """Hold it for longer; False when it was lost."""
        return await store.renew(run_id, self._lease())

    def _lease(self) -> Lease:
        return Lease(self.owner, self.clock.now() + timedelta(seconds=LEASE_S), self.user)


def news(ours: Run, steps: Sequence[Step], theirs: Run, there: Sequence[Step]) -> list[Step] | None:
    """The steps that their copy lacks to be where ours is; None where it is as far or ahead.

    Both are at rest. Raises ConflictError when the journals went apart.
    """
    missing = missing_steps(steps, there)
    is_ahead = len(there) > len(steps) or standing(theirs) >= standing(ours)
    return None if is_ahead and not missing else missing


async def catch_up(
    target: ExperimentStore, holder: Holder, run: Run, steps: Sequence[Step], moved: Moved
) -> Fate:
    """Hold the target's run, then write the steps and the end that it lacks.

    What it lacks is found out while it is held, as somebody may have played on until then.

    Args:
        target: Has the run.
        holder: Holds it.
        run: As the source has it, at rest.
        steps: Its journal.
        moved: Counts the steps that are written.

    Raises:
        ConflictError: The journals went apart.
    """
    before = await target.run(run.id)
    if before.started_at is None and run.started_at is not None:
        # Else a copy that is cut off once it holds the run leaves the time of the copy.
        await target.update_run(run.id, started_at=run.started_at)
    if not await holder.acquire(target, run.id):
        return "played"
    end = at_rest(before)
    fate: Fate = "known"
    try:
        held = await target.run(run.id)
        end = _before_held(before, held)
        missing = news(run, steps, end, await target.steps(run.id))
        if missing is not None:
            fate = "caught_up"
            end = end.model_copy(update={"status": "paused", "error": None})
            if run.started_at not in (None, held.started_at):
                await target.update_run(run.id, started_at=run.started_at)
            await _commit(target, holder, run.id, missing, moved)
            end = run
    except LeaseLostError:
        fate = "played"
    finally:
        was_ours = await asyncio.shield(
            target.release(
                run.id, holder.owner, status=end.status, usage=end.usage, outcome=end.outcome,
                error=end.error, finished_at=end.finished_at,
            )
        )  # fmt: skip
    return fate if was_ours else "played"


def _before_held(before: Run, held: Run) -> Run:
    """The run as it was at the moment when it was taken, which has hidden its status and error.

    A play that ended since `before` was read has left its end.
    """
    if (held.finished_at, held.usage) == (before.finished_at, before.usage):
        return at_rest(before)
    return held.model_copy(update={"status": "completed" if held.outcome else "paused"})


async def _commit(
    target: ExperimentStore, holder: Holder, run_id: str, steps: Sequence[Step], moved: Moved
) -> None:
    """Commit in order, many at once, until we lose the run."""
    refused = False

    async def commit(step: Step) -> None:
        nonlocal refused
        # A journal that ends before a refused step can be resumed, one with a gap can not.
        if refused:
            return
        try:
            await target.commit(step, owner=holder.owner)
        except BaseException:
            refused = True
            raise
        moved.steps += 1

    renewed_s = holder.clock.monotonic()
    for start in range(0, len(steps), STEPS_AT_ONCE):
        if holder.clock.monotonic() - renewed_s > RENEWAL_S:
            renewed_s = holder.clock.monotonic()
            if not await holder.renew(target, run_id):
                return
        some = steps[start : start + STEPS_AT_ONCE]
        for answer in await asyncio.gather(*map(commit, some), return_exceptions=True):
            if answer is not None:
                raise answer
