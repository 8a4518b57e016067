"""Many scored answers in few words."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.journal import Step
from simulator.domain.shares import shares
from simulator.presentation.scores import likeliest, score_lines, share_text, unheard_text
from tests.screens.host import NOW

FINITE = st.floats(-1000, 1000)


def step(kind: str = "score", **fields: Any) -> Step:
    return Step.model_validate(
        {
            "run_id": "r", "scope": "main", "index": 0, "position": 0, "kind": kind,
            "prompt_hash": "0" * 32, "speaker": "Ann", "role": "a", "content": "",
            "in_transcript": False, "created_at": NOW,
        } | fields
    )  # fmt: skip


@given(st.lists(st.one_of(FINITE, st.just(-math.inf)), max_size=30))
def test_shares_are_probabilities_in_the_order_of_their_scores(scores: list[float]) -> None:
    found = shares(scores)
    if not any(map(math.isfinite, scores)):
        assert found == ()
        return
    assert math.isclose(math.fsum(found), 1) and all(0 <= share <= 1 for share in found)
    ordered = sorted(zip(scores, found, strict=True))
    assert [share for _, share in ordered] == sorted(found)


@given(st.lists(FINITE, min_size=1, max_size=20), st.floats(-500, 500))
def test_shares_stay_where_all_scores_move(scores: list[float], by: float) -> None:
    moved = shares([score + by for score in scores])
    assert moved == pytest.approx(shares(scores), abs=1e-9)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_no_log_probability_has_no_share(bad: float) -> None:
    assert shares([0.0, bad]) == () == shares([])


def test_the_likeliest_answers_are_told_and_the_others_counted() -> None:
    scores = [math.log(share) for share in (0.1, 0.6, 0.0002, 0.2998)]
    one = step(options=["a", "b\u202e\nb", "c", "d"], scores=scores)
    assert [option for option, _ in likeliest(one)] == ["b\u202e\nb", "d", "a", "c"]
    lines = score_lines(one, 2)
    assert lines[1:] == [" 30.0 %  d", " 10.0 %  2 others"]
    assert lines[0].startswith(" 60.0 %  b") and "\u202e" not in lines[0]
    assert score_lines(step(options=["a"], scores=[-math.inf])) == []


def test_what_nobody_heard_is_told_in_a_few_words() -> None:
    assert unheard_text(step(options=["a", "b"])) == "scored 2 answers"
    assert unheard_text(step("choose", content="Bob", method="scored")) == "chose Bob (scored)"
    assert unheard_text(step("ask", content="Words.")) == "Words."
    assert (share_text(0.0001), share_text(0.0), share_text(1.0)) == ("<0.1 %", "0.0 %", "100.0 %")
