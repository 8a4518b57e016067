"""Debates put together from what a command line says."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.debating import as_debate, changed, debaters_named, fields_named, takes_fewer
from simulator.errors import UsageError
from tests.kinds.debate.debating import debate
from tests.lab import design as conversation


@pytest.mark.parametrize(
    ("text", "debaters"),
    [
        ("1", [("answers", None, 0.2)]),
        ("3", [("answers", None, 0.2), ("answers", None, 0.5), ("answers", None, 0.8)]),
        (
            "ollama/llama3.1:8b, pocket:random,expert,hf/a/b:misleading,pocket",
            [
                ("answers", "ollama/llama3.1:8b", 0.2), ("random", "pocket", None),
                ("expert", None, None), ("misleading", None, None), ("answers", "pocket", 0.8),
            ],
        ),
    ],
)  # fmt: skip
def test_debaters_are_models_parts_or_a_number(text: str, debaters: list[Any]) -> None:
    made = changed(None, {"debaters": debaters_named(text)})
    assert [(one.part, one.model, one.temperatures) for one in made.debaters] == [
        (part, model, () if degrees is None else (degrees,)) for part, model, degrees in debaters
    ]


@pytest.mark.parametrize("text", ["0", "9", " , ", ",".join(["pocket"] * 9)])
def test_there_are_one_to_eight_debaters(text: str) -> None:
    with pytest.raises(UsageError, match="1 to 8"):
        debaters_named(text)


def test_a_new_debate_is_called_after_what_was_said() -> None:
    changes = {
        "data": {"dataset": "mmlu", "subject": "anatomy", "count": 5, "seed": 2023},
        "debaters": debaters_named("3"), "partial": {"greedy": "confident"}, "classic": True,
    }  # fmt: skip
    made = changed(None, changes)
    assert made.name == (
        "Debate over mmlu anatomy, 5 questions, seed 2023, 3 debaters, greedy confident, classic"
    )
    assert changed(None, {}).name == "Debate over arithmetic"
    assert changed(None, changes, "Mine").name == "Mine"
    parts = changed(None, {"debaters": debaters_named("pocket:random,expert,pocket")})
    assert parts.name == "Debate over arithmetic, pocket:random+expert+pocket"
    path = changed(None, {"data": {"dataset": "records", "path": "/home/ada/my.csv"}})
    assert path.name == "Debate over my.csv"


def test_changes_go_over_a_design_and_leave_the_rest() -> None:
    base = debate(consensus=True, partial={"criterion": "entropy", "threshold": 1.8})
    made = changed(base, {"partial": {"greedy": "confident"}, "unit_length": True})
    assert made.name == "Test: greedy confident, unit length"
    assert (made.partial.criterion, made.partial.greedy) == ("entropy", "confident")
    assert made.consensus and made.unit_length
    assert made.questions == base.questions
    assert changed(base, {}) == base


def test_other_data_have_other_questions() -> None:
    made = changed(debate(), {"data": {"dataset": "arithmetic", "count": 4}})
    assert not made.questions and made.data.count == 4
    assert takes_fewer(debate()) and takes_fewer(changed(None, {}))
    assert not takes_fewer(changed(None, {"data": {"dataset": "gsm8k"}}))


def test_values_that_are_no_good_are_refused() -> None:
    with pytest.raises(UsageError, match=r"data\.split|data\.fields\.colour"):
        changed(None, {"data": {"fields": fields_named(("colour=red",))}})
    with pytest.raises(UsageError, match="names no field"):
        fields_named(("question",))
    with pytest.raises(UsageError, match="is no debate"):
        as_debate(conversation())


def test_fields_are_named() -> None:
    made = changed(None, {"data": {"dataset": "records", "path": "q.csv", "fields": fields_named(
        ("question = problem", "options=A+B+C"))}})  # fmt: skip
    assert made.data.fields.question == "problem"
    assert made.data.fields.options == ("A", "B", "C")
