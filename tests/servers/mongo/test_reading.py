"""Order, projections, cursors and aggregations, on the stand-in and on a real server alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import Int64, MaxKey, MinKey, ObjectId, Regex
from hypothesis import given, settings
from hypothesis import strategies as st
from pymongo.errors import OperationFailure

from tests.servers.mongo.choosing import MongoUnderTest
from tests.servers.mongo.conftest import Documents
from tests.servers.mongo.values import sort_key

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
IN_ORDER: list[Any] = [
    MinKey(), [], None, float("nan"), float("-inf"), -(2**63), -1.5, -1, 0.5, 1, 2**53, 2**53 + 1,
    2**62, float("inf"), "", "A", "a", "a\0", "aa", "b", "é", "\U0001f600", {}, {"a": 1},
    {"a": 1, "b": 0}, {"a": 2}, {"b": 1}, {"a": "x"}, b"", b"z", b"aa", ObjectId("0" * 24),
    ObjectId("f" * 24), False, True, NOON.replace(year=1960), NOON, Regex("a"), MaxKey(),
]  # fmt: skip


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize("direction", [1, -1])
def test_values_of_all_types_are_sorted(
    documents: Documents, direction: int, indexed: bool
) -> None:
    numbered = [{"_id": number, "v": value} for number, value in enumerate(IN_ORDER)]
    documents.insert_many(sorted(numbered, key=lambda one: one["_id"] * 7 % len(IN_ORDER)))
    if indexed:
        documents.create_index([("v", 1)])
    got = [one["_id"] for one in documents.find().sort("v", direction)]
    assert got == [number for number, _ in enumerate(IN_ORDER)][::direction]


def test_arrays_are_sorted_by_their_least_or_greatest_element(documents: Documents) -> None:
    values = {"few": [2, 9], "one": [5], "plain": 3, "none": []}
    documents.insert_many([{"_id": name, "v": value} for name, value in values.items()])
    for _ in range(2):
        rising = [one["_id"] for one in documents.find().sort("v", 1)]
        falling = [one["_id"] for one in documents.find().sort("v", -1)]
        assert rising == ["none", "few", "plain", "one"]
        assert falling == ["few", "one", "plain", "none"]
        documents.create_index([("v", 1)])


def test_one_sort_after_another(documents: Documents) -> None:
    documents.insert_many([{"_id": n, "a": n % 3, "b": {"c": -n}} for n in range(9)])
    expected = sorted(range(9), key=lambda n: (-(n % 3), -n))
    for keys in ([], [("a", -1), ("b.c", 1)], [("a", 1), ("b.c", -1)], [("a", 1)]):
        if keys:
            documents.create_index(keys)
        got = [one["_id"] for one in documents.find().sort([("a", -1), ("b.c", 1)])]
        assert got == expected


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([0.5, 2.0]),
    st.sampled_from(["", "a", "b"]),
)  # fmt: skip
values = st.one_of(
    scalars, st.lists(scalars, max_size=2), st.dictionaries(st.sampled_from("xy"), scalars)
)
records = st.fixed_dictionaries({}, optional={"a": values, "b": values, "c": scalars})
conditions = st.one_of(
    scalars,
    st.builds(
        lambda operator, value: {operator: value},
        st.sampled_from(["$gt", "$gte", "$lt", "$lte", "$ne", "$eq"]), scalars,
    ),
    st.builds(lambda low, high: {"$gte": low, "$lt": high}, scalars, scalars),
    st.lists(scalars, max_size=3).map(lambda given: {"$in": given}),
    st.booleans().map(lambda wanted: {"$exists": wanted}),
)  # fmt: skip
filters = st.dictionaries(st.sampled_from(["a", "b", "c", "a.x"]), conditions, max_size=2)
either = st.lists(filters, min_size=1, max_size=2).map(lambda parts: {"$or": parts})
sorts = st.lists(
    st.tuples(st.sampled_from(["a", "c"]), st.sampled_from([1, -1])),
    max_size=2, unique_by=lambda part: part[0],
)  # fmt: skip
INDEXES: list[tuple[list[tuple[str, int]], dict[str, Any]]] = [
    ([("a", 1), ("c", -1)], {}),
    ([("c", 1), ("a", 1)], {}),
    ([("a.x", -1)], {}),
    ([("b", -1), ("c", 1)], {"sparse": True}),
    ([("c", -1)], {"partialFilterExpression": {"a": {"$exists": True}}}),
]


def test_indexes_change_no_answer(documents: Documents, mongo: MongoUnderTest) -> None:
    plain, indexed = documents["plain"], documents["indexed"]
    for number, keys in enumerate(INDEXES):
        indexed.create_index(keys[0], name=str(number), **keys[1])

    @settings(max_examples=10 if mongo.is_authoritative else 60)
    @given(st.lists(records, max_size=12), st.lists(st.one_of(filters, either), max_size=6), sorts)
    def ask_both(
        held: list[dict[str, Any]], asked: list[Any], order: list[tuple[str, int]]
    ) -> None:
        for collection in (plain, indexed):
            collection.delete_many({})
            if held:
                collection.insert_many([{"_id": n, **one} for n, one in enumerate(held)])
        for filter_ in asked:
            without, through = (
                list(one.find(filter_).sort([*order, ("_id", 1)])) for one in (plain, indexed)
            )
            assert without == through
            assert indexed.count_documents(filter_) == len(without)

    ask_both()


def test_keys_of_a_sort_are_the_order_of_its_values() -> None:
    keys = [sort_key({"v": value}, [("v", 1)]) for value in (None, -1, 0.5, 1, "a", True)]
    assert keys == sorted(keys)


PERSON: dict[str, Any] = {"_id": 1, "a": 1, "b": {"c": 2, "d": 3}, "e": [{"c": 4, "d": 5}, 6]}


@pytest.mark.parametrize(
    ("projection", "expected"),
    [
        ({}, PERSON),
        ({"a": 1}, {"_id": 1, "a": 1}),
        ({"a": True, "_id": 0}, {"a": 1}),
        ({"_id": 1}, {"_id": 1}),
        ({"_id": 0, "b": 0, "e": 0}, {"a": 1}),
        ({"b.c": 1}, {"_id": 1, "b": {"c": 2}}),
        ({"e.c": 1, "_id": 0}, {"e": [{"c": 4}]}),
        ({"b.c": 0, "e.d": 0}, {"_id": 1, "a": 1, "b": {"d": 3}, "e": [{"c": 4}, 6]}),
        ({"z.y": 1}, {"_id": 1}),
        ({"a": 1, "f": "$b.d"}, {"_id": 1, "a": 1, "f": 3}),
        ({"b": {"c": 1}}, {"_id": 1, "b": {"c": 2}}),
    ],
    ids=str,
)
def test_projections(
    documents: Documents, projection: dict[str, Any], expected: dict[str, Any]
) -> None:
    documents.insert_one(PERSON)
    assert documents.find_one({}, projection) == expected


@pytest.mark.parametrize(
    ("projection", "code"),
    [({"a": 1, "b": 0}, 31254), ({"b": 0, "a": 1}, 31253), ({"a": {"$foo": 1}}, 31325),
     ({"a": {"$add": [1, {"$foo": 1}]}}, 168), ({"a": 1, "a.b": 1}, 31249)],
    ids=str,
)  # fmt: skip
def test_projections_that_make_no_sense_are_refused(
    documents: Documents, projection: dict[str, Any], code: int
) -> None:
    documents.insert_one(PERSON)
    with pytest.raises(OperationFailure) as refused:
        documents.find_one({}, projection)
    assert refused.value.code == code


def test_batches_skips_and_limits(documents: Documents) -> None:
    documents.insert_many([{"_id": n} for n in range(300)])
    assert [one["_id"] for one in documents.find(batch_size=7)] == list(range(300))
    got = [one["_id"] for one in documents.find().sort("_id", -1).skip(5).limit(3)]
    assert got == [294, 293, 292]
    first = documents.database.command({"find": documents.name, "batchSize": 2})
    assert len(first["cursor"]["firstBatch"]) == 2
    number = first["cursor"]["id"]
    more = {"getMore": number, "collection": documents.name, "batchSize": 3}
    assert len(documents.database.command(more)["cursor"]["nextBatch"]) == 3
    killed = documents.database.command({"killCursors": documents.name, "cursors": [number]})
    assert killed["cursorsKilled"] == [number]
    with pytest.raises(OperationFailure) as refused:
        documents.database.command(more)
    assert refused.value.code == 43
    single = {"find": documents.name, "batchSize": 2, "singleBatch": True}
    assert documents.database.command(single)["cursor"]["id"] == 0


def test_counts_and_distinct_values(documents: Documents) -> None:
    documents.insert_many([{"a": n % 3, "b": [n % 2, "x"]} for n in range(10)])
    assert documents.count_documents({"a": 1}) == 3
    assert documents.count_documents({"a": 0}, skip=1, limit=2) == 2
    assert documents.estimated_document_count() == 10
    assert sorted(documents.distinct("a")) == [0, 1, 2]
    assert documents.distinct("b", {"a": 0}) in ([0, 1, "x"], ["x", 0, 1], [0, "x", 1])


@pytest.mark.parametrize(
    ("condition", "count"),
    [({"$gte": 3}, 7), ({"$gte": 3, "$lt": 5}, 2), ({"$gte": 3, "$lt": "x"}, 0),
     ({"$in": [1, 2]}, 2), ({"$gt": 3, "$ne": 5}, 5), ("text", 1), (None, 1),
     ({"$lte": "text"}, 1)],
    ids=str,
)  # fmt: skip
def test_counts_come_from_an_index_too(documents: Documents, condition: Any, count: int) -> None:
    documents.insert_many([{"v": n} for n in range(10)] + [{"v": "text"}, {}])
    assert documents.count_documents({"v": condition}) == count
    documents.create_index([("v", 1)])
    assert documents.count_documents({"v": condition}) == count


ROWS: list[dict[str, Any]] = [
    {"_id": 1, "k": "x", "n": 1, "t": ["p", "q"]},
    {"_id": 2, "k": "y", "n": 2.5, "t": []},
    {"_id": 3, "k": "x", "n": Int64(4)},
    {"_id": 4, "n": "text", "t": "p"},
]


@pytest.mark.parametrize(
    ("pipeline", "expected"),
    [
        ([{"$match": {"k": "x"}}, {"$count": "n"}], [{"n": 2}]),
        ([{"$match": {"k": "z"}}, {"$count": "n"}], []),
        (
            [{"$group": {"_id": "$k", "n": {"$sum": "$n"}, "c": {"$sum": 1}}},
             {"$sort": {"_id": 1}}],
            [{"_id": None, "n": 0, "c": 1}, {"_id": "x", "n": 5, "c": 2},
             {"_id": "y", "n": 2.5, "c": 1}],
        ),
        (
            [{"$sort": {"_id": 1}},
             {"$group": {"_id": None, "most": {"$max": "$n"}, "least": {"$min": "$n"},
                         "first": {"$first": "$k"}, "last": {"$last": "$k"}}}],
            [{"_id": None, "most": "text", "least": 1, "first": "x", "last": None}],
        ),
        ([{"$group": {"_id": {"k": "$k"}, "n": {"$push": "$_id"}}}, {"$match": {"_id.k": "x"}}],
         [{"_id": {"k": "x"}, "n": [1, 3]}]),
        ([{"$unwind": "$t"}, {"$sort": {"_id": 1, "t": -1}}, {"$project": {"t": 1}}],
         [{"_id": 1, "t": "q"}, {"_id": 1, "t": "p"}, {"_id": 4, "t": "p"}]),
        ([{"$unwind": {"path": "$t", "preserveNullAndEmptyArrays": True}},
          {"$group": {"_id": None, "n": {"$sum": 1}}}], [{"_id": None, "n": 5}]),
        ([{"$sort": {"_id": -1}}, {"$skip": 1}, {"$limit": 2}, {"$project": {"k": 1}}],
         [{"_id": 3, "k": "x"}, {"_id": 2, "k": "y"}]),
        ([{"$match": {"_id": 1}}, {"$project": {"_id": 0, "m": {"$add": ["$n", 1]}, "x": "$z"}}],
         [{"m": 2}]),
        ([{"$match": {"_id": 1}}, {"$addFields": {"all": "$$ROOT"}}, {"$unset": "t"}],
         [{"_id": 1, "k": "x", "n": 1, "all": ROWS[0]}]),
        ([{"$match": {"_id": {"$in": [1, 2]}}}, {"$sort": {"_id": 1}},
          {"$set": {"n": {"$cond": [{"$in": ["p", "$t"]}, "$n", None]}}}, {"$unset": ["t", "k"]}],
         [{"_id": 1, "n": 1}, {"_id": 2, "n": None}]),
        ([{"$match": {"_id": 1}}, {"$match": {"k": "y"}}], []),
    ],
    ids=str,
)  # fmt: skip
def test_aggregations(
    documents: Documents, pipeline: list[dict[str, Any]], expected: list[dict[str, Any]]
) -> None:
    documents.insert_many(ROWS)
    assert list(documents.aggregate(pipeline)) == expected
    documents.create_index([("k", 1), ("_id", 1)])
    assert list(documents.aggregate(pipeline)) == expected


@pytest.mark.parametrize("keys", [[], [("k", 1)], [("k", -1), ("_id", 1)]], ids=str)
def test_counts_by_group(documents: Documents, keys: list[tuple[str, int]]) -> None:
    documents.insert_many(ROWS)
    if keys:
        documents.create_index(keys)
    pipeline: list[dict[str, Any]] = [
        {"$match": {"k": {"$in": ["x", "y", "z", None]}}},
        {"$group": {"_id": "$k", "n": {"$sum": 1}}},
        {"$sort": {"_id": 1}},
    ]
    expected = [{"_id": None, "n": 1}, {"_id": "x", "n": 2}, {"_id": "y", "n": 1}]
    assert list(documents.aggregate(pipeline)) == expected
    in_any_order = list(documents.aggregate(pipeline[:-1]))
    assert sorted(in_any_order, key=lambda one: str(one["_id"])) == expected
