"""Where people put words into a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Select

RESEARCHER = "Researcher"


@dataclass
class Said(Message):
    """Somebody wrote words for a run."""

    run_id: str
    words: str
    speaker: str


class SpeechBar(Horizontal):
    """As whom, and what; hidden until it is asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="monitor.say.close"),
    ]

    def __init__(self) -> None:
        super().__init__(id="speech")
        self.display = False
        self._run_id = ""

    def compose(self) -> ComposeResult:
        """Who speaks, and the words."""
        yield Select([(RESEARCHER, RESEARCHER)], value=RESEARCHER, allow_blank=False, id="as-whom")
        yield Input(
            placeholder="Words for the run; Enter says them before its next turn", id="words"
        )

    def open_for(self, run_id: str, speakers: Sequence[str]) -> None:
        """Let somebody speak in a run as one of these."""
        select = self.query_one("#as-whom", Select)
        if run_id != self._run_id:
            select.set_options([(name, name) for name in speakers])
            select.value = speakers[0]
        self._run_id = run_id
        self.display = True
        self.query_one("#words", Input).focus()

    @on(Input.Submitted, "#words")
    def _say(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            speaker = str(self.query_one("#as-whom", Select).value)
            self.post_message(Said(self._run_id, event.value, speaker))

    def taken(self, words: str) -> None:
        """The run has the words: they need not be kept here any longer."""
        field = self.query_one("#words", Input)
        if field.value == words:
            field.clear()

    def follow(self, run_id: str) -> None:
        """Go away when another run is in focus, so that nobody speaks into the wrong one."""
        if self.display and run_id != self._run_id:
            self.action_close()

    def action_close(self) -> None:
        """Put it away; what is typed stays."""
        self.display = False
        self.screen.set_focus(None)
        self.screen.query_one("RunList").focus()
