"""How a query is answered: which index, which part of it, and whether it gives the order."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bson import Regex

from tests.servers.mongo.matching import compile_filter, is_operators
from tests.servers.mongo.storage import Collection, Index, Storage
from tests.servers.mongo.values import NULL, Document, decode, inverted, key, rank, sort_key

_AFTER = b"\xff"
"""No key begins with it: `k + _AFTER` comes after all that begins with k and before the rest."""
_MAX_POINTS = 10_000


Edge = tuple[bytes, bool]
"""A key where a range begins or ends, and whether that is after the key, not before it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of an index: what begins with `prefix`, from `low` to before `high`."""

    prefix: bytes
    low: bytes
    high: bytes


@dataclass(slots=True)
class Plan:
    """The way to the documents."""

    index: Index | None = None
    spans: list[Span] = field(default_factory=list)
    reverse: bool = False
    gives_order: bool = False
    merges: bool = False
    """Whether the spans are merged, as the order of a sort needs it."""
    keys_examined: int = 0
    documents_examined: int = 0


@dataclass(slots=True)
class _Bounds:
    """What a filter demands of one path, as keys in ascending order."""

    points: list[bytes] | None = None
    low: Edge | None = None
    high: Edge | None = None

    @property
    def is_range(self) -> bool:
        return self.low is not None or self.high is not None


def found(
    storage: Storage,
    collection: Collection,
    filter_: Document,
    sort: Sequence[tuple[str, int]] = (),
    *,
    limit: int = 0,
    plan: Plan | None = None,
) -> Iterator[tuple[int, bytes, Document]]:
    """The documents that match, in order: their numbers, their BSON and themselves.

    Args:
        storage: Where they are.
        collection: Whose they are.
        filter_: What they must match.
        sort: Their order; without one, that of the index or of insertion.
        limit: How many at most, 0 for all.
        plan: The way there; counts what it examines.
    """
    matches = compile_filter(filter_)
    plan = plan or choose(collection, filter_, sort)
    candidates = ((rid, body, decode(body)) for rid, body in _candidates(storage, collection, plan))
    matching: Iterator[tuple[int, bytes, Document]]
    matching = (row for row in candidates if matches(row[2]))
    if sort and not plan.gives_order:
        matching = iter(sorted(matching, key=lambda row: sort_key(row[2], sort)))
    return itertools.islice(matching, limit or None)


def _candidates(
    storage: Storage, collection: Collection, plan: Plan
) -> Iterator[tuple[int, bytes]]:
    if plan.index is None:
        for row in storage.bodies(collection, reverse=plan.reverse):
            plan.documents_examined += 1
            yield row
        return
    seen: set[int] = set()
    for rid in _entries(storage, plan, plan.index):
        if plan.index.multikey:
            if rid in seen:
                continue
            seen.add(rid)
        plan.documents_examined += 1
        yield rid, storage.body(collection, rid)


def _entries(storage: Storage, plan: Plan, index: Index) -> Iterator[int]:
    def one(span: Span) -> Iterator[tuple[bytes, int]]:
        cut = len(span.prefix)
        for entry, rid in storage.scan(index, span.low, span.high, reverse=plan.reverse):
            plan.keys_examined += 1
            yield entry[cut:], rid

    if plan.merges:
        merged = heapq.merge(*map(one, plan.spans), reverse=plan.reverse)
        return (rid for _, rid in merged)
    return (rid for span in plan.spans for _, rid in one(span))


# ---------------------------------------------------------------- choosing


def choose(collection: Collection, filter_: Document, sort: Sequence[tuple[str, int]] = ()) -> Plan:
    """The index that leaves least to examine, then one that spares a sort, else none."""
    bounds: dict[str, _Bounds] = {}
    _gather(filter_, bounds)
    best, best_score = Plan(gives_order=not sort), (0, 0, 0, 0)
    if [path for path, _ in sort] == ["$natural"]:
        return Plan(gives_order=True, reverse=sort[0][1] < 0)
    for index in collection.indexes:
        if not _may_serve(index, filter_, bounds):
            continue
        plan, score = _with_index(index, bounds, sort)
        if score > best_score:
            best, best_score = plan, score
    return best


def _may_serve(index: Index, filter_: Document, bounds: dict[str, _Bounds]) -> bool:
    partial = index.spec.get("partialFilterExpression")
    if partial is not None and not all(
        _implied(path, operand, filter_, bounds) for path, operand in partial.items()
    ):
        return False
    if index.spec.get("sparse"):
        null = key(None)
        for path, _ in index.fields:
            known = bounds.get(path)
            if known is None or (known.points is not None and null in known.points):
                return False
    return True


def _implied(path: str, operand: Any, filter_: Document, bounds: dict[str, _Bounds]) -> bool:
    """Whether a filter lets only documents through that this condition lets through."""
    if filter_.get(path) == operand:
        return True
    known = bounds.get(path)
    if operand == {"$exists": True} and known is not None:
        return known.is_range or key(None) not in (known.points or [])
    return False


def _with_index(
    index: Index, bounds: dict[str, _Bounds], sort: Sequence[tuple[str, int]]
) -> tuple[Plan, tuple[int, int, int, int]]:
    prefixes = [b""]
    points = 0
    fixed: list[str] = []
    fields = index.fields
    for path, direction in fields:
        known = bounds.get(path)
        if known is None or known.points is None or (index.multikey and points):
            break
        if len(prefixes) * len(known.points) > _MAX_POINTS:
            break
        keys = known.points if direction > 0 else [inverted(point) for point in known.points]
        prefixes = [prefix + point for prefix in prefixes for point in keys]
        if len(known.points) == 1:
            fixed.append(path)
        points += 1
    spans = [Span(prefix, prefix, prefix + _AFTER) for prefix in sorted(prefixes)]
    ranged = 0
    if points < len(fields) and not (index.multikey and points):
        path, direction = fields[points]
        if (known := bounds.get(path)) is not None and known.is_range:
            ranged = 1
            spans = [_ranged(span.prefix, known, direction, index.multikey) for span in spans]
    reverse, gives = _order(fields[points:], set(fixed), sort, index)
    score = (points, ranged, int(gives and bool(sort)), int(points == len(fields)))
    merges = gives and bool(sort) and len(spans) > 1
    return Plan(index, spans, reverse, gives or not sort, merges), score


def _order(
    rest: Sequence[tuple[str, int]],
    fixed: set[str],
    sort: Sequence[tuple[str, int]],
    index: Index,
) -> tuple[bool, bool]:
    """Whether to go backwards, and whether the entries then come in the order of the sort."""
    wanted = [(path, direction) for path, direction in sort if path not in fixed]
    if not wanted:
        return False, True
    if index.multikey or len(wanted) > len(rest):
        return False, False
    for reverse in (False, True):
        turned = [(path, -direction if reverse else direction) for path, direction in wanted]
        if turned == list(rest[: len(wanted)]):
            return reverse, True
    return False, False


def _ranged(prefix: bytes, bounds: _Bounds, direction: int, multikey: bool) -> Span:
    low, high = bounds.low, bounds.high
    if multikey and low is not None and high is not None:
        high = None  # another element of the array may be the one below
    edge = low or high
    assert edge is not None
    kind = edge[0][0]
    low = low or (bytes([kind - 1]), True)
    high = high or (bytes([kind + 1]), False)
    if direction < 0:
        return Span(prefix, prefix + _falling(high), prefix + _falling(low))
    return Span(prefix, prefix + _rising(low), prefix + _rising(high))


def _rising(edge: Edge) -> bytes:
    return edge[0] + _AFTER if edge[1] else edge[0]


def _falling(edge: Edge) -> bytes:
    return inverted(edge[0]) if edge[1] else inverted(edge[0]) + _AFTER


def _gather(filter_: Document, bounds: dict[str, _Bounds]) -> None:
    for path, operand in filter_.items():
        if path == "$and":
            for part in operand:
                _gather(part, bounds)
        elif not path.startswith("$"):
            _bound(bounds.setdefault(path, _Bounds()), operand)


def _bound(bounds: _Bounds, operand: Any) -> None:
    if isinstance(operand, Regex):
        return
    if not is_operators(operand):
        operand = {"$eq": operand}
    for name, value in operand.items():
        if name in ("$eq", "$in"):
            values = value if name == "$in" else [value]
            if any(isinstance(one, list | Regex) for one in values):
                continue
            points = sorted(set(map(key, values)))
            if bounds.points is None or len(points) < len(bounds.points):
                bounds.points = points
        elif name in ("$gt", "$gte", "$lt", "$lte"):
            if isinstance(value, list) or rank(value) == NULL or value != value:
                continue
            edge = (key(value), name in ("$gt", "$lte"))
            if name in ("$gt", "$gte") and bounds.low is None and _fits(bounds.high, edge):
                bounds.low = edge
            elif name in ("$lt", "$lte") and bounds.high is None and _fits(bounds.low, edge):
                bounds.high = edge


def _fits(other: Edge | None, edge: Edge) -> bool:
    """Whether both edges are of one type, so that the range is one part of the index."""
    return other is None or other[0][0] == edge[0][0]
