"""The command `explain`: the plan of a find, a count or an aggregation, and what it examined."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from tests.servers.mongo.errors import CommandError, not_implemented
from tests.servers.mongo.indexes import Index
from tests.servers.mongo.matching import compile_filter
from tests.servers.mongo.pipelines import compile_pipeline
from tests.servers.mongo.planning import Plan, Sort, choose, found
from tests.servers.mongo.registry import COMMANDS, argument, check_fields, command
from tests.servers.mongo.storage import Collection
from tests.servers.mongo.values import Document, sort_fields

if TYPE_CHECKING:
    from tests.servers.mongo.server import Connection


@command("explain", fields="verbosity", role="read")
async def explain(connection: Connection, asked: Document) -> Document:
    explained = argument(asked, "explain.explain", "object")
    verbosity = argument(asked, "explain.verbosity", "string", "allPlansExecution")
    if verbosity not in ("queryPlanner", "executionStats", "allPlansExecution"):
        raise CommandError(2, f"Enumeration value '{verbosity}' for field 'explain.verbosity' is "
                           "not a valid value.")  # fmt: skip
    name = next(iter(explained), "")
    if name not in ("find", "count", "aggregate"):
        raise not_implemented(f"explain of {name}")
    check_fields(explained, COMMANDS[name].fields, name)
    namespace = f"{asked['$db']}.{explained[name]}"
    collection = connection.storage.collection(asked["$db"], explained[name])
    executes = verbosity != "queryPlanner"
    if name == "aggregate":
        return _aggregation(connection, collection, explained, namespace, executes=executes)
    filter_ = argument(explained, f"{name}.{'filter' if name == 'find' else 'query'}", "object", {})
    sort = sort_fields(argument(explained, f"{name}.sort", "object", {}))
    limit = abs(argument(explained, f"{name}.limit", "int", 0))
    skip = argument(explained, f"{name}.skip", "int", 0)
    plan, answer = _query(
        connection, collection, filter_, sort, limit=limit, skip=skip, executes=executes
    )
    tree = _tree(plan, filter_, sort, collection)
    for stage, is_asked in (
        ("SKIP", skip), ("LIMIT", limit), ("COUNT", name == "count"),
        ("PROJECTION_SIMPLE", explained.get("projection")),
    ):  # fmt: skip
        tree = {"stage": stage, "inputStage": tree} if is_asked else tree
    if name == "count" and executes:
        answer["nReturned"] = 0
    return _reply(namespace, filter_, tree, answer if executes else None)


def _query(
    connection: Connection,
    collection: Collection | None,
    filter_: Document,
    sort: Sort,
    *,
    limit: int,
    skip: int,
    executes: bool,
) -> tuple[Plan, Document]:
    compile_filter(filter_)
    if collection is None:
        return Plan(), _statistics(Plan(), 0)
    plan = choose(collection, filter_, sort)
    most = limit + skip if limit else 0
    rows = found(connection.storage, collection, filter_, sort, limit=most, plan=plan)
    n = sum(1 for _ in itertools.islice(rows, skip, None)) if executes else 0
    return plan, _statistics(plan, n)


def _aggregation(
    connection: Connection,
    collection: Collection | None,
    explained: Document,
    namespace: str,
    *,
    executes: bool,
) -> Document:
    query = compile_pipeline(argument(explained, "aggregate.pipeline", "array"))
    plan = Plan() if collection is None else choose(collection, query.filter, query.sort)
    returned = 0
    if collection is not None and executes:
        returned = len(query.run(connection.storage, collection, plan))
    tree = _tree(plan, query.filter, query.sort, collection)
    read = plan.documents_examined if query.specs else returned
    cursor = _reply(namespace, query.filter, tree, _statistics(plan, read) if executes else None)
    if not query.specs:
        return cursor
    rest = [{name: spec, "nReturned": returned} for name, spec in query.specs]
    return {"explainVersion": "1", "stages": [{"$cursor": cursor}, *rest]}


def _statistics(plan: Plan, returned: int) -> Document:
    return {
        "executionSuccess": True,
        "nReturned": returned,
        "executionTimeMillis": 0,
        "totalKeysExamined": plan.keys_examined,
        "totalDocsExamined": plan.documents_examined,
    }


def _reply(
    namespace: str, filter_: Document, tree: Document, statistics: Document | None
) -> Document:
    reply: Document = {
        "explainVersion": "1",
        "queryPlanner": {
            "namespace": namespace,
            "parsedQuery": filter_,
            "winningPlan": tree,
            "rejectedPlans": [],
        },
    }
    if statistics is not None:
        reply["executionStats"] = {**statistics, "executionStages": tree}
    return reply


def _tree(plan: Plan, filter_: Document, sort: Sort, collection: Collection | None) -> Document:
    tree: Document
    if collection is None:
        tree = {"stage": "EOF"}
    elif plan.branches:
        scans = [_scan(branch.index, branch) for branch in plan.branches if branch.index]
        tree = {"stage": "OR", "inputStages": scans}
        tree = {"stage": "FETCH", "inputStage": tree}
    elif plan.index is None:
        tree = {"stage": "COLLSCAN", "filter": filter_}
        tree["direction"] = "backward" if plan.reverse else "forward"
    elif plan.merges:
        tree = {"stage": "SORT_MERGE", "inputStages": [_scan(plan.index, plan)] * len(plan.spans)}
        tree = {"stage": "FETCH", "inputStage": tree}
    else:
        tree = {"stage": "FETCH", "inputStage": _scan(plan.index, plan)}
    if sort and not plan.gives_order:
        tree = {"stage": "SORT", "sortPattern": dict(sort), "inputStage": tree}
    return tree


def _scan(index: Index, plan: Plan) -> Document:
    return {
        "stage": "IXSCAN",
        "keyPattern": index.spec["key"],
        "indexName": index.name,
        "isMultiKey": bool(index.multikeys),
        "isUnique": index.unique,
        "isSparse": bool(index.spec.get("sparse")),
        "isPartial": index.partial is not None,
        "direction": "backward" if plan.reverse else "forward",
    }
