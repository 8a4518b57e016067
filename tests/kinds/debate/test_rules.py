"""Designs of debates that cannot be run, each fault with its place."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tests.kinds.debate.debating import debate, problems_of


def test_the_usual_design_is_sound() -> None:
    assert problems_of(debate()) == []
    assert problems_of(debate(questions=[])) == []
    assert problems_of(debate(mode="cipher", classic=True, final="judge")) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"mode": "cipher", "debaters": [{"temperatures": [0.5]}, {"temperatures": [0.5, 0, 1]}]},
         "debaters[1].temperatures[1]: vectors are mixed at temperatures above 0"),
        ({"mode": "cipher", "debaters": [{}], "sampling": {"temperature": 0}},
         "sampling.temperature: vectors are mixed at temperatures above 0"),
        ({"debaters": [{"temperatures": [2.5]}]},
         "debaters[0].temperatures[0]: words are drawn at temperatures of 0 to 2"),
        ({"debaters": [{}, {"part": "random"}], "random_temperature": 9},
         "random_temperature: words are drawn at temperatures of 0 to 2"),
        ({"debaters": [{"temperatures": [0.1, 0.2]}]},
         "debaters[0].temperatures: 2 temperatures for 3 rounds"),
        ({"debaters": [{}, {"part": "expert", "temperatures": [0.1]}]},
         "debaters[1].temperatures: `expert` asks no model"),
        ({"debaters": [{"name": "Ann"}, {"name": "Ann"}]},
         "debaters[1].name: there are two debaters called 'Ann'"),
        ({"debaters": [{"name": "Debater 2"}, {}]},
         "debaters[1].name: there are two debaters called 'Debater 2'"),
        ({"debaters": [{"name": "Judge"}]}, "debaters[0].name: no debater may be called 'Judge'"),
        ({"debaters": [{"reads": ["Bob"]}, {}]},
         "debaters[0].reads[0]: no debater is called 'Bob'; they are Debater 1, Debater 2"),
        ({"debaters": [{"reads": ["Debater 1"]}, {}]}, "debaters[0].reads[0]: a debater always"),
        ({"debaters": [{"part": "expert"}]}, "debaters: nobody answers"),
        ({"debaters": [{}, {"part": "misleading"}], "questions": [{"text": "Q", "gold": "1"}]},
         "debaters[1].part: `misleading` gives the solution of another question"),
        ({"questions": [{"text": "Q", "gold": "1"}, {"text": "R", "gold": "many"}]},
         "questions[1].gold: 'many' is no number"),
        ({"questions": [{"text": "Q", "gold": "E", "options": ["A", "B"]}], "grader": "choice"},
         "questions[0].gold: 'E' is no letter of an option"),
        ({"data": {"dataset": "records"}, "questions": []},
         "data.path: `records` need the path of a JSON lines or CSV file"),
        ({"data": {"split": "train"}, "questions": []},
         "data.split: sums have no split 'train'; they have validation and test"),
        ({"data": {"first": 2**32}, "questions": []}, "data.first: sums have seeds up to"),
        ({"consensus": True, "debaters": [{}, {"part": "expert"}]},
         "consensus: one debater who answers always agrees"),
        ({"partial": {"greedy": "confident", "threshold": 1.869}},
         "partial.threshold: an uncertainty of 1 - max p is at most 1"),
        ({"prompts": {"initial": "Solve."}}, "prompts.initial: {question} is missing"),
        ({"prompts": {"debate": "{question} again"}}, "prompts.debate: {solutions} is missing"),
        ({"prompts": {"judge": "{question} {solutions} {solution}"}},
         "prompts.judge: {solution} is not known; did you mean {solutions}?"),
        ({"prompts": {"system": "Solve {question}."}}, "prompts.system: {question} is not known"),
        ({"debaters": [{"prompts": {"initial": "{solutions} {question}"}}]},
         "debaters[0].prompts.initial: {solutions} is not known here"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(fields: dict[str, Any], expected: str) -> None:
    found = problems_of(debate(**fields))
    assert len(found) == 1 and found[0].startswith(expected), found


@pytest.mark.parametrize(
    "fields",
    [
        {"debaters": []},
        {"debaters": [{}] * 9},
        {"debaters": [{"temperatures": [-0.1]}]},
        {"debaters": [{"temperatures": [float("nan")]}]},
        {"rounds": 0},
        {"samples": 0},
        {"mode": "duel"},
        {"questions": [{"text": " ", "gold": "1"}]},
        {"questions": [{"text": "Q", "gold": ""}]},
        {"moderator": "me"},
        {"partial": {"threshold": -1}},
    ],
)
def test_no_other_values_are_taken(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        debate(**fields)


def test_braces_of_formulas_are_no_placeholders() -> None:
    text = r"Write \boxed{answer} or \frac{question}{2}. {question} {{solution}}"
    assert problems_of(debate(prompts={"initial": text})) == []


def test_temperatures_of_words_do_not_matter_to_vectors_of_others() -> None:
    hot = [{"temperatures": [0.2]}, {"temperatures": [1.75]}, {"part": "random"}]
    assert problems_of(debate(mode="cipher", debaters=hot)) == []
    assert problems_of(debate(mode="natural_language", debaters=hot)) == []
