"""Debates in the editor: the preview has examples of what debaters read."""

from __future__ import annotations

import pytest

from screens.editor.preview_pane import examples_text
from simulator.presentation.debate_prompts import example_prompts
from simulator.presentation.explaining import explained
from tests import kept_debates as kept


def test_examples_are_those_of_each_round_and_the_judge() -> None:
    made = kept.design(final="judge", rounds=3)
    first, later, judge = example_prompts(made)
    assert first[0] == "Ann, round 1" and "How many are 1?" in first[1]
    assert later[0] == "Ann, later rounds"
    assert "[what Bob said in the round before, as vectors]" in later[1]
    assert judge[0] == "Judge" and "[what Ann said" in judge[1] and "[what Bob said" in judge[1]


def test_without_debate_there_is_one_round() -> None:
    assert [title for title, _ in example_prompts(kept.design(mode="majority"))] == ["Ann, round 1"]
    assert [title for title, _ in example_prompts(kept.design(mode="single"))] == ["Ann, round 1"]


@pytest.mark.parametrize("place", [0, 1])
def test_experts_read_nothing(place: int) -> None:
    debaters = [{"name": "Ann"}, {"name": "Bob"}]
    debaters[place] |= {"part": "expert"}
    titles = [title for title, _ in example_prompts(kept.design(debaters=debaters))]
    assert titles[0] == f"{('Bob', 'Ann')[place]}, round 1"


def test_questions_that_are_not_read_yet_have_a_word_in_their_place() -> None:
    made = kept.design(0, data={"dataset": "gsm8k", "path": "none.jsonl"})
    assert "once they are read in at the launch" in dict(example_prompts(made))["Ann, round 1"]


def test_hostile_questions_are_shown_literally() -> None:
    made = kept.design(0, questions=[{"text": kept.HOSTILE, "gold": "1"}])
    assert "[/foo] [bold red]x[/] ␛[31m" in examples_text(explained(made)).plain
