"""The app as a whole, with real keys: from an empty store to runs that are forked and compared."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, OptionList, TextArea

from screens import messages
from screens.analysis.screen import AnalysisScreen
from screens.app import SimulatorApp
from screens.compare.screen import CompareScreen
from screens.dialogs import AskText, Pick
from screens.editor.screen import EditorScreen
from screens.home.empty_shelf import EmptyShelf
from screens.home.screen import HomeScreen
from screens.laboratory import Laboratory
from screens.launch.fields import CountUp
from screens.launch.form import LaunchForm
from screens.launch.screen import LaunchScreen
from screens.monitor.screen import MonitorScreen
from screens.transcript.fork_dialog import ForkDialog
from screens.transcript.screen import TranscriptScreen
from simulator.domain.records import ExperimentQuery, Run, RunQuery
from simulator.files.transcripts import FORMATS
from tests.screens.conftest import NARROW
from tests.waiting import until

TINY = (20, 5)


@asynccontextmanager
async def opened(
    laboratory: Laboratory, size: tuple[int, int] = NARROW
) -> AsyncIterator[Pilot[int]]:
    async with SimulatorApp(laboratory).run_test(size=size) as pilot:
        await at(pilot, HomeScreen)
        yield pilot


async def at(pilot: Pilot[int], screen: type[Screen[Any]]) -> None:
    """Wait until a screen is in front, and drawn."""
    await until(lambda: isinstance(pilot.app.screen, screen))
    await pilot.pause()


async def begun(pilot: Pilot[int], offer: str) -> None:
    """Begin with something that the empty store offers."""
    shelf = pilot.app.screen.query_one(EmptyShelf)
    await until(lambda: bool(shelf.display and shelf.query_one(OptionList).option_count))
    options = shelf.query_one(OptionList)
    place = next(
        number
        for number in range(options.option_count)
        if offer in str(options.get_option_at_index(number).prompt)
    )
    await pilot.press(*["down"] * place, "enter")
    await pilot.pause()


def written(folder: Path) -> str:
    """All Markdown in a folder."""
    return "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.md"))


async def all_runs(laboratory: Laboratory) -> list[Run]:
    return await laboratory.services.store.runs(RunQuery())


async def test_from_an_empty_store_to_a_fork_compared_and_exported(
    laboratory: Laboratory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(laboratory) as pilot:
        app = pilot.app
        await begun(pilot, "Prison")

        await pilot.press("l")
        await at(pilot, LaunchScreen)
        form = app.screen.query_one(LaunchForm)
        for name, typed in {"messages": "4", "agents.guard": "2", "agents.prisoner": "2"}.items():
            form.field(name).query_one(Input).focus()
            await pilot.press(*typed)
        box = next(one for one in app.screen.query(CountUp) if len(one._fields) == 2)
        box.focus()
        await pilot.press("space", "ctrl+s")

        await at(pilot, MonitorScreen)
        await until(lambda: laboratory.live.unfinished == 0)
        runs = await all_runs(laboratory)
        assert len(runs) == 4 and {run.status for run in runs} == {"completed"}

        await pilot.press("enter")
        await at(pilot, TranscriptScreen)
        await pilot.press("home", "down", "f")
        await at(pilot, ForkDialog)
        app.screen.query_one(TextArea).text = "No. Never."
        await pilot.press("ctrl+s")
        await at(pilot, MonitorScreen)
        await until(lambda: laboratory.live.unfinished == 0)
        (fork,) = [run for run in await all_runs(laboratory) if run.forked_from is not None]
        _, steps = await laboratory.services.transcript(fork)
        assert any(step.content == "No. Never." for step in steps)

        await pilot.pause()
        await pilot.press("enter")
        await at(pilot, TranscriptScreen)
        await pilot.press("equals_sign")
        await at(pilot, Pick)
        await pilot.press("enter")
        await at(pilot, CompareScreen)
        await pilot.press("escape")
        await at(pilot, TranscriptScreen)
        await pilot.press("x")
        await at(pilot, Pick)
        await pilot.press(*["down"] * list(FORMATS).index("markdown"), "enter")
        await at(pilot, AskText)
        await pilot.press("enter")
        await until(lambda: "No. Never." in written(tmp_path))
        await pilot.press("escape")
        await at(pilot, MonitorScreen)
        await pilot.press("f2")
        await at(pilot, HomeScreen)
        await pilot.press("a")
        await at(pilot, AnalysisScreen)


async def test_a_design_is_written_saved_and_launched(laboratory: Laboratory) -> None:
    async with opened(laboratory) as pilot:
        await begun(pilot, "An empty conversation")
        await at(pilot, EditorScreen)
        await pilot.press(*"Talk", "ctrl+s")
        await pilot.pause()
        await pilot.press("escape")
        await at(pilot, HomeScreen)
        await until(lambda: pilot.app.screen.query_one("#panes").display)
        await pilot.press("l")
        await at(pilot, LaunchScreen)


async def test_a_draft_that_was_left_is_gone_on_with(laboratory: Laboratory) -> None:
    async with opened(laboratory) as pilot:
        await begun(pilot, "An empty conversation")
        await at(pilot, EditorScreen)
        await pilot.press(*"Left")
        assert isinstance(pilot.app.screen, EditorScreen)
        session = pilot.app.screen.session
        await until(lambda: "name: Left\n" in session.text.text)
        text = session.text.text
        # As a crash would leave it.
        pilot.app.screen._keep_draft()
    async with opened(laboratory) as pilot:
        await begun(pilot, "1 draft")
        await until(lambda: type(pilot.app.screen).__name__ == "DraftsDialog")
        await pilot.press("enter")
        await at(pilot, EditorScreen)
        assert isinstance(pilot.app.screen, EditorScreen)
        assert pilot.app.screen.session.text.text == text


async def test_every_screen_survives_a_tiny_terminal(laboratory: Laboratory) -> None:
    async with opened(laboratory) as pilot:
        await begun(pilot, "Prison")
        (experiment,) = await laboratory.services.store.experiments(ExperimentQuery())
        runs = await laboratory.services.launch(
            laboratory.services.design_of(experiment),
            {"messages": 6, "model": "scripted/babble"},
            experiment=experiment, repeat=2,
        )  # fmt: skip
        await laboratory.live.start(runs)
        await until(lambda: laboratory.live.unfinished == 0)
        opening = (
            messages.OpenAnalysis(experiment.id),
            messages.OpenTranscript(runs[0].id),
            messages.CompareRuns(runs[0].id, runs[1].id),
            messages.LaunchExperiment(experiment.id),
            messages.DuplicateDesign(experiment.id),
        )
        for message in opening:
            pilot.app.post_message(message)
            await pilot.resize_terminal(*TINY)
            for key in ("f4", "f5", "f3", "f2"):
                await pilot.press(key)
                await pilot.pause()
            await pilot.resize_terminal(*NARROW)
            await pilot.pause()
            await pilot.press("escape", "escape")
            await pilot.pause()
