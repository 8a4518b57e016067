from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from dotenv import dotenv_values
from textual.pilot import Pilot
from textual.widgets import Input, ProgressBar, Static

from screens.dialogs import AskText, Confirm
from screens.laboratory import Laboratory
from screens.models.check_pane import CheckPane
from screens.models.facts_pane import FactsPane
from screens.models.model_list import ModelList
from screens.models.pull_bar import PullBar
from screens.models.screen import ModelsScreen
from screens.models.trial_pane import TrialPane
from simulator.domain.models import EndpointReport, ModelCard
from tests.screens.conftest import NARROW, WIDE, OpenScreen, Snap, settled
from tests.screens.models.conftest import SLOW, Shelf, many, troubled, unconfigured
from tests.servers.ollama_server import OllamaServer
from tests.servers.ollama_wire import Trouble

PATIENCE_S = 30


async def until(pilot: Pilot[int], condition: object) -> None:
    """Go on until something holds."""
    assert callable(condition)
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await pilot.pause(0.01)


def text_of(pilot: Pilot[int], selector: str) -> str:
    return str(pilot.app.screen.query_one(selector, Static).content)


def drawn(pilot: Pilot[int]) -> str:
    listed = pilot.app.screen.query_one(ModelList)
    return "\n".join(listed.render_line(y).text for y in range(listed.size.height))


def notices(pilot: Pilot[int]) -> str:
    return "\n".join(note.message for note in pilot.app._notifications)


def go_to(pilot: Pilot[int], model: str) -> None:
    listed = pilot.app.screen.query_one(ModelList)
    listed.move_to([row.key for row in listed.rows].index(model))


# ---------------------------------------------------------------- the list


async def test_models_and_reasons_are_listed_literally(
    lab: Laboratory, shelf: Shelf, open_screen: OpenScreen
) -> None:
    shelf.reports = many()
    async with open_screen(ModelsScreen(lab), size=WIDE) as pilot:
        seen = drawn(pilot)
        assert "ollama/llama3.1:8b" in seen and "131,072" in seen and "4.9 GB" in seen
        assert "0.15/0.6" in seen
        assert "vllm/[/foo] [bold red]␛[31m\\u202e" in seen
        assert "○ groq: not set up. Set GROQ_API_KEY" in seen
        assert text_of(pilot, "#told") == "10 models of 5 providers"


async def test_answers_are_shown_as_they_come(
    lab: Laboratory, shelf: Shelf, open_screen: OpenScreen
) -> None:
    shelf.reports = many()
    shelf.waiting["ollama"] = asyncio.Event()
    app_is_there = open_screen(ModelsScreen(lab), size=WIDE)
    shelf.waiting["ollama"].set()
    async with app_is_there as pilot:
        shelf.waiting["ollama"].clear()
        await pilot.press("r")
        await until(pilot, lambda: "asking 1 more" in text_of(pilot, "#told"))
        assert "openai/gpt-4o-mini" in drawn(pilot)
        shelf.waiting["ollama"].set()
        await settled(pilot)
        assert "asking" not in text_of(pilot, "#told")


async def test_facts_follow_the_cursor(
    lab: Laboratory, shelf: Shelf, open_screen: OpenScreen
) -> None:
    shelf.reports = many()
    async with open_screen(ModelsScreen(lab), size=WIDE) as pilot:
        facts = pilot.app.screen.query_one(FactsPane)
        assert facts.border_title == "pocket"
        go_to(pilot, "ollama/llama3.1:8b")
        await pilot.pause()
        told = text_of(pilot, "#facts-text")
        for fact in ("131,072 tokens", "8.0B Q4_K_M", "4.9 GB", "sha256:0123456789ab", "logprobs"):
            assert fact in told
        go_to(pilot, "mistral:")
        await pilot.pause()
        told = text_of(pilot, "#facts-text")
        assert "nothing answers there" in told and "Check the network." in told


async def test_search_narrows_the_list_and_escape_widens_it(
    lab: Laboratory, shelf: Shelf, open_screen: OpenScreen
) -> None:
    shelf.reports = many()
    async with open_screen(ModelsScreen(lab)) as pilot:
        listed = pilot.app.screen.query_one(ModelList)
        everything = len(listed.rows)
        await pilot.press("slash", *"qwen", "enter")
        assert [row.key for row in listed.rows] == ["ollama:", "ollama/qwen3:0.6b"]
        assert listed.has_focus
        await pilot.press("escape")
        assert len(listed.rows) == everything
        await pilot.press("slash", *"zzz")
        assert "No model is like that" in drawn(pilot)


