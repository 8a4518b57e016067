from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.pilot import Pilot

from screens.widgets.message_row import LiveRow
from screens.widgets.transcript_view import FRAME_S, TranscriptView
from simulator.domain.journal import Call, Usage
from simulator.domain.sampling import Sampling
from simulator.presentation.safe_text import visible
from tests.screens.widgets.messages import (
    AGENTS,
    HOSTILE,
    SHOWN,
    ViewApp,
    lines,
    message,
    settled,
    shown,
    talk,
    text_of,
)

CUT = Call(
    model="pocket", sampling=Sampling(max_tokens=3), seed=1, raw="one two three",
    stop_reason="length", usage=Usage(calls=1, completion_tokens=3),
)  # fmt: skip


def view(number: int = 0, **options: object) -> TranscriptView:
    made = TranscriptView(AGENTS, **options)  # type: ignore[arg-type]
    made.show(talk(number))
    return made


async def test_days_speakers_summaries_and_remarks_are_shown() -> None:
    shown_view = view()
    shown_view.show(
        [
            message(0, "Begin.", "Researcher"),
            message(1, "one two three", kind="ask", call=CUT),
            message(2, "", "Prisoner_386", edited=True),
            message(3, "Little was said.", "Summarizer"),
            message(4, "Again.", "Researcher", day=2),
        ]
    )
    async with shown(shown_view, (60, 14)):
        assert lines(shown_view) == [
            " ── Day 1 ────────────────────────────────────────────────",
            "▌  0 » Researcher   Begin.",
            "   1 ● Guard_117    one two three",
            "                    (cut at 3 tokens)",
            "   2 ▲ Prisoner_386 (nothing)",
            "                    (edited)",
            "   3 ∑ Summarizer   │ summary",
            "                    │ Little was said.",
            "",
            " ── Day 2 ────────────────────────────────────────────────",
            "   4 » Researcher   Again.",
            "", "", "",
        ]  # fmt: skip


async def test_an_empty_view_says_so() -> None:
    async with shown(empty := view()):
        assert text_of(empty).strip() == "Nothing was said yet."


async def test_keys_move_the_cursor_and_scroll(capsys: pytest.CaptureFixture[str]) -> None:
    async with shown(long := view(60)) as pilot:
        await pilot.press("down", "down", "up")
        assert long.current is not None and long.current.position == 1
        await pilot.press("end")
        assert long.current.position == 59 and long.is_following
        assert lines(long)[-1].startswith("▌ 59")
        await pilot.press("pageup")
        assert not long.is_following and 0 < long.current.position < 59
        await pilot.press("home")
        assert long.current.position == 0 and long.scroll_offset.y == 0
        await pilot.press("pagedown", "pagedown")
        assert long.current.position > 20
        assert any(line.startswith("▌") for line in lines(long))


async def test_the_mouse_puts_the_cursor_and_scrolls() -> None:
    async with shown(long := view(60)) as pilot:
        await pilot.click(offset=(30, 5))
        assert long.current is not None and long.current.position == 4
        assert lines(long)[5].startswith("▌  4")
        await pilot._post_mouse_events([_wheel()], offset=(30, 5), button=0)
        await pilot.pause()
        assert long.scroll_offset.y > 0 and long.current.position == 4


def _wheel() -> type:
    from textual.events import MouseScrollDown

    return MouseScrollDown


async def test_a_long_message_is_scrolled_line_by_line() -> None:
    long = view()
    long.show([message(0, "first"), message(1, "word " * 1000), message(2, "last")])
    async with shown(long) as pilot:
        await pilot.press("down")
        before = long.scroll_offset.y
        await pilot.press("down", "down", "down")
        assert long.current is not None and long.current.position == 1
        assert long.scroll_offset.y == before + 3
        await pilot.press("end", "up", "up")
        assert long.current.position == 1


