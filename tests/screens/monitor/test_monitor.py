from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Select, Static

from screens.laboratory import Laboratory
from screens.messages import OpenTranscript
from screens.monitor.focus import FocusPane
from screens.monitor.picker import AnswerPicker
from screens.monitor.run_list import RunList
from screens.monitor.screen import MonitorScreen
from screens.monitor.speech import SpeechBar
from screens.widgets.transcript_view import TranscriptView
from simulator.domain.records import Run
from simulator.live_run import LiveRun
from simulator.live_runs import LiveRuns
from simulator.services import open_services
from tests.lab import design
from tests.screens.conftest import NARROW, WIDE, OpenScreen, Snap, settled
from tests.waiting import until

SLOW = "scripted/babble?token_delay_ms=2"
FOREVER = "scripted/say?text=one+two+three+four&token_delay_ms=20000"
ENDLESS = 1_000_000
"""Messages that no test waits for."""
HOSTILE = "[/foo] [bold red]x[/] \x1b[31m"


async def started(laboratory: Laboratory, number: int = 1, **fields: Any) -> list[Run]:
    fields = {"model": SLOW, "messages": ENDLESS} | fields
    runs = await laboratory.services.launch(design(**fields), {}, seed=1, repeat=number)
    await laboratory.live.start(runs)
    return runs


def row(pilot: Pilot[int], run: Run) -> list[str]:
    table = pilot.app.screen.query_one(RunList)
    return list(table.cells_of(run.id).values())


