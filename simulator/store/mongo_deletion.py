"""Deletes runs and experiments without transactions, so that being cut off does no harm.

Before a journal loses its run, or is written before its run, the run's id is put on a list. A
store that is opened later finishes what stands there: a journal whose run is missing goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import OperationFailure

from simulator.store import mongo_errors as errors
from simulator.store.mongo_codec import Document
from simulator.store.mongo_schema import Database

_UNFINISHED_S = 600
"""Seconds after which nobody is at work any more on what stands on the list."""


class Deletion:
    """Of runs with their journals. Ids are as `pack` makes them."""

    def __init__(self, database: Database, shift: timedelta) -> None:
        """Make one.

        Args:
            database: With majority writes.
            shift: By how much the server's clock is ahead.
        """
        self._experiments = database["experiments"]
        self._runs = database["runs"]
        self._messages = database["messages"]
        self._list = database["unfinished"]
        self._shift = shift

    async def expect(self, run_ids: Sequence[Any]) -> None:
        """Put runs on the list: their journals are about to stand without them."""
        renewed = {"$set": {"since": datetime.now(UTC) + self._shift}}
        entries = [UpdateOne({"_id": run_id}, renewed, upsert=True) for run_id in run_ids]
        await self._list.bulk_write(entries, ordered=False)

    async def of_runs(self, run_ids: Sequence[Any], which: Mapping[str, Any] | None = None) -> int:
        """Delete runs with their journals; how many runs went.

        Args:
            run_ids: Which.
            which: A filter that they must also meet.
        """
        if not run_ids:
            return 0
        await self.expect(run_ids)
        chosen = {"_id": {"$in": list(run_ids)}}
        done = await self._runs.delete_many(chosen if which is None else {"$and": [chosen, which]})
        await self._take_strays(run_ids)
        return done.deleted_count

    async def of_experiment(self, experiment_id: Any) -> int:
        """Delete an experiment with its runs; how many runs went.

        Runs that are added meanwhile go too, or find their experiment gone.
        """
        gone = await self._of_runs_of(experiment_id)
        await self._experiments.delete_one({"_id": experiment_id})
        return gone + await self._of_runs_of(experiment_id)

    async def finish(self) -> None:
        """Finish what was cut off long ago; who may not write leaves it to others."""
        before = datetime.now(UTC) + self._shift - timedelta(seconds=_UNFINISHED_S)
        old = await self._list.find({"since": {"$lt": before}}).to_list()
        if not old:
            return
        run_ids = [entry["_id"] for entry in old]
        try:
            await self._take_strays(run_ids)
            await self._list.delete_many({"_id": {"$in": run_ids}})
        except OperationFailure as error:
            if error.code != errors.UNAUTHORIZED:
                raise

    async def _of_runs_of(self, experiment_id: Any) -> int:
        found = self._runs.find({"experiment_id": experiment_id}, {"_id": 1})
        return await self.of_runs([run["_id"] async for run in found])

    async def _take_strays(self, run_ids: Sequence[Any]) -> None:
        """Delete the journals of those runs that are missing."""
        found: list[Document] = await self._runs.find(
            {"_id": {"$in": list(run_ids)}}, {"_id": 1}
        ).to_list()
        present = {run["_id"] for run in found}
        missing = [run_id for run_id in run_ids if run_id not in present]
        if missing:
            await self._messages.delete_many({"run_id": {"$in": missing}})
