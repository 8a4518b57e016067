"""Questions of debates come from files as they stand there, or with the line that is wrong."""

from __future__ import annotations

import json
import random
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import (
    DesignInvalidError,
)
from simulator.files.datasets import Questions, complete, placed, read_questions
from simulator.kinds.debate.arithmetic import arithmetic_questions
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.questions import DataSource, Question
from tests.files.data_files import (
    DATA,
    NUMBERED,
    OPTIONS,
    json_lines,
    published,
    refused,
    source,
    texts,
    written,
)
from tests.lab import design

# ---------------------------------------------------------------- published data


@published
def test_gsm8k() -> None:
    path = DATA / "gsm8k" / "test_gsm8k_full.jsonl"
    found = read_questions(source(path, dataset="gsm8k"))
    assert len(found.questions) == 1315
    assert found.warnings == ()
    first = found.questions[0]
    assert first.gold == "18"
    assert first.solution.endswith("farmer’s market.\nAnswer: 18")
    assert not any("<<" in one.solution or "####" in one.solution for one in found.questions)


@published
def test_the_seed_of_the_original_asks_what_it_asked() -> None:
    path = DATA / "gsm8k" / "test_gsm8k_full.jsonl"
    (asked,) = read_questions(source(path, dataset="gsm8k", seed=2023, count=1)).questions
    sample = json.loads((DATA / "output" / "sample.json").read_text("utf-8"))
    assert list(sample) == [asked.text]


@published
def test_mmlu() -> None:
    def subject(name: str) -> Questions:
        return read_questions(source(DATA / "mmlu" / f"{name}_test.csv", dataset="mmlu"))

    for name, size in (("formal_logic", 126), ("high_school_mathematics", 270)):
        assert len(subject(name).questions) == size
        assert subject(name).warnings == ()
    found = subject("professional_psychology")
    assert len(found.questions) == 612
    assert {one.options for one in found.questions} == {("A", "B", "C", "D")}
    assert found.warnings == ("1 question stands there more than once; each is asked and counted.",)
    assert found.questions[1].gold == "C"
    assert found.questions[1].text.splitlines()[1:] == [
        "A. “Blank slates”", "B. Less intelligent than adults", "C. “Little scientists”",
        "D. Shaped by culture",
    ]  # fmt: skip


@published
def test_sums_by_path_are_those_that_are_generated() -> None:
    path = DATA / "arithmetic" / "arithmetic_valid200ques.jsonl"
    assert read_questions(source(path, dataset="arithmetic")).questions == arithmetic_questions(
        23, 200
    )
    shuffled: dict[str, Any] = {"dataset": "arithmetic", "seed": 2023, "first": 3, "count": 5}
    by_path = read_questions(source(path, **shuffled)).questions
    assert by_path == read_questions(source(split="validation", **shuffled)).questions


# ---------------------------------------------------------------- which questions


def test_first_and_count(tmp_path: Path) -> None:
    path = json_lines(tmp_path, *NUMBERED)
    assert len(read_questions(source(path)).questions) == 10
    some = read_questions(source(path, first=3, count=2))
    assert texts(some) == ["Question 3", "Question 4"]
    more = read_questions(source(path, first=8, count=5))
    assert texts(more) == ["Question 8", "Question 9"]
    assert more.warnings == (f"{path} has only 2 of the 5 questions to ask.",)
    assert "has 10, and the first 10 are left out" in refused(source(path, first=10))


def test_everything_but_mmlu_is_shuffled_as_lists_are(tmp_path: Path) -> None:
    expected = [one["question"] for one in NUMBERED]
    random.seed(7)
    random.shuffle(expected)
    path = json_lines(tmp_path, *NUMBERED)
    assert texts(read_questions(source(path, seed=7))) == expected
    assert texts(read_questions(source(path, seed=7, first=2, count=3))) == expected[2:5]


