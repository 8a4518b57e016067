"""The line that shows a download."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import ProgressBar, Static

from screens.models.pulling import PullMeter
from screens.told import Told
from simulator.catalogue import Catalogue
from simulator.presentation.safe_text import one_line

STEPS = 1000


class PullBar(Horizontal):
    """Downloads one model at a time; hidden while there is nothing to show."""

    @dataclass
    class Arrived(Message):
        """The model is there."""

        model: str

    def __init__(self, catalogue: Catalogue, told: Told) -> None:
        """Make one.

        Args:
            catalogue: Has the models.
            told: Tells what goes wrong in its block.
        """
        super().__init__(id="pull")
        self._catalogue = catalogue
        self._told = told
        self.model = ""
        """What is being downloaded; empty while nothing is."""

    def compose(self) -> ComposeResult:
        """What, how much, how far."""
        yield Static("", id="pull-text", markup=False)
        yield ProgressBar(STEPS, show_percentage=False, show_eta=False, id="pull-share")

    def on_mount(self) -> None:
        """Nothing yet."""
        self.display = False

    @work(exclusive=True, group="pull", exit_on_error=False)
    async def pull(self, model: str) -> None:
        """Download a model."""
        self.model, self.display = model, True
        meter = PullMeter()
        self._draw(meter)
        with self._told():
            try:
                async with aclosing(self._catalogue.pull(model)) as steps:
                    async for progress in steps:
                        meter.hear(progress)
                        self._draw(meter)
            finally:
                self.model, self.display = "", False
            self.post_message(self.Arrived(model))

    def stop(self) -> None:
        """Break it off; what has arrived stays with the server."""
        self.workers.cancel_group(self, "pull")

    def _draw(self, meter: PullMeter) -> None:
        self.query_one(Static).update(one_line(f"↓ {self.model} · {meter.text}"))
        share = meter.share
        bar = self.query_one(ProgressBar)
        bar.update(total=None if share is None else STEPS, progress=int((share or 0.0) * STEPS))
