"""What is asked of MongoDB: indexes, filters and orders, each filter with the index it uses."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from simulator.domain.batches import BatchQuery
from simulator.domain.records import ExperimentQuery, Lease, RunOrder, RunQuery
from simulator.store.mongo_codec import Document, pack

Sort = list[tuple[str, int]]

_LAST = "\U0010ffff"
_NEWEST: Sort = [("created_at", DESCENDING), ("_id", DESCENDING)]
_ORDERS: Mapping[RunOrder, Sort] = {
    "newest": _NEWEST,
    "oldest": [("created_at", ASCENDING), ("_id", ASCENDING)],
    "last_finished": [("finished_at", DESCENDING), *_NEWEST],
    "most_tokens": [("tokens", DESCENDING), *_NEWEST],
    "highest_cost": [("usage.cost_usd", DESCENDING), *_NEWEST],
}
EXPERIMENT_ORDER = _NEWEST
BATCH_ORDER = _NEWEST
STEP_ORDER: Sort = [("position", ASCENDING), ("_id", ASCENDING)]


def _index(name: str, *fields: str, by: Sort | None = None, **options: Any) -> IndexModel:
    keys = [(field, ASCENDING) for field in fields] + (by or [])
    return IndexModel(keys, name=name, **options)


def _sorted_among(name: str, field: str) -> list[IndexModel]:
    """Indexes for runs that have one value of a field, in every order."""
    orders: Mapping[str, RunOrder] = {
        "": "newest", "_and_end": "last_finished", "_and_tokens": "most_tokens",
        "_and_cost": "highest_cost",
    }  # fmt: skip
    return [_index(f"by_{name}{tail}", field, by=_ORDERS[order]) for tail, order in orders.items()]


INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "experiments": (
        _index("by_age", by=_NEWEST),
        _index("by_name", "name", by=_NEWEST),
        _index("by_creator", "creator", by=_NEWEST),
        _index("by_kind", "kind", by=_NEWEST),
        _index("by_star", "starred_by", by=_NEWEST),
        _index("by_parent", "parent_id", by=_NEWEST),
        _index("by_end_of_id", "id_reversed"),
    ),
    "batches": (
        _index("by_age", by=_NEWEST),
        _index("by_experiment", "experiment_id", by=_NEWEST),
        _index("by_specification", "specification_hash", by=_NEWEST),
        _index("by_creator", "creator", by=_NEWEST),
        _index("by_end_of_id", "id_reversed"),
    ),
    "runs": (
        _index("by_age", by=_NEWEST),
        _index("by_end", by=_ORDERS["last_finished"]),
        _index("by_tokens", by=_ORDERS["most_tokens"]),
        _index("by_cost", by=_ORDERS["highest_cost"]),
        *_sorted_among("experiment", "experiment_id"),
        *_sorted_among("batch", "batch_id"),
        *_sorted_among("status", "status"),
        *_sorted_among("creator", "creator"),
        _index("by_star", "starred_by", by=_NEWEST),
        _index("by_end_of_id", "id_reversed"),
        _index("by_lease", "lease.expires_at", sparse=True),
    ),
    "messages": (
        _index("by_name", "run_id", "scope", "index", unique=True),
        _index("by_position", "run_id", by=STEP_ORDER),
        _index("by_hearing", "run_id", "in_transcript"),
    ),
}
"""Made when a store is opened, where they are missing."""


def experiments(query: ExperimentQuery) -> Document:
    """The filter of a query."""
    return _filter(
        query.id_fragment,
        name=query.name,
        kind=query.kind,
        creator=query.creator,
        starred_by=query.starred_by,
        design_hash=query.design_hash,
        parent_id=query.parent_id,
        among={"_id": query.ids},
    )


def batches(query: BatchQuery) -> Document:
    """The filter of a query."""
    return _filter(
        query.id_fragment,
        specification_hash=query.specification_hash,
        creator=query.creator,
        among={"_id": query.ids, "experiment_id": query.experiment_ids},
    )


def runs(query: RunQuery) -> Document:
    """The filter of a query."""
    return _filter(
        query.id_fragment,
        experiment_id=query.experiment_id,
        batch_id=query.batch_id,
        status=query.status,
        creator=query.creator,
        starred_by=query.starred_by,
    )


def run_order(order: RunOrder) -> Sort:
    """How runs are sorted."""
    return _ORDERS[order]


def steps(run_id: str, after: int, known: Collection[object] = ()) -> Document:
    """The steps of a run from later positions, without those of known `_id`s."""
    found: Document = {"run_id": pack(run_id), "position": {"$gt": after}}
    if known:
        found["_id"] = {"$nin": list(known)}
    return found


def free_for(owners: Collection[str], now: datetime) -> Document:
    """Runs that nobody holds at `now` but one of these owners."""
    return {
        "$or": [
            {"lease": None},
            {"lease.expires_at": {"$lte": now}},
            {"lease.owner": {"$in": [pack(owner) for owner in owners]}},
        ],
    }


def taking(lease: Lease, shift: timedelta, now: datetime) -> list[Document]:
    """The update that gives a run to the lease's owner: `running`, without an error."""
    return [
        {
            "$set": {
                "lease": lease_document(lease, shift, literal=True),
                "status": "running",
                "error": None,
                "started_at": {"$ifNull": ["$started_at", now]},
            }
        }
    ]


def lease_document(lease: Lease, shift: timedelta, *, literal: bool = False) -> Document:
    """What stands in a run under `lease`.

    Args:
        lease: With a time of this machine's clock.
        shift: By how much the server's clock is ahead.
        literal: For updates that would take a text such as `$x` for the name of a field.
    """
    fields = {"owner": pack(lease.owner), "user": pack(lease.user)}
    return {
        **({name: {"$literal": value} for name, value in fields.items()} if literal else fields),
        "expires_at": lease.expires_at + shift,
    }


def counting_runs(experiment_ids: Sequence[str]) -> list[Document]:
    """The aggregation that counts the runs of experiments."""
    return _counting("experiment_id", experiment_ids)


def counting_messages(run_ids: Sequence[str], whole_journal: bool) -> list[Document]:
    """The aggregation that counts the messages, or steps, of runs."""
    return _counting("run_id", run_ids, **({} if whole_journal else {"in_transcript": True}))


def _counting(parent: str, ids: Sequence[str], **equal: bool) -> list[Document]:
    return [
        {"$match": {parent: {"$in": [pack(id_) for id_ in ids]}, **equal}},
        {"$group": {"_id": f"${parent}", "count": {"$sum": 1}}},
    ]


def _filter(
    id_fragment: str | None,
    among: Mapping[str, Sequence[str] | None] = MappingProxyType({}),
    **equal: str | None,
) -> Document:
    found: Document = {name: pack(value) for name, value in equal.items() if value is not None}
    for name, ids in among.items():
        if ids is not None:
            found[name] = {"$in": [pack(id_) for id_ in ids]}
    if id_fragment is not None:
        found["$or"] = [
            {"_id": _beginning(id_fragment)},
            {"id_reversed": _beginning(id_fragment[::-1])},
        ]
    return found


def _beginning(text: str) -> Document:
    return {"$gte": pack(text), "$lt": pack(text + _LAST)}
