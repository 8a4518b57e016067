"""The design's file: line numbers, keys and comments told apart, faults in the margin."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import ClassVar

from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.geometry import Offset
from textual.strip import Strip

from screens.editor.areas import ProseArea

_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
_KEY = re.compile(
    r"(?P<lead>\s*(?:- +)*)(?P<key>\"[^\"]*\"|'[^']*'|[^\s#\"'\[\]{}&*!|>%@`,-][^#\"'\[\]{},]*?)"
    r"(?P<colon>:)(?=\s|$)"
)
_BLOCK = re.compile(r"(?:^|[:\s-])[|>][+-]?\d*[+-]?\s*(?:#.*)?$")
_FAULT_MARK = "✗"


class YamlArea(ProseArea):
    """The text of a design."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"yaml--key", "yaml--comment", "yaml--fault"}
    DEFAULT_CSS = """
    YamlArea {
        border: none;
        padding: 0;
        & .yaml--key { color: $text-primary; text-style: bold; }
        & .yaml--comment { color: $text-muted; text-style: italic; }
        & .yaml--fault { color: $text-error; text-style: bold reverse; }
    }
    """

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002
        self._fault_lines: frozenset[int] = frozenset()
        self._quoted: list[bool] | None = None
        super().__init__(text, id=id)
        self.show_line_numbers = True
        self.tab_behavior = "indent"
        self.indent_width = 2

    def show_faults(self, lines: Collection[int]) -> None:
        """Mark these lines (from 1)."""
        if self._fault_lines != frozenset(lines):
            self._fault_lines = frozenset(lines)
            self.refresh()

    def go_to(self, line: int, column: int = 1) -> None:
        """Put the cursor somewhere (from 1), in the middle of what is seen."""
        row = min(max(0, line - 1), self.document.line_count - 1)
        self.move_cursor((row, max(0, column - 1)), center=True)

    # ------------------------------------------------------------ what is drawn

    def _build_highlight_map(self) -> None:
        self._quoted = None
        super()._build_highlight_map()

    def mark(self, line: Text, raw: str, number: int) -> None:
        """Keys and comments, where the line is no part of a text; placeholders everywhere."""
        if not self._is_text(number):
            comment = _COMMENT.search(raw)
            key = _KEY.match(raw)
            if key is not None and (comment is None or key.end() <= comment.start()):
                line.stylize(self._look("yaml--key"), key.start("key"), key.end("key"))
                comment = _COMMENT.search(raw, key.end())
            if comment is not None and raw.count('"', 0, comment.start()) % 2 == 0:
                line.stylize(self._look("yaml--comment"), comment.start())
        super().mark(line, raw, number)

    def _look(self, name: str):  # type: ignore[no-untyped-def]
        return self.get_component_rich_style(name, partial=True)

    def _is_text(self, number: int) -> bool:
        """Whether a line belongs to a text in block form."""
        if self._quoted is None:
            self._quoted = block_lines(self.document.lines)
        return number < len(self._quoted) and self._quoted[number]

    def render_line(self, y: int) -> Strip:
        """A line with its number, and a mark where something is wrong with it."""
        strip = super().render_line(y)
        row = y + self.scroll_offset.y
        if not self._fault_lines or row >= self.virtual_size.height:
            return strip
        number, column = self.wrapped_document.offset_to_location(Offset(0, row))
        if column or number + 1 not in self._fault_lines:
            return strip
        width = self.gutter_width
        gutter = Segment(f"{number + 1:>{width - 2}}{_FAULT_MARK} ", self._look("yaml--fault"))
        rest = strip.crop(width)
        return Strip([gutter, *rest], strip.cell_length)

    # ------------------------------------------------------------ typing

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "escape" and not self.is_completing:
            # Where Tab indents, Textual lets Escape move the focus; here it leaves the editor.
            event.prevent_default()
        elif event.key == "enter" and not self.is_completing and not self.read_only:
            event.stop()
            event.prevent_default()
            row, column = self.selection.start
            line = self.document.get_line(row)[:column]
            indent = line[: len(line) - len(line.lstrip(" "))]
            self._replace_via_keyboard(f"\n{indent}", *self.selection)


def block_lines(lines: list[str]) -> list[bool]:
    """Which lines belong to texts that stand in blocks below `|` or `>`."""
    found = []
    outside: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip(" "))
        if outside is not None and line.strip() and indent <= outside:
            outside = None
        found.append(outside is not None)
        if outside is None and _BLOCK.search(line) and not line.lstrip().startswith("#"):
            outside = indent
    return found
