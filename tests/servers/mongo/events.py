"""What happened to documents, as the server's log keeps it for change streams."""

from __future__ import annotations

from typing import Any

from tests.servers.mongo.clock import CLOCK
from tests.servers.mongo.storage import Collection
from tests.servers.mongo.values import MISSING, Document, same


def inserted(collection: Collection, document: Document) -> Document:
    """A document is new."""
    return _event("insert", collection, document["_id"], fullDocument=document)


def replaced(collection: Collection, old: Document, new: Document) -> Document:
    """A document was replaced as a whole."""
    return _event("replace", collection, old["_id"], fullDocument=new)


def updated(collection: Collection, old: Document, new: Document) -> Document:
    """Fields of a document changed."""
    changed: Document = {"updatedFields": {}, "removedFields": [], "truncatedArrays": []}
    _compare(old, new, "", changed)
    return _event("update", collection, old["_id"], updateDescription=changed)


def deleted(collection: Collection, document: Document) -> Document:
    """A document is gone."""
    return _event("delete", collection, document["_id"])


def dropped(collection: Collection) -> Document:
    """A collection is gone."""
    return _event("drop", collection)


def _event(kind: str, collection: Collection, identity: Any = MISSING, **more: Any) -> Document:
    event: Document = {"operationType": kind, "wallTime": CLOCK.now()}
    event["ns"] = {"db": collection.db, "coll": collection.name}
    if identity is not MISSING:
        event["documentKey"] = {"_id": identity}
    return event | more


def _compare(old: Document, new: Document, path: str, changed: Document) -> None:
    for name in old:
        if name not in new:
            changed["removedFields"].append(path + name)
    for name, value in new.items():
        before = old.get(name, MISSING)
        if before is MISSING:
            changed["updatedFields"][path + name] = value
        elif not same(before, value):
            _differ(before, value, path + name, changed)


def _differ(before: Any, after: Any, path: str, changed: Document) -> None:
    if isinstance(before, dict) and isinstance(after, dict):
        _compare(before, after, f"{path}.", changed)
    elif isinstance(before, list) and isinstance(after, list):
        if len(after) < len(before):
            changed["truncatedArrays"].append({"field": path, "newSize": len(after)})
        for number, value in enumerate(after):
            if number >= len(before):
                changed["updatedFields"][f"{path}.{number}"] = value
            elif not same(before[number], value):
                _differ(before[number], value, f"{path}.{number}", changed)
    else:
        changed["updatedFields"][path] = after
