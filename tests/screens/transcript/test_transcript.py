from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static, TextArea
from textual.worker import Worker

from screens.dialogs import AskText, Confirm, Pick
from screens.laboratory import Laboratory
from screens.messages import CompareRuns, OpenMonitor
from screens.transcript.details import Details
from screens.transcript.fork_dialog import ForkDialog
from screens.transcript.header import Header
from screens.transcript.screen import TranscriptScreen
from screens.transcript.verify_dialog import VerifyDialog
from screens.widgets.transcript_view import TranscriptView
from simulator.domain.records import RunQuery
from simulator.errors import NotFoundError
from simulator.services import open_services
from simulator.settings import Settings
from tests.lab import design
from tests.screens.conftest import NARROW, WIDE, Snap
from tests.screens.host import Host
from tests.screens.transcript.runs import HOSTILE, RUN_ID, SHOWN, imported, played, stored
from tests.screens.widgets.messages import text_of
from tests.waiting import until


def view(pilot: Pilot[Any]) -> TranscriptView:
    return pilot.app.screen.query_one(TranscriptView)


def header(pilot: Pilot[Any]) -> str:
    return str(pilot.app.screen.query_one(Header).content)


def details(pilot: Pilot[Any]) -> str:
    return pilot.app.screen.query_one(Details).text


def told(pilot: Pilot[Any]) -> str:
    return "\n".join(note.message for note in pilot.app._notifications)


async def ready(pilot: Pilot[Any]) -> None:
    """Wait until the run is read and drawn, and nothing else is being done."""
    await pilot.pause()
    await until(lambda: not any(_is_busy(worker) for worker in pilot.app.workers))
    await pilot.pause()
    screen = pilot.app.screen
    if isinstance(screen, TranscriptScreen):
        screen._draw()
        await until(lambda: view(pilot).is_settled)
        await pilot.pause()


def _is_busy(worker: Worker[Any]) -> bool:
    screen = worker.node
    is_following = (
        worker.group == "read"
        and isinstance(screen, TranscriptScreen)
        and screen.reading is not None
        and screen.reading.is_played
    )
    return not worker.is_finished and not is_following


@asynccontextmanager
async def opened(
    laboratory: Laboratory, run_id: str, size: tuple[int, int] = NARROW
) -> AsyncIterator[Pilot[Any]]:
    """The screen, without waiting for a run to end."""
    async with Host(laboratory, TranscriptScreen(laboratory, run_id)).run_test(size=size) as pilot:
        await until(lambda: isinstance(pilot.app.screen, TranscriptScreen))
        await until(lambda: " · " in header(pilot) or "could not be read" in header(pilot))
        await ready(pilot)
        yield pilot


async def pick(pilot: Pilot[Any], text: str) -> None:
    """Choose what begins with a text from the list in front."""
    await until(lambda: isinstance(pilot.app.screen, Pick))
    await pilot.pause()
    options = pilot.app.screen.query_one(OptionList)
    (number,) = [
        n for n in range(options.option_count)
        if str(options.get_option_at_index(n).prompt).startswith(text)
    ]  # fmt: skip
    options.highlighted = number
    await pilot.press("enter")
    await pilot.pause()


async def dialog(pilot: Pilot[Any], kind: type[Any]) -> None:
    await until(lambda: isinstance(pilot.app.screen, kind))
    await pilot.pause()


# ---------------------------------------------------------------- reading


async def test_a_run_is_shown_with_what_is_known_of_it(laboratory: Laboratory) -> None:
    run = await played(laboratory)
    async with opened(laboratory, run.id, WIDE) as pilot:
        shown = text_of(view(pilot))
        assert "Day 1" in shown and "Day 2" in shown and "│ summary" in shown
        facts = header(pilot)
        assert "completed: 4 messages were spoken" in facts
        assert "scripted/babble · seed 7 · 7 messages" in facts and "tokens" in facts
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, TranscriptScreen)


async def test_a_run_that_is_gone_is_told_in_its_place(laboratory: Laboratory) -> None:
    async with opened(laboratory, "0NOSUCHRUN") as pilot:
        assert "0NOSUCHRUN" in text_of(view(pilot)) and "ctrl+r tries again" in text_of(view(pilot))
        for key in (
            "f",
            "x",
            "asterisk",
            "equals_sign",
            "m",
            "v",
            "r",
            "delete",
            "a",
            "p",
            "p",
            "y",
        ):
            await pilot.press(key)
            await ready(pilot)
        assert "not read yet" in told(pilot) and "no message to copy" in told(pilot)
        await stored(laboratory, ["now"], run_id="0NOSUCHRUN")
        await pilot.press("ctrl+r")
        await ready(pilot)
        assert "now" in text_of(view(pilot))


