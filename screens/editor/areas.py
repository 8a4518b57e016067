"""Text areas that know placeholders: marked where they stand, offered where one begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.document._document import EditResult, Location
from textual.document._document_navigator import DocumentNavigator
from textual.document._wrapped_document import WrappedDocument
from textual.geometry import Region, Size
from textual.message import Message
from textual.widgets import TextArea

from screens.editor.completing import Completions
from screens.editor.differences import difference
from screens.editor.lines import Lines
from screens.widgets.safe_input import one_for_one
from simulator.domain.placeholders import Placeholder, Placeholders

_MOVES = {"up": -1, "down": 1, "pageup": -5, "pagedown": 5}


class ProseArea(TextArea):
    """Several lines of text; known placeholders are bold, unknown ones underlined in reverse."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"prose--known", "prose--unknown"}
    DEFAULT_CSS = """
    ProseArea {
        border: none;
        &:focus { border: none; }
        & .prose--known { color: $text-accent; text-style: bold; }
        & .prose--unknown { color: $text-error; text-style: underline reverse; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+a", "select_all", "Select all", show=False, id="editor.select_all"),
    ]

    @dataclass
    class Typed(Message):
        """The user changed the text."""

        area: ProseArea

        @property
        def control(self) -> ProseArea:
            """Who sends it."""
            return self.area

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002
        self.placeholders: Placeholders | None = None
        """Those that the text may hold; None marks and offers none."""
        self._popup: Completions | None = None
        self._wrapped_at = 0
        super().__init__(text, id=id, max_checkpoints=1)

    def _set_document(self, text: str, language: str | None) -> None:
        self.document = Lines(text)
        self.wrapped_document = WrappedDocument(self.document, tab_width=self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self._build_highlight_map()
        self.move_cursor((0, 0))
        self._rewrap_and_refresh_virtual_size()

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        # Of an area that is mounted while its form scrolls, Textual says nothing when it gets its
        # first size, and lines would stay as long as they are.
        is_new = super()._size_updated(size, virtual_size, container_size, layout)
        if is_new and self.wrap_width != self._wrapped_at:
            self._rewrap_and_refresh_virtual_size()
        return is_new

    def _rewrap_and_refresh_virtual_size(self) -> None:
        self._wrapped_at = self.wrap_width
        super()._rewrap_and_refresh_virtual_size()

    # ------------------------------------------------------------ what is drawn

    def get_line(self, line_index: int) -> Text:
        """The line as it is drawn."""
        raw = self.document.get_line(line_index)
        line = Text(one_for_one(raw), end="", no_wrap=True)
        self.mark(line, raw, line_index)
        return line

    def mark(self, line: Text, raw: str, number: int) -> None:
        """Style parts of a line.

        Args:
            line: What is drawn.
            raw: What is written, as long as what is drawn.
            number: Of the line, from 0.
        """
        if self.placeholders is None:
            return
        for mention in self.placeholders.mentions(raw):
            name = "prose--known" if mention.is_known else "prose--unknown"
            style = self.get_component_rich_style(name, partial=True)
            line.stylize(style, mention.start, mention.end)

    def show_placeholders(self, placeholders: Placeholders | None) -> None:
        """Draw with other placeholders."""
        if placeholders is not self.placeholders:
            self.placeholders = placeholders
            self._line_cache.clear()
            self.refresh()

    def show_text(self, text: str) -> None:
        """Have another text, changing only what differs, so that cursor and scrolling stay."""
        change = difference(self.text, text)
        if change is not None:
            start = self.location_of(change.start)
            end = self.location_of(change.end)
            self.replace(change.text, start, end, maintain_selection_offset=True)

    def location_of(self, position: int) -> tuple[int, int]:
        """Line and column, from 0, of a position in the text."""
        before = self.text[:position]
        return before.count("\n"), position - (before.rfind("\n") + 1)

    # ------------------------------------------------------------ typing

    def _replace_via_keyboard(
        self, insert: str, start: Location, end: Location
    ) -> EditResult | None:
        return self._told(super()._replace_via_keyboard(insert, start, end))

    def _delete_via_keyboard(self, start: Location, end: Location) -> EditResult | None:
        return self._told(super()._delete_via_keyboard(start, end))

    def _told(self, result: EditResult | None) -> EditResult | None:
        if result is not None:
            self.post_message(self.Typed(self))
            self.call_next(self._offer)
        return result

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        await super()._on_paste(event)
        event.prevent_default()

    # ------------------------------------------------------------ completion

    @property
    def is_completing(self) -> bool:
        """Whether the list of placeholders is open."""
        return self._popup is not None

    async def _on_key(self, event: events.Key) -> None:
        if self._popup is not None and self._completed(self._popup, event.key):
            event.stop()
            event.prevent_default()

    @on(TextArea.SelectionChanged)
    def _cursor_moved(self) -> None:
        if self._popup is not None:
            self._offer()

    def _completed(self, popup: Completions, key: str) -> bool:
        if key in _MOVES:
            popup.move(_MOVES[key])
        elif key in ("enter", "tab"):
            if popup.current is not None:
                self._insert(popup.current)
        elif key == "escape":
            self._close()
        else:
            return False
        return True

    def _offer(self) -> None:
        row, column = self.cursor_location
        before = self.document.get_line(row)[:column]
        start = self.placeholders.unfinished(before) if self.placeholders else None
        offered = (
            self.placeholders.completions(before[start:])
            if self.placeholders is not None and start is not None
            else ()
        )
        if not offered or not self.has_focus or self.read_only:
            self._close()
            return
        if self._popup is None:
            self._popup = Completions(self._insert)
            self.screen.mount(self._popup)
        size = self.screen.size
        self._popup.offer(offered, self.cursor_screen_offset, Region(0, 0, size.width, size.height))

    def _insert(self, chosen: Placeholder) -> None:
        row, column = self.cursor_location
        line = self.document.get_line(row)
        start = self.placeholders.unfinished(line[:column]) if self.placeholders else None
        if start is not None:
            end = column + 1 if line[column : column + 1] == chosen.name[-1:] else column
            self._replace_via_keyboard(chosen.name, (row, start), (row, end))
        self._close()
        self.focus()

    def _close(self) -> None:
        if self._popup is not None:
            self._popup.remove()
            self._popup = None

    def on_blur(self) -> None:
        """The list belongs to who has the keys."""
        self._close()

    def on_unmount(self) -> None:
        """Leave nothing behind."""
        self._close()
