"""Debates read by question, round and debater."""

from __future__ import annotations

import time
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from screens.laboratory import Laboratory
from screens.transcript.screen import TranscriptScreen
from screens.widgets.transcript_view import TranscriptView
from simulator.presentation.debate_ordering import DebateOrdering
from tests import kept_debates as kept
from tests.screens.conftest import NARROW, WIDE, Snap
from tests.screens.transcript.looking import header, opened, pick, ready, told, view
from tests.screens.widgets.messages import settled, shown, text_of


def said(pilot: Pilot[Any]) -> list[str]:
    return [row.step.content for row in view(pilot).rows if row.step is not None]


def heads(pilot: Pilot[Any]) -> list[str]:
    return [row.heading for row in view(pilot).rows if row.heading is not None]


def here(pilot: Pilot[Any]) -> str:
    step = view(pilot).current
    return "" if step is None else f"{step.speaker}: {step.content}"


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_debate_is_read_by_question(
    laboratory: Laboratory, snap: Snap, size: tuple[int, int]
) -> None:
    run = await kept.stored(laboratory.services.store)
    async with opened(laboratory, run.id, size) as pilot:
        await pilot.press("down", "t")
        await ready(pilot)
        snap(pilot)


async def test_questions_rounds_and_answers_are_told(laboratory: Laboratory) -> None:
    run = await kept.stored(laboratory.services.store)
    async with opened(laboratory, run.id, WIDE) as pilot:
        assert heads(pilot)[3:6] == ["Question 2 of 3 · ✗ 102, right is 2", "Round 1", "Round 2"]
        assert said(pilot)[5:10] == [
            "How many are 2?", "Answer: 2", "Answer: 2", "Answer: 102", "Answer: 102"
        ]  # fmt: skip
        shown = text_of(view(pilot))
        assert "(✓ 2, 3 soft tokens: t)" in shown and "(✗ 102, 3 soft tokens: t)" in shown
        assert "completed: 3 questions · 2 right, 66.7 % [20.8, 93.9]" in header(pilot)


async def test_keys_go_from_question_to_question(laboratory: Laboratory) -> None:
    run = await kept.stored(laboratory.services.store)
    async with opened(laboratory, run.id) as pilot:
        seen = []
        for key in ("right_square_bracket",) * 3 + ("down", "left_square_bracket") * 2:
            await pilot.press(key)
            seen.append(here(pilot))
        two, three = "Question: How many are 2?", "Question: How many are 3?"
        assert seen == [two, three, three, "Ann: Answer: 103", three, "Ann: Answer: 103", three]
        await pilot.press("left_square_bracket", "left_square_bracket", "left_square_bracket")
        assert here(pilot) == "Question: How many are 1?"


async def test_questions_are_chosen_by_how_they_ended(laboratory: Laboratory) -> None:
    run = await kept.stored(laboratory.services.store)
    async with opened(laboratory, run.id) as pilot:
        line = pilot.app.screen.query_one("#filters", Static)
        for which, questions in (("wrong", ["2"]), ("answers changed", ["2", "3"])):
            await pilot.press("w")
            await pick(pilot, which)
            await ready(pilot)
            assert [one[-2] for one in said(pilot) if one.endswith("?")] == questions
            assert f"only {which} · {5 * len(questions)} messages" in str(line.content)
        await pilot.press("d")
        await pick(pilot, "round 2")
        await ready(pilot)
        assert heads(pilot) == [
            "Question 2 of 3 · ✗ 102, right is 2 · Round 2", "Question 3 of 3 · ✓ 3 · Round 2"
        ]  # fmt: skip
        await pilot.press("escape")
        await ready(pilot)
        assert len(said(pilot)) == 15 and not line.display


async def test_soft_tokens_are_shown_by_key_and_mouse_as_plain_text(
    laboratory: Laboratory,
) -> None:
    run = await kept.stored(laboratory.services.store)
    async with opened(laboratory, run.id) as pilot:
        assert "nearest" not in text_of(view(pilot))
        await pilot.press("down", "t")
        await ready(pilot)
        shown = text_of(view(pilot))
        assert '"Answer"    0.25  mixed  "Answer" 0.75' in shown
        assert '"[/bold]…"  1.50' in shown
        assert max(map(len, shown.splitlines())) < NARROW[0]
        await pilot.press("t")
        await ready(pilot)
        assert "nearest" not in text_of(view(pilot))
        lines = text_of(view(pilot)).splitlines()
        place = next(n for n, line in enumerate(lines) if "soft tokens: t" in line)
        await pilot.click(view(pilot), offset=(30, place))
        await ready(pilot)
        assert text_of(view(pilot)).count("nearest") == 1
        await pilot.press("T")
        await ready(pilot)
        assert all(row.has_tokens for row in view(pilot).rows if row.step and row.step.soft_tokens)
        await pilot.press("T")
        await ready(pilot)
        assert "nearest" not in text_of(view(pilot))