async def test_speakers_and_days_are_filtered() -> None:
    async with shown(long := view(30)) as pilot:
        long.filter(speaker="Prisoner_386")
        await settled(pilot, long)
        assert "Guard_117" not in text_of(long) and "Day 3" in text_of(long)
        long.filter(speaker="Prisoner_386", day=2)
        await settled(pilot, long)
        assert [row.step.position for row in long.rows if row.step] == [11, 13, 15, 17, 19]
        assert lines(long)[0].startswith(" ── Day 2")
        long.filter(speaker="Nobody")
        await settled(pilot, long)
        assert "Nothing was said yet." in text_of(long)
        long.filter()
        assert len(long.rows) == 30


async def test_a_search_goes_from_place_to_place_and_around() -> None:
    async with shown(long := view(200)) as pilot:
        await pilot.press("down")
        long.look_for("WORD 15")
        await settled(pilot, long)
        assert long.search is not None and len(long.search.found) == 11
        assert long.current is not None and long.current.position == 15
        await pilot.press("n")
        assert long.current.position == 150 and long.match_number == 2
        await pilot.press("N", "N")
        assert long.current.position == 159 and long.match_number == 11
        await pilot.press("n")
        assert long.current.position == 15
        assert any("word 15" in line for line in lines(long))
        underlined = [
            segment.text
            for y in range(long.size.height)
            for segment in long.render_line(y)
            if segment.style and (segment.style.underline or segment.style.reverse)
        ]
        assert underlined == ["word 15"]
        long.look_for("no such words")
        await settled(pilot, long)
        assert long.match_number == 0 and long.search.found == []
        await pilot.press("n")
        assert long.current.position == 15


async def test_a_search_goes_into_a_long_message() -> None:
    long = view()
    long.show([message(0, "x"), message(1, "word " * 5000 + "needle " + "word " * 5000)])
    async with shown(long) as pilot:
        long.look_for("needle")
        await settled(pilot, long)
        assert "needle" in text_of(long)


# ---------------------------------------------------------------- live


async def test_words_stream_and_are_replaced_by_what_is_committed() -> None:
    async with shown(live := view(2)) as pilot:
        live.begin_turn("Guard_117", "guard", 1)
        for piece in ("Hel", "lo ", "th"):
            live.stream(piece)
        await pilot.pause(2 * FRAME_S)
        assert lines(live)[3] == "     ● Guard_117    Hello th▍"
        live.commit(message(2, "Hello there."))
        await pilot.pause()
        assert lines(live)[3:5] == ["   2 ● Guard_117    Hello there.", ""]


async def test_a_turn_begun_anew_loses_its_words_and_an_ended_one_goes() -> None:
    async with shown(live := view(1)) as pilot:
        live.begin_turn("Guard_117", "guard", 1)
        live.stream("void")
        await pilot.pause(2 * FRAME_S)
        live.begin_turn("Guard_117", "guard", 1)
        live.stream("valid")
        await pilot.pause(2 * FRAME_S)
        assert "void" not in text_of(live) and "valid▍" in text_of(live)
        live.end_turn()
        await pilot.pause()
        assert "valid" not in text_of(live) and len(live.rows) == 1


async def test_it_keeps_to_the_end_until_the_user_scrolls_up() -> None:
    steps = talk(80)
    live = TranscriptView(AGENTS)
    live.show(steps[:40], at_end=True)
    async with shown(live) as pilot:
        assert lines(live)[-1].startswith("▌ 39")
        live.commit(steps[40])
        await pilot.pause()
        assert lines(live)[-1].startswith("▌ 40")
        await pilot.press("up", "pageup")
        top = lines(live)[0]
        for step in steps[41:50]:
            live.commit(step)
        await pilot.pause()
        assert lines(live)[0] == top and lines(live)[-1].endswith("↓ 9 new")
        await pilot.press("end")
        assert live.is_following and "new" not in text_of(live)
        for step in steps[50:]:
            live.commit(step)
        await pilot.pause()
        assert lines(live)[-1].startswith("▌ 79")


