"""Debates while they are played: questions side by side, one turn shown word by word."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from screens.laboratory import Laboratory
from screens.monitor.screen import MonitorScreen
from screens.widgets.transcript_view import TranscriptView
from simulator.domain.events import ModelRetried, StepCommitted, TextStreamed, TurnStarted
from simulator.kinds.debate.kind import DebateKind
from simulator.live_run import LiveRun
from simulator.presentation.plans import plan_of
from tests import kept_debates as kept
from tests.screens.conftest import NARROW, WIDE, OpenScreen
from tests.screens.monitor.test_monitor import plain, shown
from tests.screens.widgets.messages import text_of

SCOPES = ("main/question-0001/debater-1", "main/question-0002/debater-1")


def live_debate() -> LiveRun:
    made = kept.design(mode="natural_language")
    run = kept.run_of(made, [])
    return LiveRun(run, plan_of(DebateKind(), run, made), is_held=False)


def start(live: LiveRun, scope: str, day: int = 1) -> None:
    live.hear(TurnStarted(live.run.id, scope, 0, "Ann", "debater", "pocket", day))


def stream(live: LiveRun, scope: str, text: str) -> None:
    live.hear(TextStreamed(live.run.id, scope, "Ann", text))


def test_words_of_one_debater_on_two_questions_do_not_mix() -> None:
    live = live_debate()
    one, other = SCOPES
    for scope in SCOPES:
        start(live, scope)
    for n in range(3):
        stream(live, one, f"one {n} ")
        stream(live, other, f"other {n} ")
    assert live.speaking is not None and live.speaking.text == "one 0 one 1 one 2 "
    live.hear(ModelRetried(live.run.id, other, "Ann", "pocket", 2, 0.0, "it was empty"))
    assert live.speaking.text == "one 0 one 1 one 2 ", "that was the other question's turn"
    stream(live, other, "again")
    committed = {step.scope: step for step in kept.journal(kept.design(mode="natural_language"))
                 if step.day == 1}  # fmt: skip
    live.hear(StepCommitted(committed[one]))
    assert live.speaking is not None and live.speaking.scope == other
    assert live.speaking.text == "again"
    live.hear(StepCommitted(committed[other]))
    assert live.speaking is None


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_debate_that_is_played_tells_where_each_word_belongs(
    laboratory: Laboratory, open_screen: OpenScreen, size: tuple[int, int]
) -> None:
    live = live_debate()
    steps = kept.journal(kept.design(mode="natural_language"))
    for step in steps[:11]:
        live.hear(StepCommitted(step))
    live.state = "playing"
    for number in (2, 3):
        scope = f"main/question-000{number}/debater-1"
        start(live, scope, 2)
        stream(live, scope, f"I count {number}")
    laboratory.live._runs[live.run.id] = live
    async with open_screen(MonitorScreen(laboratory), size) as pilot:
        await shown(pilot, lambda: "I count" in plain(pilot))
        words = text_of(view(pilot))
        tail = words[words.rindex("━ Question") :]
        assert tail.startswith("━ Question 2 of 3 · Round 2 ━") and "● Ann" in tail
        assert words.count("I count") == 1 and "I count 2" in tail
        facts = str(pilot.app.screen.query_one("#facts", Static).content)
        assert "1 of 3 questions · 1 right, 100.0 % [20.7, 100.0]" in facts
        live.hear(StepCommitted(steps[11]))
        await shown(pilot, lambda: "I count 3" in plain(pilot))
        words = text_of(view(pilot))
        assert "Answer: 102" in words and "I count 2" not in words
        assert "Question 3 of 3 · Round 2" in words[words.index("Answer: 102") :]
    del laboratory.live._runs[live.run.id]


async def test_a_debate_that_others_play_is_read_so_too(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    made = kept.design()
    await kept.stored(laboratory.services.store, made, steps=kept.journal(made)[:11])
    async with open_screen(MonitorScreen(laboratory), WIDE) as pilot:
        await shown(pilot, lambda: "Question 1 of 3 · Round 2" in text_of(view(pilot)))
        facts = str(pilot.app.screen.query_one("#facts", Static).content)
        assert "1 of 3 questions · 1 right" in facts


def view(pilot: Pilot[int]) -> TranscriptView:
    return pilot.app.screen.query_one(TranscriptView)
