"""The commands that change documents: `insert`, `update`, `delete` and `findAndModify`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.servers.mongo import events
from tests.servers.mongo.errors import CommandError
from tests.servers.mongo.matching import compile_filter
from tests.servers.mongo.planning import found
from tests.servers.mongo.projecting import compile_projection
from tests.servers.mongo.registry import argument, check_fields, command
from tests.servers.mongo.storage import Collection
from tests.servers.mongo.updating import Update, compile_update
from tests.servers.mongo.upserting import check_id, check_id_unchanged, upsert_base, with_id_first
from tests.servers.mongo.values import Document, decode, encode, is_number, sort_fields

if TYPE_CHECKING:
    from tests.servers.mongo.server import Connection

_UPDATE_FIELDS = frozenset(("q", "u", "upsert", "multi"))
_DELETE_FIELDS = frozenset(("q", "limit"))


@command("insert", fields="documents ordered stmtId stmtIds", role="write")
async def insert(connection: Connection, asked: Document) -> Document:
    documents = argument(asked, "insert.documents", "array")
    return _bulk(connection, asked, documents, _insert_one)


@command("update", fields="updates ordered stmtId stmtIds", role="write")
async def update(connection: Connection, asked: Document) -> Document:
    updates = argument(asked, "update.updates", "array")
    for statement in updates:
        check_fields(statement, _UPDATE_FIELDS, "update.updates")
        argument(statement, "update.updates.q", "object")
        if "u" not in statement:
            raise CommandError(40414, "BSON field 'update.updates.u' is missing but a required "
                               "field")  # fmt: skip
    return _bulk(connection, asked, updates, _update_one)


@command("delete", fields="deletes ordered stmtId stmtIds", role="write")
async def delete(connection: Connection, asked: Document) -> Document:
    deletes = argument(asked, "delete.deletes", "array")
    for statement in deletes:
        check_fields(statement, _DELETE_FIELDS, "delete.deletes")
        argument(statement, "delete.deletes.q", "object")
        if argument(statement, "delete.deletes.limit", "int") not in (0, 1):
            raise CommandError(9, "The limit field in delete objects must be 0 or 1. Got "
                               f"{statement['limit']}")  # fmt: skip
    return _bulk(connection, asked, deletes, _delete_one)


_Statement = Callable[["Connection", str, str, Document], Document]
"""Does one statement of a bulk; what it did, `n` and more."""


def _bulk(
    connection: Connection, asked: Document, statements: list[Any], do: _Statement
) -> Document:
    name = next(iter(asked))
    collection = argument(asked, f"{name}.{name}", "string")
    if not 0 < len(statements) <= 100_000:
        raise CommandError(16, f"Write batch sizes must be between 1 and 100000. Got "
                           f"{len(statements)} operations.")  # fmt: skip
    concern = write_concern_error(connection, asked)
    ordered = argument(asked, f"{name}.ordered", "bool", True)
    total: Document = {"n": 0}
    if name == "update":
        total["nModified"] = 0
    upserted: list[Document] = []
    problems: list[Document] = []
    retried: list[int] = []
    with connection.storage.transaction():
        connection.storage.begin_retryable(asked)
        for index, statement in enumerate(statements):
            number = _statement_number(asked, index)
            try:
                _check_retryable(asked, statement)
                done = connection.storage.done_before(asked, number)
                if done is not None:
                    retried.append(number)
                else:
                    done = do(connection, asked["$db"], collection, statement)
                    if done.pop("wrote"):
                        connection.storage.remember(asked, number, done)
            except CommandError as error:
                problems.append(error.write_error(index))
                if ordered:
                    break
                continue
            for count in total:
                total[count] += done.get(count, 0)
            if "upserted" in done:
                upserted.append({"index": index, "_id": done["upserted"]})
    connection.server.announce()
    more: Document = {}
    if upserted:
        more["upserted"] = upserted
    if problems:
        more["writeErrors"] = problems
    if retried:
        more["retriedStmtIds"] = retried
    return total | more | concern


def _check_retryable(asked: Document, statement: Document) -> None:
    if "txnNumber" not in asked or "insert" in asked:
        return
    if statement.get("multi") or ("delete" in asked and statement.get("limit") == 0):
        what = "multi=true" if "update" in asked else "limit=0"
        raise CommandError(72, f"Cannot use (or request) retryable writes with {what}")


def _statement_number(asked: Document, index: int) -> int:
    if "stmtIds" in asked:
        return int(asked["stmtIds"][index])
    return int(asked.get("stmtId", 0)) + index


def write_concern_error(connection: Connection, asked: Document) -> Document:
    """What a reply says of a write concern that cannot be had; checks it on the way."""
    concern = argument(asked, "writeConcern", "object", {})
    check_fields(concern, frozenset(("w", "j", "wtimeout", "fsync", "provenance")), "writeConcern")
    wanted = concern.get("w", 1)
    if wanted == "majority" or (is_number(wanted) and 0 <= wanted <= 1):
        return {}
    if not connection.server.replica_set:
        raise CommandError(2, "cannot use 'w' > 1 when a host is not replicated")
    if is_number(wanted):
        code, name, message = 100, "UnsatisfiableWriteConcern", "Not enough data-bearing nodes"
    else:
        code, name = 79, "UnknownReplWriteConcern"
        message = f"No write concern mode named '{wanted}' found in replica set configuration"
    return {"writeConcernError": {"code": code, "codeName": name, "errmsg": message}}


# ---------------------------------------------------------------- statements


def _insert_one(connection: Connection, db: str, name: str, document: Document) -> Document:
    if "_id" in document:
        check_id(document["_id"])
    collection = connection.storage.ensure(db, name)
    _add(connection, collection, with_id_first(document))
    return {"n": 1, "wrote": True}


def _add(connection: Connection, collection: Collection, document: Document) -> None:
    connection.storage.insert(collection, document)
    connection.record(events.inserted(collection, document))


def _update_one(connection: Connection, db: str, name: str, statement: Document) -> Document:
    filter_ = statement["q"]
    multi = argument(statement, "update.updates.multi", "bool", False)
    change = compile_update(statement["u"], multi=multi)
    compile_filter(filter_)
    collection = connection.storage.collection(db, name)
    matched = modified = 0
    if collection is not None:
        limit = 0 if multi else 1
        for rid, body, old in list(found(connection.storage, collection, filter_, limit=limit)):
            matched += 1
            modified += _change(connection, collection, rid, body, old, change)[1]
    if matched or not argument(statement, "update.updates.upsert", "bool", False):
        return {"n": matched, "nModified": modified, "wrote": modified > 0}
    made = _upsert(connection, connection.storage.ensure(db, name), filter_, change)
    return {"n": 1, "nModified": 0, "upserted": made["_id"], "wrote": True}


def _change(
    connection: Connection,
    collection: Collection,
    rid: int,
    body: bytes,
    old: Document,
    change: Update,
) -> tuple[Document, bool]:
    new = with_id_first(change.apply(decode(body)))
    check_id_unchanged(old, new)
    if encode(new) == body:
        return old, False
    connection.storage.replace(collection, rid, old, new)
    made = events.replaced if change.is_replacement else events.updated
    connection.record(made(collection, old, new))
    return new, True


def _upsert(
    connection: Connection, collection: Collection, filter_: Document, change: Update
) -> Document:
    base = upsert_base(filter_, change)
    made = with_id_first(change.insert(dict(base)))
    check_id(made["_id"])
    if "_id" in base:
        check_id_unchanged(base, made)
    _add(connection, collection, made)
    return made


def _delete_one(connection: Connection, db: str, name: str, statement: Document) -> Document:
    filter_, limit = statement["q"], int(statement["limit"])
    compile_filter(filter_)
    collection = connection.storage.collection(db, name)
    if collection is None:
        return {"n": 0, "wrote": False}
    gone = list(found(connection.storage, collection, filter_, limit=limit))
    for rid, _, document in gone:
        _remove(connection, collection, rid, document)
    return {"n": len(gone), "wrote": bool(gone)}


def _remove(connection: Connection, collection: Collection, rid: int, document: Document) -> None:
    connection.storage.delete(collection, rid, document)
    connection.record(events.deleted(collection, document))


# ---------------------------------------------------------------- findAndModify


@command(
    "findAndModify", "findandmodify",
    fields="query sort remove update new fields upsert stmtId",
    role="write",
)  # fmt: skip
async def find_and_modify(connection: Connection, asked: Document) -> Document:
    name = argument(asked, f"findAndModify.{next(iter(asked))}", "string")
    concern = write_concern_error(connection, asked)
    with connection.storage.transaction():
        connection.storage.begin_retryable(asked)
        done = connection.storage.done_before(asked, _statement_number(asked, 0))
        if done is None:
            done = _find_and_modify(connection, asked, name)
            if done.pop("wrote"):
                connection.storage.remember(asked, _statement_number(asked, 0), done)
        else:
            done["retriedStmtId"] = _statement_number(asked, 0)
    connection.server.announce()
    return done | concern


def _find_and_modify(connection: Connection, asked: Document, name: str) -> Document:
    filter_ = argument(asked, "findAndModify.query", "object", {})
    sort = sort_fields(argument(asked, "findAndModify.sort", "object", {}))
    remove = argument(asked, "findAndModify.remove", "bool", False)
    wants_new = argument(asked, "findAndModify.new", "bool", False)
    upsert = argument(asked, "findAndModify.upsert", "bool", False)
    project = compile_projection(argument(asked, "findAndModify.fields", "object", {}))
    compile_filter(filter_)
    if remove and ("update" in asked or upsert or wants_new):
        other = "update" if "update" in asked else "upsert" if upsert else "new"
        raise CommandError(9, f"Cannot specify both {other} and remove=true" if other != "new" else
                           "Cannot specify both new=true and remove=true; 'remove' always returns "
                           "the deleted document")  # fmt: skip
    if not remove and "update" not in asked:
        raise CommandError(9, "Either an update or remove=true must be specified")
    change = None if remove else compile_update(asked["update"])
    collection = connection.storage.collection(asked["$db"], name)
    rows = list(found(connection.storage, collection, filter_, sort, limit=1)) if collection else []
    if rows and collection is not None:
        rid, body, old = rows[0]
        if change is None:
            _remove(connection, collection, rid, old)
            return _answer(1, project(old), wrote=True)
        new, wrote = _change(connection, collection, rid, body, old, change)
        return _answer(1, project(new if wants_new else old), existed=True, wrote=wrote)
    if change is None:
        return _answer(0, None, wrote=False)
    if not upsert:
        return _answer(0, None, existed=False, wrote=False)
    made = _upsert(connection, connection.storage.ensure(asked["$db"], name), filter_, change)
    answer = _answer(1, project(made) if wants_new else None, existed=False, wrote=True)
    answer["lastErrorObject"]["upserted"] = made["_id"]
    return answer


def _answer(
    n: int, value: Document | None, *, wrote: bool, existed: bool | None = None
) -> Document:
    last: Document = {"n": n}
    if existed is not None:
        last["updatedExisting"] = existed
    return {"lastErrorObject": last, "value": value, "wrote": wrote}
