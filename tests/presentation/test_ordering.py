"""In which order messages are read, and what stands beside them."""

from __future__ import annotations

from simulator.presentation.debate_ordering import (
    DebateOrdering,
    progress_text,
    sorts_of_questions,
)
from simulator.presentation.ordering import Ordering
from simulator.presentation.orderings import ordering_of
from simulator.presentation.soft_tokens import token_lines
from simulator.presentation.speaking import Turns
from tests import kept_debates as kept


def headings(ordering: Ordering) -> list[str]:
    steps = sorted(kept.journal(kept.design()), key=ordering.key)
    for step in steps:
        ordering.add(step)
    found, before = [], None
    for step in steps:
        found.append(ordering.heading(step.scope, step.day, before))
        before = (step.scope, step.day)
    return list(filter(None, found))


def test_a_debate_is_headed_by_questions_and_rounds() -> None:
    assert headings(DebateOrdering(kept.design())) == [
        "Question 1 of 3 · ✓ 1", "Round 1", "Round 2",
        "Question 2 of 3 · ✗ 102, right is 2", "Round 1", "Round 2",
        "Question 3 of 3 · ✓ 3", "Round 1", "Round 2",
    ]  # fmt: skip


def test_in_the_order_of_time_each_message_tells_its_question() -> None:
    assert headings(DebateOrdering(kept.design(), by_time=True)) == [
        f"Question {n} of 3{part}" for part in ("", " · Round 1", " · Round 2") for n in (1, 2, 3)
    ]


def test_other_kinds_are_headed_by_days() -> None:
    ordering = ordering_of("conversation", None)
    assert ordering.heading("main", 1, None) == "Day 1"
    assert ordering.heading("main", 1, ("main", 1)) == ""
    assert ordering.heading("main", 2, ("main", 1)) == "Day 2"
    assert ordering.heading("main", None, None) == ""
    assert ordering.where("main", 2) == "day 2"


def test_a_message_has_the_answer_that_was_found() -> None:
    ordering = DebateOrdering(kept.design())
    question, *_, last = sorted(kept.journal(kept.design()), key=ordering.key)[:10]
    assert ordering.notes(question) == ()
    assert ordering.notes(last) == ("✗ 102",)
    silent = last.model_copy(update={"content": "I do not know."})
    assert ordering.notes(silent) == ("✗ no answer found",)
    assert ordering.where(last.scope, last.day) == "question 2, round 2"


def test_progress_has_an_interval() -> None:
    ordering = DebateOrdering(kept.design())
    assert progress_text(ordering.following) == "0 of 3 questions"
    for step in kept.journal(kept.design())[:-2]:
        ordering.add(step)
    assert progress_text(ordering.following) == ("2 of 3 questions · 1 right, 50.0 % [9.5, 90.5]")
    sorts = sorts_of_questions(ordering.following)
    assert sorts == {
        "wrong": {2}, "right": {1}, "undecided": set(), "answers changed": {2},
        "not over yet": {3},
    }  # fmt: skip


def test_without_questions_in_the_design_there_are_headings_still() -> None:
    made = kept.design(0, data={"dataset": "gsm8k", "path": "none.jsonl"})
    for ordering in (ordering_of("debate", made), ordering_of("debate", None)):
        assert headings(ordering)[:4] == ["Question 1", "Round 1", "Round 2", "Question 2"]


# ---------------------------------------------------------------- soft tokens


def test_soft_tokens_are_a_table() -> None:
    assert token_lines(kept.TOKENS) == [
        "nearest     nats  made   likely, in the mixture",
        '"Answer"    0.25  mixed  "Answer" 0.75  " the" 0.20  "␊" 0.05',
        '":"         0.00  as is  ":" 1.00',
        '"[/bold]…"  1.50  mixed  "[/bold]…" 0.50',
    ]
    assert token_lines(()) == []


# ---------------------------------------------------------------- turns side by side


def test_turns_of_one_speaker_in_two_scopes_do_not_mix() -> None:
    turns = Turns()
    turns.begin("a", "Ann", "debater", 1)
    turns.begin("b", "Ann", "debater", 1)
    for n in range(3):
        turns.stream("a", "Ann", f"a{n} ")
        turns.stream("b", "Ann", f"b{n} ")
    assert [one.text for one in turns] == ["a0 a1 a2 ", "b0 b1 b2 "]
    assert turns.in_focus is not None and turns.in_focus.scope == "a"
    turns.begin_again("b", "Ann")
    assert [one.text for one in turns] == ["a0 a1 a2 ", ""]
    assert not turns.end("b", "Ann")
    assert turns.end("a", "Ann") and turns.in_focus is None


def test_the_focus_stays_with_a_turn_and_leaves_a_silent_one() -> None:
    turns = Turns()
    for scope in ("a", "b", "c"):
        turns.begin(scope, "Ann", "debater", 1)
    assert turns.in_focus is not None and turns.in_focus.scope == "a"
    assert turns.stream("b", "Ann", "words"), "a is silent"
    assert not turns.stream("a", "Ann", "more")
    assert turns.end("b", "Ann")
    assert turns.in_focus.scope == "a", "it has words, c has none"
    turns.end("a", "Ann")
    assert turns.in_focus.scope == "c"
    turns.clear()
    assert turns.in_focus is None and len(turns) == 0
