"""Whole debates in words, by vote and alone, on a real store."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.domain.journal import Step
from simulator.domain.models import GenerateRequest
from tests.kinds.debate.debating import (
    FRUIT,
    KIND,
    answering,
    by_place,
    debate,
    is_first,
    outcome,
    played,
    texts,
)
from tests.lab import Lab

COOL_AND_WARM = [{"temperatures": [0.2]}, {"temperatures": [0.8]}]
THREE = [{"temperatures": [0.9]}, {"temperatures": [0.1]}, {"temperatures": [0.5]}]


def asks(steps: list[Step]) -> list[tuple[str, int | None]]:
    """Who was asked in which round of the first question."""
    found = [s for s in steps if s.kind == "ask" and s.scope.startswith("main/question-0001")]
    return [(step.speaker, step.day) for step in sorted(found, key=lambda s: (s.day, s.scope))]


async def test_debaters_answer_read_each_other_and_answer_again(lab: Lab) -> None:
    seen = answering(lab, lambda text, t: f"{t:.1f}" if is_first(text) else f"{t:.1f}1")
    steps = await played(lab, debate(rounds=2, last_round="all"))
    opening = [text for text in seen if "apples" in text and is_first(text)]
    assert len(opening) == 2 and len(set(opening)) == 1
    again = sorted(text for text in seen if "apples" in text and not is_first(text))
    assert "Question: How many apples?\nAgent 1's solution: Answer: 0.2\n" in again[0]
    assert "Your solution: Answer: 0.8\nCorrect solution:" in again[0]
    assert "Agent 1's solution: Answer: 0.8\nYour solution: Answer: 0.2\n" in again[1]
    assert texts(steps, "question-0001") == [FRUIT[0]]
    assert texts(steps, "question-0001/debater-1") == ["Answer: 0.2", "Answer: 0.21"]
    assert asks(steps) == [("Debater 1", 1), ("Debater 2", 1), ("Debater 1", 2), ("Debater 2", 2)]


async def test_every_question_is_asked_and_scored(lab: Lab) -> None:
    right = {"apples": 1, "pears": 7, "plums": 3}
    answering(lab, lambda text, t: next(n for fruit, n in right.items() if fruit in text))
    assert await outcome(lab, debate()) == {
        "questions": 3, "right": 2, "accuracy": 0.666667, "answers": ["1", "7", "3"],
    }  # fmt: skip


async def test_only_who_decides_is_asked_in_the_last_round(lab: Lab) -> None:
    answering(lab, lambda text, t: 1)
    steps = await played(lab, debate(debaters=THREE, rounds=2))
    assert [who for who, day in asks(steps) if day == 2] == ["Debater 2"]
    assert [who for who, day in asks(steps) if day == 1] == ["Debater 1", "Debater 2", "Debater 3"]
    steps = await played(lab, debate(debaters=THREE, rounds=2, final="majority"))
    assert [day for _, day in asks(steps)] == [1, 1, 1, 2, 2, 2]
    for everybody in ({"last_round": "all"}, {"classic": True}):
        steps = await played(lab, debate(debaters=THREE, rounds=2, **everybody))
        assert [day for _, day in asks(steps)] == [1, 1, 1, 2, 2, 2]


async def test_the_lowest_temperature_of_the_last_round_decides(lab: Lab) -> None:
    answering(lab, lambda text, t: round(10 * t))
    crossing = [{"temperatures": [0.1, 0.9]}, {"temperatures": [0.6, 0.4]}]
    assert (await outcome(lab, debate(debaters=crossing, rounds=2)))["answers"] == ["4"] * 3


async def test_temperatures_go_by_round(lab: Lab) -> None:
    asked: list[tuple[int, float | None]] = []

    def script(request: GenerateRequest) -> str:
        text = request.prompt.last.content
        asked.append((0 if is_first(text) else 1, request.sampling.temperature))
        return "Answer: 1"

    lab.pool.script(script)
    two = [{"temperatures": [0.1, 0.9]}, {"temperatures": [0.5]}]
    await played(lab, debate(debaters=two, rounds=2, last_round="all"))
    assert sorted(set(asked)) == [(0, 0.1), (0, 0.5), (1, 0.5), (1, 0.9)]


async def test_a_majority_and_its_ties(lab: Lab) -> None:
    by_degrees = {0.9: 3, 0.1: 1, 0.5: 3}
    answering(lab, lambda text, t: by_degrees[t])
    vote = debate(debaters=THREE, final="majority", rounds=1)
    assert (await outcome(lab, vote))["answers"] == ["3"] * 3
    by_degrees[0.5] = 2
    assert (await outcome(lab, vote))["answers"] == [None] * 3
    by_tie = debate(debaters=THREE, final="majority", rounds=1, tie="lowest_temperature")
    assert (await outcome(lab, by_tie))["answers"] == ["1"] * 3
    classic = debate(debaters=THREE, final="majority", rounds=1, classic=True)
    assert (await outcome(lab, classic))["answers"] == ["2"] * 3, "a tie goes to the last one"


async def test_the_coolest_breaks_only_a_tie_that_it_is_in(lab: Lab) -> None:
    four = [{"temperatures": [t]} for t in (0.1, 0.3, 0.5, 0.7, 0.9)]
    answers = {0.1: 9, 0.3: 2, 0.5: 2, 0.7: 3, 0.9: 3}
    answering(lab, lambda text, t: answers[t])
    made = debate(debaters=four, final="majority", tie="lowest_temperature", rounds=1)
    assert (await outcome(lab, made))["answers"] == [None] * 3


async def test_a_judge_reads_the_last_round(lab: Lab) -> None:
    seen = answering(lab, lambda text, t: 3 if "Several agents" in text else f"{t:.1f}")
    made = debate(final="judge", rounds=2)
    assert (await outcome(lab, made))["answers"] == ["3"] * 3
    judged = next(text for text in seen if "Several agents" in text and "plums" in text)
    assert "Agent 1's solution: Answer: 0.2\nAgent 2's solution: Answer: 0.8\n" in judged
    steps = await played(lab, made)
    (step,) = [step for step in steps if step.scope == "main/question-0002/judge"]
    assert (step.speaker, step.role, step.day) == ("Judge", "judge", 2)
    assert step.call is not None and step.call.sampling.temperature == 0.0


async def test_a_consensus_ends_a_debate(lab: Lab) -> None:
    def answers(text: str, t: float) -> object:
        return f"{t:.1f}" if is_first(text) and "pears" in text else 1

    answering(lab, answers)
    steps = await played(lab, debate(consensus=True, rounds=4))
    rounds = {scope: max(s.day or 0 for s in steps if s.scope.startswith(f"main/{scope}"))
              for scope in ("question-0001", "question-0002")}  # fmt: skip
    assert rounds == {"question-0001": 1, "question-0002": 2}


async def test_silence_is_no_consensus(lab: Lab) -> None:
    lab.pool.script(["I do not know."])
    steps = await played(lab, debate(consensus=True, rounds=2))
    assert max(step.day or 0 for step in steps) == 2


async def test_one_answer_alone(lab: Lab) -> None:
    answering(lab, lambda text, t: 1 if t == 0.2 else 9)
    steps = await played(lab, debate(mode="single"))
    assert asks(steps) == [("Debater 1", 1)]
    assert (await outcome(lab, debate(mode="single")))["answers"] == ["1"] * 3


async def test_a_vote_of_samples(lab: Lab) -> None:
    drawn: list[int] = []

    def script(request: GenerateRequest) -> str:
        drawn.append(request.seed)
        return f"Answer: {len(drawn) % 3}"

    lab.pool.script(script)
    made = debate(mode="majority", samples=4, questions=debate().questions[:1])
    steps = await played(lab, made)
    assert [step.scope for step in steps[1:]] == [
        f"main/question-0001/sample-{k}" for k in (1, 2, 3, 4)
    ]
    assert len(set(drawn)) == 4, "each sample is drawn with a seed of its own"
    drawn.clear()
    assert (await outcome(lab, made))["answers"] == ["1"]


@pytest.mark.parametrize(
    ("part", "said"),
    [("expert", "Count apples.\nAnswer: 1"), ("misleading", "Answer: ")],
)
async def test_experts_say_solutions_in_every_round(lab: Lab, part: str, said: str) -> None:
    seen = answering(lab, lambda text, t: 5)
    two = [{"temperatures": [0.3]}, {"name": "Eve", "part": part}]
    steps = await played(lab, debate(debaters=two, rounds=3, last_round="all"))
    told = texts(steps, "question-0001/debater-2")
    assert len(told) == 3 and len(set(told)) == 1 and said in told[0]
    assert all(s.kind == "say" and s.role == part for s in steps if s.speaker == "Eve")
    assert f"Agent 1's solution: {told[0]}\nYour solution: Answer: 5" in "\n\n".join(seen)
    assert len(seen) == 9, "nobody asks a model for them"


@pytest.mark.parametrize("seed", range(12))
async def test_who_misleads_never_has_the_solution(lab: Lab, seed: int) -> None:
    two: list[Any] = [{}, {"name": "Eve", "part": "misleading"}]
    answering(lab, lambda text, t: 5)
    steps = await played(lab, debate(debaters=two, rounds=2), seed=seed)
    told = [texts(steps, f"question-000{n}/debater-2")[0] for n in (1, 2, 3)]
    assert sorted(told) == sorted(q.solution for q in debate().questions)
    assert all(f"Answer: {n}" not in one for n, one in enumerate(told, 1))


async def test_a_random_debater_is_very_hot_and_never_decides(lab: Lab) -> None:
    answering(lab, lambda text, t: 1 if t < 2 else 9)
    three = [{"part": "random"}, {"temperatures": [0.5]}, {"part": "random", "temperatures": [1.5]}]
    made = debate(debaters=three, final="majority", rounds=1, last_round="all")
    steps = await played(lab, made)
    heat = {s.speaker: s.call.sampling.temperature for s in steps if s.call is not None}
    assert heat == {"Debater 1": 2.0, "Debater 2": 0.5, "Debater 3": 1.5}
    assert (await outcome(lab, made))["answers"] == ["1"] * 3


async def test_classic_cuts_words_as_the_original_did(lab: Lab) -> None:
    replies = {"apples": "So 1.\nAnswer: 1``` and then ```", "pears": "two```three",
               "plums": "```\nAnswer: 3"}  # fmt: skip
    lab.pool.script(lambda request: next(
        text for fruit, text in replies.items() if fruit in request.prompt.last.content
    ))  # fmt: skip
    steps = await played(lab, debate(mode="single", classic=True))
    said = [texts(steps, f"question-000{n}/debater-1")[0] for n in (1, 2, 3)]
    assert said == ["So 1.\nAnswer: 1", "two```three", ""]
    assert (await outcome(lab, debate(mode="single")))["answers"][1] is None
    asked = next(step.call for step in steps if step.call is not None)
    assert asked.sampling.top_p == 0.85


async def test_questions_beside_each_other_are_questions_alone(lab: Lab) -> None:
    def script(request: GenerateRequest) -> str:
        return f"Answer: {request.seed % 5}"

    lab.pool.script(script)
    made = debate(rounds=3)
    together = by_place(await played(lab, made, seed=4))
    first = made.model_copy(update={"questions": made.questions[:1]})
    alone = by_place(await played(lab, first, seed=4))
    assert alone.items() <= together.items()


async def test_sums_are_generated_when_they_are_asked(lab: Lab) -> None:
    answering(lab, lambda text, t: 1)
    data = {"dataset": "arithmetic", "split": "validation", "count": 2}
    steps = await played(lab, debate(questions=[], data=data, rounds=1))
    assert texts(steps, "question-0001") == ["What is the result of 19+6*8+9-22*8?"]
    values = await outcome(lab, debate(questions=[], data=data, rounds=1))
    assert values["questions"] == 2


async def test_questions_that_were_not_read_are_missed_before_anything_is_asked(lab: Lab) -> None:
    seen = answering(lab, lambda text, t: 1)
    made = debate(questions=[], data={"dataset": "gsm8k", "path": "gsm.jsonl"})
    lab.kind = KIND
    run, resolved = await lab.queue(made)
    done = await lab.play(run, resolved)
    assert done.run.status == "failed" and not seen
    assert done.problem is not None and "gsm.jsonl" in done.problem.message
