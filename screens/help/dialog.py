"""Help in front of a screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer, Markdown, Static

from screens.help import help_text


class HelpDialog(ModalScreen[None]):
    """A page and the keys of the screen below."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,q", "dismiss_help", "Close", id="help.close"),
    ]

    def __init__(self, page: str, keys: Sequence[tuple[str, str, str]]) -> None:
        """Show help.

        Args:
            page: Stem of a page in this folder.
            keys: Key, what it does, and more about it.
        """
        super().__init__()
        self._page = page
        self._keys = keys

    def compose(self) -> ComposeResult:
        """The page, then the keys."""
        with VerticalScroll(id="help"):
            yield Markdown(help_text(self._page), open_links=False)
            yield Static("Keys here", classes="help-title")
            yield Static(self._table())
        yield Footer()

    def on_mount(self) -> None:
        """Scroll with the keys."""
        self.query_one("#help").focus()

    def action_dismiss_help(self) -> None:
        """Back to the screen."""
        self.dismiss(None)

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for key, what, more in self._keys:
            table.add_row(Text(key, "bold"), Text(f"{what}. {more}" if more else what))
        return table
