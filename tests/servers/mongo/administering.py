"""Commands about databases, collections and indexes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.servers.mongo import events
from tests.servers.mongo.errors import CommandError, not_implemented
from tests.servers.mongo.matching import compile_filter
from tests.servers.mongo.reading import first_batch
from tests.servers.mongo.registry import argument, check_fields, command
from tests.servers.mongo.storage import Collection
from tests.servers.mongo.values import Document, is_number, same, shown

if TYPE_CHECKING:
    from tests.servers.mongo.server import Connection

_INDEX_FIELDS = frozenset(
    ("key", "name", "unique", "sparse", "partialFilterExpression", "v", "background", "hidden")
)


@command("listDatabases", fields="filter nameOnly authorizedDatabases", role="read")
async def list_databases(connection: Connection, asked: Document) -> Document:
    matches = compile_filter(argument(asked, "listDatabases.filter", "object", {}))
    names = sorted({db for db, _ in connection.storage.collections})
    every: list[Document] = [{"name": n, "sizeOnDisk": 0, "empty": False} for n in names]
    shown_ = [entry for entry in every if matches(entry)]
    if argument(asked, "listDatabases.nameOnly", "bool", False):
        return {"databases": [{"name": entry["name"]} for entry in shown_]}
    return {"databases": shown_, "totalSize": 0, "totalSizeMb": 0}


@command("listCollections", fields="filter nameOnly cursor authorizedCollections", role="read")
async def list_collections(connection: Connection, asked: Document) -> Document:
    matches = compile_filter(argument(asked, "listCollections.filter", "object", {}))
    entries: list[Document] = []
    for (db, name), collection in sorted(connection.storage.collections.items()):
        if db != asked["$db"]:
            continue
        entry: Document = {"name": name, "type": "collection"}
        if not argument(asked, "listCollections.nameOnly", "bool", False):
            entry |= {
                "options": {},
                "info": {"readOnly": False, "uuid": collection.uuid},
                "idIndex": collection.indexes[0].spec,
            }
        if matches(entry):
            entries.append(entry)
    size = argument(asked, "listCollections.cursor", "object", {}).get("batchSize")
    return first_batch(connection, f"{asked['$db']}.$cmd.listCollections", entries, size)


@command("create", role="admin")
async def create(connection: Connection, asked: Document) -> Document:
    name = argument(asked, "create.create", "string")
    if connection.storage.collection(asked["$db"], name) is not None:
        return {}
    with connection.storage.transaction():
        connection.storage.ensure(asked["$db"], name)
    return {}


@command("drop", role="admin")
async def drop(connection: Connection, asked: Document) -> Document:
    name = argument(asked, "drop.drop", "string")
    collection = connection.storage.collection(asked["$db"], name)
    if collection is None:
        return {}
    n = len(collection.indexes)
    _drop(connection, [collection])
    return {"nIndexesWas": n, "ns": collection.namespace}


@command("dropDatabase", role="root")
async def drop_database(connection: Connection, asked: Document) -> Document:
    collections = connection.storage.collections.values()
    _drop(connection, [one for one in collections if one.db == asked["$db"]])
    return {"dropped": asked["$db"]}


def _drop(connection: Connection, collections: list[Collection]) -> None:
    with connection.storage.transaction():
        for collection in collections:
            connection.storage.drop(collection)
            connection.record(events.dropped(collection))
    connection.server.announce()


# ---------------------------------------------------------------- indexes


@command("createIndexes", fields="indexes", role="admin")
async def create_indexes(connection: Connection, asked: Document) -> Document:
    name = argument(asked, "createIndexes.createIndexes", "string")
    given = argument(asked, "createIndexes.indexes", "array")
    if not given:
        raise CommandError(2, "Must specify at least one index to create")
    specs = [_index_spec(spec) for spec in given]
    existed = connection.storage.collection(asked["$db"], name) is not None
    with connection.storage.transaction():
        collection = connection.storage.ensure(asked["$db"], name)
        before = len(collection.indexes)
        missing = [spec for spec in specs if not _stands(collection, spec)]
        for spec in missing:
            if not _stands(collection, spec):
                connection.storage.add_index(collection, spec)
    reply: Document = {"numIndexesBefore": before, "numIndexesAfter": len(collection.indexes)}
    reply["createdCollectionAutomatically"] = not existed
    return reply if missing else reply | {"note": "all indexes already exist"}


def _index_spec(given: Any) -> Document:
    if not isinstance(given, dict):
        raise CommandError(14, "BSON field 'createIndexes.indexes' must hold objects")
    for field in given:
        if field not in _INDEX_FIELDS:
            if field in ("expireAfterSeconds", "collation", "weights", "wildcardProjection"):
                raise not_implemented(f"the index option {field}")
            raise CommandError(197, f"Error in specification {shown(given)} :: caused by :: The "
                               f"field '{field}' is not valid for an index "
                               "specification")  # fmt: skip
    keys = argument(given, "createIndexes.indexes.key", "object")
    name = argument(given, "createIndexes.indexes.name", "string")
    if not keys:
        raise CommandError(67, "Index keys cannot be empty.")
    for path, direction in keys.items():
        if isinstance(direction, str):
            raise not_implemented(f"{direction} indexes")
        if not is_number(direction) or not direction:
            raise CommandError(67, f"Error in specification {shown(given)} :: caused by :: Values "
                               "in v:2 index key pattern cannot be of type or value "
                               f"{shown(direction)}")  # fmt: skip
        if not all(path.split(".")) or re.search(r"(^|\.)\$", path):
            raise CommandError(67, f"Error in specification {shown(given)} :: caused by :: Index "
                               "keys cannot contain an empty field or begin with '$'.")  # fmt: skip
    spec: Document = {"v": 2, "key": keys, "name": name}
    for option in ("unique", "sparse", "hidden"):
        if given.get(option):
            if option == "hidden":
                raise not_implemented("hidden indexes")
            spec[option] = True
    if "partialFilterExpression" in given:
        partial = argument(given, "createIndexes.indexes.partialFilterExpression", "object")
        if spec.get("sparse"):
            raise CommandError(67, f"Error in specification {shown(given)} :: caused by :: cannot "
                               'mix "partialFilterExpression" and "sparse" options')  # fmt: skip
        _check_partial(partial, given)
        spec["partialFilterExpression"] = partial
    return spec


def _check_partial(partial: Document, given: Document) -> None:
    compile_filter(partial)
    allowed = {"$eq", "$exists", "$gt", "$gte", "$lt", "$lte", "$type", "$in"}
    for path, operand in partial.items():
        if path in ("$and", "$or"):
            for part in operand:
                _check_partial(part, given)
        elif isinstance(operand, dict):
            for operator, value in operand.items():
                bad = operator == "$exists" and not value
                if bad or (operator.startswith("$") and operator not in allowed):
                    raise CommandError(67, f"Error in specification {shown(given)} :: caused by "
                                       ":: Expression not supported in partial index: "
                                       f"{path} {operator}")  # fmt: skip


def _stands(collection: Collection, spec: Document) -> bool:
    """Whether the very same index is there. Raises CommandError when another is in its way."""
    if list(spec["key"].items()) == [("_id", 1)]:
        return True
    for index in collection.indexes:
        options = {name: value for name, value in index.spec.items() if name not in ("v", "name")}
        wanted = {name: value for name, value in spec.items() if name not in ("v", "name")}
        if index.name == spec["name"]:
            if same(options, wanted):
                return True
            raise CommandError(86, "An existing index has the same name as the requested index. "
                               "When index names are not specified, they are auto generated and "
                               "can cause conflicts. Please refer to our documentation. Requested "
                               f"index: {shown(spec)}, existing index: "
                               f"{shown(index.spec)}")  # fmt: skip
        same_filter = same(
            options.get("partialFilterExpression"), wanted.get("partialFilterExpression")
        )
        if list(index.spec["key"].items()) == list(spec["key"].items()) and same_filter:
            raise CommandError(85, f"Index already exists with a different name: {index.name}"
                               if same(options, wanted) else
                               "An equivalent index already exists with a different name and "
                               f"options. Requested index: {shown(spec)}, existing index: "
                               f"{shown(index.spec)}")  # fmt: skip
    return False


@command("listIndexes", fields="cursor", role="read")
async def list_indexes(connection: Connection, asked: Document) -> Document:
    name = argument(asked, "listIndexes.listIndexes", "string")
    collection = connection.storage.collection(asked["$db"], name)
    if collection is None:
        raise CommandError(26, f"ns does not exist: {asked['$db']}.{name}")
    options = argument(asked, "listIndexes.cursor", "object", {})
    check_fields(options, frozenset(("batchSize",)), "listIndexes.cursor")
    specs = [index.spec for index in collection.indexes]
    return first_batch(connection, collection.namespace, specs, options.get("batchSize"))


@command("dropIndexes", fields="index", role="admin")
async def drop_indexes(connection: Connection, asked: Document) -> Document:
    name = argument(asked, "dropIndexes.dropIndexes", "string")
    collection = connection.storage.collection(asked["$db"], name)
    if collection is None:
        raise CommandError(26, f"ns not found {asked['$db']}.{name}")
    before = len(collection.indexes)
    wanted = asked.get("index")
    if wanted == "*":
        gone = collection.indexes[1:]
    elif isinstance(wanted, str):
        gone = [index for index in collection.indexes if index.name == wanted]
        if not gone:
            raise CommandError(27, f"index not found with name [{wanted}]")
        if wanted == "_id_":
            raise CommandError(72, "cannot drop _id index")
    else:
        raise not_implemented("dropIndexes by anything but a name or '*'")
    with connection.storage.transaction():
        for index in list(gone):
            connection.storage.drop_index(collection, index)
    return {"nIndexesWas": before}