async def test_the_cursor_stays_on_its_model_when_others_come(
    lab: Laboratory, shelf: Shelf, open_screen: OpenScreen
) -> None:
    shelf.reports = many()
    async with open_screen(ModelsScreen(lab)) as pilot:
        go_to(pilot, "openai/gpt-4o-mini")
        more = tuple(ModelCard(f"ollama/m{number}") for number in range(400))
        shelf.reports["ollama"] = EndpointReport("ollama", "", models=more)
        await pilot.press("r")
        await settled(pilot)
        selected = pilot.app.screen.query_one(ModelList).selected
        assert selected is not None and selected.key == "openai/gpt-4o-mini"
        assert "openai/gpt-4o-mini" in drawn(pilot)


# ---------------------------------------------------------------- trying


async def test_a_model_is_asked_what_the_user_types(
    lab: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(ModelsScreen(lab)) as pilot:
        go_to(pilot, "scripted/echo")
        await pilot.press("t", "ctrl+u")
        await settled(pilot)
        await pilot.press(*"hello", "enter")
        await until(pilot, lambda: "hello" in text_of(pilot, "#reply"))
        await settled(pilot)
        pace = text_of(pilot, "#pace")
        assert "first token after" in pace and "ended by" in pace
        await pilot.press("escape")
        assert pilot.app.screen.query_one(ModelList).has_focus
        assert not pilot.app.screen.query_one(TrialPane).display


async def test_hostile_replies_are_shown_literally(
    lab: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(ModelsScreen(lab)) as pilot:
        go_to(pilot, "scripted/hostile")
        await pilot.press("t", "enter")
        await settled(pilot)
        await until(pilot, lambda: bool(text_of(pilot, "#reply")))
        assert "\x1b" not in text_of(pilot, "#reply")


async def test_a_slow_reply_is_stopped(
    lab: Laboratory, shelf: Shelf, open_screen: OpenScreen
) -> None:
    shelf.asked = ("pocket",)
    shelf.reports = {"scripted": EndpointReport("scripted", "", models=(ModelCard(SLOW),))}
    async with open_screen(ModelsScreen(lab)) as pilot:
        go_to(pilot, SLOW)
        await pilot.press("t", "enter")
        pane = pilot.app.screen.query_one(TrialPane)
        await until(pilot, lambda: pane.is_asking)
        await pilot.press("escape")
        await until(pilot, lambda: text_of(pilot, "#pace").startswith("stopped"))
        assert pane.display and not pane.is_asking
        await pilot.press("escape")
        assert not pane.display


async def test_a_failing_model_says_why_in_its_pane(
    ollama: OllamaServer, lab: Laboratory, shelf: Shelf, open_screen: OpenScreen
) -> None:
    shelf.reports = {"ollama": EndpointReport("ollama", "", models=(ModelCard("ollama/gone"),))}
    async with open_screen(ModelsScreen(lab)) as pilot:
        go_to(pilot, "ollama/gone")
        await pilot.press("t", "enter")
        await settled(pilot)
        assert "the server has no such model" in text_of(pilot, "#pace")


# ---------------------------------------------------------------- checking


async def test_findings_come_one_after_another(lab: Laboratory, open_screen: OpenScreen) -> None:
    async with open_screen(ModelsScreen(lab)) as pilot:
        go_to(pilot, "scripted/echo")
        await pilot.press("c")
        await settled(pilot)
        found = {one.name: one.status for one in pilot.app.screen.query_one(CheckPane).found}
        assert (found["seed"], found["logprobs"], len(found)) == ("ok", "absent", 10)
        assert "7 calls" in text_of(pilot, "#checking")
        await pilot.press("escape")
        assert not pilot.app.screen.query_one(CheckPane).display


async def test_a_check_is_stopped(lab: Laboratory, shelf: Shelf, open_screen: OpenScreen) -> None:
    shelf.asked = ("pocket",)
    shelf.reports = {"scripted": EndpointReport("scripted", "", models=(ModelCard(SLOW),))}
    async with open_screen(ModelsScreen(lab)) as pilot:
        go_to(pilot, SLOW)
        await pilot.press("c")
        await until(pilot, lambda: pilot.app.screen.query_one(CheckPane).found)
        await pilot.press("escape")
        await until(pilot, lambda: text_of(pilot, "#checking").endswith("Stopped."))


async def test_a_provider_cannot_be_tried(lab: Laboratory, open_screen: OpenScreen) -> None:
    async with open_screen(ModelsScreen(lab)) as pilot:
        go_to(pilot, "pocket:")
        await pilot.press("t")
        assert "There is no model under the cursor." in notices(pilot)


# ---------------------------------------------------------------- downloads


async def test_a_model_is_downloaded_and_listed(
    ollama: OllamaServer, lab: Laboratory, shelf: Shelf, open_screen: OpenScreen
) -> None:
    shelf.asked = ("pocket", "ollama")
    async with open_screen(ModelsScreen(lab)) as pilot:
        await pilot.press("p")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskText))
        await pilot.press("enter")
        await pilot.pause()
        assert "Type the name" in text_of(pilot, "#fault")
        await pilot.press(*"qwen3:0.6b", "enter")
        await until(pilot, lambda: "is there." in notices(pilot))
        await settled(pilot)
        assert "ollama/qwen3:0.6b" in drawn(pilot)
        assert not pilot.app.screen.query_one(PullBar).display


