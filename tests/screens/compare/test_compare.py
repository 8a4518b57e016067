from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from screens.compare.pair_list import PairList
from screens.compare.screen import CompareScreen
from screens.laboratory import Laboratory
from screens.messages import OpenTranscript
from simulator.domain.records import ForkOrigin
from tests.screens.conftest import NARROW, WIDE, Snap
from tests.screens.host import Host
from tests.screens.transcript.runs import HOSTILE, RUN_ID, SHOWN, played, stored
from tests.screens.widgets.messages import lines, text_of
from tests.waiting import until

OTHER_ID = "0RUN00000000000000000OTHER"
WORDS = [
    "Lights out. No talking.",
    "I only ask for ten minutes in the yard.",
    "Ten minutes. Then back, and not a word.",
    "Thank you. I will remember it.",
    "You had better not.",
    "The yard was cold today.",
]
OTHERS = [
    *WORDS[:2],
    "No. Not today, and not a word.",
    "Then we will see at dinner.",
    "You had better not.",
]
FORK = ForkOrigin(run_id=RUN_ID, position=2, edited=True)


def view(pilot: Pilot[Any]) -> PairList:
    return pilot.app.screen.query_one(PairList)


def kinship(pilot: Pilot[Any]) -> str:
    return str(pilot.app.screen.query_one("#kinship", Static).content)


def told(pilot: Pilot[Any]) -> str:
    return "\n".join(note.message for note in pilot.app._notifications)


async def ready(pilot: Pilot[Any]) -> None:
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    await until(lambda: view(pilot).is_settled)
    await pilot.pause()


@asynccontextmanager
async def opened(
    laboratory: Laboratory,
    left: str = RUN_ID,
    right: str = OTHER_ID,
    size: tuple[int, int] = WIDE,
) -> AsyncIterator[Pilot[Any]]:
    async with Host(laboratory, CompareScreen(laboratory, left, right)).run_test(
        size=size
    ) as pilot:
        await until(lambda: isinstance(pilot.app.screen, CompareScreen))
        sides = pilot.app.screen.query_one("#sides", Static)
        await until(lambda: str(sides.content) not in ("", "Reading …"))
        await ready(pilot)
        yield pilot


async def both(laboratory: Laboratory, **more: Any) -> None:
    await stored(laboratory, WORDS)
    await stored(laboratory, OTHERS, run_id=OTHER_ID, **more)


async def test_two_runs_stand_side_by_side_at_their_first_difference(
    laboratory: Laboratory,
) -> None:
    await both(laboratory, forked_from=FORK)
    async with opened(laboratory) as pilot:
        assert kinship(pilot) == (
            "the right run: fork at 2 of 5, one edit by ada · ≠ 1 of 3 differences, the first at 2"
        )
        assert view(pilot).cursor == 2
        shown = lines(view(pilot))
        (same,) = [line for line in shown if "  0 " in line]
        assert " = " in same and same.count("Guard") == 2
        (differs,) = [line for line in shown if "▌  2 " in line]
        assert " ≠ " in differs
        words = next(line for line in shown if "Ten minutes." in line)
        assert "No. Not today" in words and words.startswith("▌")
        (gone,) = [line for line in shown if "The yard was cold" in line]
        assert "(no such message)" in gone


async def test_what_follows_a_difference_is_in_view_as_well(laboratory: Laboratory) -> None:
    words = [f"Message {number}." for number in range(40)]
    await stored(laboratory, words)
    await stored(laboratory, [*words[:20], "Other.", *words[21:]], run_id=OTHER_ID)
    async with opened(laboratory, size=NARROW) as pilot:
        list_ = view(pilot)
        below = list_.stack.top(list_.cursor) - list_.scroll_offset.y
        assert list_.cursor == 20 and 0 < below <= list_.size.height // 2


async def test_differing_words_are_underlined(laboratory: Laboratory) -> None:
    await both(laboratory)
    async with opened(laboratory) as pilot:
        marked = [
            segment.text
            for y in range(view(pilot).size.height)
            for segment in view(pilot).render_line(y)
            if segment.style is not None and segment.style.underline
        ]
        assert "Ten minutes. Then back," in " ".join(marked)
        assert "No. Not today," in " ".join(marked)
        assert not any("and not a word" in text or "Lights" in text for text in marked)


async def test_keys_go_from_difference_to_difference(laboratory: Laboratory) -> None:
    await both(laboratory)
    async with opened(laboratory) as pilot:
        await pilot.press("n")
        assert view(pilot).cursor == 3
        await pilot.press("n", "n")
        await ready(pilot)
        assert view(pilot).cursor == 5 and "≠ 3 of 3 differences" in kinship(pilot)
        await pilot.press("N", "N", "N")
        assert view(pilot).cursor == 2
        await pilot.press("home", "n")
        assert view(pilot).cursor == 2
        await pilot.press("home")
        await ready(pilot)
        assert "≠ 3 differences, the first at 2" in kinship(pilot)


async def test_only_the_differences_are_shown_on_demand(laboratory: Laboratory) -> None:
    await both(laboratory)
    async with opened(laboratory) as pilot:
        await pilot.press("d")
        await ready(pilot)
        assert len(view(pilot).rows) == 3 and "Lights out" not in text_of(view(pilot))
        await pilot.press("d")
        await ready(pilot)
        assert len(view(pilot).rows) == 6