async def test_conversations_have_no_keys_of_debates(laboratory: Laboratory) -> None:
    run = await kept.stored(laboratory.services.store, kept.design(mode="natural_language"))
    async with opened(laboratory, run.id) as pilot:
        await pilot.press("t")
        await ready(pilot)
        assert "soft" not in text_of(view(pilot))
    from tests.screens.transcript.runs import stored

    run = await stored(laboratory, ["one", "two"])
    async with opened(laboratory, run.id) as pilot:
        await pilot.press("w", "right_square_bracket", "t")
        await ready(pilot)
        assert isinstance(pilot.app.screen, TranscriptScreen) and "one" in here(pilot)


async def test_messages_that_come_later_go_to_their_questions(laboratory: Laboratory) -> None:
    made = kept.design()
    steps = kept.journal(made)
    run = await kept.stored(laboratory.services.store, made, steps=steps[:9])
    async with opened(laboratory, run.id) as pilot:
        assert heads(pilot) == [
            part for n in (1, 2, 3) for part in (f"Question {n} of 3 · right is {n}", "Round 1")
        ]
        assert "0 of 3 questions" in header(pilot)
        await pilot.press("right_square_bracket")
        screen = pilot.app.screen
        assert isinstance(screen, TranscriptScreen) and screen.reading is not None
        screen.reading._arrived += steps[9:]
        screen._draw()
        await ready(pilot)
        assert here(pilot) == "Question: How many are 2?"
        ends = ("✓ 1", "✗ 102, right is 2", "✓ 3")
        assert heads(pilot) == [
            part for n, end in enumerate(ends, 1)
            for part in (f"Question {n} of 3 · {end}", "Round 1", "Round 2")
        ]  # fmt: skip
        assert "2 right" in header(pilot)
        places = [row.key for row in view(pilot).rows]
        assert places == sorted(places) and len(places) == 15


async def test_many_at_once_stay_where_the_reader_is(laboratory: Laboratory) -> None:
    made = kept.design(20)
    steps = kept.journal(made)
    run = await kept.stored(laboratory.services.store, made, steps=steps[:60])
    async with opened(laboratory, run.id) as pilot:
        await pilot.press(*["right_square_bracket"] * 9)
        await ready(pilot)
        before = text_of(view(pilot)).splitlines()[0]
        screen = pilot.app.screen
        assert isinstance(screen, TranscriptScreen) and screen.reading is not None
        screen.reading._arrived += steps[60:]
        screen._draw()
        await ready(pilot)
        assert len(view(pilot).rows) == 100
        assert here(pilot) == "Question: How many are 10?"
        assert "Question 10 of 20" in before
        assert "Question 10 of 20" in text_of(view(pilot)).splitlines()[0]


async def test_long_debates_open_at_once(laboratory: Laboratory) -> None:
    made = kept.design(200, rounds=3)
    run = await kept.stored(laboratory.services.store, made)
    begun = time.process_time()
    async with opened(laboratory, run.id) as pilot:
        assert len(view(pilot).rows) == 200 * 7
        await pilot.press("T", "end")
        await ready(pilot)
        assert "nearest" in text_of(view(pilot))
    assert time.process_time() - begun < 10


async def test_copies_have_the_headings(laboratory: Laboratory) -> None:
    run = await kept.stored(laboratory.services.store)
    async with opened(laboratory, run.id) as pilot:
        await pilot.press("Y")
        await ready(pilot)
        assert "Copied 15 messages" in told(pilot)
        assert "Question 2 of 3 · ✗ 102, right is 2\n\nQuestion: How" in pilot.app.clipboard


async def test_the_turn_in_progress_stands_in_its_round() -> None:
    made = kept.design()
    steps = sorted(kept.journal(made), key=lambda step: step.position)
    widget = TranscriptView(kept.run_of(made, steps).agents)
    async with shown(widget) as pilot:
        widget.show(steps[:9], ordering=DebateOrdering(made))
        scope = "main/question-0001/debater-1"
        widget.begin_turn("Ann", "debater", 2, scope)
        widget.stream("I think ")
        widget.stream("so")
        widget._draw_pieces()
        await settled(pilot, widget)
        lines = [line for line in text_of(widget).splitlines() if line]
        place = next(n for n, line in enumerate(lines) if "I think so" in line)
        assert "Round 2" in lines[place - 1] and "Question 2" in lines[place + 1]
        widget.commit(steps[11])
        await settled(pilot, widget)
        assert "I think so" in text_of(widget), "that was said to another question"
        widget.commit(steps[9])
        await settled(pilot, widget)
        assert "I think so" not in text_of(widget)
        assert [row.heading for row in widget.rows[:4]] == [
            "Question 1 of 3 · right is 1", "Round 1", None, "Round 2"
        ]  # fmt: skip
        assert [row.key for row in widget.rows] == sorted(row.key for row in widget.rows)
