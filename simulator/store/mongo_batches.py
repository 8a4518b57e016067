"""Batches in MongoDB; see `ExperimentStore` for what each method promises."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue
from pymongo.errors import DuplicateKeyError

from simulator.domain.batches import Batch, BatchOrder, BatchQuery
from simulator.store import mongo_errors as errors
from simulator.store import mongo_queries, refusals
from simulator.store.mongo_codec import (
    Document,
    as_json,
    batch_document,
    batch_of,
    pack,
    pack_document,
    unpacked,
)
from simulator.store.mongo_leases import at
from simulator.store.mongo_records import MongoRecords


class MongoBatches(MongoRecords):
    """The part of `MongoStore` that is about batches."""

    async def add_batch(self, batch: Batch) -> None:
        """Raises ConflictError when the id is taken, NotFoundError without its experiment."""
        document = batch_document(batch)
        errors.must_fit(document, self._largest_bytes, self.address)
        experiment = at(batch.experiment_id)

        async def add(again: bool) -> bool:
            try:
                await self._batches.insert_one(document)
            except DuplicateKeyError as error:
                if not again or await self.batch(batch.id) != batch:
                    raise refusals.taken("batch", batch.id) from error
            if await self._experiments.find_one(experiment, {"_id": 1}) is not None:
                return True
            # Who deleted the experiment meanwhile may have looked for its batches before.
            await self._batches.delete_one(at(batch.id))
            return False

        await self.experiment(batch.experiment_id)
        if not await self._ask(add):
            raise refusals.not_found("experiment", batch.experiment_id)

    async def batch(self, batch_id: str) -> Batch:
        """Raises NotFoundError."""
        document = await self._ask(lambda _: self._batches.find_one(at(batch_id)))
        if document is None:
            raise refusals.not_found("batch", batch_id)
        return self._decoded(batch_of, document)

    async def batches(self, query: BatchQuery) -> list[Batch]:
        """The newest first."""
        if query.limit is not None and query.limit <= 0:
            return []

        async def find(again: bool) -> list[Document]:
            found = self._batches.find(mongo_queries.batches(query), limit=query.limit or 0)
            return await found.sort(mongo_queries.BATCH_ORDER).to_list()

        return await self._decoded_all(batch_of, await self._ask(find))

    async def update_batch(
        self,
        batch_id: str,
        *,
        order: BatchOrder | None = None,
        specification: dict[str, JsonValue] | None = None,
        specification_hash: str | None = None,
        estimate: dict[str, JsonValue] | None = None,
        amended_at: datetime | tuple[datetime, ...] = (),
    ) -> None:
        """Change only what is given; `amended_at` is added to the others. NotFoundError."""
        given: Document = {
            "order": order,
            "specification": None if specification is None else as_json(specification),
            "specification_hash": specification_hash,
            "estimate": None if estimate is None else as_json(estimate),
        }
        changes = pack_document({name: value for name, value in given.items() if value is not None})
        update: Document = {"$set": changes} if changes else {}
        times = list(amended_at) if isinstance(amended_at, tuple) else [amended_at]
        if times:
            update["$addToSet"] = {"amended_at": {"$each": times}}

        async def change(again: bool) -> bool:
            if not update:
                return await self._batches.find_one(at(batch_id), {"_id": 1}) is not None
            return (await self._batches.update_one(at(batch_id), update)).matched_count == 1

        if not await self._ask(change):
            raise refusals.not_found("batch", batch_id)

    async def delete_batch(self, batch_id: str) -> None:
        """Delete the record of it, none of its runs. Raises NotFoundError."""

        async def delete(again: bool) -> bool:
            return (await self._batches.delete_one(at(batch_id))).deleted_count == 1 or again

        if not await self._ask(delete):
            raise refusals.not_found("batch", batch_id)

    async def run_ids(self, batch_id: str) -> set[str]:
        """The ids of a batch's runs."""

        async def find(again: bool) -> list[Document]:
            found = self._runs.find({"batch_id": pack(batch_id)}, {"_id": 1}, batch_size=10_000)
            return await found.to_list()

        return {unpacked(document["_id"]) for document in await self._ask(find)}
