"""Records of stored debates, and what was expected of their work."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.analysis.debates.records import DebateRecord
from simulator.domain.journal import Usage
from simulator.domain.workloads import Habits, ReplyLength
from simulator.kinds.debate.results import record_of
from tests.kinds.debate.debating import KIND, answering, debate, is_first
from tests.lab import MODEL, Lab

DESIGNS: dict[str, dict[str, Any]] = {
    "words": {"rounds": 2},
    "all in the last round": {"rounds": 3, "last_round": "all"},
    "majority of debaters": {"final": "majority", "debaters": [{}, {}, {}]},
    "judged": {"final": "judge", "rounds": 2},
    "consensus": {"consensus": True},
    "experts": {"debaters": [{}, {"part": "expert"}, {"part": "misleading"}], "rounds": 2},
    "random": {"debaters": [{}, {"part": "random"}]},
    "samples": {"mode": "majority", "samples": 3},
    "single": {"mode": "single"},
    "star": {"topology": "star", "debaters": [{}] * 4},
    "ring, full memory": {"topology": "ring", "debaters": [{}] * 5, "memory": "full"},
    "classic": {"classic": True},
}


async def record(lab: Lab, made: Any, cut: int | None = None) -> tuple[DebateRecord, Any, Usage]:
    """The record of a run, of its first steps alone if it is cut."""
    lab.kind = KIND
    run, resolved = await lab.queue(made)
    done = await lab.play(run, resolved)
    assert done.run.outcome is not None
    steps = await lab.store.steps(run.id)
    found = record_of(done.run, resolved, steps[:cut])
    return found, done.run.outcome.values, done.run.usage


@pytest.mark.parametrize("fields", DESIGNS.values(), ids=DESIGNS.keys())
async def test_a_record_says_what_the_outcome_says(lab: Lab, fields: dict[str, Any]) -> None:
    lab.pool.script(lambda request: f"Answer: {request.seed % 4}")
    found, values, usage = await record(lab, debate(**fields))
    assert [one.final for one in found.debated] == values["answers"]
    assert sum(one.is_right for one in found.debated) == values["right"]
    assert found.missing == 0 and len(found.debated) == values["questions"]
    assert sum(one.tokens for one in found.debated) == (
        usage.prompt_tokens + usage.completion_tokens
    )
    assert all(len(one.said) == len(found.debaters) for one in found.debated)
    assert len(found.temperatures) == len(found.debaters)


async def test_what_each_said_in_each_round(lab: Lab) -> None:
    answering(lab, lambda text, t: (1 if t < 0.5 else 2) if is_first(text) else 1)
    found, _, _ = await record(lab, debate(rounds=2))
    one = found.debated[0]
    assert (one.question, one.gold, one.final, one.is_right) == ("How many apples?", "1", "1", True)
    answers = [[said.answer if said else None for said in rounds] for rounds in one.said]
    assert answers == [["1", "1"], ["2", None]]
    assert [said.is_right if said else None for said in one.said[1]] == [False, None]
    assert found.temperatures == ((0.2, 0.2), (0.8, 0.8))
    assert (found.mode, found.debaters) == ("natural_language", ("Debater 1", "Debater 2"))


async def test_questions_without_an_answer_yet_are_missing(lab: Lab) -> None:
    answering(lab, lambda text, t: 1)
    whole, _, _ = await record(lab, debate())
    seen = set()
    for cut in range(18):
        found, _, _ = await record(lab, debate(), cut)
        assert found.missing + len(found.debated) == 3
        assert set(found.debated) <= {one for one in whole.debated}
        seen.add(found.missing)
    assert 3 in seen and 1 in seen


async def test_experts_are_in_the_record(lab: Lab) -> None:
    answering(lab, lambda text, t: 9)
    found, _, _ = await record(lab, debate(**DESIGNS["experts"], last_round="all"))
    right = [[said is not None and said.is_right for said in rounds]
             for rounds in found.debated[0].said]  # fmt: skip
    assert right == [[False, False], [True, True], [False, False]]
    assert found.temperatures[1] == found.temperatures[2] == ()


@pytest.mark.parametrize("fields", DESIGNS.values(), ids=DESIGNS.keys())
async def test_the_work_is_foreseen(lab: Lab, fields: dict[str, Any]) -> None:
    fields = fields | {"consensus": False}
    words = "word " * 40 + "Answer: 1"
    lab.pool.script(lambda request: words)
    made = debate(**fields)
    lab.kind = KIND
    run, resolved = await lab.queue(made)
    usage = (await lab.play(run, resolved)).run.usage
    shown: list[str] = []

    def script(request: Any) -> str:
        shown.extend(entry.content for entry in request.prompt)
        return words

    lab.pool.script(script)
    await lab.play(*await lab.queue(made))
    habits = {MODEL: Habits(ReplyLength(42, len(words)), bytes_per_token=4.0)}
    (work,) = KIND.workload(resolved, run.agents, habits)
    assert work.calls == usage.calls == KIND.outlook(resolved).turns
    expected = sum(map(len, shown)) / 4 + 4 * len(shown)
    assert work.prompt_tokens == pytest.approx(expected, rel=0.06)
    assert work.completion_tokens == 42 * work.calls


def test_work_of_questions_that_are_not_read_yet() -> None:
    made = debate(questions=[], data={"dataset": "gsm8k", "count": 20})
    assert KIND.outlook(made).turns == 100
    (work,) = KIND.workload(made, KIND.cast(made, 1), {})
    assert work.calls == 100 and work.prompt_tokens > 20_000
    unknown = debate(questions=[], data={"dataset": "gsm8k"})
    assert KIND.outlook(unknown).turns is None
