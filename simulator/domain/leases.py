"""Who plays a run: what stores promise of leases."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from simulator.domain.journal import Usage
from simulator.domain.records import Lease, Outcome, RunStatus


class LeaseStore(Protocol):
    """The part of `ExperimentStore` that is about who plays a run."""

    async def acquire(
        self, run_id: str, lease: Lease, *, now: datetime, replacing: str | None = None
    ) -> Lease | None:
        """Take the run to play it, if it is free, expired at `now`, ours, or `replacing`'s.

        In the same atomic step it becomes `running`, started at `now` unless it was before, and
        without an error.

        Returns:
            None when the lease is ours now, else the lease in the way. Raises NotFoundError.
        """
        ...

    async def renew(self, run_id: str, lease: Lease) -> bool:
        """Push our lease's end back; False when we no longer own the run."""
        ...

    async def lease(self, run_id: str) -> Lease | None:
        """Who plays the run, whether or not the lease has run out. Raises NotFoundError."""
        ...

    async def leases(self, *, now: datetime) -> dict[str, Lease]:
        """Who plays what: the leases that have not run out at `now`, by run."""
        ...

    async def release(
        self,
        run_id: str,
        owner: str,
        *,
        status: RunStatus | None = None,
        usage: Usage | None = None,
        outcome: Outcome | None = None,
        error: str | None = None,
        finished_at: datetime | None = None,
    ) -> bool:
        """Give the run back and put on record how it ended, in one atomic step.

        Only what is given changes. False, and nothing is changed, when we do not own the run.
        """
        ...
