"""Change streams: what happened since, as it happens."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

from bson import Timestamp

from tests.servers.mongo.errors import CommandError, names, not_implemented
from tests.servers.mongo.pipelines import compile_stage, only_field, through
from tests.servers.mongo.registry import check_fields
from tests.servers.mongo.storage import Storage
from tests.servers.mongo.values import Document, encode, raw

if TYPE_CHECKING:
    from tests.servers.mongo.server import Server

_FIELDS = names("fullDocument resumeAfter startAfter")
_KNOWN = names(
    "startAtOperationTime allChangesForCluster fullDocumentBeforeChange showExpandedEvents"
)
_STAGES = names("$match $project $addFields $set $unset $replaceWith")
_TOKEN_START = "82"


class ChangeStream:
    """An endless cursor over the events of a collection, or of a database.

    Args:
        server: Whose events.
        db: The database.
        name: The collection; empty for all of the database.
        pipeline: With `$changeStream` first.
    """

    def __init__(self, server: Server, db: str, name: str, pipeline: list[Any]) -> None:
        if not server.replica_set:
            raise CommandError(40573, "The $changeStream stage is only supported on replica sets")
        (_, options), *rest = (only_field(stage) for stage in pipeline)
        for option in options:
            if option in _KNOWN:
                raise not_implemented(f"$changeStream.{option}")
        check_fields(options, _FIELDS, "$changeStream")
        for stage, _ in rest:
            if stage not in _STAGES:
                raise CommandError(20, f"{stage} is not permitted in a $changeStream pipeline")
        self._server = server
        self._storage: Storage = server.storage
        self._db = db
        self._name = name
        self._look_up = _looks_up(options)
        self._stages = [compile_stage(stage, spec) for stage, spec in rest]
        self._position = self._start(options)
        self.is_over = False
        """Whether the collection is gone, and no more will come."""

    def _start(self, options: Document) -> int:
        given = [options[name] for name in ("resumeAfter", "startAfter") if name in options]
        if len(given) > 1:
            raise CommandError(50674, "Do not specify both 'resumeAfter' and 'startAfter' in a "
                               "$changeStream stage")  # fmt: skip
        last = self._storage.last_event()
        if not given:
            return last
        position = _position(given[0])
        if position > last:
            raise CommandError(260, "the resume token was not found in this server's log")
        return position

    @property
    def resume_token(self) -> Document:
        """From where to go on."""
        return {"_data": f"{_TOKEN_START}{self._position:016X}"}

    async def batch(self, size: int, wait_s: float) -> list[Any]:
        """What has happened; waits so long at most for something to happen."""
        deadline = time.monotonic() + wait_s
        while True:
            happened = self._server.happened
            if found := self._next(size):
                return found
            left_s = deadline - time.monotonic()
            if left_s <= 0 or self.is_over:
                return []
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(happened.wait(), left_s)

    def _next(self, size: int) -> list[Any]:
        batch: list[Any] = []
        total = 0
        while len(batch) < size and not self.is_over:
            events = self._storage.events(self._position, size)
            if not events:
                break
            for position, event in events:
                self._position = position
                for document in through(self._stages, self._told(event)):
                    if "_id" not in document:
                        raise CommandError(280, "Encountered an event whose _id field, which "
                                           "contains the resume token, was modified by the "
                                           "pipeline.")  # fmt: skip
                    body = encode(document)
                    total += len(body)
                    batch.append(raw(body))
                if len(batch) >= size or total > 1 << 24 or self.is_over:
                    return batch
        return batch

    def _told(self, event: Document) -> list[Document]:
        place = event["ns"]
        if place["db"] != self._db or (self._name and place["coll"] != self._name):
            return []
        told: Document = {"_id": self.resume_token, **event}
        told["clusterTime"] = Timestamp(int(event["wallTime"]) // 1000, self._position % (1 << 31))
        if event["operationType"] == "update" and self._look_up:
            told["fullDocument"] = self._current(place, event["documentKey"]["_id"])
        if event["operationType"] == "drop" and self._name:
            self.is_over = True
            return [told, {**told, "operationType": "invalidate"}]
        return [told]

    def _current(self, place: Document, identity: Any) -> Document | None:
        collection = self._storage.collection(place["db"], place["coll"])
        return None if collection is None else self._storage.by_id(collection, identity)


def is_change_stream(pipeline: list[Any]) -> bool:
    """Whether the pipeline begins with `$changeStream`."""
    return bool(pipeline) and isinstance(pipeline[0], dict) and "$changeStream" in pipeline[0]


def _looks_up(options: Document) -> bool:
    wanted = options.get("fullDocument", "default")
    if wanted in ("whenAvailable", "required"):
        raise not_implemented(f"fullDocument {wanted}")
    if wanted not in ("default", "updateLookup"):
        raise CommandError(2, f"Enumeration value '{wanted}' for field '$changeStream.fullDocument'"
                           " is not a valid value.")  # fmt: skip
    return bool(wanted == "updateLookup")


def _position(token: Any) -> int:
    data = token.get("_data") if isinstance(token, dict) else None
    if not isinstance(data, str) or not data.startswith(_TOKEN_START) or len(data) != 18:
        raise CommandError(260, f"Bad resume token: {token}")
    try:
        return int(data[2:], 16)
    except ValueError:
        raise CommandError(260, f"Bad resume token: {token}") from None
