"""Indexes: what they refuse, how they are made, and what explain says of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pymongo import IndexModel
from pymongo.errors import CollectionInvalid, DuplicateKeyError, OperationFailure

from tests.servers.mongo.conftest import Documents


def test_a_duplicate_key_is_named(documents: Documents) -> None:
    documents.create_index([("run", 1), ("index", 1)], unique=True, name="by_name")
    documents.insert_one({"_id": 1, "run": "r", "index": 3})
    with pytest.raises(DuplicateKeyError) as refused:
        documents.insert_one({"_id": 2, "run": "r", "index": 3})
    details = refused.value.details
    assert details is not None
    assert details["keyPattern"] == {"run": 1, "index": 1}
    assert details["keyValue"] == {"run": "r", "index": 3}
    assert re.fullmatch(
        r'E11000 duplicate key error collection: \S+\.documents index: by_name dup key: '
        r'\{ run: "r", index: 3 \}',
        details["errmsg"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "first", "second", "is_refused"),
    [
        ({}, {}, {}, True),
        ({}, {"a": None}, {}, True),
        ({}, {"a": 1}, {"a": 1.0}, True),
        ({}, {"a": 1}, {"a": "1"}, False),
        ({}, {"a": [1, 2]}, {"a": [2, 3]}, True),
        ({}, {"a": [1, 1]}, {"a": [2]}, False),
        ({}, {"a": {"x": 1, "y": 2}}, {"a": {"y": 2, "x": 1}}, False),
        ({"sparse": True}, {}, {}, False),
        ({"sparse": True}, {"a": None}, {"a": None}, True),
        ({"partialFilterExpression": {"b": {"$exists": True}}}, {"a": 1}, {"a": 1, "b": 1}, False),
        ({"partialFilterExpression": {"b": 1}}, {"a": 1, "b": 1}, {"a": 1, "b": 1}, True),
        ({"partialFilterExpression": {"b": {"$gt": 5}}}, {"a": 1, "b": 6}, {"a": 1, "b": 5}, False),
    ],
    ids=str,
)
def test_unique_indexes(
    documents: Documents,
    options: dict[str, Any],
    first: dict[str, Any],
    second: dict[str, Any],
    is_refused: bool,
) -> None:
    documents.create_index([("a", 1)], unique=True, **options)
    documents.insert_one(first)
    if is_refused:
        with pytest.raises(DuplicateKeyError):
            documents.insert_one(second)
    else:
        documents.insert_one(second)
    assert documents.count_documents({}) == 1 + (not is_refused)


def test_an_index_is_not_made_over_duplicates(documents: Documents) -> None:
    documents.insert_many([{"a": 1}, {"a": 1}])
    with pytest.raises(DuplicateKeyError):
        documents.create_index([("a", 1)], unique=True)
    assert list(documents.index_information()) == ["_id_"]


def test_two_arrays_cannot_be_in_one_index(documents: Documents) -> None:
    documents.create_index([("a", 1), ("b", 1)])
    with pytest.raises(OperationFailure) as refused:
        documents.insert_one({"a": [1], "b": [2]})
    assert refused.value.code == 171


def test_indexes_are_listed_as_they_were_made(documents: Documents) -> None:
    partial = {"a": {"$exists": True}}
    documents.create_indexes(
        [
            IndexModel([("a", 1), ("b.c", -1)], name="first", unique=True),
            IndexModel([("d", 1)], name="second", sparse=True),
            IndexModel([("e", 1)], partialFilterExpression=partial),
        ]
    )
    assert [dict(one) for one in documents.list_indexes()] == [
        {"v": 2, "key": {"_id": 1}, "name": "_id_"},
        {"v": 2, "key": {"a": 1, "b.c": -1}, "name": "first", "unique": True},
        {"v": 2, "key": {"d": 1}, "name": "second", "sparse": True},
        {"v": 2, "key": {"e": 1}, "name": "e_1", "partialFilterExpression": partial},
    ]
    documents.drop_index("first")
    assert "first" not in documents.index_information()
    documents.drop_indexes()
    assert list(documents.index_information()) == ["_id_"]


def test_making_the_same_index_again_does_nothing(documents: Documents) -> None:
    for _ in range(2):
        assert documents.create_index([("a", 1)], unique=True) == "a_1"
    assert len(documents.index_information()) == 2


@pytest.mark.parametrize(
    ("keys", "options", "code"),
    [
        ([("b", 1)], {"name": "a_1"}, 86),
        ([("a", 1)], {"name": "a_1", "unique": True}, 86),
        ([("a", 1)], {"name": "other"}, 85),
        ([("a", 3)], {"name": "a_1", "foo": 1}, 197),
        ([("", 1)], {"name": "x"}, 67),
        ([("$a", 1)], {"name": "x"}, 67),
        ([("c", 1)], {"sparse": True, "partialFilterExpression": {"a": 1}}, 67),
        ([("c", 1)], {"partialFilterExpression": {"a": {"$ne": 1}}}, 67),
        ([("c", 1)], {"partialFilterExpression": {"a": {"$exists": False}}}, 67),
    ],
    ids=str,
)
def test_indexes_that_contradict_others_or_themselves_are_refused(
    documents: Documents, keys: list[tuple[str, int]], options: dict[str, Any], code: int
) -> None:
    documents.create_index([("a", 1)])
    spec = {"key": dict(keys), "name": "_".join(name for name, _ in keys), **options}
    with pytest.raises(OperationFailure) as refused:
        documents.database.command({"createIndexes": documents.name, "indexes": [spec]})
    assert refused.value.code == code


def test_what_is_not_there(documents: Documents) -> None:
    database = documents.database
    for command, code in (
        ({"listIndexes": "nothing"}, 26),
        ({"dropIndexes": "nothing", "index": "*"}, 26),
    ):
        with pytest.raises(OperationFailure) as refused:
            database.command(command)
        assert refused.value.code == code
    documents.insert_one({})
    with pytest.raises(OperationFailure) as refused:
        documents.drop_index("nothing")
    assert refused.value.code == 27
    database.drop_collection("nothing")
    assert documents.find_one({}, {"_id": 0}) == {}
    assert database["nothing"].find_one() is None
    assert database["nothing"].update_one({}, {"$set": {"a": 1}}).matched_count == 0


def test_collections_and_databases_come_and_go(documents: Documents) -> None:
    database = documents.database
    documents.insert_one({})
    database.create_collection("other")
    with pytest.raises(CollectionInvalid):
        database.create_collection("other")
    assert sorted(database.list_collection_names()) == ["documents", "other"]
    assert database.name in database.client.list_database_names()
    documents.drop()
    assert database.list_collection_names() == ["other"]
    database.client.drop_database(database.name)
    assert database.name not in database.client.list_database_names()


@pytest.mark.parametrize("name", ["a$b", "", "x" * 300])
def test_some_names_are_refused(documents: Documents, name: str) -> None:
    try:
        reply = documents.database.command({"insert": name, "documents": [{}]})
        (problem,) = reply["writeErrors"]
        code = problem["code"]
    except OperationFailure as refused:
        code = refused.code
    assert code == 73


# ---------------------------------------------------------------- explain


def explained(
    documents: Documents, filter_: dict[str, Any], sort: dict[str, int], limit: int
) -> tuple[str, str, dict[str, Any]]:
    """The stages from above to below, the index, and what was done."""
    command = {"find": documents.name, "filter": filter_, "sort": sort, "limit": limit}
    answer = documents.database.command("explain", command, verbosity="executionStats")
    plan: Any = answer["queryPlanner"]["winningPlan"]
    plan = plan.get("queryPlan", plan)
    stages, name = [], ""
    while plan is not None:
        stages.append(plan["stage"])
        name = plan.get("indexName", name)
        plan = plan.get("inputStage") or next(iter(plan.get("inputStages", ())), None)
    return " ".join(stages), name, answer["executionStats"]


@pytest.mark.parametrize(
    ("filter_", "sort", "limit", "index", "sorts", "most"),
    [
        ({"run": "r3"}, {}, 0, "by_position", False, 10),
        ({"run": "r3", "position": {"$gt": 6}}, {"position": 1}, 0, "by_position", False, 3),
        ({"run": "r3"}, {"position": -1}, 2, "by_position", False, 2),
        ({"run": {"$in": ["r3", "r4"]}}, {"position": 1}, 0, "by_position", False, 20),
        ({"run": "r3"}, {"text": 1}, 0, "by_position", True, 10),
        ({"position": {"$gt": 8}}, {}, 0, "", False, 100),
        ({"run": {"$gte": "r8"}}, {}, 0, "by_position", False, 20),
        ({"tags": "even"}, {"created": -1}, 3, "by_tag", False, 3),
        ({"_id": 33}, {}, 0, "_id_", False, 1),
        ({}, {"_id": -1}, 4, "_id_", False, 4),
        ({}, {}, 0, "", False, 100),
    ],
    ids=str,
)  # fmt: skip
def test_explain_tells_what_a_query_costs(
    documents: Documents,
    filter_: dict[str, Any],
    sort: dict[str, int],
    limit: int,
    index: str,
    sorts: bool,
    most: int,
) -> None:
    documents.insert_many(
        {
            "_id": n, "run": f"r{n // 10}", "position": n % 10, "text": str(n * 7 % 100),
            "tags": ["even" if n % 2 == 0 else "odd", "all"], "created": n,
        }
        for n in range(100)
    )  # fmt: skip
    documents.create_index([("run", 1), ("position", 1)], name="by_position")
    documents.create_index([("tags", 1), ("created", -1)], name="by_tag")
    stages, name, done = explained(documents, filter_, sort, limit)
    cursor = documents.find(filter_).limit(limit)
    assert done["nReturned"] == len(list(cursor.sort(sort) if sort else cursor))
    if done["nReturned"] != 1:
        assert name == index
        assert ("COLLSCAN" in stages) == (not index)
    assert ("SORT" in stages.split()) == sorts
    assert done["totalDocsExamined"] <= most