async def test_a_click_on_the_hint_goes_to_the_end() -> None:
    live = view(40)
    async with shown(live) as pilot:
        live.commit(message(40, "news"))
        await pilot.pause()
        await pilot.click(offset=(75, 23))
        assert live.is_following and live.current is not None and live.current.position == 40


async def test_messages_come_in_any_order_and_only_once() -> None:
    async with shown(live := view()) as pilot:
        for step in (*talk(3), talk(5)[4], talk(4)[3], talk(5)[4]):
            live.commit(step)
        await pilot.pause()
        assert [row.step.position for row in live.rows if row.step] == [0, 1, 2, 3, 4]


async def test_only_so_many_are_kept() -> None:
    kept = view(keep=20)
    async with shown(kept, (60, 30)) as pilot:
        for step in talk(100):
            kept.commit(step)
        await settled(pilot, kept)
        assert 20 <= len(kept.rows) <= 22
        assert lines(kept)[0].strip() == "… earlier messages are in the transcript"
        kept.show(talk(100))
        await settled(pilot, kept)
        assert len(kept.rows) == 20 and "earlier messages" in lines(kept)[0]


@given(st.lists(st.text(max_size=6), max_size=8))
def test_what_streams_is_shown_as_a_whole_would_be(pieces: list[str]) -> None:
    row = LiveRow("Ada", "guard", 1, is_helper=False)
    row.words.wrap(20)
    for piece in pieces:
        row.stream(piece)
    text = "".join(pieces).replace("\t", "    ")
    assert visible(text).startswith(row.words.text.rstrip("\\"))
    row.stream(".")
    assert row.words.text == visible(text + ".")


# ---------------------------------------------------------------- hostile, large and small


@pytest.mark.parametrize("size", [(120, 24), (80, 24), (20, 5)])
async def test_foreign_text_is_shown_literally(size: tuple[int, int]) -> None:
    hostile = view()
    hostile.show([message(0, HOSTILE, HOSTILE), message(1, HOSTILE)])
    async with shown(hostile, size) as pilot:
        if size == (120, 24):
            assert SHOWN in text_of(hostile)
        hostile.begin_turn(HOSTILE, "guard", 1)
        hostile.stream(HOSTILE)
        await pilot.pause(2 * FRAME_S)
        for line in lines(hostile):
            assert "\x1b" not in line and "\u202e" not in line and "\u200b" not in line
            assert cell_len(line) <= size[0]


@settings(max_examples=15)
@given(st.lists(st.text(max_size=200), max_size=8), st.integers(1, 60), st.integers(1, 20))
async def test_any_text_in_any_size_fits(contents: list[str], width: int, height: int) -> None:
    made = view()
    made.show([message(n, content, f"{n}{content}") for n, content in enumerate(contents)])
    async with shown(made, (width, height)) as pilot:
        for _ in range(3):
            assert all(made.render_line(y).cell_length == width - 1 for y in range(height))
            await pilot.press("pagedown")


@pytest.mark.parametrize(
    "text", ["word " * 200_000, "x" * 1_000_000, "日本語です。" * 167_000, "\n" * 1_000_000,
             "\u200d" * 100_000, "e" + "\u0301" * 1_000_000],
    ids=["words", "one word", "wide", "lines", "joiners", "accents"],
)  # fmt: skip
async def test_one_message_of_a_million_characters(text: str) -> None:
    huge = view()
    huge.show([message(0, "first"), message(1, f"a{text}z"), message(2, "last")])
    async with shown(huge) as pilot:
        await pilot.press("end")
        assert lines(huge)[-1].startswith("▌  2")
        await pilot.resize_terminal(50, 20)
        await settled(pilot, huge)
        await pilot.press("home", "pagedown", "pagedown")
        assert huge.current is not None and huge.current.position == 1
        assert all(huge.render_line(y).cell_length == 49 for y in range(20))


