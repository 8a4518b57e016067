"""How a query is answered: which index, which part of it, and whether it gives the order."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.servers.mongo.bounds import (
    AFTER,
    Bounds,
    Span,
    gather,
    may_serve,
    point_prefixes,
    ranged,
)
from tests.servers.mongo.indexes import Index
from tests.servers.mongo.matching import compile_filter
from tests.servers.mongo.storage import Collection, Storage
from tests.servers.mongo.values import Document, decode, sort_key

_MAX_POINTS = 10_000
Sort = Sequence[tuple[str, int]]
Row = tuple[int, bytes, Document]
"""A document: its number, its BSON and itself."""


@dataclass(slots=True)
class Plan:
    """The way to the documents."""

    index: Index | None = None
    spans: list[Span] = field(default_factory=list)
    branches: list[Plan] = field(default_factory=list)
    """The ways to the documents of each part of an `$or`."""
    reverse: bool = False
    gives_order: bool = False
    merges: bool = False
    """Whether the spans are merged, as the order of a sort needs it."""
    exact: bool = False
    """Whether all that the spans hold matches."""
    points: list[str] = field(default_factory=list)
    """The paths that have one value in each span."""
    keys_examined: int = 0
    documents_examined: int = 0


def found(
    storage: Storage,
    collection: Collection,
    filter_: Document,
    sort: Sort = (),
    *,
    limit: int = 0,
    plan: Plan | None = None,
) -> Iterator[Row]:
    """The documents that match, in order.

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
    matching: Iterator[Row] = (
        (rid, body, document)
        for rid, body in _candidates(storage, collection, plan)
        if matches(document := decode(body))
    )
    if sort and not plan.gives_order:
        matching = iter(sorted(matching, key=lambda row: sort_key(row[2], sort)))
    return itertools.islice(matching, limit or None)


def counted(storage: Storage, collection: Collection, filter_: Document) -> int:
    """How many documents match."""
    compile_filter(filter_)
    plan = choose(collection, filter_)
    if not filter_:
        return storage.count(collection)
    if plan.index is not None and plan.exact:
        return sum(storage.count_span(plan.index, span.low, span.high) for span in plan.spans)
    return sum(1 for _ in found(storage, collection, filter_, plan=plan))


def _candidates(
    storage: Storage, collection: Collection, plan: Plan
) -> Iterator[tuple[int, bytes]]:
    if plan.index is None and not plan.branches:
        for row in storage.bodies(collection, reverse=plan.reverse):
            plan.documents_examined += 1
            yield row
        return
    for rid in _once(_numbers(storage, plan)):
        plan.documents_examined += 1
        yield rid, storage.body(collection, rid)


def _once(numbers: Iterator[int]) -> Iterator[int]:
    seen: set[int] = set()
    for number in numbers:
        if number not in seen:
            seen.add(number)
            yield number


def _numbers(storage: Storage, plan: Plan) -> Iterator[int]:
    for branch in plan.branches:
        yield from _numbers(storage, branch)
        plan.keys_examined = sum(branch.keys_examined for branch in plan.branches)
    if plan.index is None:
        return
    scans = [_scanned(storage, plan, plan.index, span) for span in plan.spans]
    if plan.merges:
        yield from (rid for _, rid in heapq.merge(*scans, reverse=plan.reverse))
    else:
        yield from (rid for _, rid in itertools.chain.from_iterable(scans))


def _scanned(storage: Storage, plan: Plan, index: Index, span: Span) -> Iterator[tuple[bytes, int]]:
    cut = len(span.prefix)
    for entry, rid in storage.scan(index, span.low, span.high, reverse=plan.reverse):
        plan.keys_examined += 1
        yield entry[cut:], rid


# ---------------------------------------------------------------- choosing


def choose(collection: Collection, filter_: Document, sort: Sort = ()) -> Plan:
    """The index that leaves least to examine, then one that spares a sort, else none."""
    bounds: dict[str, Bounds] = {}
    simple = gather(filter_, bounds)
    best, best_score = Plan(gives_order=not sort), (0, 0, 0, 0)
    for index in collection.indexes:
        if may_serve(index, filter_, bounds):
            plan, score = _with_index(index, bounds, sort, simple=simple)
            if score > best_score:
                best, best_score = plan, score
    if best_score[:2] == (0, 0) and isinstance(filter_.get("$or"), list):
        branches = [choose(collection, part) for part in filter_["$or"]]
        if all(branch.index is not None for branch in branches):
            return Plan(branches=branches, gives_order=not sort)
    return best


def _with_index(
    index: Index, bounds: dict[str, Bounds], sort: Sort, *, simple: bool
) -> tuple[Plan, tuple[int, int, int, int]]:
    """The way through the index, and how good it is: points, a range, the order, nothing left."""
    prefixes = [b""]
    used: list[str] = []
    fixed: set[str] = set()
    for path, direction in index.fields:
        known = bounds.get(path)
        if known is None or known.points is None:
            break
        if len(prefixes) * len(known.points) > _MAX_POINTS:
            break
        prefixes = point_prefixes(prefixes, known.points, falls=direction < 0)
        used.append(path)
        if len(known.points) == 1:
            fixed.add(path)
    points = len(used)
    spans = [Span(prefix, prefix, prefix + AFTER) for prefix in sorted(prefixes)]
    rest = index.fields[points:]
    if rest and rest[0][0] in bounds and bounds[rest[0][0]].is_range:
        path, direction = rest[0]
        used.append(path)
        spans = [
            ranged(span.prefix, bounds[path], falls=direction < 0, multikey=path in index.multikeys)
            for span in spans
        ]
    reverse, gives = _order(rest, fixed, sort, index)
    exact = bool(used) and simple and not index.multikeys and set(bounds) == set(used)
    exact = exact and all(bounds[path].exact for path in used)
    plan = Plan(
        index,
        spans,
        reverse=reverse,
        gives_order=gives or not sort,
        merges=gives and bool(sort) and len(spans) > 1,
        exact=exact,
        points=used[:points],
    )
    return plan, (points, len(used) - points, int(gives and bool(sort)), int(exact))


def _order(rest: Sort, fixed: set[str], sort: Sort, index: Index) -> tuple[bool, bool]:
    """Whether to go backwards, and whether the entries then come in the order of the sort."""
    wanted = [(path, way) for path, way in sort if path not in fixed - index.multikeys]
    if not wanted:
        return False, True
    if any(path in index.multikeys for path, _ in wanted):
        return False, False
    for reverse in (False, True):
        turned = [(path, -way if reverse else way) for path, way in wanted]
        if turned == list(rest[: len(wanted)]):
            return reverse, True
    return False, False