async def test_a_download_that_fails_is_told(
    ollama: OllamaServer, lab: Laboratory, open_screen: OpenScreen
) -> None:
    async with open_screen(ModelsScreen(lab)) as pilot:
        await pilot.press("p")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskText))
        await pilot.press(*"nothing", "enter")
        await until(pilot, lambda: "nothing" in notices(pilot))
        assert not pilot.app.screen.query_one(PullBar).display


async def test_a_download_shows_its_share_and_is_stopped_once_the_user_agrees(
    ollama: OllamaServer, lab: Laboratory, open_screen: OpenScreen
) -> None:
    ollama.troubles.append(Trouble.STALL_WITHIN)
    async with open_screen(ModelsScreen(lab), size=WIDE) as pilot:
        bar = pilot.app.screen.query_one(PullBar)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskText))
        await pilot.press(*"qwen3:0.6b", "enter")
        await until(pilot, lambda: bar.model and "pulling" in text_of(pilot, "#pull-text"))
        assert bar.query_one(ProgressBar).display
        for answer, is_stopped in (("n", False), ("y", True)):
            await pilot.press("p")
            await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
            await pilot.press(answer)
            await until(pilot, lambda: isinstance(pilot.app.screen, ModelsScreen))
            await pilot.pause()
            if is_stopped:
                await until(pilot, lambda: not bar.model)
            assert bool(bar.model) is not is_stopped


# ---------------------------------------------------------------- the usual model


async def test_the_usual_model_is_written_to_env_after_asking(
    folder: Path, lab: Laboratory, open_screen: OpenScreen
) -> None:
    (folder / ".env").write_text("# mine\nOTHER=1\n", encoding="utf-8")
    async with open_screen(ModelsScreen(lab), size=WIDE) as pilot:
        go_to(pilot, "scripted/echo")
        for answer in ("n", "y"):
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
            assert str(folder / ".env") in "".join(
                str(one.content) for one in pilot.app.screen.query(Static)
            )
            await pilot.press(answer)
            await settled(pilot)
            if answer == "n":
                assert "SIMULATOR_MODEL" not in dotenv_values(folder / ".env")
        assert "scripted/echo (usual)" in drawn(pilot)
    assert dotenv_values(folder / ".env") == {"OTHER": "1", "SIMULATOR_MODEL": "scripted/echo"}
    assert lab.services.settings.model == "scripted/echo"


async def test_an_exported_variable_goes_before_the_file(
    folder: Path, lab: Laboratory, open_screen: OpenScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMULATOR_MODEL", "pocket")
    async with open_screen(ModelsScreen(lab)) as pilot:
        go_to(pilot, "scripted/echo")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        shown = "".join(str(one.content) for one in pilot.app.screen.query(Static))
        assert "The environment has another SIMULATOR_MODEL" in shown
        await pilot.press("y")
        await settled(pilot)
    assert lab.services.settings.model != "scripted/echo"


# ---------------------------------------------------------------- how it looks


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_full(
    lab: Laboratory, shelf: Shelf, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    shelf.reports = many()
    async with open_screen(ModelsScreen(lab), size=size) as pilot:
        go_to(pilot, "ollama/llama3.1:8b")
        await settled(pilot)
        snap(pilot)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_nothing_set_up(
    lab: Laboratory, shelf: Shelf, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    shelf.asked = ("pocket",)
    shelf.reports = {
        name: unconfigured(name, f"{name.upper()}_API_KEY") for name in ("openai", "groq")
    }
    async with open_screen(ModelsScreen(lab), size=size) as pilot:
        snap(pilot)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_in_trouble(
    lab: Laboratory, shelf: Shelf, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    shelf.asked = ()
    shelf.reports = {name: troubled(name) for name in ("ollama", "openai")}
    async with open_screen(ModelsScreen(lab), size=size) as pilot:
        snap(pilot)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_checked(
    lab: Laboratory, shelf: Shelf, open_screen: OpenScreen, snap: Snap, size: tuple[int, int]
) -> None:
    async with open_screen(ModelsScreen(lab), size=size) as pilot:
        go_to(pilot, "scripted/echo")
        await pilot.press("c")
        await settled(pilot)
        snap(pilot)


async def test_a_tiny_terminal_is_survived(
    lab: Laboratory, shelf: Shelf, open_screen: OpenScreen
) -> None:
    shelf.reports = many()
    async with open_screen(ModelsScreen(lab), size=NARROW) as pilot:
        await pilot.resize_terminal(20, 5)
        await pilot.press("t", "escape", "down")
        await pilot.resize_terminal(*NARROW)
        await settled(pilot)
        assert "scripted/hostile" in drawn(pilot)
        assert pilot.app.screen.query_one("#search", Input).display
