"""Experiments, runs and leases in MongoDB; see `ExperimentStore` for what each method promises."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from pymongo.errors import DuplicateKeyError

from simulator.domain.journal import Usage
from simulator.domain.records import (
    Experiment,
    ExperimentQuery,
    Lease,
    Outcome,
    Run,
    RunQuery,
    RunStatus,
)
from simulator.store import mongo_errors as errors
from simulator.store import mongo_queries, refusals
from simulator.store.mongo_address import Address
from simulator.store.mongo_codec import (
    Document,
    experiment_document,
    experiment_of,
    lease_of,
    outcome_document,
    pack,
    run_document,
    run_of,
    tokens,
    unpacked,
)
from simulator.store.mongo_deletion import Deletion
from simulator.store.mongo_patience import Patience
from simulator.store.mongo_schema import Database

T = TypeVar("T")

_COUNTED_AT_ONCE = 1000


class MongoRecords:
    """The part of `MongoStore` that is not about journals.

    Leases count by the server's clock, so that machines whose clocks differ agree on when one
    runs out.
    """

    def __init__(
        self,
        database: Database,
        address: Address,
        patience: Patience,
        shift: timedelta,
        largest_bytes: int,
    ) -> None:
        """Make one.

        Args:
            database: With majority writes.
            address: For messages.
            patience: Asks, and waits.
            shift: By how much the server's clock is ahead.
            largest_bytes: What the server takes as one document.
        """
        self.address = address
        self._patience = patience
        self._shift = shift
        self._largest_bytes = largest_bytes
        self._experiments = database["experiments"]
        self._runs = database["runs"]
        self._messages = database["messages"]
        self._deletion = Deletion(database, shift)
        self._closing: asyncio.Task[None] | None = None

    # ------------------------------------------------------------ experiments

    async def add_experiment(self, experiment: Experiment) -> None:
        """Raises ConflictError when the id is taken."""
        document = experiment_document(experiment)
        errors.must_fit(document, self._largest_bytes, self.address)

        async def add(again: bool) -> None:
            try:
                await self._experiments.insert_one(document)
            except DuplicateKeyError as error:
                if not again or await self.experiment(experiment.id) != experiment:
                    raise refusals.taken("experiment", experiment.id) from error

        await self._ask(add)

    async def experiment(self, experiment_id: str) -> Experiment:
        """Raises NotFoundError."""
        document = await self._ask(lambda _: self._experiments.find_one(_at(experiment_id)))
        if document is None:
            raise refusals.not_found("experiment", experiment_id)
        return self._decoded(experiment_of, document)

    async def experiments(self, query: ExperimentQuery) -> list[Experiment]:
        """The newest first."""
        if query.limit is not None and query.limit <= 0:
            return []

        async def find(again: bool) -> list[Document]:
            found = self._experiments.find(mongo_queries.experiments(query), limit=query.limit or 0)
            return await found.sort(mongo_queries.EXPERIMENT_ORDER).to_list()

        return [self._decoded(experiment_of, document) for document in await self._ask(find)]

    async def annotate_experiment(
        self,
        experiment_id: str,
        *,
        note: str | None = None,
        star: str | None = None,
        unstar: str | None = None,
    ) -> None:
        """Change the note, or a user's star, if given. Raises NotFoundError."""
        await self._annotate("experiment", experiment_id, note, star, unstar)

    async def delete_experiment(
        self, experiment_id: str, *, now: datetime, despite: Collection[str] = ()
    ) -> int:
        """Delete it with all that is its own; how many runs went. NotFoundError, ConflictError."""
        await self.experiment(experiment_id)
        owned = {"experiment_id": pack(experiment_id)}
        for run_id, lease in (await self._leases(now, owned)).items():
            if lease.owner not in despite:
                raise refusals.being_played(run_id, lease)
        return await self._ask(lambda _: self._deletion.of_experiment(pack(experiment_id)))

    # ------------------------------------------------------------ runs

    async def _may_be_added(self, run: Run) -> None:
        errors.must_fit(run_document(run), self._largest_bytes, self.address)
        await self.experiment(run.experiment_id)
        if await self._ask(lambda _: self._runs.find_one(_at(run.id), {"_id": 1})) is not None:
            raise refusals.taken("run", run.id)

    async def _insert_run(self, run: Run) -> None:
        document = run_document(run)

        async def insert(again: bool) -> None:
            try:
                await self._runs.insert_one(document)
            except DuplicateKeyError as error:
                if not again or await self.run(run.id) != run:
                    raise refusals.taken("run", run.id) from error
            if await self._experiments.find_one(_at(run.experiment_id), {"_id": 1}) is None:
                await self._deletion.of_runs([pack(run.id)])
                raise refusals.not_found("experiment", run.experiment_id)

        await self._ask(insert)

    async def run(self, run_id: str) -> Run:
        """Raises NotFoundError."""
        return self._decoded(run_of, await self._run_document(run_id))

    async def runs(self, query: RunQuery) -> list[Run]:
        """In the order that the query names."""
        if query.limit is not None and query.limit <= 0:
            return []

        async def find(again: bool) -> list[Document]:
            found = self._runs.find(mongo_queries.runs(query), limit=query.limit or 0)
            return await found.sort(mongo_queries.run_order(query.order)).to_list()

        return [self._decoded(run_of, document) for document in await self._ask(find)]

    async def count_runs(self, experiment_ids: Sequence[str]) -> dict[str, int]:
        """How many runs each experiment has; experiments without runs count 0."""
        return await self._counted(self._runs, mongo_queries.counting_runs, experiment_ids)

    async def count_messages(
        self, run_ids: Sequence[str], *, whole_journal: bool = False
    ) -> dict[str, int]:
        """How many messages, or steps, each run has; runs without any count 0."""
        counting = partial(mongo_queries.counting_messages, whole_journal=whole_journal)
        return await self._counted(self._messages, counting, run_ids)

    async def update_run(
        self,
        run_id: str,
        *,
        status: RunStatus | None = None,
        usage: Usage | None = None,
        outcome: Outcome | None = None,
        error: str | None = None,
        started_at: datetime | None = None,
        finished_at: datetime | None = None,
    ) -> None:
        """Change only what is given. Raises NotFoundError."""
        changes = _ending(status, usage, outcome, error, finished_at)
        if started_at is not None:
            changes["started_at"] = started_at
        await self._change("run", run_id, changes)

    async def annotate_run(
        self,
        run_id: str,
        *,
        note: str | None = None,
        star: str | None = None,
        unstar: str | None = None,
    ) -> None:
        """Change the note, or a user's star, if given. Raises NotFoundError."""
        await self._annotate("run", run_id, note, star, unstar)

    async def delete_run(
        self, run_id: str, *, now: datetime, despite: Collection[str] = ()
    ) -> None:
        """Delete it with its journal. NotFoundError; ConflictError when somebody plays it."""
        free = mongo_queries.free_for(run_id, despite, now + self._shift)

        async def delete(again: bool) -> bool:
            if await self._deletion.of_runs([pack(run_id)], free):
                return True
            return again and await self._runs.find_one(_at(run_id), {"_id": 1}) is None

        while not await self._ask(delete):
            lease = lease_of(await self._run_document(run_id))
            if lease is not None:
                raise refusals.being_played(run_id, lease)

    # ------------------------------------------------------------ leases

    async def acquire(
        self, run_id: str, lease: Lease, *, now: datetime, replacing: str | None = None
    ) -> Lease | None:
        """None when the lease is ours now, else the one in the way. Raises NotFoundError."""
        owners = [lease.owner] if replacing is None else [lease.owner, replacing]
        free = mongo_queries.free_for(run_id, owners, now + self._shift)
        taking = mongo_queries.taking(lease, self._shift, now)
        while True:
            taken = await self._ask(lambda _: self._runs.update_one(free, taking))
            if taken.matched_count:
                return None
            in_the_way = await self.lease(run_id)
            if in_the_way is not None and in_the_way.expires_at > now:
                return in_the_way

    async def renew(self, run_id: str, lease: Lease) -> bool:
        """Push our lease's end back; False when we no longer own the run."""
        renewed = mongo_queries.lease_document(lease, self._shift)
        done = await self._ask(
            lambda _: self._runs.update_one(
                {**_at(run_id), "lease.owner": pack(lease.owner)}, {"$set": {"lease": renewed}}
            )
        )
        return done.matched_count == 1

    async def lease(self, run_id: str) -> Lease | None:
        """Who plays the run, whether or not the lease has run out. Raises NotFoundError."""
        return self._ours(lease_of(await self._run_document(run_id)))

    async def leases(self, *, now: datetime) -> dict[str, Lease]:
        """The leases that have not run out at `now`, by run."""
        return await self._leases(now, {})

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
        """Give the run back with its end on record; False when we do not own it."""
        changes = _ending(status, usage, outcome, error, finished_at)

        async def give_back(again: bool) -> bool:
            done = await self._runs.update_one(
                {**_at(run_id), "lease.owner": pack(owner)},
                {"$set": {**changes, "lease": None, "released_by": pack(owner)}},
            )
            if done.matched_count or not again:
                return done.matched_count == 1
            given_back = {**_at(run_id), "lease": None, "released_by": pack(owner)}
            return await self._runs.find_one(given_back, {"_id": 1}) is not None

        return await self._ask(give_back)

    # ------------------------------------------------------------ inside

    async def _ask(self, question: Callable[[bool], Awaitable[T]]) -> T:
        self._must_be_open()
        return await self._patience.ask(question)

    def _must_be_open(self) -> None:
        if self._closing is not None:
            raise errors.closed(self.address)

    async def _run_document(self, run_id: str) -> Document:
        document = await self._ask(lambda _: self._runs.find_one(_at(run_id)))
        if document is None:
            raise refusals.not_found("run", run_id)
        return document

    def _decoded(self, decode: Callable[[Document], T], document: Document) -> T:
        try:
            return decode(document)
        except (ValueError, KeyError, TypeError) as error:
            raise errors.unreadable(self.address) from error

    async def _counted(
        self,
        collection: Any,
        counting: Callable[[Sequence[str]], list[Document]],
        ids: Sequence[str],
    ) -> dict[str, int]:
        counts = dict.fromkeys(ids, 0)
        for first in range(0, len(ids), _COUNTED_AT_ONCE):
            pipeline = counting(ids[first : first + _COUNTED_AT_ONCE])

            async def count(again: bool, pipeline: list[Document] = pipeline) -> list[Document]:
                cursor = await collection.aggregate(pipeline)
                return list(await cursor.to_list())

            for found in await self._ask(count):
                counts[unpacked(found["_id"])] = found["count"]
        return counts

    async def _change(self, what: str, id_: str, changes: Document) -> None:
        collection = self._runs if what == "run" else self._experiments

        async def change(again: bool) -> bool:
            if not changes:
                return await collection.find_one(_at(id_), {"_id": 1}) is not None
            return (await collection.update_one(_at(id_), {"$set": changes})).matched_count == 1

        if not await self._ask(change):
            raise refusals.not_found(what, id_)

    async def _annotate(
        self, what: str, id_: str, note: str | None, star: str | None, unstar: str | None
    ) -> None:
        collection = self._runs if what == "run" else self._experiments
        await self._change(what, id_, {} if note is None else {"note": pack(note)})
        if star is not None:
            added = {"$addToSet": {"starred_by": pack(star)}}
            await self._ask(lambda _: collection.update_one(_at(id_), added))
        if unstar is not None:
            taken = {"$pull": {"starred_by": pack(unstar)}}
            await self._ask(lambda _: collection.update_one(_at(id_), taken))

    async def _leases(self, now: datetime, among: Document) -> dict[str, Lease]:
        async def find(again: bool) -> list[Document]:
            held = {**among, "lease.expires_at": {"$gt": now + self._shift}}
            return await self._runs.find(held, {"lease": 1}).to_list()

        found: dict[str, Lease] = {}
        for document in await self._ask(find):
            lease = self._ours(lease_of(document))
            if lease is not None:
                found[unpacked(document["_id"])] = lease
        return found

    def _ours(self, lease: Lease | None) -> Lease | None:
        """A stored lease, with its time by this machine's clock."""
        return lease and Lease(lease.owner, lease.expires_at - self._shift, lease.user)


def _at(id_: str) -> Document:
    return {"_id": pack(id_)}


def _ending(
    status: RunStatus | None,
    usage: Usage | None,
    outcome: Outcome | None,
    error: str | None,
    finished_at: datetime | None,
) -> Document:
    changes: Document = {
        "status": status,
        "usage": usage and usage.model_dump(),
        "tokens": tokens(usage) if usage else None,
        "outcome": outcome and outcome_document(outcome),
        "error": error,
        "finished_at": finished_at,
    }
    return {name: pack(value) for name, value in changes.items() if value is not None}
