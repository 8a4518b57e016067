"""Aggregation pipelines."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.servers.mongo.covering import counts_by_group
from tests.servers.mongo.errors import CommandError, names, not_implemented
from tests.servers.mongo.expressions import (
    Expression,
    Scope,
    compile_expression,
    number_result,
)
from tests.servers.mongo.matching import compile_filter
from tests.servers.mongo.planning import Plan, choose, found
from tests.servers.mongo.projecting import (
    compile_projection,
    compile_replace,
    compile_set,
    compile_unset,
)
from tests.servers.mongo.storage import Collection, Storage
from tests.servers.mongo.values import (
    MISSING,
    NULL,
    Document,
    is_number,
    key,
    rank,
    shown,
    sort_fields,
    sort_key,
    split_path,
)

Stage = Callable[[Iterable[Document]], Iterable[Document]]

_KNOWN = names(
    "$bucket $bucketAuto $changeStreamSplitLargeEvent $collStats $currentOp $densify $documents "
    "$facet $fill $geoNear $graphLookup $indexStats $listSessions $lookup $merge $out "
    "$planCacheStats $redact $sample $search $searchMeta $setWindowFields $shardedDataDistribution "
    "$sortByCount $unionWith $vectorSearch"
)


@dataclass(slots=True)
class Query:
    """The beginning of a pipeline that an index can serve, and the stages after it."""

    filter: Document = field(default_factory=dict)
    sort: list[tuple[str, int]] = field(default_factory=list)
    specs: list[tuple[str, Any]] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)

    def run(self, storage: Storage, collection: Collection, plan: Plan) -> list[Document]:
        """What comes out of it."""
        counts = counts_by_group(storage, collection, self.specs, plan)
        if counts is not None:
            return counts
        rows = found(storage, collection, self.filter, self.sort, plan=plan)
        return list(through(self.stages, (row[2] for row in rows)))


def compile_pipeline(pipeline: list[Any]) -> Query:
    """The pipeline. Raises CommandError for what it must not contain."""
    query = Query()
    specs = [only_field(stage) for stage in pipeline]
    if specs and specs[0][0] == "$match":
        query.filter = specs.pop(0)[1]
        compile_filter(query.filter)
    if specs and specs[0][0] == "$sort":
        query.sort = _sort_spec(specs.pop(0)[1])
    query.specs = specs
    query.stages = [compile_stage(name, spec) for name, spec in specs]
    return query


def run_pipeline(storage: Storage, db: str, name: str, pipeline: list[Any]) -> list[Document]:
    """What comes out of it."""
    query = compile_pipeline(pipeline)
    collection = storage.collection(db, name)
    if collection is None:
        return list(through(query.stages, ()))
    return query.run(storage, collection, choose(collection, query.filter, query.sort))


def through(stages: Iterable[Stage], documents: Iterable[Document]) -> Iterable[Document]:
    """The documents after all stages."""
    for stage in stages:
        documents = stage(documents)
    return documents


def only_field(stage: Any) -> tuple[str, Any]:
    """A stage's name and what it says."""
    if not isinstance(stage, dict):
        raise CommandError(14, "Each element of the 'pipeline' array must be an object")
    if len(stage) != 1:
        raise CommandError(40323, "A pipeline stage specification object must contain exactly one "
                           "field.")  # fmt: skip
    return next(iter(stage.items()))


def compile_stage(name: str, spec: Any) -> Stage:
    """A stage as a function. Raises CommandError for one that is not known."""
    if name in _KNOWN:
        raise not_implemented(f"the stage {name}")
    if name == "$changeStream":
        raise CommandError(40602, "$changeStream is only valid as the first stage in a pipeline.")
    if name not in _STAGES:
        raise CommandError(40324, f"Unrecognized pipeline stage name: '{name}'")
    return _STAGES[name](spec)


def _each(transform: Callable[[Document], Document]) -> Stage:
    return lambda documents: map(transform, documents)


def _match(spec: Any) -> Stage:
    matches = compile_filter(spec)
    return lambda documents: filter(matches, documents)


def _sort_spec(spec: Any) -> list[tuple[str, int]]:
    if not isinstance(spec, dict) or not spec:
        raise CommandError(15976, "$sort stage must have at least one sort key")
    return sort_fields(spec)


def _sort(spec: Any) -> Stage:
    fields = _sort_spec(spec)
    return lambda documents: sorted(documents, key=lambda document: sort_key(document, fields))


def _limit(spec: Any) -> Stage:
    if not is_number(spec) or spec != int(spec):
        raise CommandError(5107201, "invalid argument to $limit stage: Expected a number in: "
                           f"$limit: {shown(spec)}")  # fmt: skip
    if spec <= 0:
        raise CommandError(15958, "the limit must be positive")
    return lambda documents: itertools.islice(documents, int(spec))


def _skip(spec: Any) -> Stage:
    if not is_number(spec) or spec != int(spec) or spec < 0:
        raise CommandError(5107200, "invalid argument to $skip stage: Expected a non-negative "
                           f"number in: $skip: {shown(spec)}")  # fmt: skip
    return lambda documents: itertools.islice(documents, int(spec), None)


def _count(spec: Any) -> Stage:
    if not isinstance(spec, str) or not spec:
        raise CommandError(40156, "the count field must be a non-empty string")
    if spec.startswith("$") or "." in spec:
        raise CommandError(40158, "the count field cannot be a $-prefixed path or contain '.'")

    def stage(documents: Iterable[Document]) -> Iterator[Document]:
        n = sum(1 for _ in documents)
        if n:
            yield {spec: n}

    return stage