def test_mmlu_is_shuffled_as_pandas_samples(tmp_path: Path) -> None:
    rows = "".join(f"Question {number},a,b,c,d,A\n" for number in range(8))
    path = written(tmp_path, "x_test.csv", rows)
    found = read_questions(source(path, dataset="mmlu", seed=2023))
    # pandas 3.1: DataFrame({"a": range(8)}).sample(frac=1, random_state=2023)
    order = [5, 2, 0, 3, 4, 6, 1, 7]
    assert [text.split("\n")[0] for text in texts(found)] == [f"Question {n}" for n in order]
    assert order == np.random.RandomState(2023).permutation(8).tolist()
    assert "at most 4294967295" in refused(source(path, dataset="mmlu", seed=2**32))


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 2**40), st.integers(0, 9), st.integers(1, 12), st.sampled_from([None, "seeded"])
)
def test_parts_make_up_the_whole(
    tmp_path_factory: pytest.TempPathFactory, seed: int, first: int, count: int, kind: str | None
) -> None:
    path = json_lines(tmp_path_factory.mktemp("data"), *NUMBERED)
    drawn = seed if kind else None
    whole = texts(read_questions(source(path, seed=drawn)))
    assert sorted(whole) == sorted(one["question"] for one in NUMBERED)
    part = read_questions(source(path, seed=drawn, first=first, count=count))
    assert texts(part) == whole[first : first + count]


def test_sums_are_generated_from_the_seeds_of_the_split() -> None:
    assert read_questions(source(dataset="arithmetic")) == Questions(
        arithmetic_questions(2024, 50), None
    )
    later = source(dataset="arithmetic", split="validation", first=4, count=3, largest=9)
    assert read_questions(later).questions == arithmetic_questions(27, 3, 9)
    assert "no split 'train'" in refused(source(dataset="arithmetic", split="train"))
    assert "no" in refused(source(dataset="arithmetic", first=2**32))


def test_what_stands_twice_is_counted(tmp_path: Path) -> None:
    path = json_lines(tmp_path, *NUMBERED, NUMBERED[0], NUMBERED[1])
    found = read_questions(source(path))
    assert len(found.questions) == 12
    assert found.warnings == ("2 questions stand there more than once; each is asked and counted.",)


def test_a_digest_names_the_content_of_a_file(tmp_path: Path) -> None:
    one = json_lines(tmp_path, *NUMBERED, name="one.jsonl")
    same = json_lines(tmp_path, *NUMBERED, name="same.jsonl")
    other = json_lines(tmp_path, *NUMBERED[1:], name="other.jsonl")
    digests = [read_questions(source(path, count=1)).digest for path in (one, same, other)]
    assert digests[0] == digests[1] != digests[2]
    assert len(digests[0] or "") == 32


def test_large_files_are_read_piece_by_piece(tmp_path: Path) -> None:
    with (path := tmp_path / "large.jsonl").open("w") as file:
        for number in range(2_000):
            file.write(json.dumps({"question": f"{number} " + "x" * 5_000, "answer": 1}) + "\n")
    tracemalloc.start()
    try:
        found = read_questions(source(path, seed=5, count=20))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found.questions) == 20
    assert peak < 5_000_000, "the file has 10 MB"
    assert "would fit" in refused(source(path))


# ---------------------------------------------------------------- fields


def test_fields_are_named(tmp_path: Path) -> None:
    path = json_lines(tmp_path, {"q": " What? ", "a": 7.5, "why": "So."})
    fields = {"question": "q", "answer": "a", "solution": "why"}
    (one,) = read_questions(source(path, fields=fields)).questions
    assert one == Question(text="What?", gold="7.5", solution="So.")


def test_tables_and_arrays_are_read_too(tmp_path: Path) -> None:
    table = '\ufeffquestion,answer\n"One, ""two""\nthree",1\n\nFour,2\n'
    comma = written(tmp_path, "data.csv", table)
    assert texts(read_questions(source(comma))) == ['One, "two"\nthree', "Four"]
    tab = written(tmp_path, "data.tsv", "question\tanswer\nOne, two\t1\n")
    assert texts(read_questions(source(tab))) == ["One, two"]
    array = written(tmp_path, "data.json", json.dumps(NUMBERED, indent=2))
    assert len(read_questions(source(array)).questions) == 10


