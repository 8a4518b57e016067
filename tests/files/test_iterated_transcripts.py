"""Transcripts of lineages of learners as files, and in reports."""

from __future__ import annotations

import csv
import io
from math import log

from simulator.domain.journal import Step
from simulator.files.reports.transcripts import transcript_of
from simulator.files.transcripts import export
from tests import kept_lineages as kept


def exported(form: str, steps: list[Step], *, broken: bool = False) -> str:
    made = kept.design()
    return export(form, kept.run_of(made), kept.experiment_of(made, broken=broken), steps[::-1])


def rows(steps: list[Step], *, broken: bool = False) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported("csv", steps, broken=broken))))


def test_markdown_has_generations_with_what_was_found() -> None:
    lines = [
        line for line in exported("markdown", kept.journal()).split("\n")
        if line.startswith(("###", "**"))
    ]  # fmt: skip
    assert lines[:7] == [
        "### First data", "**Truth**", "**Alternative**", "**First data** (4 examples)",
        "### Generation 1 · H = 0.87 nats · P(screen off) = 0.03",
        "**Learner 1** (rule, 5 of 5 objects right, explains 4 of 4 first examples)",
        "**Learner 1** (data, 2 examples, 1 left out)",
    ]  # fmt: skip


def test_scores_of_hundreds_of_rules_are_not_written_out() -> None:
    for form in ("markdown", "csv"):
        assert len(exported(form, kept.journal())) < 6000
    assert len(exported("jsonl", kept.journal())) > 30_000


def test_csv_has_columns_of_what_was_found() -> None:
    found = {(row["part"], row["generation"]): row for row in rows(kept.journal())}
    first = found["rule", "1"]
    entropy = -0.9 * log(0.9) - 0.1 * log(0.1 / 242)
    assert {name: first[name] for name in list(first)[-13:]} == {
        "generation": "1", "part": "rule", "hypothesis": kept.TRUTH, "is_right": "true",
        "parts_right": "5", "parts": "5", "explained": "4", "of_first": "4", "examples": "",
        "left_out": "", "asked_again": "0", "entropy_nats": f"{entropy:.6f}",
        "bias_probability": "0.033471",
    }  # fmt: skip
    assert found["rule", "2"]["is_right"] == "false" and found["rule", "2"]["asked_again"] == "2"
    assert (found["data", "1"]["examples"], found["data", "1"]["left_out"]) == ("2", "1")
    assert found["rule", "3"]["hypothesis"] == found["rule", "3"]["is_right"] == ""
    assert found["truth", "0"]["generation"] == "0"


def test_an_answer_that_is_drawn_has_the_model_whose_it_is() -> None:
    made = kept.Journal()
    made.rule(1, kept.TRUTH, kind="say", call=None)
    made.rule(2, kept.TRUTH, kind="say", call=None, edited=True)
    found = [(row["part"], row["model"]) for row in rows(made.steps)]
    assert found[2:] == [("first data", ""), ("rule", "pocket"), ("rule", "")]


def test_a_design_that_cannot_be_read_still_has_its_generations() -> None:
    text = exported("markdown", kept.journal(), broken=True)
    assert "### Generation 2\n" in text and "**Learner 1** (data)\n" in text
    found = rows(kept.journal(), broken=True)
    assert [row["generation"] for row in found] == [*"000", *"1122", *"33"]
    assert {row["hypothesis"] for row in found} == {""}


def test_a_report_has_the_messages_by_generation() -> None:
    made = kept.design()
    told = transcript_of(kept.run_of(made), kept.experiment_of(made), kept.journal())
    assert [one.part for one in told.messages] == [
        *["First data"] * 3, *["Generation 1"] * 2, *["Generation 2"] * 2, *["Generation 3"] * 2
    ]  # fmt: skip
    assert told.messages[4].notes == ("data, 2 examples, 1 left out",)
    assert told.messages[5].notes[1:] == ("H = 1.60 nats", "P(screen off) = 0.87")
    assert told.unheard == 3 and told.messages[7].content.startswith("[red]")
