"""What the launch starts: its runs, what they take, and the buttons."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Static

from simulator.presentation.estimates import Line, Tone

_STYLES: dict[Tone, str] = {
    "plain": "", "muted": "dim", "warning": "bold", "fault": "bold",
}  # fmt: skip


class ForecastPane(Vertical):
    """A sum that is known at once, and lines that take a moment."""

    def __init__(self) -> None:
        super().__init__(id="forecast", classes="pane")
        self.border_title = "What this starts"
        self._product = ""
        self._text = Text()

    def compose(self) -> ComposeResult:
        """The sum, the lines, the buttons."""
        yield Static("", id="product", markup=False)
        with VerticalScroll(id="forecast-lines"):
            yield Static("", id="estimate", markup=False)
        with Horizontal(id="launch-buttons"):
            yield Button("Start", variant="primary", compact=True, id="start")
            yield Button("Queue", compact=True, id="queue")
            yield Button("As commands", compact=True, id="words")

    def show_product(self, text: str) -> None:
        """How many runs there are."""
        if text == self._product:
            return
        self._product = text
        self.query_one("#product", Static).update(Text(text, "bold", overflow="fold"))

    def show_lines(self, lines: Sequence[Line]) -> None:
        """What they take."""
        text = Text()
        for number, line in enumerate(lines):
            text.append("\n" if number else "").append(line.text, _STYLES[line.tone])
        if text == self._text:
            return
        self._text = text
        self.query_one("#estimate", Static).update(text)

    @property
    def text(self) -> str:
        """What is shown of the estimate."""
        return self._text.plain

    def hold(self, is_held: bool) -> None:
        """Let the buttons do nothing, while a launch is on its way."""
        for button in self.query(Button):
            button.disabled = is_held
