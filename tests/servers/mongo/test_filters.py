"""What filters match, on the stand-in and on a real server alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import Binary, Int64, MaxKey, MinKey, ObjectId, Regex
from pymongo.errors import OperationFailure

from tests.servers.mongo.conftest import Documents

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NULLS: list[Any] = [
    {"_id": "empty", "a": {}},
    {"_id": "null", "a": None},
    {"_id": "number", "a": 4},
    {"_id": "text below", "a": {"b": "hi"}},
    {"_id": "null below", "a": {"b": None}},
    {"_id": "missing"},
    {"_id": "array in array", "a": [[]]},
    {"_id": "empty array", "a": []},
    {"_id": "all below", "a": [{"b": 1}, {"b": "x"}]},
    {"_id": "one null below", "a": [{"b": None}, {"b": 3}]},
    {"_id": "one missing below", "a": [{"b": 3}, {}]},
    {"_id": "nulls", "a": [None, None]},
    {"_id": "a null", "a": [1, "x", None]},
    {"_id": "no null", "a": [1, "x"]},
]
EVERY = {document["_id"] for document in NULLS}
INDEXES: list[tuple[list[tuple[str, int]], dict[str, Any]]] = [
    ([], {}),
    ([("a", 1)], {}),
    ([("a", -1)], {"sparse": True}),
    ([("a.b", 1)], {}),
    ([("a.b", -1), ("_id", 1)], {"sparse": True}),
    ([("a", 1)], {"partialFilterExpression": {"a": {"$exists": True}}}),
]


def named(value: object) -> str | None:
    """What a parameter is called; sets, whose order differs between processes, are numbered."""
    return None if isinstance(value, set) else str(value)


def found(documents: Documents, filter_: dict[str, Any]) -> set[Any]:
    return {document["_id"] for document in documents.find(filter_)}


@pytest.mark.parametrize(("keys", "options"), INDEXES, ids=str)
@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ({"a": None}, {"null", "missing", "nulls", "a null"}),
        ({"a": {"$ne": None}}, EVERY - {"null", "missing", "nulls", "a null"}),
        ({"a": {"$in": [None, 4]}}, {"null", "missing", "nulls", "a null", "number"}),
        ({"a": {"$gte": None}}, {"null", "missing", "nulls", "a null"}),
        ({"a": {"$gt": None}}, set()),
        ({"a": {"$exists": False}}, {"missing"}),
        ({"a": {"$not": {"$exists": True}}}, {"missing"}),
        (
            {"a.b": None},
            {"empty", "null", "number", "null below", "missing", "one null below",
             "one missing below"},
        ),
        (
            {"a.b": {"$ne": None}},
            {"text below", "array in array", "empty array", "all below", "nulls", "a null",
             "no null"},
        ),
        (
            {"a.b": {"$exists": False}},
            EVERY - {"text below", "null below", "all below", "one null below",
                     "one missing below"},
        ),
        ({"a": {"$elemMatch": {"$eq": None}}}, {"nulls", "a null"}),
        (
            {"a": {"$elemMatch": {"b": None}}},
            {"array in array", "one null below", "one missing below"},
        ),
        (
            {"a": {"$elemMatch": {"b": {"$ne": None}}}},
            {"all below", "one null below", "one missing below"},
        ),
        ({"a": []}, {"empty array", "array in array"}),
        ({"a": {}}, {"empty", "one missing below"}),
        ({"a": {"$size": 0}}, {"empty array"}),
        ({"a": {"$type": "array"}}, {"array in array"}
         | {"empty array", "all below", "one null below", "one missing below", "nulls", "a null",
            "no null"}),
        ({"a": {"$type": "null"}}, {"null", "nulls", "a null"}),
        ({"a": {"$in": []}}, set()),
    ],
    ids=named,
)  # fmt: skip
def test_null_missing_and_empty_are_told_apart(
    documents: Documents,
    keys: list[tuple[str, int]],
    options: dict[str, Any],
    filter_: dict[str, Any],
    expected: set[str],
) -> None:
    documents.insert_many(NULLS)
    if keys:
        documents.create_index(keys, **options)
    assert found(documents, filter_) == expected


VALUES: dict[str, Any] = {
    "min": MinKey(), "null": None, "int": 3, "long": Int64(3), "double": 3.0, "half": 3.5,
    "text": "b", "later text": "é", "object": {"x": 1}, "array": [2, 9], "binary": Binary(b"ab"),
    "id": ObjectId("0" * 24), "false": False, "true": True, "date": NOON, "max": MaxKey(),
}  # fmt: skip


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (3, {"int", "long", "double"}),
        ({"$eq": 3.0}, {"int", "long", "double"}),
        ({"$gt": 3}, {"half", "array"}),
        ({"$gt": 3, "$lt": 9}, {"half", "array"}),
        ({"$elemMatch": {"$gt": 3, "$lt": 9}}, set()),
        ({"$gte": 3, "$lte": 3}, {"int", "long", "double", "array"}),
        ({"$lt": "c"}, {"text"}),
        ({"$gt": "z"}, {"later text"}),
        ({"$gte": ""}, {"text", "later text"}),
        ({"$lt": True}, {"false"}),
        ({"$gte": False}, {"true", "false"}),
        ({"$lte": NOON}, {"date"}),
        ({"$gt": {"x": 0}}, {"object"}),
        ({"x": 1}, {"object"}),
        ({"x": 1.0}, {"object"}),
        ({"$gt": [2, 8]}, {"array"}),
        ([2, 9], {"array"}),
        (9, {"array"}),
        ({"$in": [2, "b"]}, {"array", "text"}),
        ({"$in": [Regex("^.$"), 3]}, {"int", "long", "double", "text", "later text"}),
        ({"$nin": [2, 3]}, set(VALUES) - {"array", "int", "long", "double"}),
        ({"$not": {"$gte": 3}}, set(VALUES) - {"array", "int", "long", "double", "half"}),
        ({"$type": "number"}, {"int", "long", "double", "half", "array"}),
        ({"$type": ["int", "string"]}, {"int", "array", "text", "later text"}),
        ({"$type": 18}, {"long"}),
        ({"$all": [2, 9]}, {"array"}),
        ({"$all": [3]}, {"int", "long", "double"}),
        ({"$all": []}, set()),
        ({"$size": 2}, {"array"}),
        ({"$regex": "^B", "$options": "i"}, {"text"}),
        (Regex("é"), {"later text"}),
    ],
    ids=named,
)
def test_comparisons_stay_within_a_type(
    documents: Documents, indexed: bool, condition: Any, expected: set[str]
) -> None:
    documents.insert_many([{"_id": name, "v": value} for name, value in VALUES.items()])
    if indexed:
        documents.create_index([("v", 1)])
    assert found(documents, {"v": condition}) == expected


PEOPLE: list[dict[str, Any]] = [
    {"_id": 1, "who": {"name": "Ada", "age": 36}, "tags": ["x", "y"], "n": 1},
    {"_id": 2, "who": {"name": "Bob", "age": 20}, "tags": [], "n": 2},
    {"_id": 3, "who": [{"name": "Cyd", "age": 9}, {"name": "Dee", "age": 50}], "n": 3},
    {"_id": 4, "who": {"age": 36, "name": "Ada"}, "tags": "x", "n": 4},
]


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ({}, {1, 2, 3, 4}),
        ({"who.name": "Ada"}, {1, 4}),
        ({"who": {"name": "Ada", "age": 36}}, {1}),
        ({"who.name": "Dee", "who.age": 9}, {3}),
        ({"who": {"$elemMatch": {"name": "Dee", "age": 9}}}, set()),
        ({"who": {"$elemMatch": {"name": "Dee", "age": {"$gt": 9}}}}, {3}),
        ({"who.1.name": "Dee"}, {3}),
        ({"who.age": {"$gt": 9, "$lt": 36}}, {2, 3}),
        ({"tags": "x"}, {1, 4}),
        ({"tags.1": "y"}, {1}),
        ({"$or": [{"n": 1}, {"tags": {"$exists": False}}]}, {1, 3}),
        ({"$nor": [{"n": {"$lt": 3}}, {"who.name": "Cyd"}]}, {4}),
        ({"$and": [{"n": {"$gt": 1}}, {"n": {"$lt": 4}}]}, {2, 3}),
        ({"n": {"$gt": 1}, "$or": [{"n": 2}, {"n": 1}]}, {2}),
        ({"$expr": {"$gt": ["$n", 2]}}, {3, 4}),
        ({"$expr": {"$eq": ["$who.name", "Ada"]}}, {1, 4}),
        ({"n": {"$not": {"$in": [1, 2]}}}, {3, 4}),
    ],
    ids=named,
)
def test_paths_and_logic(documents: Documents, filter_: dict[str, Any], expected: set[int]) -> None:
    documents.insert_many(PEOPLE)
    assert found(documents, filter_) == expected


@pytest.mark.parametrize(
    ("filter_", "code"),
    [
        ({"a": {"$foo": 1}}, 2),
        ({"$foo": 1}, 2),
        ({"a": {"$gt": 1, "b": 2}}, 2),
        ({"$or": []}, 2),
        ({"$and": {"a": 1}}, 2),
        ({"a": {"$in": 3}}, 2),
        ({"a": {"$in": [{"$gt": 1}]}}, 2),
        ({"a": {"$all": 3}}, 2),
        ({"a": {"$elemMatch": 3}}, 2),
        ({"a": {"$not": 3}}, 2),
        ({"a": {"$type": "nothing"}}, 2),
        ({"a": {"$regex": "("}}, 51091),
        ({"a": {"$options": "i"}}, 2),
        ({"a": {"$gt": Regex("x")}}, 2),
        ({"$expr": {"$foo": 1}}, 168),
    ],
    ids=named,
)
def test_filters_that_make_no_sense_are_refused(
    documents: Documents, filter_: dict[str, Any], code: int
) -> None:
    with pytest.raises(OperationFailure) as refused:
        documents.find_one(filter_)
    assert refused.value.code == code


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize(
    "filter_", [{"$where": "1"}, {"$text": {}}, {"a": {"$mod": [2, 0]}}, {"$jsonSchema": {}}]
)
def test_what_is_not_implemented_is_not_ignored(
    documents: Documents, filter_: dict[str, Any]
) -> None:
    with pytest.raises(OperationFailure, match="does not implement") as refused:
        documents.find_one(filter_)
    assert refused.value.code == 238
