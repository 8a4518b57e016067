"""Games of telephone while they are played: chains side by side, one turn shown word by word."""

from __future__ import annotations

import pytest
from rich.style import Style
from textual.widgets import Static

from screens.laboratory import Laboratory
from screens.monitor.run_list import RunList, widths
from screens.monitor.screen import MonitorScreen
from screens.widgets.transcript_view import TranscriptView
from simulator.domain.events import StepCommitted, TextStreamed, TurnStarted
from simulator.kinds.telephone.kind import TelephoneKind
from simulator.live_run import LiveRun
from simulator.presentation.plans import plan_of
from tests import kept_chains as kept
from tests.files.test_chain_transcripts import run_of
from tests.screens.conftest import NARROW, OpenScreen
from tests.screens.monitor.test_monitor import plain, shown
from tests.screens.widgets.messages import text_of


async def test_a_game_that_is_played_tells_where_each_word_belongs(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    made = kept.design()
    run = run_of(made)
    live = LiveRun(run, plan_of(TelephoneKind(), run, made), is_held=False)
    steps = kept.journal(made, 3)
    for step in steps[:9]:
        live.hear(StepCommitted(step))
    live.state = "playing"
    live.hear(TurnStarted(run.id, "main/chain-0002", 2, "Agent 1", "agent", "pocket", 2))
    live.hear(TextStreamed(run.id, "main/chain-0002", "Agent 1", "I say"))
    laboratory.live._runs[run.id] = live
    async with open_screen(MonitorScreen(laboratory), NARROW) as pilot:
        await shown(pilot, lambda: "I say" in plain(pilot))
        words = text_of(pilot.app.screen.query_one(TranscriptView))
        assert "Chain 2 of 4 · Generation 2" in words[: words.index("I say")].splitlines()[-2]
        assert "(75 % like the one before)" in words
        facts = str(pilot.app.screen.query_one("#facts", Static).content)
        assert "0 of 4 chains · generation 1 of 3 on average" in facts and " day " not in facts
        table = pilot.app.screen.query_one(RunList)
        titles = "".join(segment.text for segment in table.titles(78, Style()))
        assert "gen." in titles and "day" not in titles
        assert table.cells_of(run.id)["day"] == "1/3", "the average of all chains"
    del laboratory.live._runs[run.id]


@pytest.mark.parametrize("room", [30, 80, 140])
def test_turns_of_thousands_have_room(room: int) -> None:
    found = widths(room, {"turn": 9, "day": 5})
    assert found["turn"] >= 9 and found.get("day", 5) >= 5
    assert room < 60 or sum(width + 2 for width in found.values()) - 2 <= room


async def test_the_key_to_speak_is_dim_in_a_game_and_says_why(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    made = kept.design()
    run = run_of(made)
    live = LiveRun(run, plan_of(TelephoneKind(), run, made), is_held=False)
    live.state = "playing"
    laboratory.live._runs[run.id] = live
    async with open_screen(screen := MonitorScreen(laboratory), NARROW) as pilot:
        await shown(pilot, lambda: not screen.active_bindings["i"].enabled)
        await pilot.press("i")
        (note,) = pilot.app._notifications
        assert "telephone does not let people speak" in note.message
        assert "interjections" not in note.message, "no design of a game can let them"
    del laboratory.live._runs[run.id]
