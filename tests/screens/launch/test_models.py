"""Models are chosen from what providers offer, named freely, or downloaded."""

from __future__ import annotations

from textual.widgets import Button, Input, OptionList, Static

from screens.laboratory import Laboratory
from screens.launch.fields import TypedField
from screens.launch.screen import LaunchScreen
from simulator.domain.records import RunQuery
from tests.screens.conftest import WIDE, OpenScreen
from tests.screens.launch.conftest import OpenLaboratory, stored
from tests.screens.launch.pilots import (
    estimated,
    fault,
    field,
    models,
    name_model,
    plain,
    product,
    put,
    screen_of,
    type_into,
)
from tests.servers.ollama_server import OllamaServer
from tests.servers.ollama_wire import Trouble
from tests.waiting import until


async def test_models_are_ticked_with_keys(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory)), WIDE) as pilot:
        await estimated(pilot)
        assert models(pilot).chosen == ["scripted/babble"]
        await until(lambda: "scripted/babble (as designed)" in plain(pilot))
        await type_into(pilot, "model", "pock")
        await pilot.press("enter")
        assert models(pilot).chosen == ["scripted/babble", "pocket"]
        await pilot.press(*["backspace"] * 4, "down", "down")
        await pilot.press("space")
        await until(lambda: len(models(pilot).chosen) == 3)
        assert product(pilot) == "3 runs"
        await pilot.press("ctrl+s")
        await until(lambda: len(laboratory.live.runs) == 3)
        runs = await laboratory.services.store.runs(RunQuery())
        assert sorted(run.agents[0].model for run in runs) == [
            "pocket", "scripted/babble", "scripted/echo",
        ]  # fmt: skip


async def test_any_model_can_be_named(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory)), WIDE) as pilot:
        await estimated(pilot)
        await name_model(pilot, "scripted/say?text=Hello")
        await until(lambda: "+  use scripted/say?text=Hello" in plain(pilot))
        await pilot.press("enter")
        await until(lambda: models(pilot).chosen[-1] == "scripted/say?text=Hello")
        await until(lambda: "[x] scripted/say?text=Hello" in plain(pilot))
        await pilot.press("enter")
        await until(lambda: models(pilot).chosen == ["scripted/babble"])


async def test_what_can_be_no_model_is_refused(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory)), WIDE) as pilot:
        await estimated(pilot)
        await name_model(pilot, "nobody/x")
        await pilot.press("enter")
        await until(lambda: "No provider has 'nobody/x'" in fault(pilot, "model"))
        assert models(pilot).chosen == ["scripted/babble"]


async def test_no_model_at_all_is_a_fault(laboratory: Laboratory, open_screen: OpenScreen) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory))) as pilot:
        await estimated(pilot)
        models(pilot).toggle("scripted/babble")
        await until(lambda: "Tick one" in fault(pilot, "model"))


async def test_a_role_has_a_model_of_its_own(
    laboratory: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(LaunchScreen(laboratory, await stored(laboratory))) as pilot:
        await estimated(pilot)
        guard = field(pilot, "models.guard")
        assert isinstance(guard, TypedField)
        suggester = guard.query_one(Input).suggester
        assert suggester is not None
        assert await suggester.get_suggestion("scripted/e") == "scripted/echo"
        await put(pilot, "models.guard", "scripted/echo")
        assert "scripted/echo: 1 run" in await estimated(pilot)
        await pilot.press("ctrl+s")
        await until(lambda: bool(laboratory.live.runs))
        (live,) = laboratory.live.runs.values()
        assert [agent.model for agent in live.run.agents[:2]] == [
            "scripted/echo", "scripted/babble",
        ]  # fmt: skip


async def test_a_server_that_is_off_is_shown_with_the_reason(
    open_laboratory: OpenLaboratory, open_screen: OpenScreen, ollama: OllamaServer
) -> None:
    ollama.page_everywhere = True
    async with open_laboratory() as laboratory:
        screen = LaunchScreen(laboratory, await stored(laboratory))
        async with open_screen(screen, WIDE) as pilot:
            await estimated(pilot)
            models(pilot).query_one(OptionList).scroll_end(animate=False)
            await pilot.pause()
            await until(lambda: "✗  ollama:" in plain(pilot))
            await put(pilot, "models.guard", "ollama/llama3.2")
            text = await estimated(pilot)
            assert "✗ " in text and "llama" in text.lower()
            ollama.page_everywhere = False
            await pilot.press("ctrl+r")
            await until(lambda: "ollama/llama3.2" in models(pilot).offered)


async def test_a_model_is_downloaded_and_ticked(
    open_laboratory: OpenLaboratory, open_screen: OpenScreen, ollama: OllamaServer
) -> None:
    async with open_laboratory() as laboratory:
        screen = LaunchScreen(laboratory, await stored(laboratory))
        async with open_screen(screen, WIDE) as pilot:
            await estimated(pilot)
            await name_model(pilot, "ollama/qwen3:0.6b")
            await pilot.press("down", "down", "enter")
            await until(lambda: "ollama/qwen3:0.6b" in models(pilot).offered)
            await pilot.pause()
            assert models(pilot).chosen[-1] == "ollama/qwen3:0.6b"
            assert not screen_of(pilot).query_one("#pull").display
            assert models(pilot).query_one("#model-filter", Input).value == ""


async def test_a_download_says_how_far_it_is_and_can_be_cancelled(
    open_laboratory: OpenLaboratory, open_screen: OpenScreen, ollama: OllamaServer
) -> None:
    ollama.troubles.append(Trouble.STALL_WITHIN)
    async with open_laboratory() as laboratory:
        screen = LaunchScreen(laboratory, await stored(laboratory))
        async with open_screen(screen, WIDE) as pilot:
            await estimated(pilot)
            models(pilot).pull("ollama/qwen3:0.6b")
            state = screen_of(pilot).query_one("#pull-state", Static)
            await until(lambda: "pulling" in str(state.content))
            await ollama.stalled.wait()
            await pilot.pause()
            screen_of(pilot).query_one("#pull-cancel", Button).press()
            await ollama.abandoned.wait()
            await until(lambda: "given up" in fault(pilot, "model"))
            assert not screen_of(pilot).query_one("#pull").display
            assert models(pilot).chosen == ["scripted/babble"]


async def test_a_download_that_fails_says_why(
    open_laboratory: OpenLaboratory, open_screen: OpenScreen, ollama: OllamaServer
) -> None:
    async with open_laboratory() as laboratory:
        screen = LaunchScreen(laboratory, await stored(laboratory))
        async with open_screen(screen, WIDE) as pilot:
            await estimated(pilot)
            models(pilot).pull("ollama/nobody")
            await until(lambda: "nobody" in fault(pilot, "model"))
            assert models(pilot).chosen == ["scripted/babble"]