async def test_the_same_words_stay_on_top_when_the_width_changes() -> None:
    long = view()
    words = [" ".join(f"{n}-{k}" for k in range(80)) for n in range(60)]
    long.show([message(n, text) for n, text in enumerate(words)])
    async with shown(long, (100, 30)) as pilot:
        await pilot.press(*["pagedown"] * 3)
        top = lines(long)[0].split()[-1]
        for size in ((20, 5), (61, 40), (100, 30)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await settled(pilot, long)
            near = " ".join(lines(long)[:4])
            assert top in near or size == (20, 5)
        assert lines(long)[0].split()[-1] == top
        await pilot.press("end")
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        await settled(pilot, long)
        assert long.is_following and lines(long)[-1].split()[-1] == "59-79"


async def test_ten_thousand_messages_open_and_scroll_quickly() -> None:
    steps = talk(10_000, "word {} " + "and more " * 30)
    async with shown(long := view()) as pilot:
        began = time.thread_time()
        long.show(steps)
        opened_s = time.thread_time() - began
        await settled(pilot, long)
        began = time.thread_time()
        for _ in range(20):
            await pilot.press("pagedown")
        assert opened_s < 0.5
        assert (time.thread_time() - began) / 20 < 0.1
        assert long.virtual_size.height > 40_000


async def test_many_messages_are_added_at_once() -> None:
    steps = talk(400)
    live = view()
    async with shown(live) as pilot:
        live.extend(steps[:200], are_new=False)
        await settled(pilot, live)
        assert live.added == 0 and lines(live)[1].startswith("▌  0")
        live.extend([*steps[150:300], steps[0]])
        await settled(pilot, live)
        assert lines(live)[-1].endswith("↓ 100 new")
        live.extend([steps[399], steps[398]])
        live.extend(steps[300:398])
        await settled(pilot, live)
        assert [step.position for step in live.steps] == list(range(400))
        await pilot.press("end")
        assert lines(live)[-1].startswith("▌399")
        headings = [row.heading for row in live.rows if row.heading]
        assert headings == [f"Day {day}" for day in range(1, 41)]


async def test_keys_of_the_search_are_the_screens_while_nothing_is_looked_for() -> None:
    pressed: list[str] = []

    class Screenful(ViewApp):
        BINDINGS = [("n", "step", "Step")]  # noqa: RUF012 - as Textual has it

        def action_step(self) -> None:
            pressed.append("step")

    searched = view(30)
    async with Screenful(searched).run_test(size=(80, 24)) as pilot:
        await settled(pilot, searched)
        await pilot.press("n")
        assert pressed == ["step"]
        searched.look_for("word")
        await settled(pilot, searched)
        await pilot.press("n")
        assert pressed == ["step"] and searched.match_number == 2


async def test_another_theme_has_other_colours() -> None:
    def colour() -> object:
        style = next(one.style for one in themed.render_line(1) if "Guard" in one.text)
        assert style is not None
        return style.color

    themed = view(3)
    async with shown(themed) as pilot:
        dark = colour()
        pilot.app.theme = "textual-light"
        await settled(pilot, themed)
        assert colour() != dark
        pilot.app.theme = "textual-dark"
        await settled(pilot, themed)
        assert colour() == dark


async def test_what_is_as_high_as_before_is_drawn_as_wide_as_the_screen_is_now() -> None:
    made = view()
    made.show([message(0, "Begin.", "Researcher")])
    made.styles.width = 30
    async with shown(made, (70, 10)) as pilot:
        assert 20 < len(screen_lines(pilot)[0].rstrip()) < 31
        made.styles.width = 70
        await pilot.pause()
        await settled(pilot, made)
        assert len(screen_lines(pilot)[0].rstrip()) > 60


def screen_lines(pilot: Pilot[None]) -> list[str]:
    """What the terminal was sent, which may be older than what would be drawn."""
    strips = pilot.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]
