"""Lineages of learners while they are played: live measures beside what is said."""

from __future__ import annotations

from rich.style import Style
from textual.widgets import Static

from screens.laboratory import Laboratory
from screens.monitor.run_list import RunList
from screens.monitor.screen import MonitorScreen
from screens.widgets.transcript_view import TranscriptView
from simulator.domain.events import StepCommitted, TextStreamed, TurnStarted
from simulator.kinds.iterated.kind import IteratedKind
from simulator.live_run import LiveRun
from simulator.presentation.plans import plan_of
from tests import kept_lineages as kept
from tests.screens.conftest import NARROW, OpenScreen
from tests.screens.monitor.test_monitor import plain, shown
from tests.screens.widgets.messages import text_of


async def test_a_lineage_that_is_played_tells_how_sure_its_learner_is(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    made = kept.design()
    run = kept.run_of(made, whole=False)
    live = LiveRun(run, plan_of(IteratedKind(), run, made), is_held=False)
    for step in kept.journal()[:7]:
        live.hear(StepCommitted(step))
    live.state = "playing"
    live.hear(TurnStarted(run.id, "main", 7, "Learner 1", "rule", "pocket", 2))
    live.hear(TextStreamed(run.id, "main", "Learner 1", "Rule: I think"))
    laboratory.live._runs[run.id] = live
    async with open_screen(MonitorScreen(laboratory), NARROW) as pilot:
        await shown(pilot, lambda: "I think" in plain(pilot))
        words = text_of(pilot.app.screen.query_one(TranscriptView))
        above = words[: words.index("I think")].splitlines()[-2]
        assert "Generation 2 · H = 1.60 nats · P(screen off) = 0.87" in above
        facts = str(pilot.app.screen.query_one("#facts", Static).content)
        assert "generation 2 of 3 · H = 1.60 nats · P(screen off) = 0.87" in facts
        table = pilot.app.screen.query_one(RunList)
        titles = "".join(segment.text for segment in table.titles(78, Style()))
        assert "gen." in titles and "day" not in titles
        assert table.cells_of(run.id)["day"] == "2/3"
    del laboratory.live._runs[run.id]
