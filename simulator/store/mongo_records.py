"""Experiments and runs in MongoDB; see `ExperimentStore` for what each method promises."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from bson.raw_bson import RawBSONDocument
from pymongo.errors import BulkWriteError, DuplicateKeyError

from simulator.domain.journal import Usage
from simulator.domain.records import (
    Experiment,
    ExperimentQuery,
    Outcome,
    Run,
    RunQuery,
    RunStatus,
)
from simulator.errors import SimulatorError
from simulator.store import mongo_errors as errors
from simulator.store import mongo_queries, refusals
from simulator.store.mongo_codec import (
    Document,
    experiment_document,
    experiment_of,
    lease_of,
    pack,
    run_document,
    run_of,
    unpacked,
)
from simulator.store.mongo_leases import MongoLeases, at, ending

T = TypeVar("T")

_COUNTED_AT_ONCE = 1000
_FETCHED_AT_ONCE = 1000
_DECODED_AT_ONCE = 50
"""Records that are made of documents before others on the event loop have their turn."""
_REVISED = ("name", "design", "design_hash", "note")


class MongoRecords(MongoLeases):
    """The part of `MongoStore` that is about experiments and runs."""

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
        document = await self._ask(lambda _: self._experiments.find_one(at(experiment_id)))
        if document is None:
            raise refusals.not_found("experiment", experiment_id)
        return self._decoded(experiment_of, document)

    async def experiments(self, query: ExperimentQuery) -> list[Experiment]:
        """The newest first."""
        if query.limit is not None and query.limit <= 0:
            return []

        async def find(again: bool) -> list[Document]:
            found = self._experiments.find(
                mongo_queries.experiments(query),
                limit=query.limit or 0,
                batch_size=_FETCHED_AT_ONCE,
            )
            return await found.sort(mongo_queries.EXPERIMENT_ORDER).to_list()

        return await self._decoded_all(experiment_of, await self._ask(find))

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

    async def revise_experiment(self, experiment: Experiment, *, was: str) -> None:
        """Replace name, note, design and hash while there are no runs.

        Raises NotFoundError; ConflictError with runs, or with another design than `was`.

        A mark on the experiment stands for the transaction that there is none. It is set, then
        runs are looked for, then the design is replaced where the mark still stands. A run that
        was written too late to be found takes the mark away, or finds the new design and goes.
        """
        revised = experiment_document(experiment)
        errors.must_fit(revised, self._largest_bytes, self.address)
        changes = {name: revised[name] for name in _REVISED}
        mark = secrets.token_hex(8)
        unrevised = {**at(experiment.id), "design_hash": pack(was)}

        async def revise(again: bool) -> bool:
            await self._experiments.update_one(unrevised, {"$set": {"revising": mark}})
            if await self._has_runs(experiment.id):
                return False
            done = await self._experiments.update_one(
                {**unrevised, "revising": mark}, {"$set": changes, "$unset": {"revising": ""}}
            )
            if done.matched_count or not again:
                return done.matched_count == 1
            return await self._experiments.find_one({**at(experiment.id), **changes}) is not None

        if not await self._ask(revise):
            await self.experiment(experiment.id)
            if await self._ask(lambda _: self._has_runs(experiment.id)):
                raise refusals.has_runs(experiment.id)
            raise refusals.revised(experiment.id)

    async def _has_runs(self, experiment_id: str) -> bool:
        of_it = {"experiment_id": pack(experiment_id)}
        return await self._runs.find_one(of_it, {"_id": 1}) is not None

    async def delete_experiment(
        self, experiment_id: str, *, now: datetime, despite: Collection[str] = ()
    ) -> int:
        """Delete it with all that is its own; how many runs went. NotFoundError, ConflictError."""
        await self.experiment(experiment_id)
        id_ = pack(experiment_id)
        for run_id, lease in (await self._leases(now, {"experiment_id": id_})).items():
            if lease.owner not in despite:
                raise refusals.being_played(run_id, lease)

        async def delete(again: bool) -> tuple[int, Document | None]:
            free = mongo_queries.free_for(despite, now + await self._clock.shift())
            return await self._deletion.of_experiment(id_, free)

        gone, stays = await self._ask(delete)
        if stays is not None and (player := lease_of(stays)) is not None:
            raise refusals.being_played(unpacked(stays["_id"]), player)
        return gone

    # ------------------------------------------------------------ runs

    async def _may_be_added(self, run: Run) -> None:
        errors.must_fit(run_document(run), self._largest_bytes, self.address)
        _, there = await asyncio.gather(
            self._must_be_of(run),
            self._ask(lambda _: self._runs.find_one(at(run.id), {"_id": 1})),
        )
        if there is not None:
            raise refusals.taken("run", run.id)

    async def _must_be_of(self, run: Run) -> None:
        """See that it is of the design that its experiment has."""
        fields = {"design_hash": 1}
        experiment = await self._ask(
            lambda _: self._experiments.find_one(at(run.experiment_id), fields)
        )
        if experiment is None:
            raise refusals.not_found("experiment", run.experiment_id)
        if unpacked(experiment["design_hash"]) != run.design_hash:
            raise refusals.made_for_another(run.id, run.experiment_id)

    async def _insert_run(self, run: Run) -> None:
        document = run_document(run)

        async def insert(again: bool) -> None:
            try:
                await self._runs.insert_one(document)
            except DuplicateKeyError as error:
                if not again or await self.run(run.id) != run:
                    raise refusals.taken("run", run.id) from error
            await self._keep_or_delete([run])

        await self._ask(insert)

    async def _keep_or_delete(self, inserted: Sequence[Run]) -> None:
        """See that runs of one design stand under it; else they go. See `revise_experiment`."""
        if not inserted:
            return
        run = inserted[0]
        # Who is about to revise the design did not see these runs, and finds their mark gone.
        made_for = {**at(run.experiment_id), "design_hash": pack(run.design_hash)}
        unmarked = await self._experiments.update_one(made_for, {"$unset": {"revising": ""}})
        if unmarked.matched_count == 0:
            await self._deletion.of_runs([pack(one.id) for one in inserted])
            if await self._experiments.find_one(at(run.experiment_id), {"_id": 1}) is None:
                raise refusals.not_found("experiment", run.experiment_id)
            raise refusals.made_for_another(run.id, run.experiment_id)

    async def add_runs(self, runs: Sequence[Run]) -> list[str]:
        """Store runs, all or none but those whose ids are taken: these. Raises as `add_run`."""
        documents = [run_document(run) for run in runs]
        for document in documents:
            errors.must_fit(document, self._largest_bytes, self.address)
        designs = {(run.experiment_id, run.design_hash): run for run in runs}
        for run in designs.values():
            await self._must_be_of(run)
        if not runs:
            return []

        async def insert(again: bool) -> set[int]:
            taken = await self._inserted_but(documents)
            if again and taken:
                known = await self._known([runs[place] for place in taken])
                taken = {place for place in taken if known.get(runs[place].id) != runs[place]}
            try:
                for design in designs:
                    await self._keep_or_delete(
                        [
                            run for place, run in enumerate(runs)
                            if place not in taken and (run.experiment_id, run.design_hash) == design
                        ]
                    )  # fmt: skip
            except SimulatorError:
                await self._deletion.of_runs(
                    [pack(run.id) for place, run in enumerate(runs) if place not in taken]
                )
                raise
            return taken

        taken = await self._ask(insert)
        return [runs[place].id for place in sorted(taken)]

    async def _inserted_but(self, documents: Sequence[RawBSONDocument]) -> set[int]:
        """Insert runs; the places of those whose ids were taken."""
        try:
            await self._runs.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            failed = error.details["writeErrors"]
            if error.details["writeConcernErrors"] or any(
                one["code"] != errors.DUPLICATE_KEY for one in failed
            ):
                raise
            return {one["index"] for one in failed}
        return set()

    async def _known(self, runs: Sequence[Run]) -> dict[str, Run]:
        ids = {"_id": {"$in": [pack(run.id) for run in runs]}}
        documents = await self._runs.find(ids).to_list()
        return {run.id: run for run in await self._decoded_all(run_of, documents)}

    async def run(self, run_id: str) -> Run:
        """Raises NotFoundError."""
        return self._decoded(run_of, await self._run_document(run_id))

    async def runs(self, query: RunQuery) -> list[Run]:
        """In the order that the query names."""
        if query.limit is not None and query.limit <= 0:
            return []

        async def find(again: bool) -> list[Document]:
            found = self._runs.find(
                mongo_queries.runs(query), limit=query.limit or 0, batch_size=_FETCHED_AT_ONCE
            )
            return await found.sort(mongo_queries.run_order(query.order)).to_list()

        return await self._decoded_all(run_of, await self._ask(find))

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
        changes = ending(status, usage, outcome, error, finished_at)
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

        async def delete(again: bool) -> bool:
            free = mongo_queries.free_for(despite, now + await self._clock.shift())
            if await self._deletion.of_runs([pack(run_id)], free):
                return True
            return again and await self._runs.find_one(at(run_id), {"_id": 1}) is None

        while not await self._ask(delete):
            lease = lease_of(await self._run_document(run_id))
            if lease is not None:
                raise refusals.being_played(run_id, lease)

    # ------------------------------------------------------------ inside

    async def _decoded_all(
        self, decode: Callable[[Document], T], documents: Sequence[Document]
    ) -> list[T]:
        found: list[T] = []
        for document in documents:
            found.append(self._decoded(decode, document))
            if len(found) % _DECODED_AT_ONCE == 0:
                await asyncio.sleep(0)
        return found

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
                return await collection.find_one(at(id_), {"_id": 1}) is not None
            return (await collection.update_one(at(id_), {"$set": changes})).matched_count == 1

        if not await self._ask(change):
            raise refusals.not_found(what, id_)

    async def _annotate(
        self, what: str, id_: str, note: str | None, star: str | None, unstar: str | None
    ) -> None:
        collection = self._runs if what == "run" else self._experiments
        await self._change(what, id_, {} if note is None else {"note": pack(note)})
        if star is not None:
            added = {"$addToSet": {"starred_by": pack(star)}}
            await self._ask(lambda _: collection.update_one(at(id_), added))
        if unstar is not None:
            taken = {"$pull": {"starred_by": pack(unstar)}}
            await self._ask(lambda _: collection.update_one(at(id_), taken))
