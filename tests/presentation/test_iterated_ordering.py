"""Lineages of learners: what stands above and beside their messages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis.iterated.acronyms.world import Acronyms
from simulator.analysis.iterated.worlds.base import Example
from simulator.domain.journal import Step
from simulator.presentation.iterated_ordering import IteratedOrdering
from simulator.presentation.ordering import Ordering
from simulator.presentation.orderings import ordering_of
from simulator.presentation.plans import day_word, length_text
from tests import kept_lineages as kept


def filled(steps: list[Step] | None = None, **fields: Any) -> IteratedOrdering:
    ordering = ordering_of("iterated", kept.design(**fields))
    assert isinstance(ordering, IteratedOrdering)
    for step in kept.journal() if steps is None else steps:
        ordering.add(step)
    return ordering


def headings(ordering: Ordering, steps: list[Step]) -> list[str]:
    found, before = [], None
    for step in sorted(steps, key=ordering.key):
        found.append(ordering.heading(step.scope, step.day, before))
        before = (step.scope, step.day)
    return list(filter(None, found))


def test_a_lineage_is_headed_by_generations_and_how_sure_learners_are() -> None:
    assert headings(filled(), kept.journal()) == [
        "First data",
        "Generation 1 · H = 0.87 nats · P(screen off) = 0.03",
        "Generation 2 · H = 1.60 nats · P(screen off) = 0.87",
        "Generation 3 · H = 3.44 nats · P(screen off) = 0.67",
    ]


def test_messages_tell_what_was_found_in_them() -> None:
    ordering = filled()
    told = {(step.role, step.day): ordering.notes(step) for step in kept.journal()}
    assert told["truth", 0] == () == told["alternative", 0]
    assert told["first data", 0] == ("4 examples",)
    right = ("5 of 5 objects right", "explains 4 of 4 first examples")
    assert told["rule", 1] == ("rule", *right)
    assert told["data", 1] == ("data", "2 examples", "1 left out")
    assert told["rule", 2] == (
        "rule", "4 of 5 objects right", "explains 4 of 4 first examples", "asked again 2 times"
    )  # fmt: skip
    assert told["data", 2] == ("data", "1 example")
    assert told["scores", 2] == ("H = 1.60 nats", "P(screen off) = 0.87")
    name, why = told["rule", 3]
    assert name == "rule" and why.startswith("no rule") and "\u202e" not in why
    assert told["note", 3] == ("note",)


def test_progress_tells_how_far_and_how_sure() -> None:
    steps = kept.journal()
    ordering = filled([])
    assert ordering.progress() == "generation 0 of 3"
    at = []
    for step in steps:
        ordering.add(step)
        at.append(ordering.progress())
    assert at[3] == "generation 1 of 3 · H = 0.87 nats · P(screen off) = 0.03"
    assert at[4].endswith("= 0.03 · 5 of 5 objects right, explains 4 of 4 first examples")
    assert at[6] == "generation 2 of 3 · H = 1.60 nats · P(screen off) = 0.87"
    assert at[-1].startswith("3 generations · H = 3.44 nats")
    assert at[-1].endswith("4 of 5 objects right, explains 4 of 4 first examples"), "as before"
    assert ordering.parts == 3 and ordering.reached(2) == 2


def test_generations_are_sorted_by_their_rules_and_examples() -> None:
    found = {name: set(numbers) for name, numbers in filled().sorts().items() if numbers}
    assert found == {
        "rule right": {1}, "rule wrong": {2, 3}, "rule is the alternative": {2, 3},
        "explains all first examples": {1, 2, 3}, "no rule in the reply": {3},
        "examples left out": {1}, "asked again": {2},
    }  # fmt: skip
    unbiased = filled(bias={"strength": "none"})
    assert "rule is the alternative" not in unbiased.sorts() and "P(" not in unbiased.progress()


def test_a_rule_is_mended_by_the_interaction() -> None:
    made = kept.Journal()
    made.rule(1, kept.WRONG)
    check = made.said("check", "It is wrong for:", 1, speaker="World")
    mended = made.said("refinement", kept.WORLD.rule_text(kept.TRUTH), 1)
    ordering = filled(made.steps, interaction={"kind": "hypothesis_search"})
    assert ordering.notes(made.steps[3])[2] == "explains 2 of 4 first examples"
    assert ordering.notes(check) == ("check",)
    assert ordering.notes(mended)[:2] == ("refinement", "5 of 5 objects right")
    sorts = ordering.sorts()
    assert sorts["rule right"] == sorts["rule changed by the interaction"] == {1}


@pytest.mark.parametrize(("classic", "kept_rule"), [(True, kept.TRUTH), (False, kept.WRONG)])
def test_as_in_the_original_a_right_rule_stands(classic: bool, kept_rule: str) -> None:
    made = kept.Journal()
    made.rule(1, kept.TRUTH)
    made.said("refinement", kept.WORLD.rule_text(kept.WRONG), 1)
    way = {"kind": "hypothesis_search", "classic": classic}
    assert filled(made.steps, interaction=way).following.kept(1) == kept_rule


def test_samples_are_counted_where_there_are_no_scores() -> None:
    made = kept.Journal()
    for hypothesis in (kept.TRUTH, kept.TRUTH, kept.ALTERNATIVE):
        made.said("sample", kept.WORLD.rule_text(hypothesis), 1, in_transcript=False)
    made.said("sample", "nothing", 1, in_transcript=False)
    assert headings(filled(made.steps), made.steps)[1:] == [
        "Generation 1 · H = 0.64 nats · P(screen off) = 0.33"
    ]


def test_scores_that_are_missing_or_impossible_are_not_told() -> None:
    made = kept.Journal()
    none = made.said("scores", "", 1, kind="score", in_transcript=False, options=["a"])
    options = [kept.WORLD.rule_text(one) for one in kept.WORLD.hypotheses]
    never = made.said(
        "scores", "", 2, kind="score", in_transcript=False, options=options,
        scores=[float("-inf")] * len(options),
    )  # fmt: skip
    ordering = filled(made.steps)
    assert ordering.notes(none) == ("the model cannot score",) and ordering.notes(never) == ()
    assert headings(ordering, made.steps)[1:] == ["Generation 1", "Generation 2"]


def test_answers_that_are_drawn_have_no_call() -> None:
    made = kept.Journal()
    weighing = made.said(
        "weighing", "", 1, kind="score", call=None, in_transcript=False, options=["on", "off"],
        scores=[-1.0, -2.0],
    )  # fmt: skip
    rule = made.rule(1, kept.TRUTH, kind="say", call=None)
    ordering = filled(made.steps)
    assert ordering.notes(weighing) == ()
    assert ordering.notes(rule)[1] == "5 of 5 objects right"
    assert headings(ordering, made.steps)[1:] == ["Generation 1"]


def test_acronyms_have_examples_alone() -> None:
    made = kept.Journal()
    game = Acronyms()
    data = (Example("Three Red Eggs Eaten", "TREE"), Example("Quite Zany Xylophone", "QZX"))
    steps = [made.said("data", game.data_text(data), 1)]
    ordering = filled(steps, world={"name": "acronyms"}, probabilities={})
    assert ordering.notes(steps[0]) == ("data", "2 examples", "1 common")
    assert ordering.progress() == "generation 1 of 3"
    assert set(ordering.sorts()) == {"examples left out", "asked again"}


def test_without_its_design_a_lineage_has_generations_still() -> None:
    for made in (None, kept.design(world={"settings": {"x": 1}})):
        ordering = ordering_of("iterated", made)
        assert headings(ordering, kept.journal()) == [
            "First data", "Generation 1", "Generation 2", "Generation 3"
        ]  # fmt: skip
        assert ordering.notes(kept.journal()[4]) == ("rule",)
        assert (ordering.progress(), ordering.parts) == ("", None)
        assert ordering.where("main", 2) == "generation 2" and ordering.where("main", 0) == ""


def test_a_day_is_a_generation() -> None:
    assert day_word("iterated") == "generation"
    assert length_text(12, 6, "iterated") == "12 messages over 6 generations"


@settings(max_examples=25)
@given(st.permutations(kept.journal()))
def test_the_order_in_which_steps_come_changes_nothing(steps: list[Step]) -> None:
    one, other = filled(), filled(steps + steps[:3])
    assert headings(one, steps) == headings(other, steps)
    assert [one.notes(step) for step in steps] == [other.notes(step) for step in steps]
    assert (one.progress(), one.sorts()) == (other.progress(), other.sorts())


def test_numbers_of_a_concept_are_explained_whichever_they_are() -> None:
    made = kept.Journal()
    made.steps.clear()
    made.said("truth", "Rule: even numbers", 0, speaker="Truth")
    made.said("first data", "8\n60\n4", 0, speaker="First data")
    rule = made.said("rule", "Rule: even numbers", 1)
    ordering = filled(made.steps, world={"name": "numbers"})
    assert ordering.notes(rule) == ("rule", "right", "explains 3 of 3 first examples")
