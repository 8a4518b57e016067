from __future__ import annotations

import csv
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import DataTable, Input, OptionList

from screens.analysis.choices import Choices
from screens.analysis.left_out import LeftOutDialog
from screens.analysis.nothing import NO_RUNS
from screens.analysis.run_picker import RunPicker
from screens.analysis.screen import AnalysisScreen
from screens.analysis.summary_table import MOST_ROWS, SummaryTable
from screens.laboratory import Laboratory
from screens.messages import OpenTranscript
from screens.widgets.plot import Plot
from simulator.domain.records import Experiment
from tests.analysis.journals import GUARD, NOW, PRISONER, SUMMARIZER, agent, said
from tests.screens.analysis.looking import (
    HOSTILE,
    choose,
    played,
    rows,
    screen_of,
    stored,
    talk,
    text,
)
from tests.screens.conftest import NARROW, WIDE, OpenScreen, Snap, settled
from tests.waiting import until

# ---------------------------------------------------------------- what is shown


async def test_messages_of_each_agent_and_day_are_shown_first(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    runs = await played(laboratory)
    async with open_screen(AnalysisScreen(laboratory), WIDE) as pilot:
        shown = rows(pilot)
        assert [row[:2] for row in shown[:4]] == [
            ["guard 1", "1"], ["guard 1", "2"], ["prisoner 1", "1"], ["prisoner 1", "2"],
        ]  # fmt: skip
        counts = await laboratory.services.store.count_messages([one.id for one in runs])
        assert sum(int(row[-1]) for row in shown) == sum(counts.values())
        assert {row[2] for row in shown} == {"4"}
        drawn = screen_of(pilot).query_one(Plot).drawn
        assert "messages per run" in drawn and "█ day 1" in drawn and "guard 1" in drawn


async def test_another_measure_and_grouping_show_other_rows(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await stored(laboratory, [talk("a b c", "a"), talk("a b c d e", "a b")])
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        await choose(pilot, "measure", "words")
        await choose(pilot, "by1", "")
        assert [row[:3] for row in rows(pilot)] == [
            ["guard 1", "2", "4"], ["prisoner 1", "2", "1.50"],
        ]  # fmt: skip
        await choose(pilot, "by0", "")
        assert [row[:2] for row in rows(pilot)] == [["4", "2.75"]]
        await choose(pilot, "by0", "turn")
        assert [row[0] for row in rows(pilot)] == ["1", "2"]


async def test_conditions_can_be_compared(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    await played(laboratory, 3)
    async with open_screen(AnalysisScreen(laboratory), WIDE) as pilot:
        await choose(pilot, "by0", "condition")
        await choose(pilot, "by1", "")
        assert [row[:2] for row in rows(pilot)] == [["goal=escape", "3"], ["goal=yard time", "3"]]


async def test_choices_are_made_with_keys_alone(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await stored(laboratory, [talk("a b c", "a")])
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        await pilot.press("enter", *"characters", "enter")
        await settled(pilot)
        assert screen_of(pilot).query_one(Choices).choice.measure.name == "characters"
        assert rows(pilot)[0][3] == "5"
        await pilot.press("p")
        await settled(pilot)
        assert "over turns" in screen_of(pilot).query_one(Plot).drawn
        await pilot.press("p")
        await settled(pilot)
        assert "distribution" in screen_of(pilot).query_one(Plot).drawn


async def test_choices_are_made_with_the_mouse(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await stored(laboratory, [talk("a b c", "a")])
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        await pilot.click("#shape")
        await pilot.pause()
        overlay = pilot.app.screen.query_one("#shape SelectOverlay", OptionList)
        await pilot.click(overlay, offset=(4, 1))
        await settled(pilot)
        assert screen_of(pilot).query_one(Choices).choice.shape == "turns"


async def test_another_experiment_can_be_chosen(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await stored(laboratory, [talk("a")], name="First")
    await laboratory.services.store.add_experiment(
        Experiment(id="E", name=HOSTILE, kind="conversation", design={}, design_hash="0" * 32,
                   creator="ada", created_at=NOW)
    )  # fmt: skip
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        assert len(rows(pilot)) == 1
        await choose(pilot, "experiment", "E")
        assert text(pilot, "#note") == NO_RUNS
        assert not pilot.app.screen.query_one("#panes").display
        await choose(pilot, "experiment", "E-First")
        assert len(rows(pilot)) == 1 and pilot.app.screen.query_one("#panes").display


async def test_a_run_in_the_table_opens_its_transcript(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    runs = await stored(laboratory, [talk("a"), talk("a b")])
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        await choose(pilot, "by0", "run")
        pilot.app.screen.query_one(SummaryTable).focus()
        await pilot.press("down", "enter")
        await pilot.pause()
        assert pilot.app.asked == [OpenTranscript(runs[1].id)]  # type: ignore[attr-defined]


async def test_a_long_table_says_what_it_leaves_to_the_file(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await stored(laboratory, [talk("a")] * (MOST_ROWS + 3))
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        await choose(pilot, "by0", "run")
        assert len(rows(pilot)) == MOST_ROWS + 1
        assert rows(pilot)[-1][0] == "… 3 more; x exports all"
        pilot.app.screen.query_one(SummaryTable).focus()
        await pilot.press("ctrl+end", "enter")
        await pilot.pause()
        assert pilot.app.asked == []  # type: ignore[attr-defined]


async def test_names_are_shown_literally_in_table_plot_and_lists(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    wicked = agent(HOSTILE, 1, HOSTILE)
    await stored(
        laboratory, [[said(0, wicked), said(1, wicked, "")]], name=HOSTILE, agents=[wicked]
    )
    async with open_screen(AnalysisScreen(laboratory), WIDE) as pilot:
        shown = "[/foo] [bold red]x[/] ␛[31m"
        await choose(pilot, "measure", "words")
        assert rows(pilot)[0][0] == f"{shown} 1"
        assert shown in screen_of(pilot).query_one(Plot).drawn
        await pilot.press("v")
        await pilot.pause()
        steps = pilot.app.screen.query_one("#steps", DataTable)
        assert str(steps.get_row_at(0)[2]) == shown
        await pilot.press("escape", "u")
        await pilot.pause()
        assert isinstance(pilot.app.screen, RunPicker)


# ---------------------------------------------------------------- what is left out


async def test_what_is_left_out_is_counted_and_listed(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    journal = [said(0, "Researcher"), said(1, GUARD), said(2, PRISONER, " "), said(3, SUMMARIZER)]
    await stored(laboratory, [journal, []])
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        await choose(pilot, "measure", "words")
        counts = text(pilot, "#counts")
        assert "1 of 4 steps" in counts and "1 empty replies" in counts
        assert "1 run without any step" in counts
        await pilot.press("v")
        await pilot.pause()
        assert isinstance(pilot.app.screen, LeftOutDialog)
        steps = pilot.app.screen.query_one("#steps", DataTable)
        listed = [[str(cell) for cell in steps.get_row_at(row)][1:] for row in range(3)]
        assert listed == [
            ["0", "Researcher", "words of the researcher"],
            ["2", PRISONER.name, "empty replies"],
            ["3", "Summarizer", "words of helpers, as summaries"],
        ]
        await pilot.press("v")
        await pilot.pause()
        assert isinstance(pilot.app.screen, AnalysisScreen)


async def test_imported_runs_have_lengths_but_no_tokens_and_say_so(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    journal = [said(0, GUARD, "a b", kind="say", call=None, original_id="abc")]
    await stored(laboratory, [journal], original_id="abc")
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        await choose(pilot, "measure", "words")
        assert rows(pilot)[0][3] == "2"
        await choose(pilot, "measure", "tokens read")
        assert rows(pilot) == []
        assert "1 no call on record (imported)" in text(pilot, "#counts")
        assert screen_of(pilot).query_one(Plot).drawn.startswith("Nothing to plot.")


# ---------------------------------------------------------------- files


async def export(pilot: Pilot[int], what: int, path: Path | str) -> None:
    await pilot.press("x")
    await pilot.pause()
    await pilot.press(*["down"] * what, "enter")
    await pilot.pause()
    pilot.app.screen.query_one("#answer", Input).value = str(path)
    await pilot.press("enter")
    await pilot.pause()


async def test_table_left_out_steps_and_plot_are_exported(
    laboratory: Laboratory, open_screen: OpenScreen, tmp_path: Path
) -> None:
    await stored(laboratory, [[*talk("a b", "a"), said(2, "Researcher")]])
    names = ("table.csv", "left-out.csv", "plot.txt", "plot.svg")
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        await choose(pilot, "measure", "words")
        for what, name in enumerate(names):
            await export(pilot, what, tmp_path / name)
            await until((tmp_path / name).exists)
            await settled(pilot)
    table, left, plot, picture = ((tmp_path / name).read_text("utf-8") for name in names)
    assert [row["mean"] for row in csv.DictReader(table.splitlines())] == ["2.0", "1.0"]
    assert [row["why"] for row in csv.DictReader(left.splitlines())] == ["words of the researcher"]
    assert "guard 1" in plot and "█" in plot
    assert picture.startswith("<svg")


async def test_a_file_is_replaced_only_after_a_yes(
    laboratory: Laboratory, open_screen: OpenScreen, tmp_path: Path
) -> None:
    await stored(laboratory, [talk("a b")])
    target = tmp_path / "table.csv"
    target.write_text("mine", encoding="utf-8")
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        await export(pilot, 0, target)
        await pilot.press("n")
        await settled(pilot)
        assert target.read_text("utf-8") == "mine"
        await export(pilot, 0, target)
        await pilot.press("y")
        await until(lambda: target.read_text("utf-8").startswith("measure,"))
        await settled(pilot)


async def test_a_file_that_cannot_be_written_is_told(
    laboratory: Laboratory, open_screen: OpenScreen, tmp_path: Path
) -> None:
    await stored(laboratory, [talk("a b")])
    async with open_screen(AnalysisScreen(laboratory)) as pilot:
        await export(pilot, 0, tmp_path / "nowhere" / "table.csv")
        await settled(pilot)
        (told,) = pilot.app._notifications
        assert "There is no folder" in told.message and told.severity == "error"


# ---------------------------------------------------------------- looks


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_looks_without_experiments(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    async with open_screen(AnalysisScreen(laboratory), size) as pilot:
        snap(pilot)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_looks_with_runs(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    await played(laboratory, 3)
    async with open_screen(AnalysisScreen(laboratory), size) as pilot:
        await choose(pilot, "measure", "words")
        snap(pilot)
        await pilot.press("p")
        await settled(pilot)
        snap(pilot)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_looks_where_a_store_fails(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    async with open_screen(AnalysisScreen(laboratory, "nowhere"), size) as pilot:
        # What is told in passing comes and goes in its own time; the note stays.
        pilot.app.clear_notifications()
        await until(lambda: not pilot.app.screen.query("Toast"))
        await pilot.pause()
        snap(pilot)
