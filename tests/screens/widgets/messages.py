"""Messages to show, and an app that shows them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from screens.widgets.row_scroll import RowScroll
from simulator.domain.journal import Step
from simulator.domain.records import Agent

NOW = datetime(2026, 1, 1, tzinfo=UTC)
AGENTS = (
    Agent(name="Guard_117", role="guard", number=1, model="pocket"),
    Agent(name="Prisoner_386", role="prisoner", number=1, model="pocket"),
    Agent(name="Summarizer", role="summarizer", number=0, model="pocket"),
)
HOSTILE = "[/foo] [bold red]x[/] \x1b[31m\u202e to\u200bday 👩‍👩‍👧 日本語 مرحبا"
SHOWN = "[/foo] [bold red]x[/] ␛[31m\\u202e to\\u200bday 👩‍👩‍👧 日本語 مرحبا"
"""What is seen of it."""


def message(
    position: int, content: str, speaker: str = "Guard_117", day: int | None = 1, **more: Any
) -> Step:
    roles = {agent.name: agent.role for agent in AGENTS}
    fields: dict[str, Any] = {
        "run_id": "R", "scope": "main", "index": position, "position": position, "kind": "say",
        "prompt_hash": "0", "speaker": speaker, "role": roles.get(speaker, "researcher"),
        "content": content, "day": day, "created_at": NOW,
    }  # fmt: skip
    return Step(**(fields | more))


def talk(number: int, words: str = "word {}") -> list[Step]:
    """So many messages of guard and prisoner, ten a day."""
    return [message(n, words.format(n), AGENTS[n % 2].name, 1 + n // 10) for n in range(number)]


class ViewApp(App[None]):
    """Shows one widget."""

    def __init__(self, widget: RowScroll[Any]) -> None:
        super().__init__()
        self._shown = widget
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self._shown

    def on_mount(self) -> None:
        self._shown.focus()


@asynccontextmanager
async def shown(
    widget: RowScroll[Any], size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Pilot[None]]:
    """The widget on a screen of its own, all heights known."""
    heard: list[Message] = []
    app = ViewApp(widget)
    app.heard = heard
    async with app.run_test(size=size, message_hook=heard.append) as pilot:
        await settled(pilot, widget)
        yield pilot


async def settled(pilot: Pilot[Any], widget: RowScroll[Any]) -> None:
    """Wait until all heights are known and drawn."""
    await pilot.pause()
    while not widget.is_settled:
        await pilot.pause(0.001)
    await pilot.pause()


def lines(widget: RowScroll[Any]) -> list[str]:
    """What is on the screen, without what is empty at the end of lines."""
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]


def text_of(widget: RowScroll[Any]) -> str:
    """What is on the screen."""
    return "\n".join(lines(widget)).rstrip()
