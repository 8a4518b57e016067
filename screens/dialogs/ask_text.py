"""Asks for a text."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Input, Static, TextArea

from screens.dialogs.dialog import Dialog
from screens.widgets.safe_input import SafeInput
from simulator.presentation.safe_text import visible

Check = Callable[[str], str | None]
"""What is wrong with an answer; None when nothing is."""


class AskText(Dialog[str]):
    """One line, or several; Escape answers None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "accept", "Accept", id="dialog.accept"),
    ]

    def __init__(
        self,
        title: str,
        value: str = "",
        hint: str = "",
        check: Check | None = None,
        *,
        multiline: bool = False,
        yes: str = "OK",
    ) -> None:
        """Ask.

        Args:
            title: What is asked.
            value: The text to begin with.
            hint: Shown below.
            check: Finds fault with an answer, which is then not taken.
            multiline: Whether Enter begins a new line; Ctrl+S accepts then.
            yes: On the button.
        """
        super().__init__(title)
        self._value = value
        self._hint = hint
        self._check = check
        self._multiline = multiline
        self._yes = yes

    def compose_question(self) -> ComposeResult:
        """The field, what is wrong with it, and two buttons."""
        if self._multiline:
            yield TextArea(self._value, id="answer")
        else:
            yield SafeInput(self._value, id="answer", select_on_focus=False)
        if self._hint:
            yield Static(visible(self._hint), classes="dialog-detail", markup=False)
        yield Static("", id="fault", classes="dialog-fault", markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield Button("Cancel (esc)", id="no")
            key = " (ctrl+s)" if self._multiline else ""
            yield Button(f"{self._yes}{key}", id="yes", variant="primary")

    def on_mount(self) -> None:
        """Type at once, after what is there."""
        self.query_one("#answer").focus()
        if self._multiline:
            area = self.query_one("#answer", TextArea)
            area.move_cursor(area.document.end)

    @property
    def answer(self) -> str:
        """What is typed now."""
        if self._multiline:
            return self.query_one("#answer", TextArea).text
        return self.query_one("#answer", Input).value

    @on(Input.Submitted)
    @on(Button.Pressed, "#yes")
    def action_accept(self) -> None:
        """Give the answer, unless something is wrong with it."""
        fault = self._check(self.answer) if self._check is not None else None
        if fault is None:
            self.dismiss(self.answer)
        else:
            self.query_one("#fault", Static).update(visible(fault))

    @on(Button.Pressed, "#no")
    def _cancelled(self) -> None:
        self.dismiss(None)