def _unwind(spec: Any) -> Stage:
    options = spec if isinstance(spec, dict) else {"path": spec}
    for name in options:
        if name == "includeArrayIndex":
            raise not_implemented("$unwind.includeArrayIndex")
        if name not in ("path", "preserveNullAndEmptyArrays"):
            raise CommandError(28811, f"unrecognized option to $unwind stage: {name}")
    path = options.get("path")
    if not isinstance(path, str):
        raise CommandError(28808, "expected a string as the path for $unwind stage")
    if not path.startswith("$"):
        raise CommandError(28818, "path option to $unwind stage should be prefixed with a '$': "
                           f"{path}")  # fmt: skip
    parts = split_path(path[1:])
    keep = bool(options.get("preserveNullAndEmptyArrays", False))

    def stage(documents: Iterable[Document]) -> Iterator[Document]:
        for document in documents:
            value: Any = document
            for part in parts:
                value = value.get(part, MISSING) if isinstance(value, dict) else MISSING
            if isinstance(value, list):
                for element in value:
                    yield _with(document, parts, element)
                if not value and keep:
                    yield _with(document, parts, MISSING)
            elif rank(value) != NULL or keep:
                yield document

    return stage


def _with(document: Document, parts: list[str], value: Any) -> Document:
    result = dict(document)
    name, *below = parts
    if below:
        result[name] = _with(result[name], below, value)
    elif value is MISSING:
        result.pop(name, None)
    else:
        result[name] = value
    return result


# ---------------------------------------------------------------- groups

Accumulator = Callable[[list[Any]], Any]


def _sum(values: list[Any]) -> Any:
    numbers = [value for value in values if is_number(value)]
    return number_result(sum(numbers), numbers)


def _average(values: list[Any]) -> Any:
    numbers = [value for value in values if is_number(value)]
    return sum(numbers) / len(numbers) if numbers else None


def _extreme(choose_one: Callable[..., Any]) -> Accumulator:
    def accumulate(values: list[Any]) -> Any:
        return choose_one((v for v in values if rank(v) != NULL), key=key, default=None)

    return accumulate


def _distinct(values: list[Any]) -> list[Any]:
    return list({key(value): value for value in values if value is not MISSING}.values())


_ACCUMULATORS: dict[str, Accumulator] = {
    "$sum": _sum,
    "$avg": _average,
    "$max": _extreme(max),
    "$min": _extreme(min),
    "$first": lambda values: None if values[0] is MISSING else values[0],
    "$last": lambda values: None if values[-1] is MISSING else values[-1],
    "$push": lambda values: [value for value in values if value is not MISSING],
    "$addToSet": _distinct,
}
_KNOWN_ACCUMULATORS = names(
    "$accumulator $bottom $bottomN $firstN $lastN $maxN $mergeObjects $minN $stdDevPop "
    "$stdDevSamp $top $topN $count $median $percentile"
)


def _group(spec: Any) -> Stage:
    if not isinstance(spec, dict):
        raise CommandError(15947, "a group's fields must be specified in an object")
    if "_id" not in spec:
        raise CommandError(15955, "a group specification must include an _id")
    identity = compile_expression(spec["_id"])
    fields: dict[str, tuple[Accumulator, Expression]] = {}
    for name, what in spec.items():
        if name == "_id":
            continue
        if "." in name:
            raise CommandError(40235, f"The field name '{name}' cannot contain '.'")
        if not isinstance(what, dict):
            raise CommandError(40234, f"The field '{name}' must be an accumulator object")
        if len(what) != 1:
            raise CommandError(40238, f"The field '{name}' must specify one accumulator")
        ((operator, argument),) = what.items()
        if operator in _KNOWN_ACCUMULATORS:
            raise not_implemented(f"the accumulator {operator}")
        if operator not in _ACCUMULATORS:
            raise CommandError(15952, f"unknown group operator '{operator}'")
        fields[name] = _ACCUMULATORS[operator], compile_expression(argument)

    def stage(documents: Iterable[Document]) -> Iterator[Document]:
        groups: dict[bytes, tuple[Any, dict[str, list[Any]]]] = {}
        for document in documents:
            scope = Scope(document)
            value = identity(scope)
            value = None if value is MISSING else value
            _, values = groups.setdefault(key(value), (value, {name: [] for name in fields}))
            for name, (_, expression) in fields.items():
                values[name].append(expression(scope))
        for value, gathered in groups.values():
            made = {name: fields[name][0](values) for name, values in gathered.items()}
            yield {"_id": value, **made}

    return stage


_STAGES: dict[str, Callable[[Any], Stage]] = {
    "$match": _match,
    "$sort": _sort,
    "$limit": _limit,
    "$skip": _skip,
    "$count": _count,
    "$unwind": _unwind,
    "$group": _group,
    "$project": lambda spec: _each(compile_projection(spec, stage=True)),
    "$set": lambda spec: _each(compile_set(spec)),
    "$addFields": lambda spec: _each(compile_set(spec, "$addFields")),
    "$unset": lambda spec: _each(compile_unset(spec)),
    "$replaceWith": lambda spec: _each(compile_replace(spec, "newRoot")),
}
