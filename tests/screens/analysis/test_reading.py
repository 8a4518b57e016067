"""Which runs are read, for how long, and what is told where reading fails."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.widgets import Button, SelectionList

from screens.analysis.nothing import NO_EXPERIMENTS, NO_STEPS, NONE_CHOSEN
from screens.analysis.screen import AnalysisScreen
from screens.laboratory import Laboratory
from screens.widgets.plot import Plot
from simulator.domain.journal import Step
from simulator.domain.records import Experiment
from simulator.errors import StoreUnavailableError
from tests.analysis.journals import PRISONER, said
from tests.screens.analysis.looking import (
    choose,
    rows,
    screen_of,
    stored,
    talk,
    text,
)
from tests.screens.conftest import NARROW, OpenScreen, settled
from tests.waiting import until

# ---------------------------------------------------------------- which runs


async def test_some_runs_can_be_chosen(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    await stored(laboratory, [talk("a"), talk("a b"), talk("a b c")])
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        await choose(pilot, "measure", "words")
        await pilot.press("u")
        await pilot.pause()
        picker = pilot.app.screen.query_one(SelectionList)
        assert len(picker.selected) == 3
        await pilot.press("n", "space", "ctrl+s")
        await until(lambda: isinstance(pilot.app.screen, AnalysisScreen))
        await settled(pilot)
        # The newest is listed first.
        assert rows(pilot)[0][2:4] == ["1", "3"]
        assert str(screen_of(pilot).query_one("#runs", Button).label) == "1 of 3 runs"


async def test_leaving_the_list_of_runs_changes_nothing_and_no_run_is_a_choice(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await stored(laboratory, [talk("a"), talk("a b")])
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        before = rows(pilot)
        await pilot.click("#runs")
        await pilot.pause()
        await pilot.press("n", "escape")
        await settled(pilot)
        assert rows(pilot) == before
        await pilot.press("u")
        await pilot.pause()
        await pilot.press("n", "ctrl+s")
        await until(lambda: isinstance(pilot.app.screen, AnalysisScreen))
        await settled(pilot)
        assert text(pilot, "#note") == NONE_CHOSEN


async def test_completed_runs_can_be_ticked_at_once(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    runs = await stored(laboratory, [talk("a"), talk("a b")])
    await laboratory.services.store.update_run(runs[0].id, status="completed")
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        await pilot.press("u")
        await pilot.pause()
        await pilot.press("c")
        assert pilot.app.screen.query_one(SelectionList).selected == [runs[0].id]


async def test_the_screen_can_be_opened_for_some_runs(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    runs = await stored(laboratory, [talk("a"), talk("a", "b")], name="Older")
    await stored(laboratory, [], name="Newer")
    async with open_screen(AnalysisScreen(laboratory, run_ids=[runs[1].id])) as pilot:
        assert str(screen_of(pilot).query_one("#runs", Button).label) == "1 of 2 runs"
        assert len(rows(pilot)) == 2


async def test_r_reads_what_running_runs_have_said_since_and_new_runs(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    store = laboratory.services.store
    (one,) = await stored(laboratory, [talk("a")], status="running")
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        assert [row[0] for row in rows(pilot)] == ["guard 1"]
        await store.commit(said(1, PRISONER, "b").model_copy(update={"run_id": one.id}))
        await store.add_run(one.model_copy(update={"id": "R-new"}))
        await pilot.press("r")
        await settled(pilot)
        assert [row[0] for row in rows(pilot)] == ["guard 1", "prisoner 1"]
        assert str(screen_of(pilot).query_one("#runs", Button).label) == "all 2 runs"


# ---------------------------------------------------------------- reading takes long, or fails


async def test_reading_can_be_stopped_and_goes_on_with_r(
    laboratory: Laboratory, open_screen: OpenScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = await stored(laboratory, [talk("a"), talk("a b"), talk("a b", "c")])
    store = laboratory.services.store
    steps, held = type(store).steps, asyncio.Event()

    async def slow(self: Any, run_id: str, *, after: int = -1) -> list[Step]:
        if run_id != first.id:
            await held.wait()
        return await steps(self, run_id, after=after)

    async with open_screen(AnalysisScreen(laboratory, run_ids=[first.id])) as pilot:
        monkeypatch.setattr(type(store), "steps", slow)
        await pilot.press("u")
        await pilot.pause()
        await pilot.press("a", "ctrl+s")
        await until(lambda: "Reading, 1 of 3 runs; esc stops." in text(pilot, "#counts"))
        assert len(rows(pilot)) == 1
        await pilot.press("escape")
        await until(lambda: "2 runs not read; r goes on." in text(pilot, "#counts"))
        assert isinstance(pilot.app.screen, AnalysisScreen)
        held.set()
        await pilot.press("r")
        await until(lambda: len(rows(pilot)) == 2)
        await settled(pilot)
        assert "not read" not in text(pilot, "#counts")


async def test_a_store_that_is_away_is_told_and_tried_again(
    laboratory: Laboratory, open_screen: OpenScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stored(laboratory, [talk("a")])

    async def away(self: Any, query: object) -> list[Experiment]:
        raise StoreUnavailableError("The store is away.", remedy="Wait a little.")

    with monkeypatch.context() as patch:
        patch.setattr(type(laboratory.services.store), "experiments", away)
        async with open_screen(AnalysisScreen(laboratory)) as pilot:
            assert "The store is away." in text(pilot, "#note")
            assert "r tries again" in text(pilot, "#note")
            patch.undo()
            await pilot.press("r")
            await settled(pilot)
            assert len(rows(pilot)) == 1


async def test_an_experiment_that_is_gone_is_told(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(AnalysisScreen(laboratory, "nowhere")) as pilot:
        assert "nowhere" in text(pilot, "#note")


async def test_what_is_missing_is_said(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        assert text(pilot, "#note") == NO_EXPERIMENTS
        await pilot.press("u", "v", "x")
        await stored(laboratory, [[], []])
        await pilot.press("r")
        await settled(pilot)
        assert text(pilot, "#note") == NO_STEPS


async def test_escape_leaves(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, AnalysisScreen)


async def test_a_terminal_that_becomes_tiny_and_large_again_shows_the_same(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await stored(laboratory, [talk("a b", "a")])
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        before = screen_of(pilot).query_one(Plot).drawn
        await pilot.resize_terminal(20, 5)
        await settled(pilot)
        await pilot.resize_terminal(*NARROW)
        await settled(pilot)
        assert screen_of(pilot).query_one(Plot).drawn == before