async def test_runs_that_say_the_same(laboratory: Laboratory) -> None:
    await stored(laboratory, WORDS)
    await stored(laboratory, WORDS, run_id=OTHER_ID)
    async with opened(laboratory) as pilot:
        assert kinship(pilot) == (
            "two runs of one experiment, no fork of each other · = the same throughout"
        )
        await pilot.press("d")
        await ready(pilot)
        assert "The runs say the same." in text_of(view(pilot))
        await pilot.press("n", "N", "y")
        assert "no message to copy" in told(pilot)


async def test_a_run_and_its_fork_that_was_played(laboratory: Laboratory) -> None:
    run = await played(laboratory, days=1)
    fork = await laboratory.services.fork(run, at=2, replace="No.", seed=9)
    await laboratory.services.play(fork, listener=lambda event: None)
    async with opened(laboratory, fork.id, run.id) as pilot:
        assert "the left run: fork at 2 of 4, one edit by ada, then seed 9" in kinship(pilot)
        assert view(pilot).cursor == 2


async def test_below_each_other_where_it_is_narrow(laboratory: Laboratory) -> None:
    await both(laboratory)
    async with opened(laboratory, size=(60, 40)) as pilot:
        shown = lines(view(pilot))
        place = next(n for n, line in enumerate(shown) if "≠" in line)
        assert "Ten minutes. Then back" in shown[place + 1]
        assert "≠" not in shown[place + 2] and "●" in shown[place + 2]
        assert "No. Not today" in shown[place + 3]
        assert sum("Lights out" in line for line in shown) == 1
        for size in ((20, 5), (120, 40), (20, 5), (60, 40)):
            await pilot.resize_terminal(*size)
            await pilot.press("n", "N", "pagedown", "home", "n")
            await ready(pilot)
        assert lines(view(pilot))[-30:] == shown[-30:]


async def test_pairs_are_copied(laboratory: Laboratory) -> None:
    await both(laboratory)
    async with opened(laboratory) as pilot:
        await pilot.press("y")
        assert pilot.app.clipboard.startswith("≠ left   Guard") and "≠ right" in pilot.app.clipboard
        assert "Copied message 2 of both runs" in told(pilot)
        await pilot.press("Y")
        await ready(pilot)
        copied = pilot.app.clipboard
        assert copied.count("\n= ") + copied.startswith("= ") == 3 and copied.count("≠ left") == 3
        assert "(no such message)" in pilot.app.clipboard


async def test_either_run_can_be_opened(laboratory: Laboratory) -> None:
    await both(laboratory)
    async with opened(laboratory) as pilot:
        await pilot.press("1", "2")
        await ready(pilot)
        assert isinstance(pilot.app, Host)
        asked = [one.run_id for one in pilot.app.asked if isinstance(one, OpenTranscript)]
        assert asked == [RUN_ID, OTHER_ID]
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, CompareScreen)


async def test_a_run_that_is_gone_is_told_and_can_be_read_again(laboratory: Laboratory) -> None:
    await stored(laboratory, WORDS)
    async with opened(laboratory) as pilot:
        assert OTHER_ID in text_of(view(pilot))
        await pilot.press("d", "y", "n")
        await stored(laboratory, OTHERS, run_id=OTHER_ID)
        await pilot.press("ctrl+r")
        await ready(pilot)
        assert "No. Not today" in text_of(view(pilot))


@pytest.mark.parametrize("size", [WIDE, NARROW, (20, 5)])
async def test_foreign_words_are_shown_literally(
    laboratory: Laboratory, size: tuple[int, int]
) -> None:
    await stored(laboratory, [HOSTILE], creator=HOSTILE)
    await stored(laboratory, [f"{HOSTILE} more"], run_id=OTHER_ID)
    async with opened(laboratory, size=size) as pilot:
        for strip in pilot.app.screen._compositor.render_strips():
            assert not {"\x1b", "\u202e", "\u200b"} & set(strip.text)
        if size == WIDE:
            assert SHOWN[:40] in text_of(view(pilot))


async def test_long_runs_and_long_messages_open(laboratory: Laboratory) -> None:
    left = ["word " * 200_000, *(f"word {n}" for n in range(3_000))]
    await stored(laboratory, left)
    await stored(laboratory, [*left[:-1], "another"], run_id=OTHER_ID)
    async with opened(laboratory) as pilot:
        assert view(pilot).cursor == 3_000 and "another" in text_of(view(pilot))
        await pilot.press("home", "pagedown")
        assert "word word" in text_of(view(pilot))


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("state", ["empty", "full", "error"])
async def test_how_it_looks(
    laboratory: Laboratory, snap: Snap, size: tuple[int, int], state: str
) -> None:
    if state == "empty":
        await stored(laboratory, [], status="queued")
        await stored(laboratory, [], status="queued", run_id=OTHER_ID)
    elif state == "full":
        await both(laboratory, forked_from=FORK)
    async with opened(laboratory, size=size) as pilot:
        pilot.app._notifications.clear()
        pilot.app._refresh_notifications()
        await pilot.pause()
        snap(pilot)
