from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from screens.editor.nodes import Node
from screens.editor.rows import LineRow, ProseRow, Row
from screens.editor.screen import EditorScreen
from screens.laboratory import Laboratory
from simulator.drafts import Drafts
from simulator.files.design_text import Place
from tests.screens.conftest import NARROW, WIDE, OpenScreen, settled, still
from tests.waiting import until

PRISON = (Path(__file__).parents[3] / "experiments_seed" / "prison.yaml").read_text("utf-8")
SMALL = """\
# Two who talk.
kind: conversation
name: Small  # the shortest
starting_message: Begin.
messages: 4

roles:
  # The first.
  - name: guard
    starting_prompt: You are a guard.
    sections:
      Goal: Keep order.
      Manner: Be calm.
  - name: prisoner
    starting_prompt: You are a prisoner.
shared_sections:
  Rules: Be brief.
"""


class Desk:
    """An editor that is shown, and the hands that use it."""

    def __init__(self, screen: EditorScreen, pilot: Pilot[int]) -> None:
        self.screen = screen
        self.pilot = pilot

    @property
    def text(self) -> str:
        return self.screen.session.text.text

    @property
    def value(self) -> Callable[[Place], Any]:
        return self.screen.session.text.value

    @property
    def faults(self) -> list[str]:
        return [fault.message for fault in self.screen.session.faults]

    async def go(self, *place: str | int) -> Node:
        """Open what is around a place, and put the focus there."""
        assert await self.screen.panes.form.reveal(place)
        await self.pilot.pause()
        node: Node = self.screen.panes.form
        for part in place:
            node = node.inner[part]
        assert isinstance(node, Widget)
        if any(widget.focusable for widget in node.walk_children(Widget)):
            await until(lambda: self.focused in node.walk_children())
        await still(self.pilot)
        return node

    async def row(self, *place: str | int) -> Row:
        row = await self.go(*place)
        assert isinstance(row, Row)
        return row

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until what they do is done."""
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text: str) -> None:
        names = {" ": "space", "\n": "enter"}
        await self.press(*(names.get(letter, letter) for letter in text))

    async def settle(self) -> None:
        await self.pilot.pause()
        await self.screen.settle()
        await still(self.pilot)

    async def write(self, text: str) -> None:
        """Replace all that the file's pane has."""
        area = self.screen.panes.file
        self.screen.panes.go("yaml")
        await self.pilot.pause()
        area.focus()
        area.select_all()
        area._replace_via_keyboard(text, *area.selection)
        await self.settle()

    def shown(self, row: Node) -> str:
        if isinstance(row, ProseRow):
            return row.area.text
        assert isinstance(row, LineRow)
        return row._input.value

    def beside(self, node: Node) -> str:
        """What is said to be wrong, beside a field or a part."""
        told = node._told  # type: ignore[attr-defined]
        return str(told.render()) if told is not None and told.display else ""

    def look(self) -> str:
        """The screen as letters."""
        strips = self.pilot.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    def told(self) -> list[str]:
        return [note.message for note in self.pilot.app._notifications]

    @property
    def focused(self) -> Widget | None:
        return self.pilot.app.focused


OpenEditor = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    return Drafts(tmp_path / "drafts")


@pytest.fixture
def open_editor(laboratory: Laboratory, open_screen: OpenScreen, drafts: Drafts) -> OpenEditor:
    """Opens an editor on a text, as `EditorScreen` takes it."""

    @asynccontextmanager
    async def opened(
        text: str = SMALL,
        *,
        size: tuple[int, int] = WIDE,
        waits: bool = True,
        laboratory: Laboratory = laboratory,
        **options: Any,
    ) -> AsyncIterator[Desk]:
        screen = EditorScreen(laboratory, text, drafts=drafts, **options)
        if waits:
            async with open_screen(screen, size=size) as pilot:
                yield Desk(screen, pilot)
        else:
            from tests.screens.host import Host

            async with Host(laboratory, screen).run_test(size=size) as pilot:
                await pilot.pause()
                yield Desk(screen, pilot)

    return opened


__all__ = ["NARROW", "PRISON", "SMALL", "WIDE", "Desk", "OpenEditor", "settled"]
