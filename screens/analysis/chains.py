"""What becomes of the texts that models pass on, as plots that grow while runs go on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.widgets import Select, Static

from screens.analysis.chain_views import SHAPES, ChainShape, ChainView, KeptMeasures, chain_view
from screens.analysis.debates import DebatePane
from screens.analysis.exporting import Export
from screens.widgets.plot import Plot
from simulator.analysis.texts.registry import TEXT_MEASURES
from simulator.analysis.texts.relations import CHAIN_MEASURES
from simulator.chains import chains_of_runs
from simulator.domain.records import Run
from simulator.errors import SimulatorError
from simulator.presentation.safe_text import visible
from simulator.services import Services

FIRST_MEASURE = {"telephone": "length", "chatroom": "similarity_to_previous"}
NO_CHAINS = "No text has been passed on yet.\n\nr reads these runs again, u chooses others."
FOLLOW_S = 2.0
"""Between two looks at runs that go on; longer where looking takes long."""

Look = Callable[[], Awaitable[Sequence[Run]]]


class ChainTables(DebatePane):
    """Tables of chains."""


class ChainPane(Vertical):
    """A measure of chains as a plot, with tables beside it."""

    DEFAULT_CSS = """
    ChainPane { height: 1fr; width: 1fr; }
    ChainPane #chain-choices { height: 1; background: $surface; }
    ChainPane Select { height: 1; width: 1fr; }
    ChainPane #chain-panes { layout: horizontal; height: 1fr; }
    ChainPane ChainTables { height: 1fr; }
    """

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._kept = KeptMeasures()
        self._look: Look | None = None
        self._kind = ""
        self.view: ChainView | None = None
        """What is shown; None where there is nothing."""

    def compose(self) -> ComposeResult:
        """Choices above plot and tables."""
        with Horizontal(id="chain-choices"):
            yield Select(
                [(name.replace("_", " "), name) for name in (*TEXT_MEASURES, *CHAIN_MEASURES)],
                value="length", id="chain-measure", allow_blank=False, compact=True,
                tooltip="What is measured",
            )  # fmt: skip
            yield Select(
                [(words, shape) for shape, words in SHAPES.items()], value="generations",
                id="chain-shape", allow_blank=False, compact=True, tooltip="How it is plotted",
            )  # fmt: skip
        yield Static("", id="chain-note", classes="empty", markup=False)
        with Container(id="chain-panes"):
            yield Plot()
            yield ChainTables()

    def show(self, kind: str, look: Look) -> None:
        """Show the runs that `look` gives, and look again while one of them goes on."""
        if kind != self._kind:
            self._kind = kind
            with self.prevent(Select.Changed):
                self._select("measure").value = FIRST_MEASURE[kind]
        self._look = look
        self._read()

    def leave(self) -> None:
        """Look no more."""
        self._look = None
        for group in ("chains", "follow"):
            self.workers.cancel_group(self, group)

    def next_shape(self) -> None:
        """Plot it otherwise."""
        select = self._select("shape")
        select.value = "ends" if select.value == "generations" else "generations"

    def exports(self) -> dict[str, Export]:
        """The files that can be written, by what is in them."""
        plot, tables = self.query_one(Plot), self.query_one(ChainTables)
        if self.view is None:
            return {}
        return {
            "text": Export("The plot, as text", "chains.txt", plot.as_text),
            "picture": Export("The plot, as a picture (SVG)", "chains.svg", plot.as_svg),
            "tables": Export("The tables as they are shown", "tables.txt", lambda: tables.text),
        }

    # ------------------------------------------------------------ reading

    @on(Select.Changed)
    def _changed(self, event: Select.Changed) -> None:
        event.stop()
        if self._look is not None:
            self._read()

    @work(exclusive=True, group="chains", exit_on_error=False)
    async def _read(self) -> None:
        self.workers.cancel_group(self, "follow")
        if await self._draw():
            self._follow()

    @work(exclusive=True, group="follow", exit_on_error=False)
    async def _follow(self) -> None:
        """Let the curves grow."""
        goes_on, took = True, 0.0
        while goes_on:
            await asyncio.sleep(max(FOLLOW_S, 4 * took))
            began = time.monotonic()
            goes_on = await self._draw()
            took = time.monotonic() - began

    async def _draw(self) -> bool:
        """Draw what there is now; whether a run goes on."""
        if self._look is None:
            return False
        runs = await self._look()
        measure, shape = str(self._select("measure").value), self._shape
        try:
            chains = await chains_of_runs(self._services, runs)
            passed_on = [chain for chain in chains if chain.generations]
            self.view = (
                await asyncio.to_thread(chain_view, passed_on, measure, shape, self._kept)
                if passed_on
                else None
            )
            self._note("" if passed_on else NO_CHAINS)
        except SimulatorError as error:
            self.view = None
            self._note("\n\n".join(filter(None, (error.message, error.remedy))))
        if self.view is not None:
            self.query_one(Plot).show(self.view.chart)
            self.query_one(ChainTables).show(self.view.tables)
        return any(run.status in ("queued", "running") for run in runs)

    def _note(self, text: str) -> None:
        self.query_one("#chain-note", Static).update(visible(text))
        self.query_one("#chain-note").display = bool(text)
        self.query_one("#chain-panes").display = not text

    @property
    def _shape(self) -> ChainShape:
        shape: Any = self._select("shape").value
        return "ends" if shape == "ends" else "generations"

    def _select(self, name: str) -> Select[str]:
        return self.query_one(f"#chain-{name}", Select)
