"""What updates make of documents, on the stand-in and on a real server alike."""

from __future__ import annotations

from typing import Any

import pytest
from bson import Int64, ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DocumentTooLarge, DuplicateKeyError, OperationFailure

from tests.servers.mongo.conftest import Documents

Changed = tuple[dict[str, Any], Any, dict[str, Any]]

OPERATORS: list[Changed] = [
    ({"a": 1}, {"$set": {"b": 2}}, {"a": 1, "b": 2}),
    ({"a": 1}, {"$set": {"c": 1, "b": 2}}, {"a": 1, "b": 2, "c": 1}),
    ({"a": {"x": 1}}, {"$set": {"a.y": 2}}, {"a": {"x": 1, "y": 2}}),
    ({}, {"$set": {"a.b.c": 1}}, {"a": {"b": {"c": 1}}}),
    ({}, {"$set": {"a.0": 1}}, {"a": {"0": 1}}),
    ({"a": [1, 2]}, {"$set": {"a.1": 9}}, {"a": [1, 9]}),
    ({"a": [1]}, {"$set": {"a.3": 9}}, {"a": [1, None, None, 9]}),
    ({"a": [{"b": 1}]}, {"$set": {"a.0.c": 2}}, {"a": [{"b": 1, "c": 2}]}),
    ({"a": 1}, {"$set": {"a": {"x": 1}}}, {"a": {"x": 1}}),
    ({"a": 1, "b": 2}, {"$unset": {"a": "", "zzz": 1}}, {"b": 2}),
    ({"a": {"x": 1, "y": 2}}, {"$unset": {"a.x": 1}}, {"a": {"y": 2}}),
    ({"a": [1, 2]}, {"$unset": {"a.0": 1}}, {"a": [None, 2]}),
    ({"a": 1}, {"$inc": {"a": 2, "b": -1}}, {"a": 3, "b": -1}),
    ({"a": 1}, {"$inc": {"a": 0.5}}, {"a": 1.5}),
    ({"a": 1.0}, {"$inc": {"a": 1}}, {"a": 2.0}),
    ({"a": 1}, {"$inc": {"a": Int64(2)}}, {"a": Int64(3)}),
    ({"a": 2**31 - 1}, {"$inc": {"a": 1}}, {"a": Int64(2**31)}),
    ({"a": 5}, {"$min": {"a": 3, "b": 1}}, {"a": 3, "b": 1}),
    ({"a": 5}, {"$max": {"a": 3}}, {"a": 5}),
    ({"a": 5}, {"$max": {"a": "text"}}, {"a": "text"}),
    ({"a": 5}, {"$min": {"a": None}}, {"a": None}),
    ({"a": [1]}, {"$push": {"a": 2, "b": 3}}, {"a": [1, 2], "b": [3]}),
    ({"a": [1]}, {"$push": {"a": [2, 3]}}, {"a": [1, [2, 3]]}),
    ({"a": [1]}, {"$push": {"a": {"$each": [2, 3]}}}, {"a": [1, 2, 3]}),
    ({"a": [1]}, {"$addToSet": {"a": 1.0, "b": 1}}, {"a": [1], "b": [1]}),
    ({"a": [1]}, {"$addToSet": {"a": {"$each": [2, 1, 2]}}}, {"a": [1, 2]}),
    ({"a": [{"x": 1, "y": 2}]}, {"$addToSet": {"a": {"y": 2, "x": 1}}},
     {"a": [{"x": 1, "y": 2}, {"y": 2, "x": 1}]}),
    ({"a": [1, 2, 1]}, {"$pull": {"a": 1}}, {"a": [2]}),
    ({"a": [1, 5, 9]}, {"$pull": {"a": {"$gte": 5}}}, {"a": [1]}),
    ({"a": [{"x": 1, "y": 1}, {"x": 2}]}, {"$pull": {"a": {"x": 1}}}, {"a": [{"x": 2}]}),
    ({}, {"$pull": {"a": 1}}, {}),
    ({"a": 1}, {"$setOnInsert": {"b": 1}}, {"a": 1}),
    ({"a": 1}, {"$setOnInsert": {"b": 1}, "$set": {"c": 2}}, {"a": 1, "c": 2}),
]  # fmt: skip

