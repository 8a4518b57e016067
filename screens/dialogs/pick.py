"""Asks for one of several things."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.dialogs.dialog import Dialog
from simulator.presentation.safe_text import one_line


class Pick(Dialog[str]):
    """A list; the answer is the value of the option, None after Escape."""

    def __init__(
        self, title: str, options: Sequence[str | tuple[str, str]], *, hint: str = ""
    ) -> None:
        """Ask.

        Args:
            title: What is asked.
            options: Values, or pairs of what is shown and the value.
            hint: Shown below.
        """
        super().__init__(title)
        self._options = [one if isinstance(one, tuple) else (one, one) for one in options]
        self._hint = hint

    def compose_question(self) -> ComposeResult:
        """The list, or a word that it is empty."""
        if not self._options:
            yield Static("There is nothing to choose from.", classes="dialog-detail")
        yield OptionList(*(Option(Text(one_line(shown))) for shown, _ in self._options))
        if self._hint:
            yield Static(one_line(self._hint), classes="dialog-detail", markup=False)

    def on_mount(self) -> None:
        """Choose at once."""
        self.query_one(OptionList).focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._options[event.option_index][1])