async def test_a_run_that_is_deleted_meanwhile_is_told(laboratory: Laboratory) -> None:
    run = await stored(laboratory, ["one"], status="paused")
    async with opened(laboratory, run.id) as pilot:
        await laboratory.services.delete_run(run)
        screen = pilot.app.screen
        assert isinstance(screen, TranscriptScreen)
        screen._look()
        await ready(pilot)
        assert "no run" in text_of(view(pilot)) and "one" not in text_of(view(pilot))


async def test_a_run_that_asks_says_where_to_answer(laboratory: Laboratory) -> None:
    roles = [
        {"name": "guard", "starting_prompt": "You are a guard."},
        {"name": "prisoner", "starting_prompt": "You are a prisoner.", "count": 2},
    ]
    (run,) = await laboratory.services.launch(
        design(model="scripted/babble", speaker="manual", roles=roles), {}, seed=1
    )
    async with opened(laboratory, run.id) as pilot:
        await pilot.press("r")
        await until(lambda: run.id in laboratory.live.runs)
        live = laboratory.live.runs[run.id]
        await until(lambda: live.question is not None)
        screen = pilot.app.screen
        assert isinstance(screen, TranscriptScreen)
        screen._look()
        await until(lambda: "answer in the monitor (F3)" in header(pilot))


@pytest.mark.parametrize("size", [WIDE, NARROW, (20, 5)])
async def test_foreign_words_are_shown_literally(
    laboratory: Laboratory, size: tuple[int, int]
) -> None:
    run = await stored(
        laboratory, [HOSTILE, HOSTILE], name=HOSTILE, note=HOSTILE, status="failed", error=HOSTILE
    )
    async with opened(laboratory, run.id, size) as pilot:
        if size == WIDE:
            assert SHOWN in text_of(view(pilot))
            assert f"✗ {SHOWN}" in header(pilot) and f"note: {SHOWN}" in header(pilot)
        await pilot.press("p", "slash", *"bold", "enter", "escape")
        await ready(pilot)
        screen = pilot.app.screen
        for strip in screen._compositor.render_strips():
            assert not set(strip.text) & set("\x1b\u202e\u200b\x07")
        await pilot.press("f")
        await dialog(pilot, ForkDialog)
        area = pilot.app.screen.query_one(TextArea)
        assert area.text == HOSTILE
        drawn = "".join(area.render_line(y).text for y in range(area.size.height))
        assert not set(drawn) & set("\x1b\u202e\u200b\x07")
        await pilot.press("escape", "s")
        await dialog(pilot, Pick)


async def test_a_million_characters_and_ten_thousand_messages_open(laboratory: Laboratory) -> None:
    run = await stored(laboratory, ["word " * 200_000, *(f"word {n}" for n in range(9_999))])
    async with opened(laboratory, run.id) as pilot:
        assert len(view(pilot).rows) == 10_000
        await pilot.press("p")
        await ready(pilot)
        await pilot.press("end")
        assert "word 9998" in text_of(view(pilot))


