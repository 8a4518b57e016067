"""What debates came to, on the screen of analysis, in the list of runs, and their examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from screens.analysis.debates import DebatePane
from screens.analysis.screen import AnalysisScreen
from screens.analysis.summary_table import SummaryTable
from screens.home.run_table import RunTable
from screens.home.screen import HomeScreen
from screens.laboratory import Laboratory
from tests import kept_debates as kept
from tests.screens.conftest import NARROW, WIDE, OpenScreen, Snap, settled
from tests.waiting import until


def pane(pilot: Pilot[int]) -> DebatePane:
    return pilot.app.screen.query_one(DebatePane)


async def second(laboratory: Laboratory, made: Any) -> None:
    """Another run of the experiment, which is wrong once more."""
    run_id = "0RUN00000000000000000DEB8F"
    steps = kept.journal(made, run_id=run_id)
    steps[-2] = steps[-2].model_copy(update={"content": "Answer: 5"})
    await laboratory.services.store.add_run(kept.run_of(made, steps, run_id), steps)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_debates_are_told_in_tables(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    made = kept.design()
    await kept.stored(laboratory.services.store, made)
    await second(laboratory, made)
    async with open_screen(AnalysisScreen(laboratory), size) as pilot:
        shown = pane(pilot).text
        assert "66.7 % [20.8, 93.9]" in shown and "33.3 % [6.1, 79.2]" in shown
        assert "Comparisons on shared questions" in shown and "A: Debaters by round" in shown
        snap(pilot)


async def test_measures_are_there_too(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    await kept.stored(laboratory.services.store)
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        table = pilot.app.screen.query_one(SummaryTable)
        measuring = pilot.app.screen.query_one("#measuring")
        assert pane(pilot).display and not table.display and not measuring.display
        await until(lambda: pane(pilot).has_focus)
        await pilot.press("d")
        await settled(pilot)
        assert not pane(pilot).display and measuring.display and table.row_count > 0
        await pilot.press("d")
        await settled(pilot)
        assert pane(pilot).display and pane(pilot).has_focus


async def test_without_answers_that_is_told(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    made = kept.design()
    await kept.stored(laboratory.services.store, made, steps=kept.journal(made)[:5])
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        note = str(pilot.app.screen.query_one("#note", Static).content)
        assert "No question of these runs is answered yet." in note
        assert "1 run without any answered question." in note
        await pilot.press("x")
        await settled(pilot)


async def test_the_tables_are_exported(
    laboratory: Laboratory, open_screen: OpenScreen, tmp_path: Path
) -> None:
    await kept.stored(laboratory.services.store)
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        await pilot.press("x")
        await until(lambda: bool(pilot.app.screen.query(OptionList)))
        await pilot.pause()
        await pilot.press("down", "down", "enter")
        await until(lambda: bool(pilot.app.screen.query(Input)))
        field = pilot.app.screen.query_one(Input)
        assert field.value.endswith("debate-answers.csv")
        field.value = str(tmp_path / "answers.csv")
        await pilot.press("enter")
        await settled(pilot)
        assert "How many are 2?" in (tmp_path / "answers.csv").read_text(encoding="utf-8")


async def test_the_list_of_runs_has_their_right_answers(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await kept.stored(laboratory.services.store)
    async with open_screen(HomeScreen(laboratory), WIDE) as pilot:
        table = pilot.app.screen.query_one(RunTable)
        await until(lambda: table.row_count == 1)
        assert "2 of 3, 66.7 %" in [str(cell) for cell in table.get_row_at(0)]
