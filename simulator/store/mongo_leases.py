"""Who plays what, in MongoDB; see `ExperimentStore` for what each method promises."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from simulator.domain.journal import Usage
from simulator.domain.records import Lease, Outcome, RunStatus
from simulator.store import mongo_errors as errors
from simulator.store import mongo_queries, refusals
from simulator.store.mongo_address import Address
from simulator.store.mongo_clock import ServerClock
from simulator.store.mongo_codec import Document, lease_of, outcome_document, pack, tokens, unpacked
from simulator.store.mongo_deletion import Deletion
from simulator.store.mongo_patience import Patience
from simulator.store.mongo_schema import Database

T = TypeVar("T")


class MongoLeases:
    """The part of `MongoStore` that is about who plays a run.

    Leases count by the server's clock, so that machines whose clocks differ agree on when one
    runs out.
    """

    def __init__(
        self,
        database: Database,
        address: Address,
        patience: Patience,
        clock: ServerClock,
        largest_bytes: int,
    ) -> None:
        """Make one.

        Args:
            database: With majority writes.
            address: For messages.
            patience: Asks, and waits.
            clock: The server's.
            largest_bytes: What the server takes as one document.
        """
        self.address = address
        self._patience = patience
        self._clock = clock
        self._largest_bytes = largest_bytes
        self._experiments = database["experiments"]
        self._batches = database["batches"]
        self._runs = database["runs"]
        self._messages = database["messages"]
        self._deletion = Deletion(database, address, clock)
        self._closing: asyncio.Task[None] | None = None

    async def acquire(
        self, run_id: str, lease: Lease, *, now: datetime, replacing: str | None = None
    ) -> Lease | None:
        """None when the lease is ours now, else the one in the way. Raises NotFoundError."""
        owners = [lease.owner] if replacing is None else [lease.owner, replacing]
        began = time.monotonic()

        async def take(again: bool) -> bool:
            shift = await self._shift_since(began, again)
            free = mongo_queries.free_for(owners, now + shift)
            taking = mongo_queries.taking(lease, shift, now)
            return (await self._runs.update_one({**at(run_id), **free}, taking)).matched_count == 1

        while not await self._ask(take):
            in_the_way = await self.lease(run_id)
            if in_the_way is not None and in_the_way.expires_at > now:
                return in_the_way
        return None

    async def renew(self, run_id: str, lease: Lease) -> bool:
        """Push our lease's end back; False when we no longer own the run."""
        ours = {**at(run_id), "lease.owner": pack(lease.owner)}
        began = time.monotonic()

        async def push(again: bool) -> bool:
            renewed = mongo_queries.lease_document(lease, await self._shift_since(began, again))
            done = await self._runs.update_one(ours, {"$set": {"lease": renewed}})
            return done.matched_count == 1

        return await self._ask(push)

    async def lease(self, run_id: str) -> Lease | None:
        """Who plays the run, whether or not the lease has run out. Raises NotFoundError."""
        return await self._by_our_clock(lease_of(await self._run_document(run_id)))

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
        changes = ending(status, usage, outcome, error, finished_at)

        async def give_back(again: bool) -> bool:
            done = await self._runs.update_one(
                {**at(run_id), "lease.owner": pack(owner)},
                {"$set": {**changes, "lease": None, "released_by": pack(owner)}},
            )
            if done.matched_count or not again:
                return done.matched_count == 1
            given_back = {**at(run_id), "lease": None, "released_by": pack(owner)}
            return await self._runs.find_one(given_back, {"_id": 1}) is not None

        return await self._ask(give_back)

    # ------------------------------------------------------------ inside

    async def _ask(self, question: Callable[[bool], Awaitable[T]]) -> T:
        self._must_be_open()
        return await self._patience.ask(question)

    def _must_be_open(self) -> None:
        if self._closing is not None:
            raise errors.closed(self.address)

    def _decoded(self, decode: Callable[[Document], T], document: Document) -> T:
        try:
            return decode(document)
        except (ValueError, KeyError, TypeError) as error:
            raise errors.unreadable(self.address, str(document["_id"])) from error

    async def _run_document(self, run_id: str) -> Document:
        document = await self._ask(lambda _: self._runs.find_one(at(run_id)))
        if document is None:
            raise refusals.not_found("run", run_id)
        return document

    async def _leases(self, now: datetime, among: Document) -> dict[str, Lease]:
        async def find(again: bool) -> list[Document]:
            held = {"lease.expires_at": {"$gt": now + await self._clock.shift()}}
            return await self._runs.find({**among, **held}, {"lease": 1}).to_list()

        found: dict[str, Lease] = {}
        for document in await self._ask(find):
            lease = await self._by_our_clock(lease_of(document))
            if lease is not None:
                found[unpacked(document["_id"])] = lease
        return found

    async def _by_our_clock(self, lease: Lease | None) -> Lease | None:
        if lease is None:
            return None
        shift = await self._ask(lambda _: self._clock.shift())
        return Lease(lease.owner, lease.expires_at - shift, lease.user)

    async def _shift_since(self, began: float, again: bool) -> timedelta:
        """What to add to the times of a question that was first asked at `began`."""
        waited = timedelta(seconds=time.monotonic() - began) if again else timedelta()
        return await self._clock.shift() + waited


def at(id_: str) -> Document:
    """The filter for a record."""
    return {"_id": pack(id_)}


def ending(
    status: RunStatus | None,
    usage: Usage | None,
    outcome: Outcome | None,
    error: str | None,
    finished_at: datetime | None,
) -> Document:
    """What an update sets, of what is given."""
    changes: Document = {
        "status": status,
        "usage": usage and usage.model_dump(),
        "tokens": tokens(usage) if usage else None,
        "outcome": outcome and outcome_document(outcome),
        "error": error,
        "finished_at": finished_at,
    }
    return {name: pack(value) for name, value in changes.items() if value is not None}
