from __future__ import annotations

from pathlib import Path

import pytest

from screens.dialogs import AskText, Confirm, Pick
from screens.editor.drafting import store_name
from screens.home.screen import HomeScreen
from screens.laboratory import Laboratory
from screens.messages import (
    DuplicateDesign,
    EditDesign,
    LaunchExperiment,
    NewDesign,
    OpenAnalysis,
    ResumeDraft,
)
from simulator.domain.records import ExperimentQuery, Lease
from simulator.drafts import Draft, Drafts
from simulator.errors import NotFoundError
from simulator.files.designs import load_design
from simulator.process import SystemClock
from simulator.settings import default_drafts
from tests.screens.conftest import OpenScreen
from tests.screens.home.shelves import (
    HOSTILE,
    add,
    add_runs,
    asked,
    listed,
    plain,
    ready,
    settled,
    told,
    typed,
)
from tests.waiting import until


async def names(laboratory: Laboratory) -> list[str]:
    return [one.name for one in await laboratory.services.store.experiments(ExperimentQuery())]


async def test_launching_editing_and_analysing_ask_for_their_screens(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await add(laboratory, "A")
    async with open_screen(HomeScreen(laboratory)) as pilot:
        await ready(pilot)
        for key in ("l", "a", "D", "e"):
            await pilot.press(key)
            await settled(pilot)
        assert [(type(one), getattr(one, "experiment_id", "")) for one in asked(pilot)] == [
            (LaunchExperiment, "A"), (OpenAnalysis, "A"), (DuplicateDesign, "A"), (EditDesign, "A"),
        ]  # fmt: skip


@pytest.mark.parametrize("key", ["l", "a", "D", "e", "d", "asterisk", "m", "x", "delete", "p"])
async def test_without_an_experiment_every_deed_says_so(
    laboratory: Laboratory, open_screen: OpenScreen, key: str
) -> None:
    await add(laboratory, "A")
    async with open_screen(HomeScreen(laboratory)) as pilot:
        screen = await ready(pilot)
        await pilot.press("slash", *"nothing", "enter")
        screen.table.focus()
        await pilot.press(key)
        await settled(pilot)
        assert "There is no experiment under the cursor." in told(pilot)
        assert asked(pilot) == []


async def test_n_begins_with_a_kind_or_a_seed(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await add(laboratory, "A")
    async with open_screen(HomeScreen(laboratory)) as pilot:
        screen = await ready(pilot)
        await pilot.press("n")
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)
        await pilot.press("n")
        await settled(pilot)
        assert isinstance(pilot.app.screen, Pick) and "Seed: Prison" in plain(pilot)
        await pilot.press("home", "enter")
        await settled(pilot)
        (message,) = asked(pilot)
        assert isinstance(message, NewDesign) and message.kind == "conversation"
        await pilot.press("n")
        await settled(pilot)
        await pilot.press("end", "enter")
        await until(lambda: len(listed(pilot)) == 2)
        await ready(pilot)
        assert screen.table.selected == listed(pilot)[0]
        assert "is on the list" in told(pilot)
        await pilot.press("n")
        await settled(pilot)
        await pilot.press("end", "enter")
        await settled(pilot)
        assert len(listed(pilot)) == 2


async def test_drafts_are_told_of_and_offered_first(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await add(laboratory, "A")
    drafts = Drafts(default_drafts())
    now = laboratory.now()
    drafts.save(Draft("d1", "name: X", None, None, store_name(laboratory), now))
    drafts.save(Draft("d2", "name: Y", None, None, "sqlite:///elsewhere.db", now))
    async with open_screen(HomeScreen(laboratory)) as pilot:
        await ready(pilot)
        assert "1 draft not saved" in told(pilot)
        await pilot.press("n")
        await settled(pilot)
        assert "Go on with what was not saved: 1 draft" in plain(pilot)
        await pilot.press("home", "enter")
        await settled(pilot)
        assert [type(message) for message in asked(pilot)] == [ResumeDraft]


async def test_d_copies_under_another_name(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    original = await add(laboratory, "A", HOSTILE)
    await add(laboratory, "B", f"{HOSTILE} copy", days_old=1)
    async with open_screen(HomeScreen(laboratory)) as pilot:
        screen = await ready(pilot)
        await pilot.press("d")
        await settled(pilot)
        assert isinstance(pilot.app.screen, AskText)
        assert pilot.app.screen.answer == f"{HOSTILE} copy 2"
        await typed(pilot, " ")
        assert "needs a name" in plain(pilot)
        await typed(pilot, "Yard")
        await ready(pilot)
        assert listed(pilot)[0] == screen.table.selected
        copy = await laboratory.services.store.experiment(listed(pilot)[0])
        assert (copy.name, copy.parent_id, copy.design) == ("Yard", "A", original.design)
        await pilot.press("d")
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert len(await names(laboratory)) == 3


async def test_a_design_with_runs_is_not_edited_but_copied(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await add_runs(laboratory, await add(laboratory, "A"), "R1")
    await add(laboratory, "B", creator="bob", days_old=1)
    async with open_screen(HomeScreen(laboratory)) as pilot:
        await ready(pilot)
        await pilot.press("e")
        await settled(pilot)
        assert isinstance(pilot.app.screen, Confirm) and "has 1 run of the design" in plain(pilot)
        await pilot.press("n")
        assert asked(pilot) == []
        await pilot.press("e")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("down", "e")
        await settled(pilot)
        assert "belongs to bob" in plain(pilot)
        await pilot.press("y")
        await settled(pilot)
        assert [getattr(one, "experiment_id", "") for one in asked(pilot)] == ["A", "B"]
        assert all(isinstance(one, DuplicateDesign) for one in asked(pilot))


async def test_a_star_is_given_and_taken_back(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await add(laboratory, "A", creator="bob", starred_by=("bob",))
    async with open_screen(HomeScreen(laboratory)) as pilot:
        screen = await ready(pilot)
        await pilot.press("asterisk")
        await settled(pilot)
        assert screen.table.lines[0].entry.is_starred
        assert (await laboratory.services.store.experiment("A")).starred_by == ("ada", "bob")
        await pilot.press("asterisk")
        await settled(pilot)
        assert not screen.table.lines[0].entry.is_starred
        assert (await laboratory.services.store.experiment("A")).starred_by == ("bob",)


async def test_a_note_is_written_on_what_is_ones_own(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await add(laboratory, "A", note="old")
    await add(laboratory, "B", creator="bob", days_old=1)
    async with open_screen(HomeScreen(laboratory)) as pilot:
        screen = await ready(pilot)
        await pilot.press("m")
        await settled(pilot)
        await typed(pilot, HOSTILE)
        assert screen.table.lines[0].entry.note == HOSTILE
        assert (await laboratory.services.store.experiment("A")).note == HOSTILE
        await pilot.press("down", "m")
        await settled(pilot)
        assert "belongs to bob" in told(pilot) and not isinstance(pilot.app.screen, AskText)


async def test_a_deletion_asks_and_counts(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    await add_runs(laboratory, await add(laboratory, "A"), "R1", "R2")
    await add(laboratory, "B", "Yard", days_old=1)
    async with open_screen(HomeScreen(laboratory)) as pilot:
        screen = await ready(pilot)
        await pilot.press("delete")
        await settled(pilot)
        assert "Delete “Prison” with 2 runs?" in plain(pilot)
        assert "cannot be taken back" in plain(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert listed(pilot) == ["A", "B"]
        await pilot.press("delete")
        await settled(pilot)
        await pilot.press("y")
        await until(lambda: listed(pilot) == ["B"])
        await ready(pilot)
        assert screen.table.selected == "B" and "Deleted “Prison” and 2 runs." in told(pilot)
        with pytest.raises(NotFoundError):
            await laboratory.services.store.run("R1")


async def test_only_ones_own_are_deleted_and_runs_of_others_are_named(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await add(laboratory, "A", creator="bob")
    mine = await add(laboratory, "B", days_old=1)
    await add_runs(laboratory, mine, "R1")
    await add_runs(laboratory, mine, "R2", creator="bob")
    async with open_screen(HomeScreen(laboratory)) as pilot:
        await ready(pilot)
        await pilot.press("delete")
        await settled(pilot)
        assert "belongs to bob" in told(pilot) and not isinstance(pilot.app.screen, Confirm)
        await pilot.press("down", "delete")
        await settled(pilot)
        assert "Others would lose runs: 1 of bob." in plain(pilot)
        await pilot.press("y")
        await until(lambda: listed(pilot) == ["A"])


async def test_what_is_played_is_not_deleted(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await add_runs(laboratory, await add(laboratory, "A"), "R1")
    now = SystemClock().now()
    lease = Lease("lab-3-0a0a0a:4711:8842", now.replace(year=now.year + 1), "bob")
    await laboratory.services.store.acquire("R1", lease, now=now)
    async with open_screen(HomeScreen(laboratory)) as pilot:
        await ready(pilot)
        await pilot.press("delete")
        await settled(pilot)
        await pilot.press("y")
        await settled(pilot)
        assert "is being played by bob on lab-3" in told(pilot) and listed(pilot) == ["A"]


async def test_a_design_is_exported_and_files_are_only_replaced_when_asked(
    laboratory: Laboratory, open_screen: OpenScreen, tmp_path: Path
) -> None:
    await add(laboratory, "A", "Prison: [yard] / ü", note="n")
    file = tmp_path / "out.yaml"
    async with open_screen(HomeScreen(laboratory)) as pilot:
        await ready(pilot)
        await pilot.press("x")
        await settled(pilot)
        assert isinstance(pilot.app.screen, AskText)
        assert pilot.app.screen.answer == str(Path.cwd() / "prison-yard-ü.yaml")
        await typed(pilot, str(file))
        design = load_design(file, laboratory.services.kinds)
        stored = await laboratory.services.store.experiment("A")
        assert design == laboratory.services.design_of(stored)
        file.write_text("mine", encoding="utf-8")
        for key, text in (("n", "mine"), ("y", "kind:")):
            await pilot.press("x")
            await settled(pilot)
            await typed(pilot, str(file))
            assert "exists already" in plain(pilot)
            await pilot.press(key)
            await settled(pilot)
            assert file.read_text("utf-8").startswith(text)
        await pilot.press("x")
        await settled(pilot)
        await typed(pilot, str(tmp_path / "nowhere" / "out.yaml"))
        assert "There is no folder" in told(pilot)
