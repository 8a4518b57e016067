"""What a model's server really does, found out one question after another."""

from __future__ import annotations

from contextlib import aclosing
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from screens.told import Told
from simulator.catalogue import Catalogue, Finding
from simulator.domain.models import RetryNotice
from simulator.errors import SimulatorError
from simulator.presentation.model_cards import sum_text
from simulator.presentation.safe_text import one_line, visible

MARKS = {"ok": "✓", "differs": "≠", "absent": "○", "failed": "✗"}
_STYLES = {"ok": "", "differs": "bold", "absent": "dim", "failed": "bold reverse"}


class CheckPane(Vertical):
    """Checks one model at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Stop or close", id="models.leave_check"),
    ]

    class Left(Message):
        """The user is done here."""

    def __init__(self, catalogue: Catalogue, told: Told) -> None:
        """Make one.

        Args:
            catalogue: Has the models.
            told: Tells faults that happen in its block.
        """
        super().__init__(id="check", classes="pane")
        self._catalogue = catalogue
        self._told = told
        self.found: list[Finding] = []
        """What is known by now."""

    def compose(self) -> ComposeResult:
        """Findings above, what goes on below."""
        with VerticalScroll(id="findings-scroll", can_focus=True):
            yield Static("", id="findings", markup=False)
        yield Static("", id="checking", classes="muted", markup=False)

    @property
    def is_asking(self) -> bool:
        """Whether more is to be found."""
        return any(worker.group == "check" and worker.is_running for worker in self.workers)

    @work(exclusive=True, group="check", exit_on_error=False)
    async def check(self, model: str) -> None:
        """Ask a model about ten short questions."""
        self.border_title = one_line(f"Check {model}")
        self.found = []
        self._draw()
        scroll = self.query_one("#findings-scroll", VerticalScroll)
        scroll.anchor()
        scroll.focus()
        self._say("Asking about ten short questions …")
        end = "Stopped."
        with self._told():
            try:
                async with aclosing(self._catalogue.check(model, self._hear)) as findings:
                    async for finding in findings:
                        self.found.append(finding)
                        self._draw()
                end = ""
            except SimulatorError as error:
                end = " ".join(filter(None, (error.message, error.remedy)))
            finally:
                found = sum_text(self.found) if self.found else ""
                self._say(" ".join(filter(None, (found, end))))

    def _hear(self, notice: RetryNotice) -> None:
        self._say(f"{notice.reason.rstrip('.')}; asking again in {notice.wait_s:.1f} s")

    def _draw(self) -> None:
        table = Table.grid(padding=(0, 1, 0, 0))
        for finding in self.found:
            table.add_row(
                Text(f"{MARKS[finding.status]} {finding.status}", _STYLES[finding.status]),
                Text(finding.name, "bold"),
                Text(one_line(finding.detail)),
            )
        self.query_one("#findings", Static).update(table)

    def _say(self, sentence: str) -> None:
        if self.is_attached:
            self.query_one("#checking", Static).update(visible(sentence))

    def action_leave(self) -> None:
        """Stop asking; when nothing is asked, close the pane."""
        if self.is_asking:
            self.workers.cancel_group(self, "check")
        else:
            self.post_message(self.Left())
