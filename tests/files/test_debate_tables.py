from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from simulator.analysis.debates.comparison import compare
from simulator.analysis.debates.summary import summarize
from simulator.files.debate_tables import (
    answers_csv,
    comparison_document,
    comparisons_csv,
    rounds_csv,
    shares_csv,
    summary_document,
)
from tests.analysis.debates.talk import debated, finals, record

DEBATE = replace(
    record(
        debated([["1", "2"], ["2", "2"]], final="2", question="=A", tokens=100),
        debated([["1", "1"], [None, "not asked"]], final="1", question="B", tokens=300),
        name="cipher",
        mode="cipher",
    ),
    temperatures=((0.2, 0.3), (0.8, 0.8)),
)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_rounds_as_csv() -> None:
    found = rows(rounds_csv([summarize(DEBATE)]))
    assert len(found) == 4
    second = found[1]
    assert (second["debater"], second["temperature"], second["round"]) == ("debater 1", "0.3", "2")
    assert (second["count"], second["of"], second["share"]) == ("1", "2", "0.5")
    assert float(second["low"]) == pytest.approx(0.0945, abs=1e-4)
    assert (second["changed"], second["changed_of"], second["to_wrong"]) == ("1", "2", "1")
    assert (found[0]["changed"], found[2]["not_found"]) == ("", "1")


def test_shares_as_csv() -> None:
    found = {(row["what"], row["round"]): row for row in rows(shares_csv([summarize(DEBATE)]))}
    assert found["final answers", ""]["count"] == "1"
    assert found["majority of last round", ""]["share"] == "0.5"
    assert found["agreement of all", "2"]["of"] == "1"


def test_answers_as_csv() -> None:
    found = rows(answers_csv([DEBATE]))
    # Spreadsheets take no cell for a formula.
    assert found[0]["question"] == "'=A"
    assert [row["answer"] for row in found] == ["1", "2", "2", "2", "2", "1", "1", "", "1"]
    assert [row["debater"] for row in found][-2:] == ["debater 2", "final"]
    assert found[4]["is_right"] == "false"


def test_a_summary_as_json() -> None:
    found = json.loads(json.dumps(summary_document(summarize(DEBATE), level=0.9)))
    assert found["final"]["count"] == 1
    assert found["level"] == 0.9
    assert found["debaters"][0]["overall"]["before"] == 1
    assert found["rounds"][0]["pairs"] == [
        {"debaters": [1, 2], "agreement": found["rounds"][0]["agreement"]}
    ]
    assert found["spent_per_right_answer"]["tokens"] == 400


def test_comparisons_as_csv_and_json() -> None:
    one = compare(finals("1", "2", tokens=10), finals("1", "1", tokens=30))
    (row,) = rows(comparisons_csv([one]))
    found = json.loads(json.dumps(comparison_document(one)))
    assert (row["only_second"], row["difference"], row["p_value"]) == ("1", "0.5", "1.0")
    assert (found["only_second"], found["difference"]) == (1, 0.5)
    assert float(row["extra_tokens"]) == found["extra_per_question"]["tokens"] == 20
    assert found["extra_per_point"]["tokens"] == pytest.approx(0.4)
    nothing = comparison_document(compare(finals(), finals()))
    assert nothing["difference"] is nothing["low"] is nothing["extra_per_point"] is None
