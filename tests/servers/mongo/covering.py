"""Counts by group that an index answers alone, as MongoDB's covered plans do."""

from __future__ import annotations

from typing import Any

from tests.servers.mongo.planning import Plan
from tests.servers.mongo.storage import Collection, Storage
from tests.servers.mongo.values import MISSING, Document, decode, key


def counts_by_group(
    storage: Storage, collection: Collection, stages: list[tuple[str, Any]], plan: Plan
) -> list[Document] | None:
    """What `$group` with one `{"$sum": 1}` gives; None when the index alone does not tell.

    Args:
        storage: Where the documents are.
        collection: Whose they are.
        stages: All stages after the `$match` that the plan answers.
        plan: Its way; counts what it examines.
    """
    if plan.index is None or not plan.exact or len(stages) != 1 or stages[0][0] != "$group":
        return None
    fields = dict(stages[0][1])
    group = fields.pop("_id", MISSING)
    if list(fields.values()) != [{"$sum": 1}]:
        return None
    path = group[1:] if isinstance(group, str) and group.startswith("$") else ""
    if path and (path not in plan.points or "." in path):
        return None
    if not path and isinstance(group, dict | list | str):
        return None
    (name,) = fields
    counts: dict[bytes, Document] = {}
    for span in plan.spans:
        n = storage.count_span(plan.index, span.low, span.high)
        if n == 0:
            continue
        plan.keys_examined += n
        value = group
        if path:
            _, first = next(storage.scan(plan.index, span.low, span.high))
            value = decode(storage.body(collection, first)).get(path)
        counts.setdefault(key(value), {"_id": value, name: 0})[name] += n
    return list(counts.values())
