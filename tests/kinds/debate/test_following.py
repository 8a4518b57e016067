"""Debates followed while their steps come."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kinds.debate.following import Following
from simulator.kinds.debate.places import Place, in_reading_order, place_of
from simulator.kinds.debate.results import record_of
from tests import kept_debates as kept
from tests.kinds.debate.debating import KIND, debate
from tests.kinds.debate.test_results import DESIGNS
from tests.lab import Lab


@pytest.mark.parametrize("fields", DESIGNS.values(), ids=DESIGNS.keys())
async def test_whatever_the_order_of_steps_the_questions_end_as_on_record(
    lab: Lab, fields: dict[str, Any]
) -> None:
    lab.pool.script(lambda request: f"Answer: {request.seed % 4}")
    lab.kind = KIND
    run, resolved = await lab.queue(debate(**fields))
    await lab.play(run, resolved)
    steps = await lab.store.steps(run.id)
    Random(3).shuffle(steps)
    following = Following(resolved)
    told = [number for one in steps if (number := following.add(one)) is not None]
    record = record_of(run, resolved, steps)
    assert [one.debated for _, one in following.numbers()] == list(record.debated)
    assert sorted(told) == [1, 2, 3] and following.done == following.questions == 3
    assert following.right == sum(one.is_right for one in record.debated)


@settings(max_examples=30)
@given(st.data())
def test_questions_are_counted_once_they_are_over(data: st.DataObject) -> None:
    made = kept.design()
    steps = kept.journal(made)
    shuffled = data.draw(st.permutations(steps))
    cut = data.draw(st.integers(0, len(steps)))
    following = Following(made)
    for one in shuffled[:cut]:
        following.add(one)
    record = record_of(kept.run_of(made, steps), made, shuffled[:cut])
    assert following.done == len(record.debated)
    assert following.right == sum(one.is_right for one in record.debated)
    assert (following.accuracy is None) == (following.done == 0)


def test_changed_answers_are_noticed_whichever_round_comes_first() -> None:
    made = kept.design()
    for steps in (kept.journal(made), kept.journal(made)[::-1]):
        following = Following(made)
        for one in steps:
            following.add(one)
        assert [one.has_changes for _, one in following.numbers()] == [False, True, True]


def test_messages_are_read_by_question_round_and_debater() -> None:
    made = kept.design(2)
    places = [place_of(one.scope, one.day) for one in in_reading_order(kept.journal(made)[::-1])]
    assert places == [
        Place(question, round_, speaker)
        for question in (1, 2)
        for round_, speaker in ((0, 0), (1, 1), (1, 2), (2, 1), (2, 2))
    ]


def test_other_scopes_have_no_place() -> None:
    assert place_of("main", 1) is None
    assert place_of("main/question-12/other-3", 1) is None
    judge = place_of("main/question-0012/judge", 3)
    assert judge is not None and judge.is_judge and judge[:2] == (12, 3)
