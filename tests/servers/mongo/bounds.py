"""What a filter demands of each path, as parts of an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bson import Regex

from tests.servers.mongo.indexes import Index
from tests.servers.mongo.matching import is_operators
from tests.servers.mongo.values import NULL, Document, inverted, key, rank

AFTER = b"\xff"
"""No key begins with it: `k + AFTER` comes after all that begins with k and before the rest."""

Edge = tuple[bytes, bool]
"""A key where a range begins or ends, and whether that is after the key, not before it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of an index: what begins with `prefix`, from `low` to before `high`."""

    prefix: bytes
    low: bytes
    high: bytes


@dataclass(slots=True)
class Bounds:
    """What a filter demands of one path, as keys in ascending order."""

    points: list[bytes] | None = None
    low: Edge | None = None
    high: Edge | None = None
    exact: bool = True
    """Whether that is all that it demands, of documents without arrays on the path."""

    @property
    def is_range(self) -> bool:
        return self.low is not None or self.high is not None

    @property
    def excludes_null(self) -> bool:
        """Whether documents without the path do not match."""
        return self.is_range or (self.points is not None and key(None) not in self.points)


def gather(filter_: Document, bounds: dict[str, Bounds]) -> bool:
    """Add what the filter demands; whether it demands nothing else than of single paths."""
    simple = True
    for path, operand in filter_.items():
        if path == "$and":
            simple = all([gather(part, bounds) for part in operand]) and simple
        elif path.startswith("$"):
            simple = False
        elif path in bounds:
            _narrow(bounds[path], operand)
            bounds[path].exact = False
        else:
            _narrow(bounds.setdefault(path, Bounds()), operand)
    return simple


def _narrow(bounds: Bounds, operand: Any) -> None:
    if isinstance(operand, Regex):
        bounds.exact = False
        return
    if not is_operators(operand):
        operand = {"$eq": operand}
    for name, value in operand.items():
        if not _use(bounds, name, value):
            bounds.exact = False
    if bounds.points is not None and len(operand) > 1:
        bounds.exact = False


def _use(bounds: Bounds, name: str, value: Any) -> bool:
    """Whether the operator is wholly in the bounds now."""
    if name in ("$eq", "$in"):
        values = value if name == "$in" else [value]
        if bounds.points is not None or any(isinstance(one, list | Regex) for one in values):
            return False
        bounds.points = sorted(set(map(key, values)))
        return True
    if isinstance(value, list) or rank(value) == NULL or value != value:
        return False
    edge = (key(value), name in ("$gt", "$lte"))
    if name in ("$gt", "$gte") and bounds.low is None and _fits(bounds.high, edge):
        bounds.low = edge
        return True
    if name in ("$lt", "$lte") and bounds.high is None and _fits(bounds.low, edge):
        bounds.high = edge
        return True
    return False


def _fits(other: Edge | None, edge: Edge) -> bool:
    """Whether both edges are of one type, so that the range is one part of the index."""
    return other is None or other[0][0] == edge[0][0]


def may_serve(index: Index, filter_: Document, bounds: dict[str, Bounds]) -> bool:
    """Whether the index has all documents that the filter may match."""
    partial = index.spec.get("partialFilterExpression") or {}
    for path, operand in partial.items():
        known = bounds.get(path)
        present = operand == {"$exists": True} and known is not None and known.excludes_null
        if not present and filter_.get(path) != operand:
            return False
    if not index.spec.get("sparse"):
        return True
    return any(path in bounds and bounds[path].excludes_null for path, _ in index.fields)


def point_prefixes(prefixes: Sequence[bytes], points: Sequence[bytes], falls: bool) -> list[bytes]:
    """Each beginning with each of the points after it."""
    keys = [inverted(point) for point in points] if falls else points
    return [prefix + point for prefix in prefixes for point in keys]


def ranged(prefix: bytes, bounds: Bounds, *, falls: bool, multikey: bool) -> Span:
    """The part of an index after a prefix that a range allows."""
    low, high = bounds.low, bounds.high
    if multikey and low is not None and high is not None:
        high = None  # another element of the array may be the one below
    edge = low or high
    assert edge is not None
    kind = edge[0][0]
    low = low or (bytes([kind - 1]), True)
    high = high or (bytes([kind + 1]), False)
    if falls:
        return Span(prefix, prefix + _falling(high), prefix + _falling(low))
    return Span(prefix, prefix + _rising(low), prefix + _rising(high))


def _rising(edge: Edge) -> bytes:
    return edge[0] + AFTER if edge[1] else edge[0]


def _falling(edge: Edge) -> bytes:
    return inverted(edge[0]) if edge[1] else inverted(edge[0]) + AFTER
