"""What becomes of the rules that models learn, as plots that grow while runs go on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, TypeAlias

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.widgets import Select, Static

from screens.analysis.debates import DebatePane
from screens.analysis.exporting import Export
from screens.analysis.following import Look, drawn_on
from screens.analysis.learner_fits import Fits
from screens.analysis.learner_views import PLOTTED, LearnerView, learner_view, usual
from screens.widgets.plot import Plot
from simulator.analysis.iterated.measured import MeasuredLineage
from simulator.domain.records import Run, RunStatus
from simulator.errors import SimulatorError
from simulator.iterations import lineages_of_runs
from simulator.presentation.safe_text import visible
from simulator.presentation.wording import counted
from simulator.services import Services

NO_LEARNERS = (
    "No learner has concluded anything yet.\n\nr reads these runs again, u chooses others."
)
_End: TypeAlias = tuple[RunStatus, datetime]


class LearnerTables(DebatePane):
    """Tables of learners."""


class LearnerPane(Vertical):
    """A measure of learners by generation as a plot, with tables beside it."""

    DEFAULT_CSS = """
    LearnerPane { height: 1fr; width: 1fr; }
    LearnerPane #learner-choices { height: 1; background: $surface; }
    LearnerPane #learner-choices Select { height: 1; width: 1fr; }
    LearnerPane #learner-shown { height: auto; max-height: 2; padding: 0 1; color: $text-muted; }
    LearnerPane #learner-panes { layout: horizontal; height: 1fr; }
    LearnerPane LearnerTables { height: 1fr; }
    """

    FIRST: ClassVar[str] = "#learner-measure"
    """What takes the focus first."""
    HAS_FILTERS: ClassVar[bool] = False

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._ended: dict[str, tuple[_End, tuple[MeasuredLineage, ...]]] = {}
        """Of runs that ended: they are not read again until they are resumed."""
        self._fits = Fits()
        self._look: Look | None = None
        self._is_chosen = False
        """Whether what is plotted is the user's choice."""
        self.view: LearnerView | None = None
        """What is shown; None where there is nothing."""

    def compose(self) -> ComposeResult:
        """The choice above plot and tables."""
        with Horizontal(id="learner-choices"):
            yield Select(
                [(words, name) for name, words in PLOTTED.items()], value="entropy",
                id="learner-measure", allow_blank=False, compact=True,
                tooltip="What is plotted by generation",
            )  # fmt: skip
        yield Static("", id="learner-shown", markup=False)
        yield Static("", id="learner-note", classes="empty", markup=False)
        with Container(id="learner-panes"):
            yield Plot()
            yield LearnerTables()

    def show(self, _: str, look: Look) -> None:
        """Show the runs that `look` gives, and look again while one of them goes on."""
        self._look = look
        self._read()

    def leave(self) -> None:
        """Look no more."""
        self._look = None
        for group in ("learners", "follow"):
            self.workers.cancel_group(self, group)

    def stop(self) -> bool:
        """Nothing takes long."""
        return False

    def next_plot(self, by: int = 1) -> None:
        """Plot the next measure of the list, or the one before."""
        names = list(PLOTTED)
        select = self._select
        select.value = names[(names.index(str(select.value)) + by) % len(names)]

    def exports(self) -> dict[str, Export]:
        """The files that can be written, by what is in them."""
        plot, tables = self.query_one(Plot), self.query_one(LearnerTables)
        stem = f"learners-{self._select.value}".replace("_", "-")
        return {
            "text": Export("The plot, as text", f"{stem}.txt", plot.as_text),
            "picture": Export("The plot, as a picture (SVG)", f"{stem}.svg", plot.as_svg),
            "tables": Export(
                "The tables as they are shown", f"{stem}-tables.txt", lambda: tables.text
            ),
        }

    @property
    def _select(self) -> Select[str]:
        return self.query_one("#learner-measure", Select)

    @on(Select.Changed)
    def _changed(self, event: Select.Changed) -> None:
        event.stop()
        self._is_chosen = True
        if self._look is not None:
            self._read()

    @work(exclusive=True, group="learners", exit_on_error=False)
    async def _read(self) -> None:
        self.workers.cancel_group(self, "follow")
        if await self._draw():
            self._follow()

    @work(exclusive=True, group="follow", exit_on_error=False)
    async def _follow(self) -> None:
        """Let the lines grow."""
        await drawn_on(self._draw)

    async def _draw(self) -> bool:
        """Draw what there is now; whether a run goes on."""
        if self._look is None:
            return False
        runs = await self._look()
        try:
            lineages = await self._lineages_of(runs)
        except SimulatorError as error:
            self.view = None
            self._tell("\n\n".join(filter(None, (error.message, error.remedy))), "")
            return False
        if not lineages:
            self.view = None
            self._tell(NO_LEARNERS, "")
        else:
            if not self._is_chosen:
                with self.prevent(Select.Changed):
                    self._select.value = usual(lineages)
            name = str(self._select.value)
            self.view = await asyncio.to_thread(learner_view, lineages, name, self._fits)
            learners = sum(len(one.lineage.generations) for one in lineages)
            self._tell("", f"{counted(len(lineages), 'lineage')} · {counted(learners, 'learner')}")
            self.query_one(Plot).show(self.view.chart)
            self.query_one(LearnerTables).show(self.view.tables)
        return any(run.status in ("queued", "running") for run in runs)

    async def _lineages_of(self, runs: Sequence[Run]) -> list[MeasuredLineage]:
        """The lineages of runs; those of runs that ended are read once."""
        found: list[MeasuredLineage] = []
        for run in runs:
            end = None if run.finished_at is None else (run.status, run.finished_at)
            known_end, lineages = self._ended.get(run.id, (None, ()))
            if end is None or end != known_end:
                lineages = await lineages_of_runs(self._services, [run])
                if end is not None:
                    self._ended[run.id] = (end, lineages)
            found += lineages
        return found

    def _tell(self, note: str, shown: str) -> None:
        self.query_one("#learner-shown", Static).update(visible(shown))
        self.query_one("#learner-shown").display = bool(shown)
        self.query_one("#learner-note", Static).update(visible(note))
        self.query_one("#learner-note").display = bool(note)
        self.query_one("#learner-panes").display = not note