async def shown(pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    """Let the screen draw until the condition holds."""
    screen = pilot.app.screen
    assert isinstance(screen, MonitorScreen)

    def looked() -> bool:
        screen._draw_list()
        screen._draw_focus()
        return condition()

    await until(looked)
    await settled(pilot)


async def test_runs_appear_with_how_far_they_are(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    runs = await started(laboratory, 3, messages=4, model="scripted/babble")
    async with open_screen(MonitorScreen(laboratory), WIDE) as pilot:
        await shown(pilot, lambda: laboratory.live.unfinished == 0)
        await shown(pilot, lambda: row(pilot, runs[2])[0] == "✓")
        for run in runs:
            mark, _, agents, done, turn, day, *_ = row(pilot, run)
            assert (mark, agents, done, turn, day) == ("✓", "1v1", "██████", "4/4", "1")
        totals = str(pilot.app.screen.query_one("#totals", Static).content)
        assert "100%" in totals and "3 completed" in totals and "tokens" in totals
        view = pilot.app.screen.query_one(TranscriptView)
        assert len(view.steps) == 5


async def test_the_run_in_focus_streams(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    (run,) = await started(
        laboratory, model="scripted/say?text=one+two+three+four&token_delay_ms=200"
    )
    async with open_screen(MonitorScreen(laboratory), WIDE) as pilot:
        await shown(pilot, lambda: "one" in plain(pilot))
        assert run.agents[0].name in plain(pilot)


def plain(pilot: Pilot[int]) -> str:
    """The letters of the screen, a line for each of its lines."""
    return "\n".join(
        "".join(segment.text for segment in strip)
        for strip in pilot.app.screen._compositor.render_strips()
    )


async def test_pause_step_resume_and_stop(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    (run,) = await started(laboratory)
    live = laboratory.live.runs[run.id]
    async with open_screen(MonitorScreen(laboratory)) as pilot:
        await shown(pilot, lambda: live.turns > 0)
        await pilot.press("space")
        await shown(pilot, lambda: live.state == "paused" and row(pilot, run)[0] == "‖")
        turns = live.turns
        await pilot.press("n")
        await shown(pilot, lambda: live.turns == turns + 1 and live.state == "paused")
        await pilot.press("space")
        await shown(pilot, lambda: live.turns > turns + 2)
        await pilot.press("s")
        await shown(pilot, lambda: live.is_over and row(pilot, run)[0] == "■")
        await pilot.press("r")
        await shown(pilot, lambda: not laboratory.live.runs[run.id].is_over)
        await pilot.press("p")
        await shown(pilot, lambda: laboratory.live.runs[run.id].state == "paused")
        await pilot.press("u")
        await shown(pilot, lambda: laboratory.live.runs[run.id].state == "playing")


async def test_somebody_speaks_as_the_researcher_and_as_an_agent(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    (run,) = await started(laboratory)
    live = laboratory.live.runs[run.id]
    agent = run.agents[1].name
    async with open_screen(MonitorScreen(laboratory), WIDE) as pilot:
        await shown(pilot, lambda: live.turns > 0)
        await pilot.press("space", "i")
        await pilot.press(*"Go", "enter")
        await shown(pilot, lambda: said(live) == [("Researcher", "Go")])
        speech = pilot.app.screen.query_one(SpeechBar)
        speech.query_one("#as-whom", Select).value = agent
        speech.query_one("#words", Input).focus()
        await pilot.press(*"No", "enter")
        await shown(pilot, lambda: said(live)[-1] == (agent, "No"))
        await pilot.press("escape")
        await settled(pilot)
        assert not speech.display
        assert pilot.app.screen.query_one(RunList).has_focus
        assert live.control.is_paused


def said(live: LiveRun) -> list[tuple[str, str]]:
    return [(step.speaker, step.content) for step in live.recent if step.kind == "interject"]


@pytest.mark.parametrize(("allowed", "voices"), [("researcher", 1), ("none", 0)])
async def test_nobody_speaks_whom_the_design_does_not_let(
    laboratory: Laboratory, open_screen: OpenScreen, allowed: str, voices: int
) -> None:
    (run,) = await started(laboratory, interjections=allowed)
    async with open_screen(MonitorScreen(laboratory)) as pilot:
        await shown(pilot, lambda: laboratory.live.runs[run.id].turns > 0)
        await pilot.press("i")
        await pilot.pause()
        speech = pilot.app.screen.query_one(SpeechBar)
        assert speech.display == bool(voices)
        told = [note.message for note in pilot.app._notifications]
        assert any("does not let people speak" in text for text in told) == (not voices)


async def test_somebody_chooses_who_speaks(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    (run,) = await started(laboratory, speaker="manual", messages=2, model="scripted/babble")
    live = laboratory.live.runs[run.id]
    async with open_screen(MonitorScreen(laboratory)) as pilot:
        picker = pilot.app.screen.query_one(AnswerPicker)
        await shown(pilot, lambda: picker.display)
        assert row(pilot, run)[0] == "?"
        await pilot.press("c", "down", "enter")
        await shown(pilot, lambda: live.is_over)
        spoken = [step.speaker for step in live.recent if step.kind == "ask"]
        assert spoken == [run.agents[1].name, run.agents[0].name]
        await shown(pilot, lambda: not picker.display)


async def test_leaving_the_screen_stops_nothing(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    (run,) = await started(laboratory)
    live = laboratory.live.runs[run.id]
    async with open_screen(MonitorScreen(laboratory)) as pilot:
        await shown(pilot, lambda: live.turns > 0)
        turns = live.turns
        await pilot.app.pop_screen()
        await until(lambda: live.turns > turns + 3)
    assert live.state == "playing"


async def test_a_failing_model_shows_its_error(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    (run,) = await started(laboratory, model="scripted/babble?fail_first=99&fail_with=refused")
    live = laboratory.live.runs[run.id]
    async with open_screen(MonitorScreen(laboratory), WIDE) as pilot:
        await shown(pilot, lambda: live.is_over and row(pilot, run)[0] == "✗")
        await shown(pilot, lambda: pilot.app.screen.query_one("#notice").display)
        assert live.problem is not None
        assert live.problem.message[:20] in plain(pilot)


async def test_what_others_play_is_followed_and_not_steered(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    settings = laboratory.services.settings.model_copy(update={"user": "bob"})
    async with open_services(settings) as services, LiveRuns(services) as theirs:
        (run,) = await services.launch(design(model=SLOW, messages=300), {}, seed=1)
        await theirs.start([run])
        await until(lambda: theirs.runs[run.id].turns > 0)
        async with open_screen(screen := MonitorScreen(laboratory), WIDE) as pilot:
            await shown(pilot, lambda: pilot.app.screen.query_one(RunList).selected == run.id)
            assert row(pilot, run)[0] == "»"
            assert "bob on" in row(pilot, run)[8]
            view = screen.query_one(TranscriptView)
            await shown(pilot, lambda: len(view.steps) > 2)
            seen = len(view.steps)
            await shown(pilot, lambda: len(view.steps) > seen)
            await pilot.press("space")
            await pilot.pause()
            assert any("does not play that run" in n.message for n in pilot.app._notifications)


async def test_a_run_that_was_played_elsewhere_is_told_to_be_left(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with (
        open_services(laboratory.services.settings) as services,
        open_screen(screen := MonitorScreen(laboratory), WIDE) as pilot,
    ):
        async with LiveRuns(services) as theirs:
            (run,) = await services.launch(design(model=SLOW, messages=ENDLESS), {}, seed=1)
            await theirs.start([run])
            screen.look_around()
            await shown(pilot, lambda: screen.query_one(FocusPane).run_id == run.id)
            await shown(pilot, lambda: "» elsewhere" in plain(pilot))
        screen.look_around()
        await shown(pilot, lambda: "‖ paused" in plain(pilot))
        assert row(pilot, run)[0] == "‖"


async def test_the_list_tells_what_tells_runs_apart(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    factors = {
        "goal": {"escape": {}, "yard": {"prisoner": {"Goal": "Get yard time."}}},
        "risks": {"no": {}, "yes": {"shared": {"Risks": "It can get harsh."}}},
    }
    talk = design(model="scripted/babble", messages=4, days=2, factors=factors)
    services = laboratory.services
    first, *_ = await services.launch(talk, {}, seed=1)
    levels: dict[str, Any] = {"levels": [{"name": "goal", "value": "yard"}]}
    other, *_ = await services.launch(talk, levels, seed=1)
    await laboratory.live.start([first, other])
    async with open_screen(MonitorScreen(laboratory), WIDE) as pilot:
        await shown(pilot, lambda: laboratory.live.unfinished == 0)
        fork = await services.fork(await services.store.run(first.id), at=1)
        await laboratory.live.start([fork])
        await shown(pilot, lambda: len(pilot.app.screen.query_one(RunList).rows) == 3)
        await shown(pilot, lambda: laboratory.live.unfinished == 0)
        cells = {run.id: row(pilot, run) for run in (first, other, fork)}
        assert [cells[run.id][2] for run in (first, other)] == ["1v1 goal=escape", "1v1 goal=yard"]
        assert cells[first.id][1] == first.id[-8:] and cells[fork.id][1] == f"↳{fork.id[-8:]}"
        assert cells[first.id][5] == "2/2"


async def test_what_was_left_is_resumed(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    runs = await laboratory.services.launch(
        design(model="scripted/babble", messages=2), {}, seed=1, repeat=2
    )
    async with open_screen(MonitorScreen(laboratory), WIDE) as pilot:
        await shown(pilot, lambda: len(pilot.app.screen.query_one(RunList).rows) == 2)
        assert row(pilot, runs[0])[0] == "…" and row(pilot, runs[0])[4] == "0/2"
        await pilot.press("r")
        await shown(pilot, lambda: "completed" in laboratory.live.counts())
        await pilot.press("u")
        await shown(pilot, lambda: laboratory.live.counts() == {"completed": 2})
        await pilot.press("x")
        await settled(pilot)
        await shown(pilot, lambda: len(pilot.app.screen.query_one(RunList).rows) == 0)
        assert pilot.app.screen.query_one("#empty").display


async def test_enter_reads_the_run(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    first, second = await started(laboratory, 2, model=FOREVER)
    async with open_screen(screen := MonitorScreen(laboratory)) as pilot:
        screen.focus_run(second.id)
        await shown(pilot, lambda: screen.query_one(FocusPane).run_id == second.id)
        await pilot.press("enter")
        await pilot.pause()
        (asked,) = pilot.app.asked  # type: ignore[attr-defined]
        assert isinstance(asked, OpenTranscript) and asked.run_id == second.id
        assert first.id != second.id


async def test_hostile_names_and_words_are_shown_literally(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    (run,) = await started(laboratory, name=HOSTILE, model="scripted/hostile", messages=2)
    async with open_screen(MonitorScreen(laboratory), WIDE) as pilot:
        await shown(pilot, lambda: row(pilot, run)[0] == "✓")
        await shown(pilot, lambda: "[bold red]not bold[/]" in plain(pilot))
        assert "\x1b" not in plain(pilot)
        assert "[/foo] [bold red]x[/]" in plain(pilot)


async def test_a_tiny_terminal_and_back(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    (run,) = await started(laboratory)
    async with open_screen(MonitorScreen(laboratory), WIDE) as pilot:
        await shown(pilot, lambda: laboratory.live.runs[run.id].turns > 1)
        await pilot.resize_terminal(20, 5)
        await shown(pilot, lambda: True)
        await pilot.resize_terminal(*WIDE)
        await shown(pilot, lambda: run.agents[0].name in plain(pilot))


SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])


@SIZES
async def test_how_it_looks_empty(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    async with open_screen(MonitorScreen(laboratory), size) as pilot:
        snap(pilot)


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names and speeds that are the same at every time."""
    numbers = count(1)
    for module in ("library", "launching"):
        monkeypatch.setattr(f"simulator.{module}.fresh_id", lambda: f"01TEST{next(numbers):020d}")
    monkeypatch.setattr(LiveRun, "tokens_per_s", 0.0)
    monkeypatch.setattr("screens.monitor.totals._LEAST_SHARE", 1.0)


@SIZES
@pytest.mark.usefixtures("still")
async def test_how_it_looks_full(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    talk: dict[str, Any] = {"days": 2, "messages": 4, "model": "scripted/babble", "name": "Talk"}
    await started(laboratory, 2, **talk)
    (asking,) = await started(laboratory, **(talk | {"speaker": "manual", "name": "Asks"}))
    await laboratory.services.launch(design(**talk), {}, seed=9)
    async with open_screen(screen := MonitorScreen(laboratory), size) as pilot:
        live = laboratory.live
        await shown(pilot, lambda: live.unfinished == 1)
        await shown(pilot, lambda: live.runs[asking.id].question is not None)
        await shown(pilot, lambda: len(screen.query_one(RunList).rows) == 4)
        screen.focus_run(asking.id)
        await shown(pilot, lambda: screen.query_one(FocusPane).run_id == asking.id)
        snap(pilot)


@SIZES
@pytest.mark.usefixtures("still")
async def test_how_it_looks_when_models_fail(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    await started(
        laboratory,
        model="scripted/babble?fail_first=99&fail_with=refused",
        name="Talk",
        messages=200,
    )
    async with open_screen(screen := MonitorScreen(laboratory), size) as pilot:
        await shown(pilot, lambda: laboratory.live.unfinished == 0)
        await shown(pilot, lambda: screen.query_one("#notice").display)
        snap(pilot)


async def test_words_that_no_run_takes_stay_where_they_were_typed(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    (run,) = await started(laboratory)
    async with open_screen(MonitorScreen(laboratory), WIDE) as pilot:
        await shown(pilot, lambda: laboratory.live.runs[run.id].turns > 0)
        await pilot.press("i", *"Wait")
        await laboratory.live.stop(run.id)
        await pilot.press("enter")
        await settled(pilot)
        assert pilot.app.screen.query_one("#words", Input).value == "Wait"


async def test_a_completed_run_is_told_to_be_completed(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await started(laboratory, model="scripted/babble", messages=2)
    async with open_screen(MonitorScreen(laboratory)) as pilot:
        await shown(pilot, lambda: laboratory.live.unfinished == 0)
        for key in ("space", "n", "i"):
            await pilot.press(key)
        await settled(pilot)
        told = [note.message for note in pilot.app._notifications]
        assert sum("completed already" in text for text in told) == 3


async def test_nobody_speaks_into_a_run_that_is_not_in_focus(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    first, second = await started(laboratory, 2)
    async with open_screen(screen := MonitorScreen(laboratory), WIDE) as pilot:
        await shown(pilot, lambda: len(screen.query_one(RunList).rows) == 2)
        screen.focus_run(first.id)
        await pilot.press("i")
        assert screen.query_one(SpeechBar).display
        screen.focus_run(second.id)
        await shown(pilot, lambda: screen.query_one(FocusPane).run_id == second.id)
        assert not screen.query_one(SpeechBar).display


async def test_what_is_completed_is_neither_stopped_nor_resumed(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    (run,) = await started(laboratory, model="scripted/babble", messages=1)
    async with open_screen(MonitorScreen(laboratory), WIDE) as pilot:
        await shown(pilot, lambda: laboratory.live.runs[run.id].is_over)
        await pilot.press("s", "r")
        await settled(pilot)
        told = [note.message for note in pilot.app._notifications]
        assert sum("completed already" in text for text in told) == 2
        assert laboratory.live.runs[run.id].is_over
