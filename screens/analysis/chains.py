"""What becomes of the texts that models pass on, as plots that grow while runs go on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, TypeAlias

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Select, Static

from screens.analysis.chain_filters import ChainFilters
from screens.analysis.chain_measuring import KeptMeasures, Progress, kept_on_disk
from screens.analysis.chain_plots.asked import GENERATIONS, MESSAGES, Passing
from screens.analysis.chain_plots.catalogue import PLOTS, next_plot
from screens.analysis.chain_sieve import Sieve, shown_text
from screens.analysis.chain_tables import ChainPanes, ChainTables
from screens.analysis.chain_views import ChainView, chain_view
from screens.analysis.exporting import Export
from screens.analysis.following import Look, drawn_on
from screens.widgets.plot import Plot
from simulator.analysis.culture.records import Chain
from simulator.analysis.texts.registry import TEXT_MEASURES
from simulator.analysis.texts.relations import CHAIN_MEASURES
from simulator.chains import chains_of_runs
from simulator.domain.records import Run, RunStatus
from simulator.errors import SimulatorError
from simulator.presentation.safe_text import visible
from simulator.services import Services

FIRST_MEASURE = {"telephone": "length", "chatroom": "similarity_to_previous"}
NO_CHAINS = "No text has been passed on yet.\n\nr reads these runs again, u chooses others."
STOPPED = "Measuring was stopped; what is measured is kept. r goes on."
TELL_S = 0.25
"""Between two looks at how far measuring is."""

_End: TypeAlias = tuple[RunStatus, datetime]


class ChainPane(Vertical):
    """A measure of chains as a plot, with tables beside it."""

    DEFAULT_CSS = """
    ChainPane { height: 1fr; width: 1fr; }
    ChainPane #chain-choices { height: 1; background: $surface; }
    ChainPane #chain-choices Select { height: 1; width: 1fr; }
    ChainPane #chain-shown { height: auto; max-height: 2; padding: 0 1; color: $text-muted; }
    """

    FIRST: ClassVar[str] = "#chain-measure"
    """What takes the focus first."""
    HAS_FILTERS: ClassVar[bool] = True

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._kept = KeptMeasures()
        self._ended: dict[str, tuple[_End, tuple[Chain, ...]]] = {}
        """Of runs that ended: they are not read again until they are resumed."""
        self._look: Look | None = None
        self._kind = ""
        self._progress: Progress | None = None
        """Of what is being measured."""
        self._shown = ""
        """What is shown, in words."""
        self._warnings: dict[str, None] = {}
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
                [(kind.words, name) for name, kind in PLOTS.items()], value="evolution",
                id="chain-plot", allow_blank=False, compact=True, tooltip="How it is plotted",
            )  # fmt: skip
        yield ChainFilters()
        yield Static("", id="chain-shown", markup=False)
        yield Static("", id="chain-note", classes="empty", markup=False)
        with ChainPanes():
            yield Plot()
            yield ChainTables()

    def on_mount(self) -> None:
        """Tell how far measuring is, while there is any."""
        self.set_interval(TELL_S, self._tell_progress)

    @property
    def filters(self) -> ChainFilters:
        """The line that chooses among chains."""
        return self.query_one(ChainFilters)

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
        self._cancel()

    def stop(self) -> bool:
        """Stop what takes long; whether there was anything."""
        if self._progress is None:
            return False
        self._cancel()
        self._progress = None
        self._tell(STOPPED)
        if self.view is None:
            self._note(STOPPED)
        return True

    def next_plot(self, by: int = 1) -> None:
        """Plot it otherwise: as the list has it next, or before."""
        select = self._select("plot")
        select.value = next_plot(str(select.value), by)

    def exports(self) -> dict[str, Export]:
        """The files that can be written, by what is in them."""
        plot, tables = self.query_one(Plot), self.query_one(ChainTables)
        if self.view is None:
            return {}
        stem = f"chains-{self._select('measure').value}-{self._select('plot').value}"
        stem = stem.replace("_", "-")
        return {
            "text": Export("The plot, as text", f"{stem}.txt", plot.as_text),
            "picture": Export("The plot, as a picture (SVG)", f"{stem}.svg", plot.as_svg),
            "tables": Export(
                "The tables as they are shown", f"{stem}-tables.txt", lambda: tables.text
            ),
        }

    # ------------------------------------------------------------ reading

    @on(Select.Changed)
    @on(ChainFilters.Changed)
    def _changed(self, event: Select.Changed | ChainFilters.Changed) -> None:
        event.stop()
        self._select("plot").tooltip = PLOTS[str(self._select("plot").value)].meaning
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
        await drawn_on(self._draw)

    def _cancel(self) -> None:
        for group in ("chains", "follow"):
            self.workers.cancel_group(self, group)

    async def _draw(self) -> bool:
        """Draw what there is now; whether a run goes on."""
        if self._look is None:
            return False
        runs = await self._look()
        try:
            chains = [chain for chain in await self._chains_of(runs) if chain.generations]
            self.filters.offer(chains)
            sieve = self.filters.sieve
            shown = [chain for chain in chains if sieve.passes(chain)]
            self.view = await self._view_of(chains, sieve) if shown else None
            self._shown = shown_text(shown, len(chains), self._passing.step) if shown else ""
            self._note("" if shown else sieve.nothing_text() if chains else NO_CHAINS)
        except SimulatorError as error:
            self.view, self._shown = None, ""
            self._note("\n\n".join(filter(None, (error.message, error.remedy))))
        self._tell(self._shown)
        if self.view is not None:
            self.query_one(Plot).show(self.view.chart)
            self.query_one(ChainPanes).show(self.view.tables)
        return any(run.status in ("queued", "running") for run in runs)

    async def _chains_of(self, runs: Sequence[Run]) -> list[Chain]:
        """The chains of runs; those of runs that ended are read once."""
        found: list[Chain] = []
        for run in runs:
            end = None if run.finished_at is None else (run.status, run.finished_at)
            known_end, chains = self._ended.get(run.id, (None, ()))
            if end is None or end != known_end:
                chains = await chains_of_runs(self._services, [run])
                if end is not None:
                    self._ended[run.id] = (end, chains)
            found += chains
        return found

    async def _view_of(self, chains: Sequence[Chain], sieve: Sieve) -> ChainView:
        """Measure in a thread, which ends when nobody waits for it any more."""
        measure, plot = (str(self._select(name).value) for name in ("measure", "plot"))
        progress, passing = Progress(), self._passing

        def measured() -> ChainView:
            with kept_on_disk(self._kept, self._warn) as cache:
                return chain_view(chains, measure, plot, cache, progress, sieve, passing)

        self._progress = progress
        try:
            return await asyncio.to_thread(measured)
        finally:
            progress.stop()
            if self._progress is progress:
                self._progress = None

    # ------------------------------------------------------------ telling

    def _warn(self, text: str) -> None:
        """From another thread."""
        self._warnings[text] = None

    def _tell_progress(self) -> None:
        if self._progress is not None and self._progress.texts:
            done = f"Measuring: {self._progress.texts:,} new texts, {self._progress.share:.0%}"
            self._tell(f"{done}; esc stops.")

    def _tell(self, text: str) -> None:
        words = " ".join(filter(None, (text, *self._warnings)))
        self.query_one("#chain-shown", Static).update(visible(words))
        self.query_one("#chain-shown").display = bool(words)

    def _note(self, text: str) -> None:
        self.query_one("#chain-note", Static).update(visible(text))
        self.query_one("#chain-note").display = bool(text)
        self.query_one("#chain-panes").display = not text

    @property
    def _passing(self) -> Passing:
        return MESSAGES if self._kind == "chatroom" else GENERATIONS

    def _select(self, name: str) -> Select[str]:
        return self.query_one(f"#chain-{name}", Select)
