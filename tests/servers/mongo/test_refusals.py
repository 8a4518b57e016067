"""What is not known is refused, never ignored."""

from __future__ import annotations

from typing import Any

import pytest
from bson import Int64
from pymongo import MongoClient, WriteConcern
from pymongo.errors import OperationFailure, WriteConcernError
from pymongo.server_api import ServerApi

from tests.servers.mongo.conftest import Documents
from tests.servers.mongo.launching import MongoServer


def refusal(documents: Documents, command: dict[str, Any]) -> int | None:
    with pytest.raises(OperationFailure) as refused:
        documents.database.command(command)
    return refused.value.code


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ({"noSuchCommand": 1}, 59),
        ({"find": "documents", "foo": 1}, 40415),
        ({"insert": "documents", "documents": [{}], "foo": 1}, 40415),
        ({"insert": "documents"}, 40414),
        ({"insert": "documents", "documents": []}, 16),
        ({"update": "documents", "updates": [{"q": {}, "u": {"$set": {"a": 1}}, "foo": 1}]}, 40415),
        ({"update": "documents", "updates": [{"q": {}}]}, 40414),
        ({"delete": "documents", "deletes": [{"q": {}}]}, 40414),
        ({"find": "documents", "filter": 3}, 14),
        ({"find": "documents", "limit": "x"}, 14),
        ({"find": "documents", "skip": -1}, 51024),
        ({"find": "documents", "sort": {"a": 2}}, 15975),
        ({"findAndModify": "documents"}, 9),
        ({"findAndModify": "documents", "remove": True, "update": {}}, 9),
        ({"aggregate": "documents", "pipeline": []}, 9),
        ({"aggregate": "documents", "pipeline": [{"$foo": 1}], "cursor": {}}, 40324),
        ({"aggregate": "documents", "pipeline": [{}], "cursor": {}}, 40323),
        ({"aggregate": "documents", "pipeline": [{"$group": {}}], "cursor": {}}, 15955),
        (
            {"aggregate": "documents", "pipeline": [{"$group": {"_id": 1, "n": {"$foo": 1}}}],
             "cursor": {}},
            15952,
        ),
        ({"aggregate": "documents", "pipeline": [{"$limit": 0}], "cursor": {}}, 15958),
        ({"aggregate": "documents", "pipeline": [{"$count": ""}], "cursor": {}}, 40156),
        ({"aggregate": "documents", "pipeline": [{"$unwind": "a"}], "cursor": {}}, 28818),
        ({"getMore": Int64(12345), "collection": "documents"}, 43),
        ({"getMore": 12345, "collection": "documents"}, 14),
        ({"getMore": 12345.0, "collection": "documents"}, 14),
    ],
    ids=str,
)  # fmt: skip
def test_commands_that_make_no_sense(
    documents: Documents, command: dict[str, Any], code: int
) -> None:
    documents.insert_one({})
    assert refusal(documents, command) == code


def test_fail_points_are_not_for_everybody(documents: Documents) -> None:
    off = {"configureFailPoint": "failCommand", "mode": "off"}
    assert refusal(documents, off) in (13, 59)  # 59 where test commands are switched off


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize(
    "command",
    [
        {"find": "documents", "collation": {"locale": "en"}},
        {"find": "documents", "let": {"a": 1}},
        {"find": "documents", "readConcern": {"level": "snapshot"}},
        {"find": "documents", "projection": {"a": {"$slice": 1}}},
        {"create": "other", "capped": True},
        {"createIndexes": "documents", "indexes": [{"key": {"a": "text"}, "name": "x"}]},
        {"createIndexes": "documents",
         "indexes": [{"key": {"a": 1}, "name": "x", "expireAfterSeconds": 3}]},
        {"aggregate": "documents", "pipeline": [{"$lookup": {}}], "cursor": {}},
        {"aggregate": "documents", "pipeline": [{"$set": {"a": {"$map": {}}}}], "cursor": {}},
        {"update": "documents", "updates": [{"q": {}, "u": {"$set": {"a": 1}},
         "arrayFilters": []}]},
        {"explain": {"distinct": "documents", "key": "a"}},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_implemented_is_not_ignored(
    documents: Documents, command: dict[str, Any]
) -> None:
    documents.insert_one({})
    assert refusal(documents, command) == 238


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize(
    "update",
    [{"$mul": {"a": 2}}, {"$set": {"a.$": 1}}, {"$push": {"a": {"$each": [], "$slice": 1}}}],
    ids=str,
)
def test_updates_that_are_not_implemented_are_not_ignored(
    documents: Documents, update: dict[str, Any]
) -> None:
    documents.insert_one({"a": [1]})
    with pytest.raises(OperationFailure, match="does not implement"):
        documents.update_one({}, update)


def test_the_stable_api_is_kept_to(mongo_url: str) -> None:
    with MongoClient[dict[str, Any]](mongo_url, server_api=ServerApi("1", strict=True)) as client:
        database = client.get_default_database()
        database["documents"].insert_one({"_id": 1})
        assert database["documents"].find_one() == {"_id": 1}
        with pytest.raises(OperationFailure) as refused:
            client.admin.command("connectionStatus")
        assert refused.value.code == 323
    with MongoClient[dict[str, Any]](mongo_url) as client:
        with pytest.raises(OperationFailure) as refused:
            client.admin.command("ping", apiVersion="2")
        assert refused.value.code == 322


def test_write_concerns_that_cannot_be_had_are_told(server: MongoServer) -> None:
    with MongoClient[dict[str, Any]](server.uri) as client:
        documents = client["lab"]["documents"]
        documents.with_options(write_concern=WriteConcern("majority")).insert_one({"_id": 1})
        for wanted, code in ((2, 100), ("elsewhere", 79)):
            with pytest.raises(WriteConcernError) as refused:
                documents.with_options(write_concern=WriteConcern(wanted)).insert_one({})
            assert refused.value.code == code
        assert documents.count_documents({}) == 3


def test_an_unacknowledged_write_is_made(mongo_url: str) -> None:
    with MongoClient[dict[str, Any]](mongo_url, maxPoolSize=1) as client:
        documents = client.get_default_database()["documents"]
        quiet = documents.with_options(write_concern=WriteConcern(0))
        assert not quiet.insert_one({"_id": 1}).acknowledged
        assert documents.find_one() == {"_id": 1}  # on the same connection, hence after it
