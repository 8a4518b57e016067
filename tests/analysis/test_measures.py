from __future__ import annotations

import pytest
from hypothesis import given

from simulator.analysis.measures import MEASURES, NO_NUMBER, Measure
from simulator.analysis.observing import Observation, Observer
from simulator.domain.journal import Call, Step
from tests.analysis.journals import (
    CAST,
    GUARD,
    PRISONER,
    SUMMARIZER,
    Journal,
    call,
    journals,
    run,
    said,
    usage,
)


def seen(step: Step, position: int = 0) -> Observation:
    return next(Observer(run()).observe([step]))


def test_length_is_that_of_what_was_said_not_of_the_raw_reply() -> None:
    step = said(0, GUARD, " Né  ü\nthree ", call=call(raw="Guard: Né ü three (and more)"))
    assert MEASURES["words"].of(seen(step)) == 3
    assert MEASURES["characters"].of(seen(step)) == len(" Né  ü\nthree ")


def test_tokens_of_a_reply_leave_its_reasoning_out_and_what_was_written_does_not() -> None:
    step = said(0, GUARD, call=call(usage(completion_tokens=50, reasoning_tokens=30)))
    assert MEASURES["tokens"].of(seen(step)) == 20
    assert MEASURES["tokens written"].of(seen(step)) == 50
    assert MEASURES["tokens read"].of(seen(step)) == 100


def test_speed_is_tokens_for_each_second_of_the_model() -> None:
    step = said(0, GUARD, call=call(usage(completion_tokens=30, model_s=1.5)))
    assert MEASURES["speed"].of(seen(step)) == 20
    instant = said(0, GUARD, call=call(usage(model_s=0.0)))
    assert MEASURES["speed"].of(seen(instant)) == NO_NUMBER


@pytest.mark.parametrize("again", [call(attempts=2), call(usage(calls=2))])
def test_latency_of_first_replies_and_of_those_asked_for_again_are_apart(again: Call) -> None:
    repeated, first = said(0, GUARD, call=again), said(0, GUARD)
    assert MEASURES["latency"].of(seen(first)) == 2.0
    assert MEASURES["latency"].of(seen(repeated)) == "replies asked for again"
    assert MEASURES["latency with retries"].of(seen(repeated)) == 2.0
    assert MEASURES["latency with retries"].of(seen(first)) == "replies to the first request"


@pytest.mark.parametrize(
    ("step", "measure", "why"),
    [
        (said(0, "Researcher"), "words", "words of the researcher"),
        (said(0, SUMMARIZER), "words", "words of helpers, as summaries"),
        (said(0, GUARD, kind="choose", in_transcript=False), "messages",
         "choices and scores that nobody hears"),
        (said(0, GUARD, kind="interject", call=None), "words", "words put in by a person"),
        (said(0, GUARD, edited=True), "words", "words put there by a fork"),
        (said(0, GUARD, " \n"), "words", "empty replies"),
        (said(0, GUARD, kind="say", call=None, original_id="abc"), "latency",
         "no call on record (imported)"),
        (said(0, "Researcher"), "tokens read", "no model was asked"),
        (said(0, GUARD, call=call(from_cache=True)), "latency", "replies from a record"),
        (said(0, GUARD, call=call(usage(estimated_calls=1))), "tokens", "tokens estimated"),
    ],
)  # fmt: skip
def test_what_is_not_measured_is_given_a_reason(step: Step, measure: str, why: str) -> None:
    assert MEASURES[measure].of(seen(step)) == why


def test_imported_words_have_a_length_although_no_call_is_on_record() -> None:
    step = said(0, GUARD, "one two", kind="say", call=None, original_id="abc")
    assert MEASURES["words"].of(seen(step)) == 2


def test_remarks_are_counted_among_replies_by_their_kind() -> None:
    refused = said(0, GUARD, call=call(stop_reason="refusal"))
    assert MEASURES["refusals"].of(seen(refused)) == 1
    assert MEASURES["cut replies"].of(seen(refused)) == 0
    assert MEASURES["refusals"].of(seen(said(0, "Researcher"))) == "words of the researcher"


def test_a_measure_without_a_finite_number_leaves_the_step_out() -> None:
    def odd(number: float | None) -> Measure:
        return Measure("odd", "", lambda step: number, "")

    for number in (None, float("nan"), float("inf")):
        assert odd(number).of(seen(said(0, GUARD))) == NO_NUMBER


def test_turns_count_participants_over_days_and_pass_over_everybody_else() -> None:
    steps = [
        said(0, "Researcher"), said(1, GUARD), said(2, PRISONER), said(3, SUMMARIZER),
        said(4, GUARD, in_transcript=False), said(5, GUARD, day=2),
    ]  # fmt: skip
    turns = [one.turn for one in Observer(run(agents=CAST)).observe(steps)]
    assert turns == [None, 1, 2, None, None, 3]


def test_seats_are_named_alike_in_every_run() -> None:
    seats = [seen(said(0, who)).seat for who in (GUARD, SUMMARIZER, "Researcher")]
    assert seats == ["guard 1", "summarizer", "researcher"]


@given(journals())
def test_every_measure_gives_each_step_a_finite_number_or_a_reason(journal: Journal) -> None:
    for one in Observer(journal.run).observe(journal.steps):
        for measure in MEASURES.values():
            value = measure.of(one)
            assert (value != "") if isinstance(value, str) else abs(value) < float("inf")
