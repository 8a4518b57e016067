"""The store for sharing: one MongoDB database that several people and machines use."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Hashable, Sequence
from contextlib import aclosing
from functools import partial

from pymongo.errors import PyMongoError

from simulator.domain.journal import Step
from simulator.domain.records import Run, StoreCard
from simulator.errors import SimulatorError
from simulator.store import following, mongo_queries, mongo_schema, refusals
from simulator.store import mongo_errors as errors
from simulator.store.mongo_address import Address, parse_address
from simulator.store.mongo_batches import MongoBatches
from simulator.store.mongo_client import Client, ask_hello, connect, database_of, has_change_streams
from simulator.store.mongo_clock import ServerClock, clock_skew
from simulator.store.mongo_codec import Document, pack, step_of, unpacked
from simulator.store.mongo_journal import JournalWriter
from simulator.store.mongo_patience import PARTING_S, Patience
from simulator.store.opening import StoreOptions

_LOOK_ANYWAY_S = 2.0
"""Seconds after which it is looked for news although a change stream would tell: streams of sets
without a majority are silent."""
_LISTEN_AGAIN_S = 0.5
"""Seconds until a broken change stream is opened again."""


class MongoStore(MongoBatches):
    """An `ExperimentStore` in a database. It belongs to the event loop that opened it.

    See `ExperimentStore` for what each method promises.
    """

    def __init__(
        self,
        client: Client,
        address: Address,
        patience: Patience,
        clock: ServerClock,
        hello: Document,
    ) -> None:
        """Use `MongoStore.open` instead."""
        largest_bytes = int(hello["maxBsonObjectSize"])
        super().__init__(database_of(client, address), address, patience, clock, largest_bytes)
        self._client = client
        self._streams = has_change_streams(hello)
        self._news = following.News(self._listen if self._streams else None)
        self._journal = JournalWriter(
            self._messages, self._runs, address, patience, largest_bytes, self._news.touched
        )  # fmt: skip

    @classmethod
    async def open(
        cls, url: str, options: StoreOptions, notify: Callable[[str], None]
    ) -> MongoStore:
        """Connect, log in, and bring the database up to date.

        Args:
            url: `mongodb://…` or `mongodb+srv://…`.
            options: See `StoreOptions`.
            notify: Hears that the database went away, and that it is back.

        Raises:
            UsageError: The address cannot be read.
            NotFoundError: The database is empty and the options do not let it be set up.
            StoreUnavailableError: No server answers, or none that can be trusted.
            PermissionDeniedError: The user is not let in, or the database is empty and the user
                may not set it up.
            StoreCorruptError: The database is another program's, or of a newer schema.
        """
        address = parse_address(url, options.database, notify)
        client: Client | None = None
        try:
            client = connect(url, address, options)
            hello = await ask_hello(client)
            clock = ServerClock(partial(ask_hello, client))
            database = database_of(client, address)
            await mongo_schema.prepare(database, address, clock, notify, options.may_make)
            patience = Patience(address, options.patience_s, notify)
            store = cls(client, address, patience, clock, hello)
            await store._deletion.finish()
        except BaseException as error:
            if client is not None:
                await client.close()
            if isinstance(error, PyMongoError | ValueError | OSError):
                raise errors.translate(error, address) from error
            raise
        return store

    async def close(self) -> None:
        """Finish pending writes and let go; those who follow come to an end."""
        if self._closing is None:
            self._news.close()
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        await self._news.ended()
        self._patience.close()
        await self._journal.finish()
        try:
            async with asyncio.timeout(PARTING_S):
                await self._client.close()
        except TimeoutError:
            # It said goodbye to a server that does not hear; the second time it does not try.
            await self._client.close()

    async def add_run(self, run: Run, steps: Sequence[Step] = ()) -> None:
        """Store a run with the journal it starts from, all or nothing.

        Raises ConflictError, NotFoundError, DesignChangedError; ValueError when a step belongs to
        another run.
        """
        if any(step.run_id != run.id for step in steps):
            raise ValueError(f"a step of another run in the journal of {run.id}")
        names: set[tuple[str, int]] = set()
        for step in steps:
            if (step.scope, step.index) in names:
                raise refusals.given_twice(run.id, step.scope, step.index)
            names.add((step.scope, step.index))
        await self._may_be_added(run)
        if not steps:
            return await self._insert_run(run)
        # The run comes last: without it, nobody sees its journal.
        id_ = pack(run.id)
        is_left = await self._ask(lambda _: self._deletion.expect_one(id_))
        await self._journal.add(run.id, steps, replacing=is_left)
        await self._insert_run(run)
        await self._journal.complete(run.id, steps)
        await self._ask(lambda _: self._deletion.forget(id_))
        self._news.touched(run.id)

    async def commit(self, step: Step, *, owner: str | None = None) -> None:
        """Append a step. ConflictError, NotFoundError, LeaseLostError; StoreError if too large.

        The step is queued before the first suspension: calls are committed in order.
        """
        self._must_be_open()
        await self._journal.submit(step, owner)

    async def steps(self, run_id: str, *, after: int = -1) -> list[Step]:
        """The journal in order of commitment, from positions greater than `after`."""
        return [step for _, step in await self._page(run_id, after, 0, ())]

    async def follow(self, run_id: str, *, after: int = -1) -> AsyncGenerator[Step, None]:
        """Steps as they are committed, by any process, until it or the store is closed."""

        def read(
            after: int, limit: int, known: Collection[Hashable]
        ) -> Awaitable[list[tuple[Hashable, Step]]]:
            return self._page(run_id, after, limit, known)

        longest_s = _LOOK_ANYWAY_S if self._streams else following.LONGEST_WAIT_S
        async with aclosing(
            following.follow(self._news, read, run_id, after, longest_wait_s=longest_s)
        ) as steps:
            async for step in steps:
                yield step

    async def describe(self) -> StoreCard:
        """What the store is and holds."""
        asked = time.monotonic()
        hello = await self._ask(lambda _: ask_hello(self._client))
        round_trip_s = time.monotonic() - asked
        skew = clock_skew(hello)
        command = self._client.admin.command
        build = await self._ask(lambda _: command("buildInfo"))
        status = await self._ask(lambda _: command("connectionStatus", showPrivileges=True))
        version, counts = await self._ask(lambda _: self._version_and_counts())
        return StoreCard(
            kind="mongodb", place=self.address.place, server_version=str(build["version"]),
            schema_version=version,
            may_write=mongo_schema.may_write(status, self.address.database),
            change_streams=self._streams, clock_skew_s=skew.total_seconds(),
            round_trip_s=round_trip_s, experiments=counts[0], batches=counts[1], runs=counts[2],
            messages=counts[3],
        )  # fmt: skip

    async def _version_and_counts(self) -> tuple[int, list[int]]:
        version = await mongo_schema.stored_version(self._experiments.database)
        collections = (self._experiments, self._batches, self._runs, self._messages)
        return version or 0, [await found.estimated_document_count() for found in collections]

    async def _page(
        self, run_id: str, after: int, limit: int, known: Collection[Hashable]
    ) -> list[tuple[Hashable, Step]]:
        async def find(again: bool) -> list[Document]:
            found = self._messages.find(mongo_queries.steps(run_id, after, known), limit=limit)
            return await found.sort(mongo_queries.STEP_ORDER).to_list()

        documents = await self._ask(find)
        return [(document["_id"], self._decoded(step_of, document)) for document in documents]

    async def _listen(self) -> None:
        """Tell of what other processes write; where that cannot be heard, of a chance of it."""
        inserts: list[Document] = [
            {"$match": {"operationType": "insert"}},
            {"$project": {"fullDocument.run_id": 1}},
        ]
        while True:
            try:
                async with await self._messages.watch(inserts) as stream:
                    self._news.touched_all()
                    async for change in stream:
                        document = change.get("fullDocument")
                        if isinstance(document, dict) and "run_id" in document:
                            self._news.touched(unpacked(document["run_id"]))
            except (PyMongoError, SimulatorError):
                self._news.touched_all()
            await asyncio.sleep(_LISTEN_AGAIN_S)
