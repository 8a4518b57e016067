"""Initial texts of games of telephone, out of all kinds of files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import DesignInvalidError, NotFoundError
from simulator.files.telephone_texts import completed, read_texts, shipped_texts
from simulator.kinds.telephone.design import TextSource
from tests.kinds.telephone.games import telephone

LONG = "aé🦊 " * 25_000
ODD = {"empty": "", "emoji": "🦊🎈", "tamil": "வணக்கம்", "arabic": "مرحبا", "lines": "a\nb\n\nc\n"}


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def texts(path: Path, *names: str) -> dict[str, str]:
    return {one.name: one.text for one in read_texts(TextSource(path=str(path), names=names))}


def test_json_has_texts_by_name(tmp_path: Path) -> None:
    every = ODD | {"long": LONG}
    path = written(tmp_path, "t.json", json.dumps(every))
    assert texts(path) == every and len(LONG) == 100_000
    assert list(texts(path, "tamil", "empty")) == ["tamil", "empty"], "in the order of the names"
    marked = written(tmp_path, "m.JSON", b"\xef\xbb\xbf" + json.dumps(ODD).encode())
    assert texts(marked) == ODD


@given(st.dictionaries(st.text(min_size=1).map(str.strip).filter(bool), st.text(), min_size=1))
def test_what_is_written_is_what_is_read(tmp_path_factory: Any, every: dict[str, str]) -> None:
    folder = tmp_path_factory.mktemp("texts")
    records = [{"name": name, "text": text} for name, text in every.items()]
    lines = "\n".join(map(json.dumps, records))
    found = [
        texts(written(folder, "t.json", json.dumps(every))),
        texts(written(folder, "a.json", json.dumps(records))),
        texts(written(folder, "t.jsonl", lines)),
    ]
    assert found == [every] * 3


def test_tables_and_lines_have_a_name_and_a_text(tmp_path: Path) -> None:
    table = written(tmp_path, "t.csv", b'\xef\xbb\xbfname,text,x\r\nA,"a, ""b""\r\nc",1\r\n,,\r\n')
    assert texts(table) == {"A": 'a, "b"\r\nc', "Text 4": ""}
    assert texts(written(tmp_path, "t.tsv", f"text\n{LONG}\n")) == {"Text 2": LONG}
    lines = b'\xef\xbb\xbf{"name": "A", "text": "a"}\r\n\r\n{"text": "b"}\n{"name": 0, "text": ""}'
    assert texts(written(tmp_path, "t.jsonl", lines)) == {"A": "a", "Text 3": "b", "0": ""}


def test_other_files_are_one_text_and_folders_have_many(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    written(folder, "b.txt", b"\xef\xbb\xbfone\r\ntwo\r\n")
    written(folder, "a.TXT", "")
    written(folder, "._b.txt", b"\xff\xfe")
    written(folder, "notes.md", "not meant")
    assert texts(folder) == {"a": "", "b": "one\ntwo"}
    assert list(texts(folder)) == ["a", "b"]
    assert texts(folder / "notes.md") == {"notes": "not meant"}
    assert texts(written(tmp_path, "long.txt", LONG + "\n\n")) == {"long": LONG + "\n"}


@pytest.mark.parametrize(
    ("name", "content", "place", "expected"),
    [
        ("t.json", "", ", line 1", "no JSON"),
        ("t.json", '{"a": "b",\n\n"c"}', ", line 3", "no JSON"),
        ("t.json", '{"a": 5}', ", 'a'", "this is no text"),
        ("t.json", '{"a": {"text": "b"}}', ", 'a'", "this is no text"),
        ("t.json", '{"a": "\\ud800"}', ", 'a'", "half of a character"),
        ("t.json", '{" ": "b"}', ", ' '", "this is no name"),
        ("t.json", '{"a": "x", "b": "y", "a": "z"}', ", 'a'", "there are two texts called 'a'"),
        ("t.json", '"a"', "", "there are no texts by name"),
        ("t.json", "{}", "", "has no texts"),
        ("t.json", "[" * 99_999, "", "beyond all measure"),
        ("t.json", '[{"name": "a"}]', ", record 1", "there is no field `text`"),
        ("t.json", '[{"text": "a", "name": true}]', ", record 1", "this is no name"),
        ("t.json", b'{"a": "\xff"}', "", "line 1 has bytes that are no character"),
        ("t.jsonl", "", "", "has no texts"),
        ("t.jsonl", '{"text": "a"}\n{"text": ', ", line 2", "no JSON"),
        ("t.jsonl", '{"text": "a"}\n{"text": null}', ", line 2", "this is no text"),
        ("t.jsonl", '{"text": "a"}\n{"txt": "a"}', ", line 2", "there is no field `text`"),
        ("t.jsonl", '{"name": "a", "text": ""}\n{"name": " a", "text": ""}', ", line 2", "two"),
        ("t.csv", "name,words\na,b\n", ", line 2", "there is no field `text`"),
        ("t.csv", "name,text\na,b\na,c\n", ", line 3", "there are two texts called 'a'"),
        ("t.csv", 'name,text\na,"b\n', ", line 2", "no CSV"),
        ("t.csv", "name,text\na\n", ", line 2", "1 columns instead of 2"),
        ("t.csv", "name,text\n", "", "has no texts"),
        ("t.txt", b"good\nb\xe4d\n", "", "line 2 has bytes that are no character"),
    ],
)
def test_a_bad_file_is_told_with_its_place(
    tmp_path: Path, name: str, content: str | bytes, place: str, expected: str
) -> None:
    path = written(tmp_path, name, content)
    with pytest.raises(DesignInvalidError) as told:
        texts(path)
    assert told.value.message.startswith(f"{path}{place}") and expected in told.value.message
    assert told.value.remedy or "measure" in expected


def test_what_is_not_there_or_too_much_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        texts(tmp_path / "nothing.json")
    with pytest.raises(DesignInvalidError, match="has no texts"):
        texts(tmp_path)
    path = written(tmp_path, "t.json", '{"abc": "", "d": ""}')
    with pytest.raises(DesignInvalidError, match=r"no text 'abd'. Did you mean 'abc'\?"):
        texts(path, "abd")
    with pytest.raises(DesignInvalidError, match="'d' is named twice"):
        texts(path, "d", "d")
    great = written(tmp_path, "g.json", json.dumps({"a": "x" * 8_000_001}))
    with pytest.raises(DesignInvalidError, match="more than 8 MB"):
        texts(great)


def test_a_design_keeps_what_was_read(tmp_path: Path) -> None:
    path = written(tmp_path, "t.json", '{"a": "x", "b": "y"}')
    source = TextSource(path=str(path))
    made = completed(telephone(texts=[], data={"path": str(path)}), source)
    assert [one.text for one in made.texts] == ["x", "y"]
    assert made.data.path == "t.json" and made.data.digest
    path.write_text('{"a": "other"}')
    assert completed(made, source) == made, "what it began with stays"
    chosen = made.model_copy(update={"data": made.data.model_copy(update={"names": ("a",)})})
    again = completed(chosen, TextSource(path=str(path), names=("a",)))
    assert [one.text for one in again.texts] == ["other"], "other texts are wanted, and read"
    assert again.data.digest != made.data.digest
    own = telephone()
    assert completed(own, own.data) == own


def test_twenty_texts_come_along_five_of_each_property() -> None:
    kinds = [name.partition(",")[0] for name in shipped_texts()]
    assert {kind: kinds.count(kind) for kind in kinds} == dict.fromkeys(
        ("Toxicity", "Positivity", "Difficulty", "Length"), 5
    )
    assert len({*shipped_texts().values()}) == 20
