"""The list of placeholders that opens while one is being typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.text import Text
from textual.geometry import Offset, Region, Spacing
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from simulator.domain.placeholders import Placeholder
from simulator.presentation.safe_text import one_line, shortened

WIDTH = 64
MOST_ROWS = 8
_EXAMPLE_WIDTH = 24


class Completions(OptionList, can_focus=False):
    """Stands below the cursor; the text area that opened it keeps the keys."""

    DEFAULT_CSS = """
    Completions {
        position: absolute;
        overlay: screen;
        width: 64;
        max-width: 100%;
        height: auto;
        max-height: 8;
        border: none;
        padding: 0;
        background: $panel;
    }
    """

    def __init__(self, chosen: Callable[[Placeholder], None]) -> None:
        """Make the list.

        Args:
            chosen: Hears what is clicked.
        """
        super().__init__()
        self._chosen = chosen
        self._offered: Sequence[Placeholder] = ()

    @property
    def current(self) -> Placeholder | None:
        """The one that is marked."""
        return None if self.highlighted is None else self._offered[self.highlighted]

    def offer(self, offered: Sequence[Placeholder], cursor: Offset, screen: Region) -> None:
        """Show these, below a spot of the screen, or above it where there is no room."""
        self._offered = offered
        self.clear_options()
        self.add_options([Option(_row(one)) for one in offered])
        self.highlighted = 0
        rows = min(MOST_ROWS, len(offered))
        place = Region(cursor.x, cursor.y + 1, min(WIDTH, screen.width), rows)
        if place.bottom > screen.bottom:
            place = Region(cursor.x, cursor.y - rows, place.width, rows)
        self.absolute_offset = place.constrain("inside", "inside", Spacing(), screen).offset

    def move(self, rows: int) -> None:
        """Mark another one, round and round."""
        if self._offered:
            self.highlighted = ((self.highlighted or 0) + rows) % len(self._offered)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take what is clicked."""
        event.stop()
        self._chosen(self._offered[event.option_index])


def _row(one: Placeholder) -> Text:
    example = shortened(one_line(one.example), _EXAMPLE_WIDTH)
    row = Text.assemble((one_line(one.name), "bold"), f"  {example}", no_wrap=True)
    row.append(f"  {one_line(one.meaning)}", "dim italic")
    row.truncate(WIDTH - 2, overflow="ellipsis")
    return row
