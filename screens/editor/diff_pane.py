"""What differs from the design that this one began as, or was copied from."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence

from pydantic import JsonValue
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from screens.editor.stepper import Stepper
from simulator.domain.designs import Design
from simulator.files.design_diff import Change, design_changes, text_pieces
from simulator.presentation.safe_text import one_line, visible

PAUSE_S = 0.25
_STYLES = {"kept": "dim", "removed": "red strike", "added": "green underline"}
_MARKS = {"kept": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
_CONTEXT = 60
"""Characters of what is the same that are shown beside a change."""


class DiffPane(Vertical):
    """Changes by place: [-what is gone-] struck through, {+what is new+} underlined."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._origins: Mapping[str, Design] = {}
        self._origin = ""
        self._design: Design | None = None
        self._is_stale = False

    def compose(self) -> ComposeResult:
        """With what to compare, and the changes."""
        yield Vertical(id="diff-origin")
        with VerticalScroll(id="diff-changes"):
            yield Static("", id="diff-text", markup=False)

    async def offer(self, origins: Mapping[str, Design]) -> None:
        """Have other designs to compare with, by what people call them; the first one is chosen."""
        self._origins = origins
        self._origin = next(iter(origins), "")
        box = self.query_one("#diff-origin", Vertical)
        await box.remove_children("*")
        if origins:
            await box.mount(Stepper("origin", "Since", list(origins), self._origin))
        self._is_stale = True
        self.look()

    def show(self, design: Design | None) -> None:
        """Compare another design: the last one without problems."""
        if design is not self._design:
            self._design = design
            self._is_stale = True
            self.look()

    def look(self) -> None:
        """Compare, if anybody can see it."""
        if self._is_stale and self.region:
            self._show_changes()

    def on_show(self) -> None:
        """It can be seen now."""
        self.look()

    @work(exclusive=True, group="diff")
    async def _show_changes(self) -> None:
        await asyncio.sleep(PAUSE_S)
        self._is_stale = False
        text = Text("This design is new: there is nothing to compare it with.", "italic")
        origin = self._origins.get(self._origin)
        if self._design is None:
            text = Text("The changes appear here once the design has no problems.", "italic")
        elif origin is not None:
            text = await asyncio.to_thread(_compared, origin, self._design)
        self.query_one("#diff-text", Static).update(text)

    @on(Stepper.Changed)
    def _other_origin(self, event: Stepper.Changed) -> None:
        event.stop()
        self._origin = event.stepper.value
        self._is_stale = True
        self.look()


def _compared(before: Design, after: Design) -> Text:
    names = [
        Change(name, getattr(before, name), getattr(after, name))
        for name in ("name", "note")
        if getattr(before, name) != getattr(after, name)
    ]
    return changes_text([*names, *design_changes(before, after)])


def changes_text(changes: Sequence[Change]) -> Text:
    """Every change below its place."""
    if not changes:
        return Text("Nothing has changed.", "italic")
    text = Text()
    for change in changes:
        text.append(f"{one_line(change.path)}\n", "bold")
        for what, words in _pieces(change):
            opening, closing = _MARKS[what]
            text.append(f"{opening}{visible(words)}{closing}", _STYLES[what])
        text.append("\n\n")
    return text


def _pieces(change: Change) -> list[tuple[str, str]]:
    if isinstance(change.before, str) and isinstance(change.after, str):
        pieces = text_pieces(change.before, change.after)
        last = len(pieces) - 1
        return [
            (
                piece.what,
                _cut(piece.text, place > 0, place < last) if piece.what == "kept" else piece.text,
            )
            for place, piece in enumerate(pieces)
        ]
    pairs = (("removed", change.before), ("added", change.after))
    return [(what, _words(value)) for what, value in pairs if value is not None]


def _cut(text: str, after_change: bool, before_change: bool) -> str:
    """What is the same, without what is far from any change."""
    if len(text) <= 2 * _CONTEXT + 3:
        return text
    head = text[:_CONTEXT] if after_change else ""
    tail = text[-_CONTEXT:] if before_change else ""
    return f"{head} … {tail}"


def _words(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
