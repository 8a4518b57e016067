"""The commands that read documents: `find`, `aggregate`, `count`, `distinct` and cursors."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bson import Int64

from tests.servers.mongo.errors import CommandError, not_implemented
from tests.servers.mongo.matching import compile_filter
from tests.servers.mongo.pipelines import run_pipeline
from tests.servers.mongo.planning import counted, found
from tests.servers.mongo.projecting import compile_projection
from tests.servers.mongo.registry import argument, check_fields, command
from tests.servers.mongo.streams import ChangeStream, is_change_stream
from tests.servers.mongo.values import (
    MISSING,
    Document,
    encode,
    key,
    raw,
    reached,
    sort_fields,
    split_path,
)

if TYPE_CHECKING:
    from tests.servers.mongo.server import Connection

_FIRST_BATCH = 101
_MAX_BATCH_BYTES = 16 * 1024 * 1024


@dataclass(slots=True)
class Cursor:
    """What is left of a result, or where an endless one comes from."""

    namespace: str
    rest: deque[Any] = field(default_factory=deque)
    stream: ChangeStream | None = None


@dataclass(slots=True)
class Cursors:
    """The open cursors by number."""

    open: dict[int, Cursor] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(7_000_000_001))

    def add(self, cursor: Cursor) -> int:
        """Its number."""
        number = int(next(self._numbers))
        self.open[number] = cursor
        return number


def first_batch(
    connection: Connection,
    namespace: str,
    documents: Iterable[Any],
    size: int | None,
    *,
    single: bool = False,
) -> Document:
    """The reply that opens a cursor; documents are themselves or their BSON."""
    cursor = Cursor(namespace, deque(documents))
    batch = _taken(cursor.rest, _FIRST_BATCH if size is None else size)
    number = connection.server.cursors.add(cursor) if cursor.rest and not single else 0
    return {"cursor": {"firstBatch": batch, "id": Int64(number), "ns": namespace}}


def _taken(rest: deque[Any], size: int) -> list[Any]:
    batch: list[Any] = []
    total = 0
    while rest and len(batch) < size:
        document = rest[0]
        body = document if isinstance(document, bytes) else encode(document)
        total += len(body)
        if batch and total > _MAX_BATCH_BYTES:
            break
        batch.append(raw(body))
        rest.popleft()
    return batch


@command(
    "find",
    fields="filter sort projection skip limit batchSize singleBatch",
    role="read",
)
async def find(connection: Connection, asked: Document) -> Document:
    name = argument(asked, "find.find", "string")
    check_read_concern(asked)
    filter_ = argument(asked, "find.filter", "object", {})
    sort = sort_fields(argument(asked, "find.sort", "object", {}))
    projection = argument(asked, "find.projection", "object", {})
    skip = _positive(asked, "find.skip")
    limit = _positive(asked, "find.limit")
    project = compile_projection(projection)
    compile_filter(filter_)
    collection = connection.storage.collection(asked["$db"], name)
    documents: list[Any] = []
    if collection is not None:
        rows = found(
            connection.storage, collection, filter_, sort, limit=limit + skip if limit else 0
        )
        kept = itertools.islice(rows, skip, None)
        documents = [project(row[2]) if projection else row[1] for row in kept]
    return first_batch(
        connection,
        f"{asked['$db']}.{name}",
        documents,
        _batch_size(asked, "find.batchSize"),
        single=argument(asked, "find.singleBatch", "bool", False),
    )


def check_read_concern(asked: Document) -> None:
    """Raises CommandError for a read concern that the stand-in cannot give."""
    concern = argument(asked, "readConcern", "object", {})
    check_fields(concern, frozenset(("level", "afterClusterTime", "provenance")), "readConcern")
    if concern.get("level", "local") not in ("local", "available", "majority"):
        raise not_implemented(f"the read concern {concern['level']}")


def _positive(asked: Document, where: str) -> int:
    number = argument(asked, where, "int", 0)
    if number < 0:
        raise CommandError(51024, f"BSON field '{where.rpartition('.')[2]}' value must be >= 0, "
                           f"actual value '{number}'")  # fmt: skip
    return int(number)


def _batch_size(holder: Document, where: str) -> int | None:
    return None if holder.get("batchSize") is None else _positive(holder, where)


@command("getMore", fields="collection batchSize", role="read")
async def get_more(connection: Connection, asked: Document) -> Document:
    number = argument(asked, "getMore.getMore", "long")
    name = argument(asked, "getMore.collection", "string")
    cursors = connection.server.cursors.open
    cursor = cursors.get(number)
    if cursor is None or cursor.namespace != f"{asked['$db']}.{name}":
        raise CommandError(43, f"cursor id {number} not found")
    size = _batch_size(asked, "getMore.batchSize") or 0
    more: Document = {}
    if cursor.stream is not None:
        wait_s = argument(asked, "getMore.maxTimeMS", "int", 1000) / 1000
        batch = await cursor.stream.batch(size or _FIRST_BATCH, wait_s)
        if number not in cursors:
            raise CommandError(43, f"cursor id {number} not found")
        more["postBatchResumeToken"] = cursor.stream.resume_token
        is_over = cursor.stream.is_over
    else:
        if "maxTimeMS" in asked:
            raise CommandError(2, "cannot set maxTimeMS on getMore command for a non-awaitData "
                               "cursor")  # fmt: skip
        batch = _taken(cursor.rest, size or len(cursor.rest))
        is_over = not cursor.rest
    if is_over:
        del cursors[number]
        number = 0
    return {"cursor": {"nextBatch": batch, "id": Int64(number), "ns": cursor.namespace, **more}}


@command("killCursors", fields="cursors", role="read")
async def kill_cursors(connection: Connection, asked: Document) -> Document:
    cursors = connection.server.cursors.open
    numbers = argument(asked, "killCursors.cursors", "array")
    killed = [number for number in numbers if cursors.pop(number, None) is not None]
    return {
        "cursorsKilled": killed,
        "cursorsNotFound": [number for number in numbers if number not in killed],
        "cursorsAlive": [],
        "cursorsUnknown": [],
    }


@command("count", fields="query limit skip", role="read")
async def count(connection: Connection, asked: Document) -> Document:
    name = argument(asked, "count.count", "string")
    check_read_concern(asked)
    filter_ = argument(asked, "count.query", "object", {})
    compile_filter(filter_)
    skip = _positive(asked, "count.skip")
    limit = abs(argument(asked, "count.limit", "int", 0))
    collection = connection.storage.collection(asked["$db"], name)
    n = 0 if collection is None else counted(connection.storage, collection, filter_)
    n = max(0, n - skip)
    return {"n": min(n, limit) if limit else n}


@command("distinct", fields="key query", role="read")
async def distinct(connection: Connection, asked: Document) -> Document:
    name = argument(asked, "distinct.distinct", "string")
    check_read_concern(asked)
    path = split_path(argument(asked, "distinct.key", "string"))
    filter_ = argument(asked, "distinct.query", "object", {})
    compile_filter(filter_)
    collection = connection.storage.collection(asked["$db"], name)
    values: dict[bytes, Any] = {}
    if collection is not None:
        for _, _, document in found(connection.storage, collection, filter_):
            for value in reached(document, path):
                for one in value if isinstance(value, list) else [value]:
                    if one is not MISSING:
                        values.setdefault(key(one), one)
    return {"values": [values[encoded] for encoded in sorted(values)]}


@command("aggregate", fields="pipeline cursor allowDiskUse", role="read")
async def aggregate(connection: Connection, asked: Document) -> Document:
    name = asked["aggregate"]
    check_read_concern(asked)
    if "cursor" not in asked:
        raise CommandError(9, "The 'cursor' option is required, except for aggregate with the "
                           "explain argument")  # fmt: skip
    options = argument(asked, "aggregate.cursor", "object")
    check_fields(options, frozenset(("batchSize",)), "aggregate.cursor")
    pipeline = argument(asked, "aggregate.pipeline", "array")
    size = _batch_size(options, "cursor.batchSize")
    if is_change_stream(pipeline):
        return await _watch(connection, asked["$db"], name, pipeline, size)
    if not isinstance(name, str):
        raise not_implemented("aggregations on a whole database")
    documents = run_pipeline(connection.storage, asked["$db"], name, pipeline)
    return first_batch(connection, f"{asked['$db']}.{name}", documents, size)


async def _watch(
    connection: Connection, db: str, name: Any, pipeline: list[Any], size: int | None
) -> Document:
    watched = name if isinstance(name, str) else ""
    stream = ChangeStream(connection.server, db, watched, pipeline)
    cursor = Cursor(f"{db}.{watched or '$cmd.aggregate'}", stream=stream)
    batch = await stream.batch(_FIRST_BATCH, 0) if size != 0 else []
    number = 0 if stream.is_over else connection.server.cursors.add(cursor)
    reply: Document = {"firstBatch": batch, "id": Int64(number), "ns": cursor.namespace}
    return {"cursor": {**reply, "postBatchResumeToken": stream.resume_token}}
