"""Files of questions, written for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.errors import (
    SimulatorError,
)
from simulator.files.datasets import Questions, read_questions
from simulator.kinds.debate.questions import DataSource

DATA = Path(__file__).parents[3] / "shared" / "data" / "debate"
published = pytest.mark.skipif(not DATA.is_dir(), reason="the published data is not here")


def source(path: Path | str | None = None, **fields: Any) -> DataSource:
    name = {"path": str(path)} if path is not None else {}
    return DataSource.model_validate({"dataset": "records", **name, **fields})


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def json_lines(folder: Path, *records: Any, name: str = "data.jsonl") -> Path:
    return written(folder, name, "".join(json.dumps(one) + "\n" for one in records))


def refused(data: DataSource) -> str:
    """What is wrong, and what to do."""
    with pytest.raises(SimulatorError) as caught:
        read_questions(data)
    return f"{caught.value.message} | {caught.value.remedy}"


def texts(found: Questions) -> list[str]:
    return [question.text for question in found.questions]


NUMBERED = [{"question": f"Question {number}", "answer": str(number)} for number in range(10)]
OPTIONS = ["one", "two", "three", "four"]
