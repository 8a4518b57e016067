"""Count, measure and plot the runs of an experiment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget
from textual.widgets import DataTable, ProgressBar, Static

from screens.analysis.chain_keys import CHAIN_ACTIONS, CHAIN_KEYS, ChainKeys
from screens.analysis.chains import ChainPane
from screens.analysis.choices import Choices
from screens.analysis.debates import DebatePane, Debates, debates_of
from screens.analysis.exporting import export, exports
from screens.analysis.learners import LearnerPane
from screens.analysis.left_out import LeftOutDialog
from screens.analysis.nothing import NO_ANSWERS, why_nothing
from screens.analysis.run_picker import RunPicker
from screens.analysis.study import Study
from screens.analysis.summary_table import SummaryTable
from screens.analysis.viewing import View, view
from screens.laboratory import Laboratory
from screens.messages import OpenTranscript
from screens.widgets.plot import Plot
from simulator.analysis.gathering import groupings
from simulator.chains import PASSED_ON
from simulator.domain.records import Run
from simulator.errors import SimulatorError
from simulator.iterations import KIND as LEARNERS
from simulator.presentation.findings import left_out_text
from simulator.presentation.safe_text import visible
from simulator.presentation.wording import counted

REDRAW_S = 0.5
"""Between two looks at what is read so far."""


class AnalysisScreen(ChainKeys):
    """A measure of an experiment's runs, as a plot and a table."""

    CSS_PATH = "screen.tcss"
    AREA = "experiments"
    HELP_PAGE = "analysis"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "choose_runs", "Runs", id="analysis.runs", tooltip="Choose among the runs"),
        Binding("p", "next_plot", "Plot", id="analysis.plot",
                tooltip="The next way of plotting it"),
        Binding("P", "next_plot(-1)", "Plot before", id="analysis.plot_before", show=False,
                tooltip="The way of plotting it before"),
        Binding("r", "read_again", "Read again", id="analysis.read",
                tooltip="Read what is new in the runs, or go on reading"),
        Binding("v", "left_out", "Left out", id="analysis.left_out",
                tooltip="Which steps the measure leaves out, and why"),
        Binding("d", "swap('debate')", "Debates", id="analysis.debates",
                tooltip="What debates came to, or their messages measured"),
        Binding("c", "swap('chains')", "Chains", id="analysis.chains",
                tooltip="What becomes of what is passed on, or messages measured"),
        *CHAIN_KEYS,
        Binding("x", "export", "Export", id="analysis.export",
                tooltip="Write the table as CSV, the plot as text or SVG"),
        Binding("escape", "back", "Back", id="analysis.back", tooltip="Stop reading, or go back"),
    ]  # fmt: skip

    def __init__(
        self,
        laboratory: Laboratory,
        experiment_id: str | None = None,
        run_ids: Sequence[str] = (),
    ) -> None:
        """Make the screen.

        Args:
            laboratory: What it works with.
            experiment_id: Whose runs; None takes that of `run_ids`, else the newest with runs.
            run_ids: Those to look at first; empty for all.
        """
        super().__init__(laboratory)
        self._wanted = (experiment_id, tuple(run_ids))
        self._study = Study(laboratory.services.store)
        self._view: View | None = None
        self._debates: Debates | None = None
        """What is shown instead, of debates."""
        self._measures_messages = False
        """Whether measures of messages are wanted where there are debates or chains."""
        self._is_reading = False
        self._unread = 0
        """Runs that are still to be read."""
        self._problem = ""
        """Why reading failed."""
        self._drawn_at = 0.0

    def compose_body(self) -> ComposeResult:
        """Choices, what is measured, plot and table."""
        yield Choices()
        yield ProgressBar(show_eta=False, id="progress")
        yield Static("", id="counts", markup=False)
        yield Static("", id="note", classes="empty", markup=False)
        with Container(id="panes"):
            yield Plot()
            yield SummaryTable()
            yield DebatePane()
            yield ChainPane(self.laboratory.services)
            yield LearnerPane(self.laboratory.services)

    def on_mount(self) -> None:
        """Read at once."""
        self.query_one("#progress").display = False
        self.query_one("#measure").focus()
        self._load(self._begin())

    @property
    def _choices(self) -> Choices:
        return self.query_one(Choices)

    # ------------------------------------------------------------ reading

    def _load(self, reading: Coroutine[Any, Any, None]) -> None:
        """Let one thing be read at a time, the latest."""

        async def told() -> None:
            self._problem = ""
            with self.told():
                try:
                    await reading
                except SimulatorError as error:
                    said = (error.message, error.remedy, "r tries again.")
                    self._problem = "\n\n".join(filter(None, said))
                    self._note(self._problem)
                    raise

        self.run_worker(told(), exclusive=True, group="read", exit_on_error=False)

    async def _begin(self) -> None:
        self._note("Reading …")
        known = await self._study.experiments()
        self._choices.offer_experiments(
            {one.id: f"{one.name} · {counted(runs, 'run')}" for one, runs in known}
        )
        experiment_id, run_ids = self._wanted
        preferred = [one.id for one, runs in known if runs] or [one.id for one, _ in known]
        chosen = experiment_id or await self._study.home_of(run_ids) or next(iter(preferred), None)
        if chosen is None:
            self._note(self._problem or why_nothing(self._study))
        else:
            await self._open(chosen, run_ids or None)

    async def _open(self, experiment_id: str, chosen: tuple[str, ...] | None) -> None:
        self._note("Reading …")
        await self._study.open(experiment_id, chosen)
        self._choices.show_experiment(experiment_id)
        await self._read()

    async def _read_again(self) -> None:
        if self._study.experiment is None:
            await self._begin()
        else:
            await self._study.look()
            await self._read()

    async def _read(self) -> None:
        """Read what is not read yet of the chosen runs, and show it as it comes."""
        self._choices.show_runs(self._study.runs_text)
        self._unread = len(self._study.unread)
        bar = self.query_one(ProgressBar)
        bar.update(total=self._unread, progress=0)
        self._is_reading = bar.display = True
        self._count()
        try:
            await self._study.read(self._heard)
        finally:
            self._is_reading = bar.display = False
            self._unread = sum(run.status != "running" for run in self._study.unread)
            self._show()

    def _heard(self) -> None:
        self._unread -= 1
        self.query_one(ProgressBar).advance(1)
        if time.monotonic() > self._drawn_at + REDRAW_S:
            self._show()

    # ------------------------------------------------------------ showing

    @work(exclusive=True, group="show", exit_on_error=False)
    async def _show(self) -> None:
        """Show what is read, as it is chosen to be shown."""
        self._drawn_at = time.monotonic()
        with self.told():
            sheets = self._study.sheets
            if not any(map(len, sheets)):
                self._view = None
                self._count()
                if not self._is_reading:
                    self._note(self._problem or why_nothing(self._study))
                return
            self._show_panes()
            if self._shows_debates:
                await self._show_debates()
                return
            if self._shows_chains:
                self._show_chains()
                return
            self._choices.offer_groupings(groupings(sheets))
            shown = await asyncio.to_thread(view, sheets, self._choices.choice)
            self._view = shown
            self._count()
            self._note("")
            self.query_one(Plot).show(shown.chart)
            await self.query_one(SummaryTable).show(shown)

    @property
    def _is_of_debates(self) -> bool:
        experiment = self._study.experiment
        return experiment is not None and experiment.kind == "debate"

    @property
    def _shows_debates(self) -> bool:
        return self._is_of_debates and not self._measures_messages

    @property
    def _is_of_chains(self) -> bool:
        experiment = self._study.experiment
        return experiment is not None and experiment.kind in (*PASSED_ON, LEARNERS)

    @property
    def _pane(self) -> ChainPane | LearnerPane:
        """What shows chains of texts, or of learners."""
        experiment = self._study.experiment
        is_of_learners = experiment is not None and experiment.kind == LEARNERS
        return self.query_one(LearnerPane) if is_of_learners else self.query_one(ChainPane)

    @property
    def _shows_chains(self) -> bool:
        return self._is_of_chains and not self._measures_messages

    def _show_panes(self) -> None:
        """Show what is chosen: measures with their plot, debates or chains."""
        measures = not (self._shows_debates or self._shows_chains)
        self.query_one(DebatePane).display = self._shows_debates
        for pane in (self.query_one(ChainPane), self.query_one(LearnerPane)):
            pane.display = self._shows_chains and pane is self._pane
            if not pane.display:
                pane.leave()
        for shown in (self.query_one(Plot), self.query_one(SummaryTable)):
            shown.display = measures
        self._choices.show_measuring(shown=measures)
        self.refresh_bindings()

    async def _show_debates(self) -> None:
        found = await debates_of(self.laboratory.services, self._study.chosen_runs)
        self._debates = found
        self._view = None
        self._count()
        if not found.records:
            self._note("\n\n".join([NO_ANSWERS, *found.remarks]))
            return
        self._note("")
        self.query_one(DebatePane).show(found.tables)
        self.call_after_refresh(self._focus_on, self.query_one(DebatePane))

    def _show_chains(self) -> None:
        experiment = self._study.experiment
        self._view = None
        self._count()
        self._note("")
        if experiment is not None:
            self._pane.show(experiment.kind, self._look_again)
            self.call_after_refresh(self._focus_on, self.query_one(self._pane.FIRST))

    async def _look_again(self) -> Sequence[Run]:
        await self._study.look()
        return self._study.chosen_runs

    def _focus_on(self, pane: Widget) -> None:
        """Let arrow keys scroll, where what had the focus is hidden now."""
        if self.focused is None or not self.focused.region:
            pane.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Some keys are only of debates, and others never."""
        if action == "swap":
            return self._is_of_debates if parameters == ("debate",) else self._is_of_chains
        if action == "next_plot":
            return not self._shows_debates and (self._shows_chains or not parameters)
        if action in CHAIN_ACTIONS:
            return self._shows_chains and self._pane.HAS_FILTERS and self.offers(action)
        if action == "left_out":
            return not (self._shows_debates or self._shows_chains)
        return super().check_action(action, parameters)

    def action_swap(self, _: str) -> None:
        """Show what debates or chains came to, or measures of their messages."""
        self._measures_messages = not self._measures_messages
        self._show()
        special = "DebatePane" if self._is_of_debates else self._pane.FIRST
        shown = "#measure" if self._measures_messages else special
        self.call_after_refresh(self.query_one(shown).focus)

    def _count(self) -> None:
        """Say how far reading is, and what is left out of what is shown."""
        text = "" if self._view is None else left_out_text(self._view.found)
        if self._shows_debates and self._debates is not None:
            text = " ".join(self._debates.remarks)
        if self._is_reading:
            there = len(self._study.chosen_runs)
            text = f"Reading, {there - self._unread:,} of {there:,} runs; esc stops. {text}"
        elif self._unread:
            text = f"{counted(self._unread, 'run')} not read; r goes on. {text}"
        self.query_one("#counts", Static).update(text)
        self.query_one("#counts").display = bool(text) or not self._shows_chains

    def _note(self, text: str) -> None:
        """Say something in place of plot and table; nothing shows them."""
        self.query_one("#note", Static).update(visible(text))
        self.query_one("#note").display = bool(text)
        self.query_one("#panes").display = not text

    # ------------------------------------------------------------ choosing

    @on(Choices.ExperimentChosen)
    def _experiment_chosen(self, event: Choices.ExperimentChosen) -> None:
        self._load(self._open(event.experiment_id, None))

    @on(Choices.Changed)
    def _choice_changed(self) -> None:
        if self._study.experiment is not None:
            self._show()

    def action_next_plot(self, by: int = 1) -> None:
        """Plot the same otherwise."""
        if self._shows_chains:
            self._pane.next_plot(by)
        else:
            self._choices.next_shape()

    def action_read_again(self) -> None:
        """Read what is new."""
        self._load(self._read_again())

    @on(Choices.RunsWanted)
    @work(exclusive=True, group="ask")
    async def action_choose_runs(self) -> None:
        """Choose among the runs."""
        study = self._study
        if not study.runs:
            self.tell("There are no runs to choose from.")
            return
        now = [run.id for run in study.chosen_runs]
        listed = [(run, study.condition(run)) for run in reversed(study.runs)]
        ticked = await self.app.push_screen_wait(RunPicker(listed, now))
        if ticked is not None:
            study.chosen = None if len(ticked) == len(study.runs) else ticked
            self._load(self._read())

    @on(DataTable.RowSelected)
    def _row_selected(self, event: DataTable.RowSelected) -> None:
        by = () if self._view is None else self._view.choice.by
        key = self.query_one(SummaryTable).key_at(event.cursor_row)
        if key is not None and "run" in by:
            self.post_message(OpenTranscript(str(key[by.index("run")])))

    def action_left_out(self) -> None:
        """List the steps that the measure leaves out."""
        if self._view is not None:
            self.app.push_screen(LeftOutDialog(self._study.sheets, self._view.found))

    def action_back(self) -> None:
        """Stop reading, else leave."""
        if self._is_reading:
            self.workers.cancel_group(self, "read")
        elif self._shows_chains and self._pane.stop():
            return
        elif len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    # ------------------------------------------------------------ files

    @work(exclusive=True, group="ask")
    async def action_export(self) -> None:
        """Write the table or the plot to a file."""
        if self._shows_debates and self._debates is not None and self._debates.records:
            offered = self._debates.exports(self.query_one(DebatePane).text)
        elif self._shows_chains and self._pane.view is not None:
            offered = self._pane.exports()
        elif self._view is not None:
            offered = exports(self._view, self._study.sheets, self.query_one(Plot))
        else:
            self.tell("There is nothing to export yet.")
            return
        with self.told():
            await export(self, offered)
