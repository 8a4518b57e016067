from __future__ import annotations

from dataclasses import replace
from typing import Any

from simulator.analysis.debates.records import DebateRecord, Said
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.regrading import regraded
from tests.analysis.debates.talk import debated, record


def design(**fields: Any) -> DebateDesign:
    return DebateDesign.model_validate({"name": "Sums", "grader": "number"} | fields)


def heard(*texts: str, mode: str = "natural_language", debaters: int = 2) -> DebateRecord:
    """A record of one round of one question whose right answer is 1."""
    one = replace(debated([], final=None), said=tuple((Said(text, None, False),) for text in texts))
    return record(one, mode=mode, debaters=debaters)


def test_the_original_finds_other_answers() -> None:
    one = heard("Answer: 1/2", "Answer: 3")
    better = regraded(one, design(), classic=False).debated[0]
    classic = regraded(one, design(), classic=True).debated[0]
    assert (better.final, better.is_right) == ("0.5", False)
    assert (classic.final, classic.is_right) == ("1", True)


def test_the_designs_own_rules_say_which_answer_counts() -> None:
    one = heard("Answer: 2", "Answer: 1")
    assert regraded(one, design()).debated[0].final == "2"
    assert regraded(one, design(final="majority")).debated[0].final is None
    # The original lets the last one win.
    assert regraded(one, design(final="majority"), classic=True).debated[0].final == "1"


def test_samples_are_voted_on_again() -> None:
    one = heard("Answer: 1/2", "Answer: 1", "Answer: 3", mode="majority", debaters=3)
    voting = design(mode="majority", samples=3)
    assert regraded(one, voting).debated[0].final is None
    assert regraded(one, voting, classic=True).debated[0].is_right


def test_another_grader_takes_the_letters_of_the_question() -> None:
    one = heard("Answer: (B)", "Answer: (A)")
    options = "Which?\nA. one\nB. two"
    asked = replace(one, debated=(replace(one.debated[0], question=options, gold="B"),))
    found = regraded(asked, design(), grader="choice").debated[0]
    assert (found.final, found.is_right) == ("B", True)


def test_a_judges_answer_stays() -> None:
    one = heard("Answer: 2", "Answer: 3")
    judged = replace(one, debated=(replace(one.debated[0], final="1"),))
    found = regraded(judged, design(final="judge"), classic=True).debated[0]
    assert (found.final, found.is_right) == ("1", True)
    assert found.said[0][0] == Said("Answer: 2", "2", False)
