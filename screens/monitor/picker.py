"""Where people choose who speaks next."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text
from textual import on
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from simulator.live_run import Question
from simulator.presentation.safe_text import one_line


@dataclass
class Answered(Message):
    """Somebody chose."""

    run_id: str
    option: str


class AnswerPicker(OptionList):
    """The options of what the run in focus asks; hidden while it asks nothing."""

    def __init__(self) -> None:
        super().__init__(id="picker")
        self.add_class("pane")
        self.display = False
        self._run_id = ""
        self._question: Question | None = None

    def show(self, run_id: str, question: Question | None) -> None:
        """Show a question, or hide when there is none."""
        if question is self._question and run_id == self._run_id:
            return
        had_focus = self.has_focus
        self._run_id, self._question = run_id, question
        self.clear_options()
        self.display = question is not None
        if question is not None:
            self.border_title = Text(one_line(question.text))
            self.add_options([Option(Text(one_line(name))) for name in question.options])
            self.highlighted = 0
        elif had_focus:
            self.screen.query_one("RunList").focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self._question is not None:
            option = self._question.options[event.option_index]
            self.post_message(Answered(self._run_id, option))
