from __future__ import annotations

from typing import Any

import pytest

from simulator.domain.copies import (
    at_rest,
    is_same_run,
    is_surely_alike,
    missing_steps,
    standing,
)
from simulator.domain.journal import Usage
from simulator.domain.records import Outcome
from simulator.errors import ConflictError
from tests.store.examples import a_run, a_step, at

JOURNAL = [a_step(index) for index in range(4)]


def test_a_run_that_was_left_running_rests_paused() -> None:
    assert at_rest(a_run(status="running")).status == "paused"
    assert at_rest(a_run(status="queued")) == a_run(status="queued")


@pytest.mark.parametrize(
    ("fields", "is_same"),
    [
        ({"note": "x", "starred_by": ("bob",)}, True),
        ({"status": "failed", "error": "x", "usage": Usage(calls=1)}, True),
        ({"outcome": Outcome(reason="phrase"), "started_at": at(1), "finished_at": at(2)}, True),
        ({"seed": 3}, False),
        ({"experiment_id": "E2"}, False),
        ({"agents": ()}, False),
        ({"parameters": {"days": 4}}, False),
        ({"creator": "bob"}, False),
    ],
)
def test_what_tells_two_runs_apart(fields: dict[str, Any], is_same: bool) -> None:
    assert is_same_run(a_run(), a_run(**fields)) is is_same
    assert is_same_run(a_run(**fields), a_run()) is is_same


LADDER: list[dict[str, Any]] = [
    {"status": "queued"},
    {"status": "paused"},
    {"status": "failed", "finished_at": at(1)},
    {"status": "paused", "finished_at": at(2)},
    {"status": "cancelled", "finished_at": at(3)},
    {"status": "completed", "finished_at": at(2)},
]


def test_the_later_end_has_gone_further_and_completion_furthest() -> None:
    standings = [standing(a_run(**fields)) for fields in LADDER]
    assert standings == sorted(standings)
    assert len(set(standings)) == len(standings)


@pytest.mark.parametrize(
    ("one", "other", "steps", "is_sure"),
    [
        ({"status": "completed", "finished_at": at(1)}, {}, 4, True),
        ({"status": "failed", "finished_at": at(1)}, {}, 4, True),
        ({"status": "completed", "finished_at": at(1)}, {"finished_at": at(2)}, 4, False),
        ({"status": "completed"}, {"outcome": Outcome(reason="messages")}, 4, False),
        ({"status": "completed"}, {"usage": Usage(calls=1)}, 4, False),
        ({"status": "paused", "finished_at": at(1)}, {}, 4, False),
        ({"status": "queued"}, {}, 0, True),
        ({"status": "queued"}, {"status": "paused"}, 0, False),
    ],
)
def test_only_the_same_end_makes_sure_that_copies_are_alike(
    one: dict[str, Any], other: dict[str, Any], steps: int, is_sure: bool
) -> None:
    assert is_surely_alike(a_run(**one), a_run(**(one | other)), steps) is is_sure


def test_missing_steps_are_found_wherever_they_are() -> None:
    assert missing_steps(JOURNAL, JOURNAL[:2]) == JOURNAL[2:]
    assert missing_steps(JOURNAL, [JOURNAL[3], JOURNAL[0]]) == JOURNAL[1:3]
    assert missing_steps(JOURNAL, JOURNAL) == []
    assert missing_steps(JOURNAL[:2], JOURNAL) == []


def test_the_time_of_a_step_does_not_matter() -> None:
    later = [step.model_copy(update={"created_at": at(99)}) for step in JOURNAL]
    assert missing_steps(JOURNAL, later) == []


@pytest.mark.parametrize(
    ("theirs", "reason"),
    [
        ([*JOURNAL[:2], a_step(2, content="Other")], "go apart at step 2 of 'main'"),
        ([a_step(0, scope="x")], "each journal has steps"),
    ],
)
def test_journals_that_went_apart_are_a_conflict(theirs: list[Any], reason: str) -> None:
    with pytest.raises(ConflictError, match=reason):
        missing_steps(JOURNAL, theirs)
