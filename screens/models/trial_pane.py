"""Where a model is tried: a prompt, and the reply as it comes."""

from __future__ import annotations

from contextlib import aclosing
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Input, Static

from screens.models.trial import Trial
from screens.told import Told
from simulator.catalogue import Catalogue
from simulator.errors import SimulatorError
from simulator.presentation.safe_text import one_line, visible
from simulator.process import fresh_seed

FRAME_S = 1 / 15
USUAL_WORDS = "Who are you? Answer in one sentence."


class TrialPane(Vertical):
    """Asks one thing at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Stop or close", id="models.leave_trial"),
    ]

    class Left(Message):
        """The user is done here."""

    def __init__(self, catalogue: Catalogue, told: Told) -> None:
        """Make one.

        Args:
            catalogue: Has the models.
            told: Tells faults that happen in its block.
        """
        super().__init__(id="trial", classes="pane")
        self._catalogue = catalogue
        self._told = told
        self._model = ""
        self._trial: Trial | None = None

    def compose(self) -> ComposeResult:
        """The prompt above, the reply below, how fast at the end."""
        yield Input(USUAL_WORDS, placeholder="What to ask; Enter sends it", id="words")
        with VerticalScroll(id="reply-scroll", can_focus=True):
            yield Static("", id="reply", markup=False)
        yield Static("", id="pace", classes="muted", markup=False)

    def on_mount(self) -> None:
        """Draw the reply again and again."""
        self.set_interval(FRAME_S, self._draw)

    def open_for(self, model: str) -> None:
        """Let the user ask that model; a reply of another one is stopped."""
        if model != self._model:
            self.workers.cancel_group(self, "trial")
            self._model, self._trial = model, None
            self.query_one("#reply", Static).update("")
            self.query_one("#pace", Static).update("Enter asks.")
            self.border_title = one_line(f"Try {model}")
        self.query_one(Input).focus()

    @property
    def is_asking(self) -> bool:
        """Whether a reply is still to come."""
        return any(worker.group == "trial" and worker.is_running for worker in self.workers)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self._ask(event.value)

    @work(exclusive=True, group="trial", exit_on_error=False)
    async def _ask(self, words: str) -> None:
        trial = self._trial = Trial()
        with self._told():
            try:
                chunks = self._catalogue.reply(self._model, words, seed=fresh_seed())
                async with aclosing(chunks):
                    async for chunk in chunks:
                        trial.hear(chunk)
            except SimulatorError as error:
                self._draw()
                self._trial = None
                self._say(" ".join(filter(None, (error.message, error.remedy))))

    def _draw(self) -> None:
        trial = self._trial
        if trial is None or not self.display:
            return
        scroll = self.query_one("#reply-scroll", VerticalScroll)
        is_at_end = scroll.scroll_y >= scroll.max_scroll_y
        self.query_one("#reply", Static).update(visible(trial.text))
        pace = trial.pace
        if trial.completion is None and not self.is_asking:
            pace = f"stopped · {pace}"
        self.query_one("#pace", Static).update(visible(pace))
        if is_at_end:
            scroll.scroll_end(animate=False)
        if trial.completion is not None or not self.is_asking:
            self._trial = None

    def _say(self, sentence: str) -> None:
        self.query_one("#pace", Static).update(visible(sentence))

    def action_leave(self) -> None:
        """Stop the reply; when none comes, close the pane."""
        if self.is_asking:
            self.workers.cancel_group(self, "trial")
        else:
            self.post_message(self.Left())