@pytest.mark.parametrize("answer", ["C", "c", "(c)", 2, "2", "three"])
@pytest.mark.parametrize("listed", [False, True])
def test_the_right_option_is_named_in_any_way(tmp_path: Path, answer: Any, listed: bool) -> None:
    several = dict(zip("wxyz", OPTIONS, strict=True))
    record = {"question": "Which?", "answer": answer}
    record |= {"choices": OPTIONS} if listed else several
    path = json_lines(tmp_path, record)
    fields = {"options": ["choices"] if listed else list("wxyz")}
    (one,) = read_questions(source(path, fields=fields)).questions
    assert one.text == "Which?\nA. one\nB. two\nC. three\nD. four"
    assert (one.gold, one.options) == ("C", ("A", "B", "C", "D"))


def test_options_that_are_numbers_are_read_with_care(tmp_path: Path) -> None:
    fields = {"options": ["choices"]}
    records = [{"question": f"{n}", "choices": ["1", "2", "3"], "answer": a}
               for n, a in enumerate([1, "1", "3"])]  # fmt: skip
    found = read_questions(source(json_lines(tmp_path, *records), fields=fields))
    assert [one.gold for one in found.questions] == ["B", "A", "C"]
    assert len(found.warnings) == 1
    assert found.warnings[0].startswith("In 1 of the records")


# ---------------------------------------------------------------- designs


def debate(data: DataSource, **fields: Any) -> DebateDesign:
    return DebateDesign(name="Numbers", data=data, **fields)


def test_a_design_gets_its_questions_once(tmp_path: Path) -> None:
    path = json_lines(tmp_path, *NUMBERED)
    full = complete(debate(source("data.jsonl", count=3)), tmp_path)
    assert isinstance(full, DebateDesign)
    assert [one.gold for one in full.questions] == ["0", "1", "2"]
    path.unlink()
    assert complete(full) is full, "nothing is read again"
    assert complete(DebateDesign.model_validate(full.model_dump())) == full


def test_where_a_file_lies_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    json_lines(tmp_path, *NUMBERED)
    bare = debate(source("data.jsonl"))
    there = complete(placed(bare, tmp_path))
    assert there == complete(bare, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert complete(bare) == complete(placed(bare, Path())) == there
    assert isinstance(there, DebateDesign)
    assert there.data.path == "data.jsonl", "folders are nobody else's"


def test_other_data_is_read_anew(tmp_path: Path) -> None:
    json_lines(tmp_path, *NUMBERED)
    first = complete(debate(source("data.jsonl", count=3)), tmp_path)
    assert isinstance(first, DebateDesign)
    data = first.data.model_copy(update={"first": 4})
    second = complete(first.model_copy(update={"data": data}), tmp_path)
    assert isinstance(second, DebateDesign)
    assert [one.gold for one in second.questions] == ["4", "5", "6"]
    sums = data.model_copy(update={"dataset": "arithmetic", "path": None})
    third = complete(first.model_copy(update={"data": sums}))
    assert third == debate(source(dataset="arithmetic", first=4, count=3))


def test_what_needs_no_file_is_left_alone() -> None:
    own = debate(source("nowhere.jsonl"), questions=(Question(text="x", gold="1"),))
    assert complete(own) is own
    sums = debate(source(dataset="arithmetic"))
    assert complete(sums) is sums
    talk = design(messages=2)
    assert complete(talk) is talk
    assert placed(talk, Path("/elsewhere")) is talk


def test_sums_with_a_seed_are_drawn_and_kept() -> None:
    drawn = complete(debate(source(dataset="arithmetic", seed=1, count=4)))
    assert isinstance(drawn, DebateDesign)
    assert len(drawn.questions) == 4
    assert drawn.questions != arithmetic_questions(2024, 4)


def test_warnings_are_passed_on(tmp_path: Path) -> None:
    json_lines(tmp_path, *NUMBERED)
    told: list[str] = []
    complete(debate(source("data.jsonl", count=30)), tmp_path, told.append)
    assert len(told) == 1
    with pytest.raises(DesignInvalidError):
        complete(debate(source("data.jsonl", first=30)), tmp_path, told.append)