async def test_the_screen_survives_a_tiny_terminal(laboratory: Laboratory) -> None:
    run = await played(laboratory)
    async with opened(laboratory, run.id) as pilot:
        before = text_of(view(pilot))
        for size in ((20, 5), (120, 40), (20, 5), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.press("down", "p", "pagedown", "p", "home")
            await ready(pilot)
        assert text_of(view(pilot)) == before


# ---------------------------------------------------------------- search and filters


async def test_words_are_found(laboratory: Laboratory) -> None:
    run = await stored(laboratory, [f"word {n}" for n in range(30)])
    async with opened(laboratory, run.id) as pilot:
        await pilot.press("slash", *"word 2")
        await ready(pilot)
        found = pilot.app.screen.query_one("#found", Static)
        assert str(found.content) == "1 of 11 · n N"
        await pilot.press("enter", "n")
        await ready(pilot)
        current = view(pilot).current
        assert current is not None and current.position == 21
        assert str(found.content) == "3 of 11 · n N"
        await pilot.press("N", "slash", "end", *" nowhere")
        await ready(pilot)
        assert str(found.content) == "not found"
        await pilot.press("escape")
        await ready(pilot)
        assert view(pilot).search is None and view(pilot).has_focus


async def test_speakers_and_days_are_chosen(laboratory: Laboratory) -> None:
    run = await stored(laboratory, [f"word {n}" for n in range(10)])
    guard = run.agents[0].name
    async with opened(laboratory, run.id) as pilot:
        await pilot.press("s")
        await pick(pilot, f"{guard} · 5 messages")
        await pilot.press("d")
        await pick(pilot, "day 2")
        await ready(pilot)
        assert [row.step.position for row in view(pilot).rows if row.step] == [6, 8]
        filters = str(pilot.app.screen.query_one("#filters", Static).content)
        assert filters == f"only {guard} · only day 2 · 2 messages · esc shows all"
        await pilot.press("escape")
        await ready(pilot)
        assert len(view(pilot).rows) == 10
        assert not pilot.app.screen.query_one("#filters").display


async def test_steps_that_nobody_heard_can_be_shown(laboratory: Laboratory) -> None:
    roles = [
        {"name": "guard", "starting_prompt": "You are a guard.", "count": 2},
        {"name": "prisoner", "starting_prompt": "You are a prisoner."},
    ]
    run = await played(laboratory, speaker="auto", roles=roles, days=1)
    async with opened(laboratory, run.id, WIDE) as pilot:
        assert "chose" not in text_of(view(pilot))
        await pilot.press("a")
        await ready(pilot)
        assert "chose" in text_of(view(pilot))
        await pilot.press("escape")
        await ready(pilot)
        assert "chose" not in text_of(view(pilot))


# ---------------------------------------------------------------- what led to a message


async def test_the_prompt_and_the_raw_reply_are_shown(laboratory: Laboratory) -> None:
    run = await played(laboratory, model="scripted/say?text=Guard:+Hello", messages=2, days=1)
    async with opened(laboratory, run.id, WIDE) as pilot:
        await pilot.press("p")
        await ready(pilot)
        assert "No model was asked for this." in details(pilot)
        await pilot.press("down")
        await ready(pilot)
        shown = details(pilot)
        assert "prompt 1 of 2, system\nYou are a guard." in shown
        assert "prompt 2 of 2, user\nResearcher: Begin." in shown
        assert "reply as the model gave it" in shown and "Hello" in shown
        for fact in ("model", "seed", "stopped by", "used", "took"):
            assert f"\n{fact}" in shown
        await pilot.press("p")
        assert not pilot.app.screen.query_one(Details).display


async def test_prompts_of_an_imported_run_are_not_known(laboratory: Laboratory) -> None:
    run = await imported(laboratory)
    async with opened(laboratory, run.id) as pilot:
        await pilot.press("enter")
        await ready(pilot)
        assert "was imported from the original program" in details(pilot)
        await pilot.press("escape", "f")
        await ready(pilot)
        assert "imported" in told(pilot) and isinstance(pilot.app.screen, TranscriptScreen)


async def test_prompts_that_cannot_be_made_again_say_so(laboratory: Laboratory) -> None:
    run = await stored(laboratory, ["Hello.", "Hi."])
    async with opened(laboratory, run.id) as pilot:
        await pilot.press("p")
        await ready(pilot)
        assert "no longer fits run" in details(pilot)


# ---------------------------------------------------------------- deeds


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


# ---------------------------------------------------------------- how it looks


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("state", ["empty", "full", "error", "details"])
async def test_how_it_looks(
    laboratory: Laboratory, snap: Snap, size: tuple[int, int], state: str
) -> None:
    words = [
        "Lights out. No talking.",
        "I only ask for ten minutes in the yard, where the others are.",
        "Ten minutes. Then back, and not a word.",
        "Thank you. I will remember it.",
        "You had better not.",
        "Another day. [bold]Nothing[/] has changed.",
    ]
    if state == "empty":
        await stored(laboratory, [], status="queued")
    elif state == "error":
        await stored(laboratory, words[:2], status="failed", error="The server did not answer.")
    else:
        await stored(laboratory, words, starred_by=("ada",), note="Odd.")
    async with opened(laboratory, RUN_ID, size) as pilot:
        if state == "details":
            await pilot.press("down", "p")
            await ready(pilot)
        snap(pilot)
