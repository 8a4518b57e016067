"""How the screen looks and what it survives."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from screens.laboratory import Laboratory
from screens.launch.screen import LaunchScreen
from screens.launch.tick import Tick
from tests.lab import design
from tests.screens.conftest import NARROW, WIDE, OpenScreen, Snap, settled
from tests.screens.launch.chain import Chain, ChainDesign
from tests.screens.launch.conftest import OpenLaboratory, stored
from tests.screens.launch.pilots import (
    estimated,
    fault,
    forecast,
    models,
    name_model,
    plain,
    product,
    put,
    screen_of,
    tick_all,
)
from tests.waiting import until

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
HOSTILE = "[/foo] [bold red]x[/] \x1b[31m\u202e"


@SIZES
async def test_fresh(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory)), size) as pilot:
        await estimated(pilot)
        snap(pilot)


@SIZES
async def test_a_whole_grid(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory)), size) as pilot:
        await estimated(pilot)
        models(pilot).toggle("pocket")
        await put(pilot, "days", "1..2")
        await put(pilot, "agents.guard", "1..2")
        await put(pilot, "repetitions", "5")
        await tick_all(pilot, "levels.risks")
        await tick_all(pilot, "levels.goal")
        await estimated(pilot)
        screen_of(pilot).form.scroll_home(animate=False)
        await pilot.pause()
        snap(pilot)


@SIZES
async def test_with_faults(
    open_laboratory: OpenLaboratory,
    open_screen: OpenScreen,
    snap: Snap,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:0")
    async with open_laboratory() as laboratory:
        screen = LaunchScreen(laboratory, await stored(laboratory))
        async with open_screen(screen, size) as pilot:
            await estimated(pilot)
            await put(pilot, "sampling.temperature", "hot")
            await put(pilot, "sampling.max_tokens", "0")
            await until(lambda: bool(fault(pilot, "sampling.max_tokens")))
            # The form scrolls to a fault once it is drawn.
            await settled(pilot)
            screen_of(pilot).form.scroll_to(y=14, animate=False)
            await until(lambda: "reasoning" in plain(pilot))
            await pilot.pause()
            snap(pilot)


async def test_conditions_instead_of_the_form_where_there_is_no_room_for_both(
    laboratory: Laboratory, open_screen: OpenScreen, snap: Snap
) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory)), NARROW) as pilot:
        await put(pilot, "messages", "2..60")
        await put(pilot, "days", "1, 3")
        await estimated(pilot)
        await pilot.press("ctrl+l")
        await until(lambda: bool(screen_of(pilot).conditions.size.height))
        await pilot.pause()
        assert screen_of(pilot).conditions.has_focus and not screen_of(pilot).form.display
        snap(pilot)
        await pilot.press("end")
        await pilot.pause()
        await until(lambda: "118   60        3" in plain(pilot))
        await pilot.press("c")
        await until(lambda: screen_of(pilot).form.display)
        assert not screen_of(pilot).conditions.display


async def test_foreign_names_are_shown_literally(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    hostile = design(
        name=f"Name {HOSTILE}",
        model="scripted/echo",
        factors={f"goal {HOSTILE}": {f"a {HOSTILE}": {}, f"b {HOSTILE}": {}}},
    )
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory, hostile)), WIDE) as p:
        await tick_all(p, f"levels.goal {HOSTILE}")
        await name_model(p, "scripted/say?text=[/foo][bold]")
        await p.press("enter")
        await until(lambda: len(models(p).chosen) == 2)
        await estimated(p)
        text = plain(p)
        assert "Launch · Name [/foo] [bold red]x[/] ␛[31m\\u202e" in text
        assert "[x] a [/foo] [bold red]x[/]" in text
        assert "scripted/say?text=[/foo][bold]" in text
        assert "\x1b" not in text and "\u202e" not in text
        await p.press("ctrl+y")
        await p.pause()


async def test_a_terminal_made_tiny_and_large_again(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory)), WIDE) as pilot:
        await put(pilot, "days", "1..3")
        before = await estimated(pilot)
        for size in ((20, 5), (1, 1), (80, 24), WIDE):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert product(pilot) == "3 runs" and forecast(pilot) == before
        await until(lambda: "3 conditions" in plain(pilot))


async def test_every_field_can_be_reached_with_tab(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory)), NARROW) as pilot:
        await estimated(pilot)
        screen = screen_of(pilot)
        chain = screen.focus_chain
        assert set(screen.form.query(Input)) | set(screen.form.query(Tick)) <= set(chain)
        assert screen.query_one("#start") in chain
        place = chain.index(screen.query_one("#model-filter"))
        screen.set_focus(chain[place])
        await pilot.press("tab", "tab")
        assert pilot.app.focused is chain[place + 2]


async def test_another_kind_gets_fields_from_its_parameters(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    laboratory.services.kinds = {"chain": Chain()}
    screen = LaunchScreen(laboratory, await stored(laboratory, ChainDesign()))
    async with open_screen(screen, WIDE) as pilot:
        assert "3 calls" in await estimated(pilot)
        await put(pilot, "hands", "2, 60")
        assert "less than or equal to 50" in fault(pilot, "hands")
        await pilot.press("backspace", "backspace", "5")
        await tick_all(pilot, "task")
        await put(pilot, "text", "Well, hello")
        await put(pilot, "sampling.top_k", "7")
        assert product(pilot) == "hands 2 × task 2 = 4 runs"
        assert "14 calls" in await estimated(pilot)
        await pilot.press("ctrl+s")
        await until(lambda: len(laboratory.live.runs) == 4 and laboratory.live.unfinished == 0)
        runs = [live.run for live in laboratory.live.runs.values()]
        assert [run.parameters for run in runs] == [
            {"hands": hands, "task": task, "text": "Well, hello", "sampling": {"top_k": 7}}
            for hands in (2, 5)
            for task in ("repeat", "rephrase")
        ]
        assert sum(run.usage.calls for run in runs) == 14
