"""Exports of every form, read as they lie on a disk."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import bson
import pytest
from bson.objectid import ObjectId

from simulator.errors import (
    DesignInvalidError,
    NotFoundError,
    PermissionDeniedError,
    SimulatorError,
    UsageError,
)
from simulator.files import extended_json
from simulator.files.originals.places import OriginalFiles
from simulator.store.originals import bson_documents
from tests.originals.examples import E, Read, experiment, messages, read, read_source, whole

BROKEN = '{"_id": "1", "content": "a"}\n{"_id": "2", "content"'


async def read_files(*paths: Path) -> Read:
    return await read_source(OriginalFiles(paths, bson_documents))


def typed(value: Any, version: int) -> Any:
    """A document as mongoexport writes it, in extended JSON of version 1 or 2."""
    if isinstance(value, list):
        return [typed(item, version) for item in value]
    if isinstance(value, dict):
        return {key: typed(item, version) for key, item in value.items()}
    if isinstance(value, str) and len(value) == 24 and value.startswith("65f0"):
        return {"$oid": value}
    if isinstance(value, str) and value.startswith("2024-"):
        ms = int(datetime.fromisoformat(value).timestamp() * 1000)
        return {"$date": {"$numberLong": str(ms)} if version == 2 else value}
    if version == 2 and isinstance(value, int) and not isinstance(value, bool):
        return {"$numberInt": str(value)}
    if version == 2 and isinstance(value, float):
        return {"$numberDouble": str(value)}
    return value


def native(value: Any) -> Any:
    """A document as PyMongo takes it."""
    if isinstance(value, list):
        return [native(item) for item in value]
    if isinstance(value, dict):
        return {key: native(item) for key, item in value.items()}
    if isinstance(value, str) and len(value) == 24 and value.startswith("65f0"):
        return ObjectId(value)
    if isinstance(value, str) and value.startswith("2024-"):
        return datetime.fromisoformat(value)
    return value


def as_lines(folder: Path, version: int) -> None:
    for name, documents in whole().items():
        lines = (json.dumps(typed(document, version)) for document in documents)
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def as_array(folder: Path, version: int) -> None:
    for name, documents in whole().items():
        text = json.dumps(typed(documents, version), indent=1)
        (folder / f"lab.{name}.json").write_text(f"\ufeff{text}", encoding="utf-8")


def as_one_file(folder: Path, version: int) -> None:
    every = [typed(document, version) for documents in whole().values() for document in documents]
    (folder / "all.json").write_text("\n".join(map(json.dumps, every)), encoding="utf-8")


def as_one_object(folder: Path, version: int) -> None:
    with gzip.open(folder / "all.json.gz", "wt", encoding="utf-8") as file:
        json.dump(typed(whole(), version), file)


def as_dump(folder: Path, version: int) -> None:
    inner = folder / "lab"
    inner.mkdir()
    (folder / "admin").mkdir()
    (folder / "admin" / "system.version.bson").write_bytes(bson.encode({"_id": "x"}))
    (inner / "prelude.json").write_text("{}", encoding="utf-8")
    for name, documents in whole().items():
        data = b"".join(bson.encode(native(document)) for document in documents)
        if version == 1:
            (inner / f"{name}.bson").write_bytes(data)
        else:
            (inner / f"{name}.bson.gz").write_bytes(gzip.compress(data))
        (inner / f"{name}.metadata.json").write_text("{}", encoding="utf-8")


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("write", [as_lines, as_array, as_one_file, as_one_object, as_dump])
async def test_every_form_of_export_gives_the_same(
    tmp_path: Path, write: Callable[[Path, int], None], version: int
) -> None:
    write(tmp_path, version)
    found, expected = await read_files(tmp_path), await read(whole())
    assert found.losses == []
    assert (found.experiments, found.runs) == (expected.experiments, expected.runs)


async def test_half_of_a_surrogate_pair_is_kept(tmp_path: Path) -> None:
    parts = whole()
    parts["messages"][0]["content"] = "No \ud800."
    (tmp_path / "all.json").write_text(json.dumps(parts), encoding="utf-8")
    assert (await read_files(tmp_path)).runs[0].steps[4].content == "No \ud800."


async def test_files_of_a_long_export_are_read_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_array(tmp_path, 2)
    expected = await read_files(tmp_path)
    for size in (1, 2, 7, 64, 333):
        monkeypatch.setattr(extended_json, "_PIECE", size)
        found = await read_files(tmp_path)
        assert (found.experiments, found.runs, found.losses) == (
            expected.experiments, expected.runs, [],
        )  # fmt: skip


@pytest.mark.parametrize("size", [1, 10, 1000])
async def test_broken_lines_are_named_with_their_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(extended_json, "_PIECE", size)
    good = json.dumps(experiment(conversation_ids=[]))
    file = tmp_path / "mixed.json"
    file.write_text(
        good + '\n{broken\n[1]\n{\n  "a" 3,\n  "b": [\n  {}\n]}\n{"_id": "x"}\n{"content": "y"}\n',
        encoding="utf-8",
    )
    found = await read_files(file)
    assert [(loss.id, loss.reason.partition(":")[0]) for loss in found.losses if loss.whole] == [
        ("line 2, column 2", "no JSON"),
        ("line 3", "not a document"),
        ("line 5, column 7", "no JSON"),
        ("x", "neither an experiment, a conversation nor a message"),
        ("line 10", "the field `_id` is missing"),
    ]
    assert len(found.experiments) == 1


def test_a_place_is_right_wherever_the_pieces_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extended_json, "_PIECE", 16)
    for lines in range(40):
        text = io.StringIO('{"a": 1}\n' * lines + "  {broken\n")
        *_, (place, value) = extended_json.documents(text)
        assert isinstance(value, ValueError)
        assert place == f"line {lines + 1}, column 4"


async def test_a_file_that_breaks_off_gives_what_it_has(tmp_path: Path) -> None:
    data = b"".join(bson.encode(native(document)) for document in messages())
    (tmp_path / "messages.bson").write_bytes(data[:-10])
    (tmp_path / "experiments.bson").write_bytes(bson.encode(experiment())[:4] + b"\0" * 3000)
    found = await read_files(tmp_path)
    reasons = [(loss.id, loss.reason) for loss in found.losses]
    assert ("document 5", "no BSON: the file ends within the document") in reasons
    assert ("document 1", "no BSON: the document is damaged") in reasons
    assert reasons.count(("document 2", "no BSON from here on")) == 1
    cut = tmp_path / "cut.json"
    cut.write_text(BROKEN, encoding="utf-8")
    assert [loss.reason for loss in (await read_files(cut)).losses] == [
        "no JSON: Expecting ':' delimiter", "no conversation lists it",
    ]  # fmt: skip


async def test_a_file_named_after_a_collection_says_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "lab.messages.json").write_text('{"_id": "x", "day": 1}', encoding="utf-8")
    assert (await read_files(tmp_path)).reasons == [("messages", "x", "no conversation lists it")]


async def test_types_of_mongodb_become_plain_values(tmp_path: Path) -> None:
    half = bson.Decimal128("0.5")
    odd = native(experiment(conversation_ids=[], llms=[{"model": "m", "temperature": half}]))
    assert odd["_id"] == ObjectId(E)
    (tmp_path / "experiments.bson").write_bytes(bson.encode(odd))
    found = await read_files(tmp_path)
    sampling = found.experiments[0].design["sampling"]
    assert isinstance(sampling, dict) and sampling["temperature"] == 0.5
    odd["creation_date"] = bson.DatetimeMS(2**60)
    (tmp_path / "experiments.bson").write_bytes(bson.encode(odd))
    assert (await read_files(tmp_path)).reasons == [
        ("experiments", E, "the field `creation_date` is no time")
    ]


@pytest.mark.parametrize(
    ("name", "data", "error", "words"),
    [
        ("database_exp.pkl", b"\x80\x04K\x01.", UsageError, "is a pickle, which could run any"),
        ("renamed.json", b"\x80\x05K\x01.", UsageError, "is a pickle"),
        ("lab.archive", b"\x6d\xe2\x99\x81rest", UsageError, "archive of mongodump"),
        ("utf16.json", '{"_id": 1}'.encode("utf-16"), DesignInvalidError, "is not UTF-8"),
        ("cut.json.gz", gzip.compress(b"{}" * 99)[:-9], DesignInvalidError, "breaks off"),
        ("bad.bson.gz", b"\x1f\x8b\x08\0garbage....", DesignInvalidError, "damaged"),
    ],
)
async def test_files_that_are_not_read_say_what_to_do(
    tmp_path: Path, name: str, data: bytes, error: type[SimulatorError], words: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(error, match=words) as caught:
        await read_files(tmp_path / name)
    assert caught.value.remedy
    assert name in caught.value.message


async def test_a_missing_or_forbidden_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no file"):
        await read_files(tmp_path / "no.json")
    with pytest.raises(NotFoundError, match="There is no file"):
        await read_files(tmp_path / "a\0b.json")
    secret = tmp_path / "secret.json"
    secret.write_text("{}", encoding="utf-8")
    secret.chmod(0)
    try:
        secret.read_bytes()
    except PermissionError:
        with pytest.raises(PermissionDeniedError):
            await read_files(secret)


def test_a_folder_without_exports_says_what_it_should_have(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no exported collections") as caught:
        OriginalFiles([tmp_path], bson_documents)
    assert "mongodump" in (caught.value.remedy or "")
    (tmp_path / "database_exp.pkl").write_bytes(b"")
    with pytest.raises(NotFoundError, match=r"database_exp\.pkl is not read"):
        OriginalFiles([tmp_path], bson_documents)


def test_a_dump_of_several_databases_asks_for_one(tmp_path: Path) -> None:
    for name in ("final", "pilot"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "experiments.bson").write_bytes(b"")
    with pytest.raises(UsageError, match="final, pilot") as caught:
        OriginalFiles([tmp_path], bson_documents)
    assert str(tmp_path / "final") in (caught.value.remedy or "")
