"""How quickly transcripts open, scroll and stream in the app."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random

import psutil
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.strip import Strip

from benchmarks.tables import Row, show
from screens.widgets.transcript_view import TranscriptView
from simulator.domain.journal import Step
from simulator.domain.records import Agent

MESSAGES = 10_000
OPEN_MS, PAGE_MS, HELD_MS, TOKEN_US = 300.0, 16.0, 100.0, 100.0
VIEWS, TOKENS_PER_S, STREAM_S = 4, 500, 4.0
SIZE = (120, 40)
WORDS = ("the", "guard", "looks", "at", "a", "prisoner", "and", "says", "nothing", "then", "walks")
AGENTS = [
    Agent(name="Guard_117", role="guard", number=1, model="pocket"),
    Agent(name="Prisoner_386", role="prisoner", number=1, model="pocket"),
]


class Views(App[None]):
    """Some transcripts below each other."""

    def __init__(self, views: Sequence[TranscriptView]) -> None:
        super().__init__()
        self.views = views

    def compose(self) -> ComposeResult:
        """The views."""
        with Vertical():
            yield from self.views


class Clocked(TranscriptView):
    """Knows when it first drew a message, and how long it took to draw."""

    drawn_at = 0.0
    drawing_s = 0.0
    """Of CPU."""

    def render_line(self, y: int) -> Strip:
        """Draw, with an eye on the clock."""
        began = time.thread_time()
        if not self.drawn_at and self.rows and self.columns is not None:
            self.drawn_at = time.perf_counter()
        strip = super().render_line(y)
        self.drawing_s += time.thread_time() - began
        return strip


def talk(number: int, last: str = "") -> list[Step]:
    """Messages of 15 to 85 words."""
    random, now = Random(1), datetime(2026, 1, 1, tzinfo=UTC)
    contents = [" ".join(random.choices(WORDS, k=random.randint(15, 85))) for _ in range(number)]
    return [
        Step(
            run_id="R", scope="main", index=n, position=n, kind="say", prompt_hash="0",
            speaker=AGENTS[n % 2].name, role=AGENTS[n % 2].role, content=content,
            day=1 + n // 100, created_at=now,
        )
        for n, content in enumerate([*contents, *([last] if last else [])])
    ]  # fmt: skip


class Held:
    """The longest time, of CPU, for which nothing else on the event loop could run."""

    longest_s = 0.0

    async def watch(self) -> None:
        """Notice, for ever."""
        last = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest_s = max(self.longest_s, now - last)
            last = now


@asynccontextmanager
async def held() -> AsyncIterator[Held]:
    """Watches the loop for as long as the block runs."""
    watched = Held()
    task = asyncio.create_task(watched.watch())
    await asyncio.sleep(0)
    try:
        yield watched
    finally:
        task.cancel()


async def settled(view: TranscriptView) -> None:
    """Wait until all heights are known."""
    await asyncio.sleep(0.05)
    while not view.is_settled:  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0.005)


async def opening(steps: Sequence[Step], what: str) -> list[Row]:
    """A view made for the messages, looked at, paged through and resized."""
    async with Views([]).run_test(size=SIZE) as pilot:
        await pilot.pause()
        gc.collect()
        before = psutil.Process().memory_info().rss
        async with held() as watched:
            began = time.perf_counter()
            view = Clocked(AGENTS)
            view.show(steps)
            await pilot.app.mount(view)
            while not view.drawn_at:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.001)
            open_ms = (view.drawn_at - began) * 1000
            await settled(view)
            known_ms = (time.perf_counter() - began - 0.05) * 1000
        taken = psutil.Process().memory_info().rss - before
        pages, view.drawing_s, turning_s = 60, 0.0, 0.0
        for _ in range(pages):
            turned = time.thread_time()
            view.action_page(1)
            turning_s += time.thread_time() - turned
            await pilot.pause()
        page_ms = (view.drawing_s + turning_s) / pages * 1000
        async with held() as resized:
            await pilot.resize_terminal(70, 30)
            await settled(view)
    text = sum(len(step.content) for step in steps)
    opened_ms, resize_ms = watched.longest_s * 1000, resized.longest_s * 1000
    return [
        Row(f"{what}: constructor to first frame", f"{open_ms:.0f} ms", f"< {OPEN_MS:.0f} ms",
            open_ms < OPEN_MS),
        Row(f"{what}: until all heights are known", f"{known_ms:.0f} ms"),
        Row(f"{what}: loop held at most, opening", f"{opened_ms:.0f} ms", f"< {HELD_MS:.0f} ms",
            opened_ms < HELD_MS),
        Row(f"{what}: a page down, our code", f"{page_ms:.1f} ms", f"< {PAGE_MS:.0f} ms",
            page_ms < PAGE_MS),
        Row(f"{what}: loop held at most, resizing", f"{resize_ms:.0f} ms", f"< {HELD_MS:.0f} ms",
            resize_ms < HELD_MS),
        Row(f"{what}: memory beside {text / 1e6:.1f} MB of text", f"{taken / 1e6:.1f} MB"),
    ]  # fmt: skip


async def streaming() -> list[Row]:
    """Tokens that come to some views at once, a piece at a time."""
    views = [TranscriptView(AGENTS, keep=200) for _ in range(VIEWS)]
    async with Views(views).run_test(size=SIZE) as pilot:
        for view in views:
            view.show(talk(200), at_end=True)
        await pilot.pause()
        for view in views:
            await settled(view)
            view.begin_turn("Guard_117", "guard", 2)
        tokens, began, spent = 0, time.perf_counter(), time.process_time()
        while (now := time.perf_counter() - began) < STREAM_S:
            while tokens < now * TOKENS_PER_S:
                for view in views:
                    view.stream(f"word{tokens} ")
                tokens += 1
            await asyncio.sleep(0.002)
        used_us = (time.process_time() - spent) / (tokens * VIEWS) * 1e6
    what = f"CPU a token, {VIEWS} views of {TOKENS_PER_S} tokens/s each, drawing included"
    return [Row(what, f"{used_us:.0f} µs", f"< {TOKEN_US:.0f} µs", used_us < TOKEN_US)]


async def rows() -> list[Row]:
    """All measurements."""
    return [
        *await opening(talk(MESSAGES), f"{MESSAGES:,} messages"),
        *await opening(talk(9, "word " * 200_000), "1 MB message"),
        *await opening(talk(9, "日本語です。" * 167_000), "1 M wide letters"),
        *await streaming(),
    ]


def main() -> None:
    show(asyncio.run(rows()))


if __name__ == "__main__":
    main()
