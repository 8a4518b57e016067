"""What an upsert inserts, and which `_id` a document may have."""

from __future__ import annotations

from typing import Any

from bson import ObjectId, Regex

from tests.servers.mongo.errors import CommandError
from tests.servers.mongo.matching import is_operators
from tests.servers.mongo.updating import Update, get_path, set_path
from tests.servers.mongo.values import MISSING, Document, same, shown, split_path, type_name


def upsert_base(filter_: Document, update: Update) -> Document:
    """What a filter says of the document that matches nothing yet."""
    base: Document = {}
    for path, value in _equalities(filter_):
        if update.is_replacement and path != "_id":
            continue
        parts = split_path(path)
        if get_path(base, parts) is not MISSING:
            raise CommandError(54, f"cannot infer query fields to set, path '{path}' is matched "
                               "twice")  # fmt: skip
        set_path(base, parts, value)
    return base


def _equalities(filter_: Document) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, operand in filter_.items():
        if name == "$and" or (name == "$or" and len(operand) == 1):
            for part in operand:
                found += _equalities(part)
        elif name.startswith("$") or isinstance(operand, Regex):
            continue
        elif not is_operators(operand):
            found.append((name, operand))
        elif "$eq" in operand:
            found.append((name, operand["$eq"]))
        elif "$in" in operand and len(operand["$in"]) == 1:
            found.append((name, operand["$in"][0]))
    return found


def with_id_first(document: Document) -> Document:
    """The document with an `_id`, in the first place, as the server stores it."""
    if next(iter(document), None) == "_id":
        return document
    return {"_id": document.get("_id", ObjectId()), **document}


def check_id(value: Any) -> None:
    """Raises CommandError when a document must not have this `_id`."""
    if isinstance(value, list | Regex):
        kind = type_name(value)
        raise CommandError(53, f"The '_id' value cannot be of type {kind}")
    if isinstance(value, dict):
        for name in value:
            if name.startswith("$"):
                raise CommandError(52, f"_id fields may not contain '$'-prefixed fields: {name} is "
                                   "not valid for storage.")  # fmt: skip


def check_id_unchanged(old: Document, new: Document) -> None:
    """Raises CommandError when an update changed the `_id`."""
    if not same(old["_id"], new.get("_id")):
        raise CommandError(66, "After applying the update, the (immutable) field '_id' was found "
                           f"to have been altered to _id: {shown(new.get('_id'))}")  # fmt: skip
