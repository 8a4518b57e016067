"""Questions that cannot be read are refused with the place of the fault; the hub may be away."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from simulator.errors import (
    NotFoundError,
    ServiceUnavailableError,
    SimulatorError,
)
from simulator.files.datasets import read_questions
from simulator.kinds.debate.questions import Question
from tests.files.data_files import (
    NUMBERED,
    OPTIONS,
    json_lines,
    refused,
    source,
    written,
)

# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("name", "text", "fields", "said"),
    [
        ("d.jsonl", '{"question": "x", "answer": 1}\n\n{"question": "y"\n', {}, "line 3: this is"),
        ("d.jsonl", '{"q": "x", "answer": 1}\n', {}, "no field `question`; the fields are `q`,"),
        ("d.jsonl", '{"questions": "x", "answer": 1}\n', {}, "Did you mean `questions`?"),
        ("d.jsonl", '{"question": "  ", "answer": 1}\n', {}, "line 1: the field `question` is"),
        ("d.jsonl", '{"question": "x", "answer": ""}\n', {}, "the field `answer` is empty"),
        ("d.jsonl", '{"question": "x", "answer": [1]}\n', {}, "`answer` is neither text nor"),
        ("d.jsonl", '{"question": "x", "answer": null}\n', {}, "`answer` is neither text nor"),
        ("d.jsonl", '{"question": "\\ud800", "answer": 1}\n', {}, "has a half character"),
        ("d.jsonl", "[1, 2]", {}, "record 1: a record is an object"),
        ("d.jsonl", "7\n", {}, "line 1: a record is an object"),
        ("d.jsonl", '{"question": "x", "answer": ' + "9" * 5000 + "}", {}, "beyond all measure"),
        ("d.json", "[" * 100_000, {}, "beyond all measure"),
        ("d.json", '[{"question":\n"x",}]', {}, "line 2: this is no JSON"),
        ("d.txt", "question,answer\nx,1\n", {}, "A table has a name that ends in .csv"),
        ("d.jsonl", "", {}, "has no records"),
        ("d.csv", "question,answer\n", {}, "has no records"),
        ("d.csv", "question,answer\nx,1\ny\n", {}, "line 3: 1 columns instead of 2"),
        ("d.csv", 'question,answer\n"a\nb",1\nx,1,2\n', {}, "line 4: 3 columns instead of 2"),
        ("d.csv", 'question,answer\n"x,1\n', {}, "line 2: this is no CSV"),
        ("d.csv", "question,question\nx,1\n", {}, "two columns are called 'question'"),
        ("d.csv", "question,answer\n" + "x" * 200_000 + ",1\n", {}, "line 2: this is no CSV"),
        ("d.csv", "a,b,c,d,answer\n", {"dataset": "mmlu"}, "line 1: 5 columns instead of 6"),
        ("d.csv", "q,a,b,c,d,E\n", {"dataset": "mmlu"}, "'E' is none of 4 options. | It is a let"),
        ("d.csv", "q,a,b,c,d,2\n", {"dataset": "mmlu"}, "It is a letter, A to D."),
        ("d.jsonl", '{"question": "x", "answer": "12"}\n', {"dataset": "gsm8k"}, "no number after"),
        ("d.jsonl", '{"question": "x", "answer": "y"}\n', {"dataset": "arithmetic"}, "no number"),
        ("d.jsonl", '{"question": "x", "o": ["a", "b"], "answer": 2}\n',
         {"fields": {"options": ["o"]}}, "'2' is none of 2 options"),
        ("d.jsonl", '{"question": "x", "o": ["a"], "answer": 0}\n',
         {"fields": {"options": ["o"]}}, "1 options; 2 to 26 are needed"),
        ("d.jsonl", '{"question": "x", "o": ["a", ""], "answer": 0}\n',
         {"fields": {"options": ["o"]}}, "the field `o` is empty"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(
    tmp_path: Path, name: str, text: str, fields: dict[str, Any], said: str
) -> None:
    path = written(tmp_path, name, text)
    message = refused(source(path, **fields))
    assert said in message
    assert str(path) in message


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(json.dumps(NUMBERED[0]).encode() + b'\n{"question": "\xff"}\n')
    assert "line 2: bytes that are no character" in refused(source(path))
    array = tmp_path / "data.json"
    array.write_bytes(b'[\n{"question": "\xff"}]\n')
    assert "line 2: bytes that are no character" in refused(source(array))


def test_lines_without_end(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    with path.open("wb") as file:
        file.truncate(5_000_000)
    assert "line 1: longer than 4 MB" in refused(source(path))


def test_files_that_are_not_there(tmp_path: Path) -> None:
    json_lines(tmp_path, *NUMBERED, name="questions.jsonl")
    missing = tmp_path / "question.jsonl"
    with pytest.raises(NotFoundError, match="There is no file") as caught:
        read_questions(source(missing))
    assert caught.value.remedy == f"Did you mean {tmp_path / 'questions.jsonl'}?"
    assert "relative to the design's folder" in refused(source(tmp_path / "no" / "where"))
    assert "is a folder" in refused(source(tmp_path))
    assert "is an address" in refused(source("https://example.org/data.jsonl"))
    assert "needs a file" in refused(source())


def test_files_that_are_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.files.datasets.MAX_FILE_BYTES", 100)
    assert "is larger than" in refused(source(json_lines(tmp_path, *NUMBERED)))


# ---------------------------------------------------------------- the hub


class Hub(ModuleType):
    """The `datasets` package, as far as it is used."""

    def __init__(self, rows: list[dict[str, Any]], fault: Exception | None = None) -> None:
        super().__init__("datasets")
        self.rows, self.fault = rows, fault
        self.asked: list[tuple[str, ...]] = []

    def disable_progress_bars(self) -> None:
        pass

    def load_dataset(self, name: str, config: str, *, split: str) -> list[dict[str, Any]]:
        if self.fault:
            raise self.fault
        if split not in ("train", "test"):
            # datasets 5.2
            raise ValueError(f"Unknown split \"{split}\". Should be one of ['train', 'test'].")
        self.asked.append((name, config, split))
        return self.rows


def test_gsm8k_from_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub([{"question": "How many?", "answer": "1+1=<<1+1=2>>2\n#### 2"}])
    monkeypatch.setitem(sys.modules, "datasets", hub)
    found = read_questions(source(dataset="gsm8k", split="train"))
    assert found.questions == (Question(text="How many?", gold="2", solution="1+1=2\nAnswer: 2"),)
    assert hub.asked == [("openai/gsm8k", "main", "train")]
    assert len(found.digest or "") == 32
    assert "no split 'dev'. | It has train, test." in refused(source(dataset="gsm8k", split="dev"))


def test_mmlu_from_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub([{"question": "Which?", "subject": "x", "choices": OPTIONS, "answer": 3}])
    monkeypatch.setitem(sys.modules, "datasets", hub)
    (one,) = read_questions(source(dataset="mmlu", subject="virology")).questions
    assert (one.gold, one.text) == ("D", "Which?\nA. one\nB. two\nC. three\nD. four")
    assert hub.asked == [("cais/mmlu", "virology", "test")]
    wrong = refused(source(dataset="mmlu", subject="viriology"))
    assert wrong == "MMLU has no subject 'viriology'. | Did you mean 'virology'?"


def test_a_hub_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    assert "pip install -e '.[datasets]', or download" in refused(source(dataset="gsm8k"))
    lost = ValueError("no such thing")
    lost.__cause__ = ConnectionError("offline")
    for fault, kind in (
        (ConnectionError("offline"), ServiceUnavailableError),
        (lost, ServiceUnavailableError),
        (RuntimeError("odd\nand more"), SimulatorError),
    ):
        monkeypatch.setitem(sys.modules, "datasets", Hub([], fault))
        with pytest.raises(kind) as caught:
            read_questions(source(dataset="gsm8k"))
        assert "data.path" in (caught.value.remedy or "")
        assert "and more" not in caught.value.message
