from __future__ import annotations

import pytest
from textual.widgets import Static, TextArea

from screens.dialogs import Pick
from screens.laboratory import Laboratory
from screens.transcript.details import Details
from screens.transcript.fork_dialog import ForkDialog
from screens.transcript.screen import TranscriptScreen
from tests.lab import design
from tests.screens.conftest import NARROW, WIDE, Snap
from tests.screens.transcript.looking import (
    details,
    dialog,
    header,
    opened,
    pick,
    ready,
    told,
    view,
)
from tests.screens.transcript.runs import HOSTILE, RUN_ID, SHOWN, imported, played, stored
from tests.screens.widgets.messages import text_of
from tests.waiting import until

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
