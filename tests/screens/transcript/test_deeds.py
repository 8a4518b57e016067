"""What is done with a transcript: copies, notes, forks, checks, exports, deletion."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, Static

from screens.dialogs import AskText, Confirm, Pick
from screens.laboratory import Laboratory
from screens.messages import CompareRuns, OpenMonitor
from screens.transcript.fork_dialog import ForkDialog
from screens.transcript.screen import TranscriptScreen
from screens.transcript.verify_dialog import VerifyDialog
from simulator.domain.records import RunQuery
from simulator.errors import NotFoundError
from simulator.services import open_services
from simulator.settings import Settings
from tests.lab import design
from tests.screens.host import Host
from tests.screens.transcript.looking import (
    dialog,
    header,
    opened,
    pick,
    ready,
    told,
    view,
)
from tests.screens.transcript.runs import played, stored
from tests.screens.widgets.messages import text_of
from tests.waiting import until


async def test_messages_are_copied(laboratory: Laboratory) -> None:
    run = await stored(laboratory, ["one \x1b two", "three", "x" * 80_000])
    async with opened(laboratory, run.id) as pilot:
        await pilot.press("y")
        assert pilot.app.clipboard == "one \x1b two"
        assert "Copied message 0 to the clipboard (OSC 52)." in told(pilot)
        await pilot.press("Y")
        await ready(pilot)
        guard, prisoner = (agent.name for agent in run.agents[:2])
        assert pilot.app.clipboard.startswith(
            f"Day 1\n\n{guard}: one \x1b two\n\n{prisoner}: three\n\n{guard}: xxx"
        )
        assert "if your terminal takes that much" in told(pilot)
        await pilot.press("p", "tab", "y")
        await ready(pilot)
        assert pilot.app.clipboard.startswith("prompt") and "message 0 of" in pilot.app.clipboard


async def test_a_run_is_starred_and_annotated(laboratory: Laboratory) -> None:
    run = await stored(laboratory, ["one"])
    store = laboratory.services.store
    async with opened(laboratory, run.id) as pilot:
        await pilot.press("asterisk")
        await ready(pilot)
        assert (await store.run(run.id)).starred_by == ("ada",) and "★" in header(pilot)
        await pilot.press("asterisk")
        await ready(pilot)
        assert (await store.run(run.id)).starred_by == () and "★" not in header(pilot)
        await pilot.press("m")
        await dialog(pilot, AskText)
        await pilot.press(*"Odd.", "ctrl+s")
        await ready(pilot)
        assert (await store.run(run.id)).note == "Odd." and "note: Odd." in header(pilot)


async def test_the_note_of_somebody_else_is_theirs(laboratory: Laboratory) -> None:
    run = await stored(laboratory, ["one"], creator="bob")
    async with opened(laboratory, run.id) as pilot:
        for key in ("m", "delete"):
            await pilot.press(key)
            await ready(pilot)
            assert isinstance(pilot.app.screen, TranscriptScreen)
            assert "belongs to bob" in told(pilot)


async def test_a_run_is_forked_with_other_words_and_played(laboratory: Laboratory) -> None:
    run = await played(laboratory, days=1)
    async with opened(laboratory, run.id) as pilot:
        await pilot.press("down", "down", "f")
        await dialog(pilot, ForkDialog)
        await pilot.press("f7", "delete", "ctrl+s")
        await pilot.pause()
        assert "replaced with nothing" in str(pilot.app.screen.query_one("#fault", Static).content)
        await pilot.press(*"No.", "tab", "minus", "ctrl+s")
        await pilot.pause()
        assert "The seed must be" in str(pilot.app.screen.query_one("#fault", Static).content)
        await pilot.press("backspace", *"99", "enter")
        await ready(pilot)
        forks = [one for one in await laboratory.services.store.runs(RunQuery()) if one.forked_from]
        (fork,) = forks
        origin = fork.forked_from
        assert origin is not None and origin.run_id == run.id
        assert (origin.position, origin.edited, origin.seed) == (2, True, 99)
        assert isinstance(pilot.app, Host)
        (asked,) = pilot.app.asked
        assert isinstance(asked, OpenMonitor) and asked.run_id == fork.id
        await until(lambda: laboratory.live.runs[fork.id].is_over)
        steps = await laboratory.services.store.steps(fork.id)
        assert steps[2].content == "No." and len(steps) == 5


async def test_a_fork_without_other_words_shares_the_message(laboratory: Laboratory) -> None:
    run = await played(laboratory, days=1)
    async with opened(laboratory, run.id) as pilot:
        await pilot.press("down", "f")
        await dialog(pilot, ForkDialog)
        await pilot.press("escape", "f")
        await dialog(pilot, ForkDialog)
        await pilot.press("ctrl+s")
        await ready(pilot)
        (fork,) = [
            one for one in await laboratory.services.store.runs(RunQuery()) if one.forked_from
        ]
        assert fork.forked_from is not None and not fork.forked_from.edited
        await until(lambda: laboratory.live.runs[fork.id].is_over)


async def test_an_unfinished_run_is_resumed_and_followed(laboratory: Laboratory) -> None:
    run = await played(laboratory, days=1)
    fork = await laboratory.services.fork(run, at=1)
    async with opened(laboratory, fork.id) as pilot:
        assert "queued" in header(pilot) and len(view(pilot).rows) == 2
        await pilot.press("r")
        await until(lambda: len(view(pilot).rows) == 5 and "completed" in header(pilot))
        await ready(pilot)
        await pilot.press("r")
        await ready(pilot)
        assert "is completed" in told(pilot)


async def test_words_stream_while_the_run_is_played_here(laboratory: Laboratory) -> None:
    slow = f"scripted/say?text={'+'.join(['one'] * 30)}&token_delay_ms=50"
    (run,) = await laboratory.services.launch(design(model=slow, messages=2), {}, seed=1)
    await laboratory.live.start([run])
    async with opened(laboratory, run.id) as pilot:
        await until(lambda: re.search("one.*▍", text_of(view(pilot))) is not None)
        assert "playing here" in header(pilot)
        await pilot.press("r")
        await until(lambda: "being played already" in told(pilot))
        await until(lambda: "completed" in header(pilot))
        await ready(pilot)
        assert "▍" not in text_of(view(pilot)) and len(view(pilot).rows) == 3


async def test_a_run_that_is_played_elsewhere_is_followed(
    laboratory: Laboratory, settings: Settings
) -> None:
    async with open_services(settings) as elsewhere:
        (run,) = await elsewhere.launch(
            design(model="scripted/babble?delay_ms=700", messages=4), {}, seed=1
        )
        async with opened(laboratory, run.id) as pilot:
            assert "Nothing was said yet." in text_of(view(pilot))
            playing = pilot.app.run_worker(elsewhere.play(run, listener=lambda event: None))
            screen = pilot.app.screen
            assert isinstance(screen, TranscriptScreen)
            while await elsewhere.player(run) is None:
                await pilot.pause(0.01)
            screen._look()
            await until(lambda: "played by ada" in header(pilot))
            await playing.wait()
            await until(lambda: len(view(pilot).rows) == 5)
            screen._look()
            await until(lambda: "completed" in header(pilot))


async def test_a_run_is_verified(laboratory: Laboratory) -> None:
    run = await played(laboratory)
    async with opened(laboratory, run.id) as pilot:
        await pilot.press("v")
        await dialog(pilot, VerifyDialog)
        verdict = pilot.app.screen.query_one("#verdict", Static)
        await until(lambda: "It holds: 7 of 7 steps replayed" in str(verdict.content))
        await pilot.click("#yes")
        await until(lambda: "5 replies given again word for word" in str(verdict.content))
        await pilot.press("escape")
        await ready(pilot)
        assert isinstance(pilot.app.screen, TranscriptScreen)


async def test_a_run_that_does_not_hold_says_why(laboratory: Laboratory) -> None:
    run = await stored(laboratory, ["one", "two"])
    async with opened(laboratory, run.id) as pilot:
        await pilot.press("v")
        await dialog(pilot, VerifyDialog)
        verdict = pilot.app.screen.query_one("#verdict", Static)
        await until(lambda: "It does not hold" in str(verdict.content))


@pytest.mark.parametrize(
    ("form", "ending", "beginning"),
    [
        ("JSON lines", "jsonl", '{"scope"'),
        ("CSV", "csv", "run_id,"),
        ("Markdown", "md", "# Prison"),
    ],
)
async def test_a_run_is_exported(
    laboratory: Laboratory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    ending: str,
    beginning: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    run = await stored(laboratory, ["one", "two"])
    target = tmp_path / f"run-0000KEPT.{ending}"
    async with opened(laboratory, run.id) as pilot:
        for answer, content in (("n", "mine"), ("y", None)):
            await pilot.press("x")
            await pick(pilot, form)
            await dialog(pilot, AskText)
            field = pilot.app.screen.query_one(Input)
            assert field.value == str(target)
            write(target, "mine")
            await pilot.press("enter")
            await dialog(pilot, Confirm)
            await pilot.press(answer)
            await ready(pilot)
            if content is not None:
                assert read(target) == content and "Nothing was written." in told(pilot)
        assert read(target).startswith(beginning)
        await pilot.press("x")
        await pick(pilot, form)
        await dialog(pilot, AskText)
        pilot.app.screen.query_one(Input).value = str(tmp_path / "nowhere" / "file")
        await pilot.press("enter")
        await ready(pilot)
        assert "There is no folder" in told(pilot)


async def test_another_run_is_chosen_to_compare_with(laboratory: Laboratory) -> None:
    run = await played(laboratory, days=1)
    other = await played(laboratory, days=1)
    fork = await laboratory.services.fork(run, at=1)
    async with opened(laboratory, fork.id) as pilot:
        await pilot.press("equals_sign")
        await dialog(pilot, Pick)
        options = pilot.app.screen.query_one(OptionList)
        prompts = [str(options.get_option_at_index(n).prompt) for n in range(options.option_count)]
        assert [prompt.partition(" · ")[0] for prompt in prompts] == [
            "what it was forked from", other.id[-8:]
        ]  # fmt: skip
        await pilot.press("enter")
        await ready(pilot)
        assert isinstance(pilot.app, Host)
        (asked,) = pilot.app.asked
        assert isinstance(asked, CompareRuns)
        assert (asked.left_id, asked.right_id) == (fork.id, run.id)


async def test_a_run_is_deleted_once_the_user_agrees(laboratory: Laboratory) -> None:
    run = await stored(laboratory, ["one"])
    async with opened(laboratory, run.id) as pilot:
        await pilot.press("delete")
        await dialog(pilot, Confirm)
        await pilot.press("enter")
        await ready(pilot)
        assert (await laboratory.services.store.run(run.id)).id == run.id
        await pilot.press("delete")
        await dialog(pilot, Confirm)
        await pilot.press("y")
        await until(lambda: not isinstance(pilot.app.screen, (TranscriptScreen, Confirm)))
        with pytest.raises(NotFoundError):
            await laboratory.services.store.run(run.id)
        assert "Deleted run" in told(pilot)


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def read(path: Path) -> str:
    return path.read_text("utf-8")
