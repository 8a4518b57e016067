"""Writes steps to `messages`, grouping what waits into one request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from bson.raw_bson import RawBSONDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

from simulator.domain.journal import Step
from simulator.domain.records import Lease
from simulator.store import mongo_errors as errors
from simulator.store import refusals
from simulator.store.mongo_address import Address
from simulator.store.mongo_codec import (
    Document,
    lease_of,
    pack,
    step_document,
    step_id,
    step_of,
)
from simulator.store.mongo_patience import Patience

T = TypeVar("T")

_GROUP_LIMIT = 512
_GROUP_BYTES = 16 * 2**20


class _Write:
    """One step on its way."""

    __slots__ = ("document", "future", "owner", "step")

    def __init__(self, step: Step, document: RawBSONDocument, owner: str | None = None) -> None:
        self.step = step
        self.document = document
        self.owner = owner
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class JournalWriter:
    """Commits the steps of this process, one group at a time; used on one event loop.

    Whatever has gathered while a group was on its way goes into the next one; nothing waits for
    company. A step that is refused fails alone.
    """

    def __init__(
        self,
        messages: AsyncCollection[Document],
        runs: AsyncCollection[Document],
        address: Address,
        patience: Patience,
        largest_bytes: int,
        touched: Callable[[str], None],
    ) -> None:
        """Make one.

        Args:
            messages: With majority writes.
            runs: Where a step's run must be.
            address: For messages to the user.
            patience: Asks, and waits.
            largest_bytes: What the server takes as one document.
            touched: Called with the id of each run that got a step.
        """
        self._messages = messages
        self._runs = runs
        self._address = address
        self._patience = patience
        self._largest_bytes = largest_bytes
        self._touched = touched
        self._waiting: list[_Write] = []
        self._working: asyncio.Task[None] | None = None

    def submit(self, step: Step, owner: str | None) -> asyncio.Future[None]:
        """Queue a step of a run's owner; the future is done when a majority of the servers has it.

        Cancelling the future does not take the step back. Raises StoreError when it is too large.
        """
        write = _Write(step, self._encoded(step), owner)
        self._waiting.append(write)
        if self._working is None:
            self._working = asyncio.get_running_loop().create_task(self._work())
        return write.future

    async def add(self, run_id: str, steps: Sequence[Step], *, replacing: bool) -> None:
        """Write the journal of a run that is not stored yet.

        Steps that are there already count as written: another attempt was cut off, or somebody
        else adds the same run just now.

        Args:
            run_id: Whose.
            steps: All of it.
            replacing: Whether steps of another journal may go, as nobody is at work on them.

        Raises:
            StoreError: A step is too large.
            ConflictError: Steps of another journal stand there.
        """
        ours = {_id(step): self._encoded(step) for step in steps}
        there, problems = await self._add(ours, steps)
        if replacing and (problems or there - ours.keys()):
            await self._ask(lambda: self._messages.delete_many({"run_id": pack(run_id)}))
            _, problems = await self._add(ours, steps)
        for problem in problems.values():
            raise problem

    async def complete(self, run_id: str, steps: Sequence[Step]) -> None:
        """See that a run that was just stored has its journal, and write again what is missing."""
        count = await self._ask(lambda: self._messages.count_documents({"run_id": pack(run_id)}))
        if count < len(steps):
            ours = {_id(step): self._encoded(step) for step in steps}
            _, problems = await self._add(ours, steps)
            for problem in problems.values():
                raise problem

    async def _add(
        self, ours: Mapping[Any, RawBSONDocument], steps: Sequence[Step]
    ) -> tuple[set[Any], dict[int, Exception]]:
        """The `_id`s that the run had before, and what is wrong with which step."""

        async def find() -> set[Any]:
            found = self._messages.find({"run_id": pack(steps[0].run_id)}, {"_id": 1})
            return {message["_id"] async for message in found}

        before = await self._ask(find)
        writes = [_Write(step, ours[_id(step)]) for step in steps]
        return before, await self._ask(lambda: self._insert(writes))

    async def finish(self) -> None:
        """Wait for everything that was queued."""
        while self._working is not None:
            await asyncio.wait({self._working})

    def _encoded(self, step: Step) -> RawBSONDocument:
        document = step_document(step)
        errors.must_fit(document, self._largest_bytes, self._address)
        return document

    async def _work(self) -> None:
        try:
            while self._waiting:
                group = self._next_group()
                try:
                    problems = await self._patience.ask(partial(self._commit, group))
                except Exception as error:
                    problems = dict.fromkeys(range(len(group)), error)
                self._acknowledge(group, problems)
        finally:
            self._working = None

    def _next_group(self) -> list[_Write]:
        size_bytes = 0
        count = 0
        for write in self._waiting[:_GROUP_LIMIT]:
            size_bytes += len(write.document.raw)
            if count and size_bytes > _GROUP_BYTES:
                break
            count += 1
        group, self._waiting = self._waiting[:count], self._waiting[count:]
        return group

    async def _commit(self, group: Sequence[_Write], again: bool) -> dict[int, Exception]:
        """Insert the group; what is wrong with which of its steps.

        Whether their runs are there, and whose they are, is asked beside it, or before it after
        an outage, in which runs may have been taken over. A run that is deleted just then takes
        the steps with it when the deletion is finished.
        """
        problems: dict[int, Exception] = {}
        if again:
            problems = self._lost(group, await self._runs_of(group))
            rest = [number for number in range(len(group)) if number not in problems]
            refused = await self._insert([group[number] for number in rest]) if rest else {}
            problems |= {rest[number]: problem for number, problem in refused.items()}
            runs = await self._runs_of(group)
        else:
            refused, runs = await asyncio.gather(self._insert(group), self._runs_of(group))
            problems = refused | self._lost(group, runs)
        strays = [
            number for number, write in enumerate(group) if pack(write.step.run_id) not in runs
        ]
        if strays:
            await self._messages.delete_many(
                {"_id": {"$in": [_id(group[number].step) for number in strays]}}
            )
            for number in strays:
                problems[number] = refusals.not_found("run", group[number].step.run_id)
        return problems

    def _lost(
        self, group: Sequence[_Write], runs: Mapping[Any, Lease | None]
    ) -> dict[int, Exception]:
        """Which steps are of players that do not own their runs any more."""
        lost: dict[int, Exception] = {}
        for number, write in enumerate(group):
            lease = runs.get(pack(write.step.run_id))
            if write.owner is not None and lease is not None and lease.owner != write.owner:
                lost[number] = refusals.taken_over(write.step.run_id, lease)
        return lost

    async def _insert(self, writes: Sequence[_Write]) -> dict[int, Exception]:
        try:
            await self._messages.insert_many([write.document for write in writes], ordered=False)
        except BulkWriteError as error:
            if errors.is_transient(error) or error.details["writeConcernErrors"]:
                raise
            return await self._refusals(writes, error.details["writeErrors"])
        return {}

    async def _refusals(
        self, writes: Sequence[_Write], refused: Sequence[Document]
    ) -> dict[int, Exception]:
        problems: dict[int, Exception] = {}
        taken = [part["index"] for part in refused if part["code"] == errors.DUPLICATE_KEY]
        stored = {
            document["_id"]: step_of(document)
            async for document in self._messages.find(
                {"_id": {"$in": [_id(writes[number].step) for number in taken]}}
            )
        }
        for part in refused:
            number = part["index"]
            step = writes[number].step
            if number not in taken:
                problems[number] = errors.refused(
                    part["code"], str(part.get("errmsg", "")), self._address
                )
            elif (there := stored.get(_id(step))) is None or not step.same_as(there):
                problems[number] = refusals.occupied(step.run_id, step.scope, step.index)
        return problems

    async def _runs_of(self, group: Sequence[_Write]) -> dict[Any, Lease | None]:
        """Who plays the steps' runs, by packed id; runs that are missing are left out."""
        run_ids = list({pack(write.step.run_id) for write in group})
        found = self._runs.find({"_id": {"$in": run_ids}}, {"lease": 1})
        return {run["_id"]: lease_of(run) async for run in found}

    async def _ask(self, question: Callable[[], Awaitable[T]]) -> T:
        return await self._patience.ask(lambda again: question())

    def _acknowledge(self, group: Sequence[_Write], problems: dict[int, Exception]) -> None:
        for number, write in enumerate(group):
            problem = problems.get(number)
            if problem is None:
                if not write.future.done():
                    write.future.set_result(None)
                self._touched(write.step.run_id)
            elif not write.future.done():
                write.future.set_exception(problem)


def _id(step: Step) -> Any:
    return pack(step_id(step.run_id, step.scope, step.index))