PIPELINES: list[Changed] = [
    ({"a": 1}, [{"$set": {"b": "$a"}}], {"a": 1, "b": 1}),
    ({"a": 1}, [{"$set": {"b": "$zzz"}}], {"a": 1}),
    ({"a": 1, "b": 5}, [{"$set": {"b": "$zzz"}}], {"a": 1}),
    ({"a": {"x": 1}}, [{"$set": {"a": {"y": 2}}}], {"a": {"x": 1, "y": 2}}),
    ({"a": 1}, [{"$set": {"a": {"y": 2}}}], {"a": {"y": 2}}),
    ({"a": {"x": 1}}, [{"$set": {"a": {"$literal": {"y": "$x"}}}}], {"a": {"y": "$x"}}),
    ({"a": {"x": 1}}, [{"$set": {"a.y": "$a.x"}}], {"a": {"x": 1, "y": 1}}),
    ({"a": [{"x": 1}, 2]}, [{"$set": {"a.y": 3}}], {"a": [{"x": 1, "y": 3}, {"y": 3}]}),
    ({"a": 1, "b": 2}, [{"$set": {"a": "$b", "b": "$a"}}], {"a": 2, "b": 1}),
    ({"a": 1, "b": 2}, [{"$unset": "a"}], {"b": 2}),
    ({"a": 1, "b": {"c": 1, "d": 2}}, [{"$unset": ["a", "b.c"]}], {"b": {"d": 2}}),
    ({"a": None}, [{"$set": {"a": {"$ifNull": ["$a", "$b", 7]}}}], {"a": 7}),
    ({"a": 0}, [{"$set": {"a": {"$ifNull": ["$a", 7]}}}], {"a": 0}),
    ({"a": 3}, [{"$set": {"b": {"$cond": [{"$gt": ["$a", 2]}, "more", "less"]}}}],
     {"a": 3, "b": "more"}),
    ({"a": 3}, [{"$set": {"b": {"$cond": {"if": "$z", "then": 1, "else": 2}}}}],
     {"a": 3, "b": 2}),
    ({"a": 3}, [{"$set": {"b": {"$add": ["$a", 1]}, "c": {"$subtract": ["$a", 0.5]}}}],
     {"a": 3, "b": 4, "c": 2.5}),
    ({"a": 3}, [{"$set": {"b": {"$add": ["$a", "$z"]}}}], {"a": 3, "b": None}),
    ({"a": "x"}, [{"$set": {"b": {"$concat": ["$a", "-", "$a"]}}}], {"a": "x", "b": "x-x"}),
    ({"a": [1, 2]}, [{"$set": {"b": {"$size": "$a"}, "c": {"$type": "$z"}}}],
     {"a": [1, 2], "b": 2, "c": "missing"}),
    ({"a": [{"b": 1}, {"c": 2}, {"b": 3}]}, [{"$set": {"d": "$a.b"}}],
     {"a": [{"b": 1}, {"c": 2}, {"b": 3}], "d": [1, 3]}),
    ({}, [{"$set": {"b": {"$lt": ["$z", None]}, "c": {"$eq": ["$z", None]}}}],
     {"b": True, "c": False}),
    ({"a": True}, [{"$set": {"b": {"$and": ["$a", {"$not": ["$z"]}]}}}], {"a": True, "b": True}),
    ({"a": 1, "b": 2}, [{"$project": {"a": 1}}], {"a": 1}),
    ({"a": {"x": 1}}, [{"$replaceWith": {"_id": "$_id", "x": "$a.x"}}], {"x": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("before", "update", "after"), OPERATORS + PIPELINES, ids=str)
def test_updates(
    documents: Documents, before: dict[str, Any], update: Any, after: dict[str, Any]
) -> None:
    documents.insert_one({"_id": 1, **before})
    changed = documents.find_one_and_update(
        {"_id": 1}, update, return_document=ReturnDocument.AFTER
    )
    assert changed == {"_id": 1, **after}
    assert _types(changed) == _types({"_id": 1, **after})
    assert _types(documents.find_one()) == _types(changed)


def _types(value: Any) -> Any:
    """The value's types and the order of its fields, which equality does not tell."""
    if isinstance(value, dict):
        return [(name, _types(inner)) for name, inner in value.items()]
    return [_types(part) for part in value] if isinstance(value, list) else type(value)


@pytest.mark.parametrize(
    ("before", "update", "code"),
    [
        ({}, {"$foo": {"a": 1}}, 9),
        ({}, {"$set": 3}, 9),
        ({}, {"$set": {"a": 1}, "$unset": {"a": 1}}, 40),
        ({}, {"$set": {"a.b": 1}, "$inc": {"a": 1}}, 40),
        ({}, {"$set": {"": 1}}, 56),
        ({}, {"$set": {"a..b": 1}}, 56),
        ({}, {"$set": {"_id": 2}}, 66),
        ({}, {"$unset": {"_id": 1}}, 66),
        ({"a": 1}, {"$set": {"a.b": 1}}, 28),
        ({"a": None}, {"$set": {"a.b": 1}}, 28),
        ({"a": [1]}, {"$set": {"a.x": 1}}, 28),
        ({"a": "x"}, {"$inc": {"a": 1}}, 14),
        ({}, {"$inc": {"a": "x"}}, 14),
        ({"a": 2**63 - 1}, {"$inc": {"a": 1}}, 2),
        ({"a": 1}, {"$push": {"a": 1}}, 2),
        ({"a": 1}, {"$addToSet": {"a": 1}}, 2),
        ({"a": 1}, {"$pull": {"a": 1}}, 2),
        ({}, {"$push": {"a": {"$each": 3}}}, 2),
        ({}, {"$currentDate": {"a": "x"}}, 2),
        ({}, [{"$set": {}}], 40177),
        ({}, [{"$match": {}}], 72),
        ({}, [{"$set": {"_id": 2}}], 66),
        ({}, [{"$set": {"a": {"$foo": 1}}}], 168),
        ({"a": "x"}, [{"$set": {"a": {"$add": ["$a", 1]}}}], (14, 16554)),
    ],
    ids=str,
)
def test_updates_that_make_no_sense_are_refused_and_change_nothing(
    documents: Documents, before: dict[str, Any], update: Any, code: int | tuple[int, ...]
) -> None:
    documents.insert_one({"_id": 1, **before})
    with pytest.raises(OperationFailure) as refused:
        documents.update_one({"_id": 1}, update)
    assert refused.value.code in (code if isinstance(code, tuple) else (code,))
    assert documents.find_one() == {"_id": 1, **before}


@pytest.mark.parametrize(
    ("filter_", "update", "made"),
    [
        ({"_id": 7}, {"$set": {"a": 1}}, {"_id": 7, "a": 1}),
        ({"_id": 7, "a": 1, "b": {"$gt": 3}}, {"$set": {"c": 2}}, {"_id": 7, "a": 1, "c": 2}),
        ({"_id": 7, "a.b": 1}, {"$inc": {"n": 1}}, {"_id": 7, "a": {"b": 1}, "n": 1}),
        ({"$and": [{"_id": 7}, {"a": {"$eq": 2}}]}, {"$set": {"b": 1}}, {"_id": 7, "a": 2, "b": 1}),
        ({"_id": 7, "$or": [{"a": 1}, {"a": 2}]}, {"$set": {"b": 1}}, {"_id": 7, "b": 1}),
        ({"_id": 7}, {"$setOnInsert": {"a": 1}, "$push": {"b": 1}}, {"_id": 7, "a": 1, "b": [1]}),
        ({"_id": 7}, {"a": 1}, {"_id": 7, "a": 1}),
        ({"_id": 7, "z": 1}, {"a": 1}, {"_id": 7, "a": 1}),
        ({"a": 1}, {"_id": 7, "b": 1}, {"_id": 7, "b": 1}),
        ({"_id": 7, "a": 1}, [{"$set": {"b": "$a"}}], {"_id": 7, "a": 1, "b": 1}),
    ],
    ids=str,
)
def test_an_upsert_inserts_what_the_filter_says(
    documents: Documents, filter_: dict[str, Any], update: Any, made: dict[str, Any]
) -> None:
    is_replacement = isinstance(update, dict) and not next(iter(update)).startswith("$")
    change = documents.replace_one if is_replacement else documents.update_one
    result = change(filter_, update, upsert=True)
    assert (result.matched_count, result.upserted_id) == (0, 7)
    assert list(documents.find()) == [made]


def test_an_upsert_makes_an_id_where_none_is_given(documents: Documents) -> None:
    result = documents.update_one({"a": 1}, {"$set": {"b": 2}}, upsert=True)
    assert isinstance(result.upserted_id, ObjectId)
    assert documents.find_one() == {"_id": result.upserted_id, "a": 1, "b": 2}


@pytest.mark.parametrize(
    ("filter_", "update", "code"),
    [
        ({"_id": 7}, {"_id": 8}, 66),
        ({"_id": 7}, {"$set": {"_id": 8}}, 66),
        ({"a.b": 1, "a": {"b": 1}}, {"$set": {"c": 1}}, 54),
    ],
)
def test_upserts_that_contradict_their_filter_are_refused(
    documents: Documents, filter_: dict[str, Any], update: Any, code: int
) -> None:
    with pytest.raises(OperationFailure) as refused:
        documents.find_one_and_replace(filter_, update, upsert=True) if "_id" in update else (
            documents.update_one(filter_, update, upsert=True)
        )
    assert refused.value.code == code
    assert documents.count_documents({}) == 0


def test_an_update_that_changes_nothing_matches_and_does_not_modify(documents: Documents) -> None:
    documents.insert_one({"_id": 1, "a": 1})
    result = documents.update_one({"_id": 1}, {"$set": {"a": 1}})
    assert (result.matched_count, result.modified_count) == (1, 0)


def test_an_update_of_many_changes_each_of_them(documents: Documents) -> None:
    documents.insert_many([{"_id": n, "n": n} for n in range(5)])
    result = documents.update_many({"n": {"$gte": 2}}, {"$inc": {"n": 10}})
    assert (result.matched_count, result.modified_count) == (3, 3)
    assert sorted(one["n"] for one in documents.find()) == [0, 1, 12, 13, 14]


def test_find_and_modify_takes_the_first_of_the_order(documents: Documents) -> None:
    documents.insert_many([{"_id": n, "n": -n} for n in range(3)])
    update = {"$set": {"done": True}}
    before = documents.find_one_and_update({}, update, sort=[("n", 1)], projection={"n": 1})
    assert before == {"_id": 2, "n": -2}
    assert documents.find_one_and_delete({}, sort=[("n", -1)]) == {"_id": 0, "n": 0}
    assert documents.find_one_and_update({"_id": 9}, update) is None
    upserted = documents.find_one_and_update(
        {"_id": 9}, update, upsert=True, return_document=ReturnDocument.AFTER
    )
    assert upserted == {"_id": 9, "done": True}
    assert documents.find_one_and_update({"_id": 10}, update, upsert=True) is None


def test_deletes_take_one_or_all(documents: Documents) -> None:
    documents.insert_many([{"a": n % 2} for n in range(6)])
    assert documents.delete_one({"a": 0}).deleted_count == 1
    assert documents.delete_many({"a": 0}).deleted_count == 2
    assert documents.count_documents({}) == 3


def test_an_ordered_bulk_stops_at_the_first_failure(documents: Documents) -> None:
    for ordered, written in ((True, 1), (False, 2)):
        documents.drop()
        documents.insert_one({"_id": 1})
        inserted = [{"_id": 0}, {"_id": 1}, {"_id": 2}]
        command = {"insert": documents.name, "documents": inserted, "ordered": ordered}
        reply = documents.database.command(command)
        assert reply["n"] == written
        (problem,) = reply["writeErrors"]
        assert (problem["index"], problem["code"]) == (1, 11000)
        assert (problem["keyPattern"], problem["keyValue"]) == ({"_id": 1}, {"_id": 1})


def test_a_new_id_is_put_first(documents: Documents) -> None:
    documents.database.command({"insert": documents.name, "documents": [{"a": 1}, {"b": 1}]})
    for document in documents.find():
        assert next(iter(document)) == "_id" and isinstance(document["_id"], ObjectId)


def test_documents_keep_their_order_and_types(documents: Documents) -> None:
    document = {
        "_id": "x", "z": 1, "a": Int64(1), "m": 1.0, "$dollar": 1, "dotted.name": 1, "": 0,
        "nested": {"b": [1, Int64(2), None, True], "a": {}},
    }  # fmt: skip
    documents.insert_one(document)
    assert _types(documents.find_one()) == _types(document)


@pytest.mark.parametrize("identity", [[1], {"$a": 1}])
def test_some_ids_are_refused(documents: Documents, identity: Any) -> None:
    with pytest.raises(OperationFailure) as refused:
        documents.insert_one({"_id": identity})
    assert refused.value.code in (52, 53)


def test_16_mib_are_the_end(documents: Documents) -> None:
    size = 16 * 1024 * 1024
    documents.insert_one({"_id": 1, "text": "x" * (size - 100)})
    with pytest.raises(OperationFailure) as refused:
        documents.update_one({"_id": 1}, {"$set": {"more": "x" * 200}})
    assert refused.value.code in (17419, 10334)
    with pytest.raises((DocumentTooLarge, OperationFailure)):
        documents.insert_one({"_id": 2, "text": "x" * size})
    assert documents.count_documents({}) == 1


def test_a_unique_index_stands_against_updates_too(documents: Documents) -> None:
    documents.create_index([("a", 1)], unique=True)
    documents.insert_many([{"_id": 1, "a": 1}, {"_id": 2, "a": 2}])
    with pytest.raises(DuplicateKeyError) as refused:
        documents.update_one({"_id": 2}, {"$set": {"a": 1}})
    assert refused.value.details is not None
    assert refused.value.details["keyValue"] == {"a": 1}
    documents.update_one({"_id": 1}, {"$set": {"a": 3}})
    documents.update_one({"_id": 2}, {"$set": {"a": 1}})
    assert documents.count_documents({"a": {"$in": [1, 3]}}) == 2
