from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from screens.home.screen import HomeScreen
from screens.laboratory import Laboratory
from screens.messages import OpenMonitor, OpenTranscript
from simulator.domain.records import Lease
from simulator.errors import NotFoundError
from simulator.process import SystemClock
from tests.screens.conftest import OpenScreen
from tests.screens.home.shelves import (
    HOSTILE,
    add,
    add_runs,
    asked,
    home,
    plain,
    ready,
    settled,
    told,
    typed,
)
from tests.waiting import until


@asynccontextmanager
async def at_runs(laboratory: Laboratory, open_screen: OpenScreen) -> AsyncIterator[Pilot[int]]:
    """The screen with the cursor on the newest run of the only experiment."""
    async with open_screen(HomeScreen(laboratory)) as pilot:
        screen = await ready(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert pilot.app.focused is screen.run_table
        yield pilot


async def test_enter_reads_a_run(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    await add_runs(laboratory, await add(laboratory, "A"), "R1", "R2")
    async with at_runs(laboratory, open_screen) as pilot:
        await pilot.press("down", "enter")
        await settled(pilot)
        (message,) = asked(pilot)
        assert isinstance(message, OpenTranscript) and message.run_id == "R1"


async def test_r_resumes_a_run_and_shows_it(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    (run,) = await add_runs(laboratory, await add(laboratory, "A"), "R1")
    async with at_runs(laboratory, open_screen) as pilot:
        await pilot.press("r")
        await until(lambda: laboratory.live.counts()["completed"] == 1)
        await settled(pilot)
        (message,) = asked(pilot)
        assert isinstance(message, OpenMonitor) and message.run_id == run.id
        assert (await laboratory.services.store.run(run.id)).status == "completed"
        await pilot.press("r")
        await settled(pilot)
        assert "is completed" in told(pilot) and len(asked(pilot)) == 1


async def test_a_run_that_is_played_elsewhere_is_not_resumed(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await add_runs(laboratory, await add(laboratory, "A"), "R1")
    now = SystemClock().now()
    lease = Lease("lab-3-0a0a0a:4711:8842", now.replace(year=now.year + 1), "bob")
    await laboratory.services.store.acquire("R1", lease, now=now)
    async with at_runs(laboratory, open_screen) as pilot:
        assert "▶ running" in plain(pilot)
        await pilot.press("r")
        await settled(pilot)
        assert "is being played by bob on lab-3" in told(pilot) and asked(pilot) == []


async def test_a_run_is_starred_and_annotated(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await add_runs(laboratory, await add(laboratory, "A"), "R1")
    store = laboratory.services.store
    async with at_runs(laboratory, open_screen) as pilot:
        await pilot.press("asterisk")
        await settled(pilot)
        assert (await store.run("R1")).starred_by == ("ada",)
        assert str(home(pilot).run_table.get_row("R1")[0]) == "★"
        assert (await store.experiment("A")).starred_by == ()
        await pilot.press("asterisk")
        await settled(pilot)
        await pilot.press("m")
        await settled(pilot)
        await typed(pilot, HOSTILE)
        assert (await store.run("R1")).starred_by == ()
        assert (await store.run("R1")).note == HOSTILE


async def test_a_run_is_deleted_once_agreed(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await add_runs(laboratory, await add(laboratory, "A"), "R1", "R2")
    store = laboratory.services.store
    async with at_runs(laboratory, open_screen) as pilot:
        await pilot.press("delete")
        await settled(pilot)
        assert "with everything said in it" in plain(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert await store.run("R2")
        await pilot.press("delete")
        await settled(pilot)
        await pilot.press("y")
        await until(lambda: "Runs: 1" in plain(pilot))
        with pytest.raises(NotFoundError):
            await store.run("R2")
        assert pilot.app.focused is not None


async def test_runs_of_others_are_theirs(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    await add_runs(laboratory, await add(laboratory, "A"), "R1", creator="bob")
    async with at_runs(laboratory, open_screen) as pilot:
        for key in ("m", "delete"):
            await pilot.press(key)
            await settled(pilot)
        assert told(pilot).count("belongs to bob") == 2


@pytest.mark.parametrize("form", ["jsonl", "csv", "markdown"])
async def test_a_transcript_is_exported(
    laboratory: Laboratory, open_screen: OpenScreen, tmp_path: Path, form: str
) -> None:
    runs = await add_runs(laboratory, await add(laboratory, "A"), "R1")
    await laboratory.live.start(runs)
    await until(lambda: laboratory.live.unfinished == 0)
    async with at_runs(laboratory, open_screen) as pilot:
        await pilot.press("x")
        await settled(pilot)
        await pilot.press("home", *["down"] * ("jsonl", "csv", "markdown").index(form), "enter")
        await settled(pilot)
        file = tmp_path / "out"
        await typed(pilot, str(file))
        await until(file.exists)
        begins = {"jsonl": "{", "csv": "run_id,", "markdown": "# Prison"}
        assert file.read_text("utf-8").startswith(begins[form])


async def test_a_run_without_words_is_not_exported(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await add_runs(laboratory, await add(laboratory, "A"), "R1")
    async with at_runs(laboratory, open_screen) as pilot:
        await pilot.press("x")
        await settled(pilot)
        assert "nothing to export yet" in told(pilot)


async def test_states_change_while_they_are_looked_at(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    await add_runs(laboratory, await add(laboratory, "A"), "R1", "R2")
    store = laboratory.services.store
    await store.update_run("R2", status="running")
    async with at_runs(laboratory, open_screen) as pilot:
        assert "! abandoned" in plain(pilot) and "… queued" in plain(pilot)
        await store.update_run("R1", status="failed", error="it broke")
        screen = await ready(pilot)
        await pilot.press("down")
        screen.look_again()
        await until(lambda: "✗ failed" in plain(pilot))
        assert screen.run_table.selected == "R1"
