"""Transcripts of debates as files."""

from __future__ import annotations

import csv
import io
import json

from simulator.files.transcripts import export
from simulator.kinds.debate.design import DebateDesign
from tests import kept_debates as kept


def exported(form: str, made: DebateDesign | None = None, cut: int | None = None) -> str:
    made = made or kept.design()
    steps = kept.journal(made)[:cut]
    return export(form, kept.run_of(made, steps), kept.experiment_of(made), steps[::-1])


def test_markdown_has_questions_and_rounds_with_their_answers() -> None:
    text = exported("markdown")
    lines = [line for line in text.split("\n") if line.startswith(("###", "**"))]
    assert lines[8:15] == [
        "### Question 2",
        "**Question** (final answer 102, wrong, the right answer is 2)",
        "#### Round 1",
        "**Ann** (answer 2, right)",
        "**Bob** (answer 2, right)",
        "#### Round 2",
        "**Ann** (answer 102, wrong)",
    ]
    assert [line for line in lines if line.startswith("### ")] == [
        "### Question 1", "### Question 2", "### Question 3"
    ]  # fmt: skip


def test_markdown_tells_what_is_not_over() -> None:
    text = exported("markdown", cut=9)
    assert "**Question** (no final answer yet, the right answer is 2)" in text


def test_answers_of_models_are_no_markup() -> None:
    made = kept.design(
        1, grader="text", mode="natural_language", questions=[{"text": "Who?", "gold": "*you*"}]
    )
    assert "the right answer is \\*you\\*" in exported("markdown", made)


def test_csv_has_columns_of_debates_in_the_order_of_questions() -> None:
    rows = list(csv.DictReader(io.StringIO(exported("csv"))))
    assert [row["question"] for row in rows] == ["1"] * 5 + ["2"] * 5 + ["3"] * 5
    last = rows[9]
    found = {name: last[name] for name in ("scope", "day", "speaker", "answer", "is_right",
                                           "gold", "final_answer", "final_is_right")}  # fmt: skip
    assert found == {
        "scope": "main/question-0002/debater-2", "day": "2", "speaker": "Bob", "answer": "102",
        "is_right": "false", "gold": "2", "final_answer": "102", "final_is_right": "false",
    }  # fmt: skip
    assert rows[5]["answer"] == "" and rows[5]["is_right"] == ""


def test_negative_answers_are_numbers_and_no_texts() -> None:
    made = kept.design(1, questions=[{"text": "1-2?", "gold": "-1"}])
    (row, *_) = csv.DictReader(io.StringIO(exported("csv", made)))
    assert row["gold"] == "-1"


def test_a_design_that_cannot_be_read_still_has_its_questions() -> None:
    made = kept.design()
    steps = kept.journal(made)
    broken = kept.experiment_of(made).model_copy(update={"design": {"kind": "debate", "x": 1}})
    text = export("csv", kept.run_of(made, steps), broken, steps)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[6]["question"] == "2" and rows[6]["answer"] == ""
    assert "### Question 2" in export("markdown", kept.run_of(made, steps), broken, steps)


def test_json_lines_keep_soft_tokens() -> None:
    document = json.loads(exported("jsonl").splitlines()[3])
    assert document["soft_tokens"][0]["top"][0] == ["Answer", 0.75]
