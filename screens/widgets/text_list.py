"""Long texts under headings, one below the other."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding, BindingType

from screens.widgets.row_scroll import RowScroll
from screens.widgets.wrapping import WrappedText
from simulator.presentation.safe_text import one_line, visible

MARGIN = 1
TAB = 4


class TextRow:
    """A heading with a text; shown literally."""

    __slots__ = ("_width", "_words", "text", "title")

    def __init__(self, title: str, text: str) -> None:
        self.title = one_line(title)
        self.text = text
        """As it was given."""
        self._words: WrappedText | None = None
        self._width = 0

    @property
    def words(self) -> WrappedText:
        """The text as it is seen."""
        if self._words is None:
            self._words = WrappedText(visible(self.text).rstrip().expandtabs(TAB))
        return self._words

    @property
    def height(self) -> int:
        """See `Row`; an empty line follows."""
        return 2 + (self.words.height if self._width else 1 + len(self.text) // 60)

    def wrap(self, columns: Hashable) -> None:
        """See `Row`."""
        assert isinstance(columns, int)
        self._width = columns
        self.words.wrap(columns - 2 * MARGIN)

    def find(self, most: int | None) -> bool:
        """See `Row`."""
        return self.words.find(most)

    def place(self, line: int) -> int:
        """See `Row`."""
        return -1 if line < 1 else self.words.line(line - 1)[0]

    def line_at(self, place: int) -> int:
        """See `Row`."""
        return 0 if place < 0 else 1 + self.words.line_at(place)


class TextList(RowScroll[TextRow]):
    """Texts to scroll through."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"text-list--title"}
    DEFAULT_CSS = "TextList > .text-list--title { color: $text-muted; text-style: bold; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "lines(-1)", "Up", show=False),
        Binding("down,j", "lines(1)", "Down", show=False),
        Binding("pageup", "pages(-1)", "Page up", show=False),
        Binding("pagedown,space", "pages(1)", "Page down", show=False),
        Binding("home,g", "top", "Top", show=False),
        Binding("end,G", "bottom", "Bottom", show=False),
    ]

    def columns_of(self, width: int) -> Hashable:
        """See `RowScroll`."""
        return width

    def draw(self, number: int, line: int, width: int) -> list[Segment]:
        """See `RowScroll`."""
        row = self.rows[number]
        if line == 0:
            title = f"── {row.title} "
            rule = "─" * max(0, width - cell_len(title) - MARGIN)
            style = self.get_component_rich_style("text-list--title", partial=True)
            return [Segment(" " * MARGIN), Segment(title + rule, style)]
        text = row.words
        return [Segment(" " * MARGIN + text.text[slice(*text.line(line - 1))])]

    def action_lines(self, by: int) -> None:
        """Scroll by lines."""
        self.scroll_lines(self.scroll_offset.y + by)

    def action_pages(self, by: int) -> None:
        """Scroll by screens."""
        self.scroll_lines(self.scroll_offset.y + by * max(1, self.size.height - 1))

    def action_top(self) -> None:
        """Scroll to the first line."""
        self.scroll_lines(0)

    def action_bottom(self) -> None:
        """Scroll to the last line."""
        self.scroll_lines(self.stack.height)
