"""Drafts that were left, to go on with or to throw away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from screens.dialogs.dialog import Dialog
from simulator.drafts import Draft, Drafts
from simulator.presentation.moments import age
from simulator.presentation.safe_text import one_line, shortened

_LONGEST_NAME = 40


class DraftsDialog(Dialog[Draft]):
    """A list; the answer is the draft to go on with, None to leave all as they are."""

    CSS_PATH = "../dialogs/dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("delete,d", "discard", "Discard", id="drafts.discard"),
    ]

    def __init__(self, drafts: Drafts, found: Sequence[Draft], now: datetime) -> None:
        """Ask.

        Args:
            drafts: Where they are kept.
            found: Those to choose from, one at least.
            now: For their ages.
        """
        super().__init__("Drafts that were not saved")
        self._drafts = drafts
        self._found = list(found)
        self._now = now

    def compose_question(self) -> ComposeResult:
        """The list and what can be done with it."""
        yield OptionList(*self._options())
        yield Static(
            "Enter goes on with one, delete throws it away, Escape leaves them for later.",
            classes="dialog-detail", markup=False,
        )  # fmt: skip
        with Horizontal(classes="dialog-buttons"):
            yield Button("Later (esc)", id="no")
            yield Button("Discard (del)", id="discard", variant="error")
            yield Button("Resume (enter)", id="yes", variant="primary")

    def _options(self) -> list[Option]:
        return [Option(_row(draft, self._now)) for draft in self._found]

    def on_mount(self) -> None:
        """Choose at once; the newest stands first."""
        self._list.focus()
        self._list.highlighted = 0

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    @on(OptionList.OptionSelected)
    @on(Button.Pressed, "#yes")
    def _resumed(self) -> None:
        if self._list.highlighted is not None:
            self.dismiss(self._found[self._list.highlighted])

    @on(Button.Pressed, "#discard")
    def action_discard(self) -> None:
        """Throw one away."""
        place = self._list.highlighted
        if place is None:
            return
        self._drafts.discard(self._found.pop(place).id)
        if not self._found:
            self.dismiss(None)
            return
        self._list.clear_options()
        self._list.add_options(self._options())
        self._list.highlighted = min(place, len(self._found) - 1)

    @on(Button.Pressed, "#no")
    def _later(self) -> None:
        self.dismiss(None)


def _row(draft: Draft, now: datetime) -> Text:
    name = next(
        (line[5:] for line in draft.text.splitlines() if line.startswith("name:")), "without a name"
    )
    of = "edit" if draft.experiment_id else "copy" if draft.parent_id else "new"
    row = Text.assemble((shortened(one_line(name), _LONGEST_NAME), "bold"))
    return row.append(f"  {of} · {age(draft.saved_at, now)} ago · {len(draft.text):,} characters")
