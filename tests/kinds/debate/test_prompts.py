"""What debaters are shown, and who reads whom."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.backends.pocket.training import sums
from simulator.kinds.debate.prompts import debating, judging, opening, text_of
from simulator.kinds.debate.turns import read_by, readers_of, speakers
from tests.kinds.debate.debating import debate

THREE: dict[str, Any] = {"debaters": [{}, {}, {}]}


def told(made: Any, place: int, *rounds: dict[int, str]) -> str:
    return debating(made, place, "", "Q?", rounds).as_text.last.content


def test_the_pocket_model_reads_sums_in_the_wording_that_it_was_taught() -> None:
    rng = random.Random(3)
    made = debate(questions=[], data={"dataset": "arithmetic"})
    taught = sums.debate(rng)[0]["content"]
    question = taught.partition("Question: ")[2].partition("\n")[0]
    other = taught.partition("Agent 1's solution: ")[2].partition("\nYour solution:")[0]
    mine = taught.partition("Your solution: ")[2].partition("\nCorrect solution:")[0]
    shown = debating(made, 0, "", question, [{0: mine, 1: other}]).as_text
    assert [entry.content for entry in shown] == [taught]
    assert [entry.content for entry in opening(made, 0, "", question).as_text] == [question]


@pytest.mark.parametrize(
    ("grader", "form"),
    [("number", "the number"), ("choice", "the letter"), ("text", "the answer")],
)
def test_everybody_else_is_told_how_an_answer_looks(grader: str, form: str) -> None:
    made = debate(data={"dataset": "gsm8k"}, grader=grader, final="judge")
    for shown in (
        opening(made, 0, "", "Q?").as_text,
        debating(made, 0, "", "Q?", [{0: "a", 1: "b"}]).as_text,
        judging(made, "", "Q?", {0: "a", 1: "b"}).as_text,
    ):
        assert f'End with "Answer: " and {form}' in shown.last.content
        assert "Question: Q?" in shown.last.content
    assert 'End with "Answer: "' in text_of(debate(), "system", 0), "of sums, the system prompt"


def test_own_solutions_stand_last_or_first() -> None:
    said = {0: "a", 1: "b", 2: "c"}
    last = told(debate(**THREE), 1, said)
    assert "Agent 1's solution: a\nAgent 2's solution: c\nYour solution: b\nCorrect" in last
    first = told(debate(**THREE, order="own_first"), 1, said)
    assert "Your solution: b\nAgent 1's solution: a\nAgent 2's solution: c\nCorrect" in first


def test_memory_is_the_last_round_or_all_rounds() -> None:
    rounds = ({0: "a1", 1: "b1"}, {0: "a2", 1: "b2"})
    short = told(debate(), 0, *rounds)
    assert "b2" in short and "b1" not in short and "Round" not in short
    full = told(debate(memory="full"), 0, *rounds)
    assert (
        "Round 1:\nAgent 1's solution: b1\nYour solution: a1\n"
        "Round 2:\nAgent 1's solution: b2\nYour solution: a2\n"
    ) in full


def test_prompts_of_ones_own() -> None:
    made = debate(
        prompts={"initial": "Common {question}", "system": "Be brief."},
        debaters=[{"prompts": {"initial": "Mine {question}!"}}, {}],
    )
    assert opening(made, 0, "S", "Q {solutions}?").as_text.last.content == "Mine Q {solutions}?!"
    assert opening(made, 1, "S", "Q?").as_text.last.content == "Common Q?"
    assert [entry.role for entry in opening(made, 1, "S", "Q?").as_text] == ["system", "user"]
    assert text_of(made, "system", 0) == "Be brief."


def test_models_words_are_never_filled_in() -> None:
    shown = told(debate(), 0, {0: "{question} {solutions}", 1: "x"})
    assert "Your solution: {question} {solutions}\n" in shown


def test_topologies() -> None:
    five: dict[str, Any] = {"debaters": [{}] * 5}
    assert [read_by(debate(**five), p) for p in (0, 3)] == [(1, 2, 3, 4), (0, 1, 2, 4)]
    ring = debate(**five, topology="ring")
    assert [read_by(ring, p) for p in range(5)] == [(1, 4), (0, 2), (1, 3), (2, 4), (0, 3)]
    star = debate(**five, topology="star")
    assert [read_by(star, p) for p in range(3)] == [(1, 2, 3, 4), (0,), (0,)]
    own = debate(debaters=[{"reads": ["Debater 3", "Debater 2"]}, {"reads": []}, {}])
    assert [read_by(own, p) for p in range(3)] == [(1, 2), (), (0, 1)]
    assert read_by(debate(debaters=[{}]), 0) == () == read_by(debate(debaters=[{}]), 0)
    assert "Check your solution" in told(debate(debaters=[{}]), 0, {0: "a"})


@given(
    st.lists(st.sampled_from(["answers", "expert", "misleading", "random"]), min_size=1,
             max_size=8).filter(lambda parts: "answers" in parts),
    st.integers(1, 4),
    st.sampled_from(["all", "ring", "star"]),
    st.sampled_from(["lowest_temperature", "majority", "judge"]),
)  # fmt: skip
def test_who_is_read_has_spoken_and_readers_are_those_who_read(
    parts: list[str], rounds: int, topology: str, final: str
) -> None:
    made = debate(
        debaters=[{"part": part} for part in parts], rounds=rounds, topology=topology, final=final
    )
    for round_ in range(1, rounds):
        for place in speakers(made, round_ + 1):
            assert {*read_by(made, place), place} <= set(speakers(made, round_))
            is_model = parts[place] in ("answers", "random")
            for other in range(len(parts)):
                reads = is_model and other in read_by(made, place)
                assert (place in readers_of(made, other, round_)) == reads
    assert all(not readers_of(made, place, rounds) for place in range(len(parts)))
