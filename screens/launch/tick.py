"""A box to tick whose state can be read without colours."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Checkbox

from simulator.presentation.safe_text import one_line


class Tick(Checkbox):
    """`[x] name` or `[ ] name`, on one line."""

    DEFAULT_CSS = """
    Tick { text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, name: str, value: bool = False) -> None:
        """Make one.

        Args:
            name: Any text; nothing in it is markup.
            value: Whether it is ticked.
        """
        super().__init__(Content(one_line(name)), value, compact=True)

    @property
    def _button(self) -> Content:
        return Content("[x]" if self.value else "[ ]").stylize("bold")
