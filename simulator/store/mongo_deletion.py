"""Deletes runs and experiments without transactions, so that being cut off does no harm.

Before a journal loses its run, or is written before its run, the run's id is put on a list. A
store that is opened a day later finishes what stands there: a journal whose run is missing goes.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import OperationFailure

from simulator.store import mongo_errors as errors
from simulator.store.mongo_address import Address
from simulator.store.mongo_clock import ServerClock
from simulator.store.mongo_codec import Document
from simulator.store.mongo_schema import Database

_UNFINISHED_S = 86_400
"""Seconds after which nobody is at work any more on what stands on the list."""
_AT_WORK_S = 60
"""Seconds in which somebody else may be at work on a run that stands on the list."""
_AT_ONCE = 1000


class Deletion:
    """Of runs with their journals. Ids are as `pack` makes them."""

    def __init__(self, database: Database, address: Address, clock: ServerClock) -> None:
        """Make one; `database` has majority writes."""
        self._experiments = database["experiments"]
        self._batches = database["batches"]
        self._runs = database["runs"]
        self._messages = database["messages"]
        self._list = database["unfinished"]
        self._address = address
        self._clock = clock

    async def expect(self, run_ids: Sequence[Any]) -> None:
        """Put runs on the list: their journals are about to stand without them."""
        marked = {"$set": {"since": await self._clock.now()}, "$unset": {"claimed": 1}}
        entries = [UpdateOne({"_id": run_id}, marked, upsert=True) for run_id in run_ids]
        await self._list.bulk_write(entries, ordered=False)

    async def expect_one(self, run_id: Any) -> bool:
        """Put a run on the list; whether it stood there from an attempt that is over by now."""
        now = await self._clock.now()
        marked = {"$set": {"since": now}, "$unset": {"claimed": 1}}
        before = await self._list.find_one_and_update({"_id": run_id}, marked, upsert=True)
        return before is not None and now - before["since"] > timedelta(seconds=_AT_WORK_S)

    async def forget(self, run_id: Any) -> None:
        """Take a run from the list: it stands with its journal."""
        await self._list.delete_one({"_id": run_id})

    async def of_runs(self, run_ids: Sequence[Any], which: Document | None = None) -> int:
        """Delete runs with their journals; how many runs went.

        Args:
            run_ids: Which.
            which: A filter that they must also meet.
        """
        gone = 0
        for first in range(0, len(run_ids), _AT_ONCE):
            part = run_ids[first : first + _AT_ONCE]
            await self.expect(part)
            done = await self._runs.delete_many({"_id": {"$in": list(part)}, **(which or {})})
            gone += done.deleted_count
            await self._take_strays(part)
        return gone

    async def of_experiment(
        self, experiment_id: Any, free: Document
    ) -> tuple[int, Document | None]:
        """Delete an experiment with all that is its own.

        Gives how many runs went, and a run that stays, if any. Runs and batches that are added
        meanwhile go too, or find their experiment gone. The experiment stays as long as any of
        its runs does.

        Args:
            experiment_id: Which.
            free: A filter for runs that nobody plays.
        """
        gone = await self._of_runs_of(experiment_id, free)
        stays = await self._runs.find_one({"experiment_id": experiment_id})
        if stays is None:
            of_it = {"experiment_id": experiment_id}
            await self._batches.delete_many(of_it)
            await self._experiments.delete_one({"_id": experiment_id})
            await self._batches.delete_many(of_it)
            gone += await self._of_runs_of(experiment_id, {})
        return gone, stays

    async def finish(self) -> None:
        """Finish what was cut off long ago; who may not write leaves it to others."""
        now = await self._clock.now()
        claimed = {"claimed": secrets.token_hex(8)}
        old = {"since": {"$lt": now - timedelta(seconds=_UNFINISHED_S)}}
        try:
            found = await self._list.update_many(old, {"$set": {"since": now, **claimed}})
            if found.matched_count:
                entries = await self._list.find(claimed, {"_id": 1}).to_list()
                run_ids = [entry["_id"] for entry in entries]
                for first in range(0, len(run_ids), _AT_ONCE):
                    await self._take_strays(run_ids[first : first + _AT_ONCE])
                await self._list.delete_many(claimed)
        except OperationFailure as error:
            if not errors.is_forbidden(error, self._address):
                raise

    async def _of_runs_of(self, experiment_id: Any, which: Document) -> int:
        found = self._runs.find({"experiment_id": experiment_id}, {"_id": 1})
        return await self.of_runs([run["_id"] async for run in found], which)

    async def _take_strays(self, run_ids: Sequence[Any]) -> None:
        """Delete the journals of those runs that are missing."""
        found: list[Document] = await self._runs.find(
            {"_id": {"$in": list(run_ids)}}, {"_id": 1}
        ).to_list()
        present = {run["_id"] for run in found}
        missing = [run_id for run_id in run_ids if run_id not in present]
        if missing:
            await self._messages.delete_many({"run_id": {"$in": missing}})
