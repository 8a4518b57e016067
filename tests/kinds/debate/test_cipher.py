"""Debates in vectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulator.backends.pocket.backend import PocketBackend
from simulator.domain.latent import LatentRequest
from simulator.errors import UsageError
from simulator.kinds.debate.asked import questions_asked
from tests.kinds.debate.debating import (
    KIND,
    VectorModel,
    by_place,
    debate,
    is_first,
    outcome,
    played,
    problems_of,
    texts,
)
from tests.lab import MODEL, Lab, open_lab

OTHER = "scripted/other"


def by_heat(seen: str, request: LatentRequest) -> str:
    return f"Answer: {request.sampling.temperature:.1f}{'' if is_first(seen) else '1'}"


def cipher(**fields: Any) -> Any:
    return debate(mode="cipher", **fields)


def speaking(lab: Lab, say: Any = by_heat) -> VectorModel:
    model = lab.pool.backends[MODEL] = VectorModel(say)
    return model


async def test_debaters_read_vectors_between_words(lab: Lab) -> None:
    model = speaking(lab)
    steps = await played(lab, cipher(rounds=2, last_round="all"))
    again = sorted(text for text in model.seen if "apples" in text and not is_first(text))
    assert "Agent 1's solution: <Answer: 0.2>\nYour solution: <Answer: 0.8>\nCorrect" in again[0]
    assert "Agent 1's solution: <Answer: 0.8>\nYour solution: <Answer: 0.2>\nCorrect" in again[1]
    assert texts(steps, "question-0001/debater-2") == ["Answer: 0.8", "Answer: 0.81"]
    assert {step.kind for step in steps} == {"say", "ask_latent"}


async def test_a_hot_mixture_is_on_record(lab: Lab) -> None:
    speaking(lab)
    hot = [{"temperatures": [1.5]}, {"temperatures": [7.0]}, {"part": "random"}]
    run_steps = await played(lab, cipher(rounds=1, debaters=hot, last_round="all"))
    latent = {s.speaker: s.call.latent for s in run_steps if s.call is not None}
    heat = {name: sampling.temperature for name, sampling in latent.items() if sampling}
    assert heat == {"Debater 1": 1.5, "Debater 2": 7.0, "Debater 3": 100.0}
    stored = await lab.store.run(run_steps[0].run_id)
    assert [agent.sampling.temperature for agent in stored.agents] == [1.5, None, None]


async def test_vectors_are_made_for_those_who_read_them(lab: Lab) -> None:
    model = speaking(lab)
    lab.pool.backends[OTHER] = VectorModel(by_heat, OTHER)
    three = [{"temperatures": [0.1]}, {"model": OTHER}, {"model": OTHER, "reads": ["Debater 2"]}]
    made = cipher(debaters=three, rounds=3, questions=debate().questions[:1])
    await played(lab, made)
    received = [[table.model for table in one.receivers] for one in model.requests]
    assert received == [[OTHER], [], []], "the second one reads it again, but not in the last round"
    await played(lab, made.model_copy(update={"last_round": "all"}))
    received = [[table.model for table in one.receivers] for one in model.requests[3:]]
    assert received == [[OTHER], [OTHER], []]


async def test_the_experts_words_stand_between_vectors(lab: Lab) -> None:
    model = speaking(lab)
    two = [{"temperatures": [0.3]}, {"part": "expert"}]
    await played(lab, cipher(debaters=two, rounds=2))
    assert any(
        "Agent 1's solution: Count plums.\nAnswer: 3\nYour solution: <Answer: 0.3>" in text
        for text in model.seen
    )


async def test_options_of_the_mixture(lab: Lab) -> None:
    model = speaking(lab)
    made = cipher(
        rounds=1, sampling={"top_p": 0.9, "top_k": 7, "max_tokens": 33, "stop": ["\n\n"]},
        partial={"greedy": "confident", "criterion": "entropy", "threshold": 1.8},
        unit_length=True,
    )  # fmt: skip
    await played(lab, made)
    sampling = model.requests[0].sampling
    assert (sampling.top_p, sampling.top_k, sampling.max_tokens) == (0.9, 7, 33)
    assert (sampling.greedy, sampling.criterion, sampling.threshold) == (
        "confident", "entropy", 1.8,
    )  # fmt: skip
    assert sampling.unit_length and sampling.stop == ("\n\n",) and sampling.stop_rule == "first"


async def test_classic_quotes_cuts_and_snaps(lab: Lab) -> None:
    model = speaking(lab, lambda seen, request: "Answer: ?")
    choice = [{"text": "Which?\nA. one\nB. two", "gold": "A", "options": ["A", "B"]}]
    made = cipher(rounds=2, questions=choice, classic=True, data={"dataset": "mmlu"})
    steps = await played(lab, made)
    request = model.requests[-1]
    assert request.sampling.stop_rule == "classic" and request.sampling.stop == ("```",)
    assert request.nearest_of == ("A", "B")
    assert texts(steps, "question-0001/debater-1") == ["Answer: A", "Answer: A"]
    assert (
        "Agent 1's solution: ```<Answer: ?>```\n\nYour solution: ```<Answer: ?>```\n\n"
        "Correct solution: ```"
    ) in model.seen[-1]
    assert (await outcome(lab, made))["accuracy"] == 1.0


async def test_a_judge_reads_the_nearest_words(lab: Lab) -> None:
    speaking(lab)
    seen: list[str] = []

    def judged(request: Any) -> str:
        seen.append(request.prompt.last.content)
        return "Answer: 1"

    lab.pool.script(judged, model=OTHER)
    values = await outcome(lab, cipher(final="judge", judge={"model": OTHER}, rounds=1))
    assert values["answers"] == ["1"] * 3
    assert "Agent 2's solution: Answer: 0.8" in seen[0]


async def test_a_model_of_words_alone_is_refused(lab: Lab) -> None:
    lab.kind = KIND
    run, resolved = await lab.queue(cipher())
    done = await lab.play(run, resolved)
    assert isinstance(done.problem, UsageError)


@pytest.mark.parametrize("mode", ["cipher", "natural_language"])
async def test_pocket_says_the_same_whatever_runs_beside(tmp_path: Path, mode: str) -> None:
    data = {"dataset": "arithmetic", "count": 2, "largest": 9}
    made = debate(questions=[], data=data, mode=mode, model="pocket", rounds=2)
    assert problems_of(made) == []
    pocket = PocketBackend()
    async with open_lab(tmp_path) as lab:
        lab.pool.backends["pocket"] = pocket
        steps = await played(lab, made)
        alone = by_place(await played(lab, made, questions=1))
    await pocket.close()
    assert alone.items() <= by_place(steps).items()
    assert any(
        s.content.endswith(f"Answer: {q.gold}") for s in steps for q in questions_asked(made)
    )
