"""The names of the panes, to go from one to another, and how the design stands."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static

from simulator.presentation.safe_text import one_line

PANES = {
    "form": "Form",
    "yaml": "YAML",
    "preview": "Preview",
    "diff": "Diff",
    "problems": "Problems",
}


@dataclass
class PaneChosen(Message):
    """Show a pane."""

    pane: str


class PaneTab(Static):
    """The name of a pane; a click shows it."""

    def __init__(self, pane: str) -> None:
        super().__init__(PANES[pane], id=f"tab-{pane}", markup=False)
        self._pane = pane

    def on_click(self) -> None:
        """Show the pane."""
        self.post_message(PaneChosen(self._pane))


class PaneTabs(Horizontal):
    """One line above the panes."""

    _problems: int | None = None

    def compose(self) -> ComposeResult:
        """The tabs, then the state."""
        for pane in PANES:
            yield PaneTab(pane)
        yield Static("", id="editor-state", markup=False)

    def light(self, pane: str) -> None:
        """Mark the pane that has the keys."""
        for name in PANES:
            self.query_one(f"#tab-{name}").set_class(name == pane, "-here")

    def show(self, name: str, state: str, problems: int) -> None:
        """Say what is edited, and how it stands.

        Args:
            name: Of the design.
            state: Such as "saved".
            problems: How many there are.
        """
        if problems != self._problems:
            self._problems = problems
            tab = self.query_one("#tab-problems", PaneTab)
            tab.update(f"✗ Problems {problems}" if problems else "✓ No problems")
            tab.set_class(bool(problems), "-faulty")
        line = Text(one_line(name), "bold", no_wrap=True, overflow="ellipsis")
        line.append(f" · {state}", "not bold")
        self.query_one("#editor-state", Static).update(line, layout=False)
