"""Watch all runs that are played, with one in focus, and steer those that are ours."""

from __future__ import annotations

import time
from contextlib import aclosing
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from screens.messages import OpenTranscript
from screens.monitor.focus import FocusPane
from screens.monitor.listening import listening, not_ours, steerable
from screens.monitor.others import Others
from screens.monitor.picker import Answered, AnswerPicker
from screens.monitor.rows import row_of_live
from screens.monitor.run_list import RunList, RunPane
from screens.monitor.speech import RESEARCHER, Said, SpeechBar
from screens.monitor.totals import totals_text
from screens.screen import LaboratoryScreen
from screens.widgets.row_list import RowList
from simulator.domain.records import Experiment, Run
from simulator.errors import SimulatorError, UsageError
from simulator.live_run import LiveRun
from simulator.presentation.ordering import Ordering
from simulator.presentation.orderings import ordering_of

FRAME_S = 1 / 15
"""Between two looks at the run in focus."""
LIST_S = 0.5
"""Between two looks at the list of runs."""
OTHERS_S = 2.0
"""Between two questions to the store for what others play."""

EMPTY = (
    "Nothing is being played.\n\n"
    "Choose an experiment (F2) and launch it with `l`: its runs appear here, "
    "and go on when you look elsewhere."
)


class MonitorScreen(LaboratoryScreen):
    """The runs that are played here and elsewhere, and those that wait to be resumed."""

    CSS_PATH = "screen.tcss"
    AREA = "monitor"
    HELP_PAGE = "monitor"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_pause", "Pause", id="monitor.pause",
                tooltip="Hold the run after the turn in progress, or let it go on"),
        Binding("n,full_stop", "step", "Step", id="monitor.step",
                tooltip="Let one turn pass, then hold"),
        Binding("s", "stop", "Stop", id="monitor.stop", tooltip="End the run; it can be resumed"),
        Binding("r", "resume", "Resume", id="monitor.resume",
                tooltip="Start a run that waits, was paused, stopped or failed"),
        Binding("i", "say", "Say", id="monitor.say",
                tooltip="Put words in as the researcher or as an agent"),
        Binding("c", "choose", "Choose", id="monitor.choose", tooltip="Choose who speaks next"),
        Binding("p", "pause_all", "Pause all", id="monitor.pause_all", show=False),
        Binding("u", "resume_all", "Resume all", id="monitor.resume_all", show=False,
                tooltip="Start everything that is paused, held or was left behind"),
        Binding("x", "clear", "Clear ended", id="monitor.clear", show=False,
                tooltip="Take runs that ended off this list; the store keeps them"),
    ]  # fmt: skip

    _is_deaf = False
    """Whether nobody can speak in the run under the cursor."""

    def compose_body(self) -> ComposeResult:
        """Totals, the list, the run in focus."""
        yield Static("", id="totals", markup=False)
        yield Static(EMPTY, id="empty", classes="empty", markup=False)
        with Horizontal(id="panes"):
            yield RunPane()
            yield FocusPane()

    def on_mount(self) -> None:
        """Look again and again."""
        self._others = Others(self.laboratory.services)
        self._began = time.monotonic()
        self._wanted: str | None = None
        self._followed: str | None = None
        self._followed_run: Run | None = None
        self._totals = Text()
        self._is_looking = False
        self._pane.clear()
        self._list.focus()
        self.set_interval(FRAME_S, self._draw_focus)
        self.set_interval(LIST_S, self._draw_list)
        self.set_interval(OTHERS_S, self.look_around)
        self.look_around()

    def on_screen_resume(self) -> None:
        """What others do may have changed meanwhile."""
        if self.is_mounted:
            self.look_around()
            self._draw_list()

    def focus_run(self, run_id: str) -> None:
        """Put a run in focus, now or as soon as it is on the list."""
        self._wanted = run_id
        if self.is_mounted:
            self._draw_list()

    @property
    def _list(self) -> RunList:
        return self.query_one(RunPane).list

    @property
    def _pane(self) -> FocusPane:
        return self.query_one(FocusPane)

    @property
    def _selected(self) -> LiveRun | None:
        """The run under the cursor, if this process plays it or played it last."""
        selected = self._list.selected
        return None if selected is None else self.laboratory.live.runs.get(selected)

    # ------------------------------------------------------------ drawing

    @work(group="others")
    async def look_around(self) -> None:
        """Ask the store what is played elsewhere and what was left, one question at a time.

        A question that the store has not answered is not asked anew: it would never be told that
        the store is away.
        """
        if self._is_looking or not self.is_current:
            return
        self._is_looking = True
        try:
            with self.told():
                await self._others.look(self.laboratory.live.runs)
                self._draw_list()
                await self._look_at_followed()
        finally:
            self._is_looking = False

    def _draw_list(self) -> None:
        live = self.laboratory.live
        # Ended runs go below those that can still be steered.
        listed = sorted(live.runs.values(), key=lambda one: one.is_over)
        rows = [row_of_live(one) for one in listed]
        rows += [row for row in self._others.rows if row.run_id not in live.runs]
        self.query_one("#empty").display = not rows
        self.query_one("#panes").display = bool(rows)
        if not live.unfinished:
            self._began = time.monotonic()
        totals = totals_text(live.runs.values(), live.counts(), time.monotonic() - self._began)
        if totals != self._totals:
            self._totals = totals
            self.query_one("#totals", Static).update(totals)
        self.query_one(RunPane).show(rows)
        if self._wanted is not None and self._list.select(self._wanted):
            self._wanted = None

    def _draw_focus(self) -> None:
        if not self.is_current:
            return
        live = self._selected
        self._look_who_listens()
        self.query_one(SpeechBar).follow(self._list.selected or "")
        if live is not None:
            self._followed = None
            self._pane.show_live(live)
        elif self._list.selected is None:
            if self._pane.run_id is not None:
                self._pane.clear()
        elif self._list.selected != self._followed:
            self._followed = self._list.selected
            self._follow(self._followed)

    @work(exclusive=True, group="follow", exit_on_error=False)
    async def _follow(self, run_id: str) -> None:
        """Show a run that this process does not play, and what is added to it."""
        services = self.laboratory.services
        failed = True
        with self.told():
            run = await services.store.run(run_id)
            experiment, steps = await services.transcript(run)
            row = next((row for row in self._others.rows if row.run_id == run_id), None)
            self._followed_run = run
            state = row.state if row is not None else run.status
            ordering = await self._ordering(run, experiment)
            self._pane.show_steps(run, steps, state, experiment.name, ordering)
            after = max((step.position for step in steps), default=-1)
            async with aclosing(services.store.follow(run_id, after=after)) as news:
                async for step in news:
                    if self._pane.run_id != run_id:
                        return
                    self._pane.add(step)
            failed = False
        if failed and self._followed == run_id:
            self.set_timer(OTHERS_S, self._follow_again)

    async def _ordering(self, run: Run, experiment: Experiment) -> Ordering:
        """How the messages of a run are read; by its kind alone where its design is not known."""
        try:
            design = await self.laboratory.services.resolved(run, experiment)
        except SimulatorError:
            return ordering_of(run.kind, None, by_time=True)
        return ordering_of(run.kind, design, by_time=True)

    async def _look_at_followed(self) -> None:
        """Tell what has become of a run in focus that others play."""
        run = self._followed_run
        if run is None or run.id != self._pane.run_id or run.id != self._followed:
            return
        row = next((row for row in self._others.rows if row.run_id == run.id), None)
        if row is None:
            run = await self.laboratory.services.store.run(run.id)
        if run.id == self._pane.run_id and run.id == self._followed:
            self._pane.show_state(run, row.state if row is not None else run.status)

    def _follow_again(self) -> None:
        """Try once more what failed, such as a store that was away."""
        self._followed = None

    # ------------------------------------------------------------ steering

    def action_toggle_pause(self) -> None:
        """Hold or go on."""
        live = self._selected
        with self.told():
            live = steerable(live)
            if live.control.is_paused or live.is_held:
                self.laboratory.live.resume(live.run.id)
            else:
                self.laboratory.live.pause(live.run.id)
                self.tell("It holds after the turn in progress.")

    def action_step(self) -> None:
        """One turn, then hold."""
        with self.told():
            self.laboratory.live.step(steerable(self._selected).run.id)

    @work(group="stop")
    async def action_stop(self) -> None:
        """End the run; what was said stays."""
        live = self._selected
        with self.told():
            if live is None:
                raise not_ours()
            if live.is_over:
                self.tell(f"It is {live.run.status} already; Enter reads it.")
                return
            await self.laboratory.live.stop(live.run.id)
            self.tell("Stopped. Everything said is kept; r goes on with it.")
        self._draw_list()

    @work(group="resume")
    async def action_resume(self) -> None:
        """Start or go on with the run under the cursor."""
        run_id = self._list.selected
        with self.told():
            if run_id is None:
                raise UsageError("There is no run to resume.", remedy="Launch one first.")
            await self._resume(run_id)
        self._draw_list()

    async def _resume(self, run_id: str) -> None:
        live = self.laboratory.live.runs.get(run_id)
        if live is not None and not live.is_over:
            self.laboratory.live.resume(run_id)
            return
        run = await self.laboratory.services.store.run(run_id)
        if run.status == "completed":
            self.tell("It is completed already; Enter reads it, and f forks it there.")
        else:
            await self.laboratory.live.start([run])

    @work(group="resume")
    async def action_resume_all(self) -> None:
        """Start everything that waits for somebody."""
        waiting = [run_id for run_id, live in self.laboratory.live.runs.items() if not live.is_over]
        left = [row.run_id for row in self._others.rows if row.state != "elsewhere"]
        for run_id in dict.fromkeys((*waiting, *left)):
            with self.told():
                await self._resume(run_id)
        self._draw_list()

    def action_pause_all(self) -> None:
        """Hold everything of ours."""
        with self.told():
            for live in self.laboratory.live.runs.values():
                if not live.is_over:
                    self.laboratory.live.pause(live.run.id)

    def action_clear(self) -> None:
        """Take what ended off the list."""
        self.laboratory.live.forget_ended()
        self._draw_list()

    # ------------------------------------------------------------ people

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The key to speak is dim where nobody can; pressed, it still says why."""
        active = super().active_bindings
        if self._is_deaf:
            for key, one in active.items():
                if one.binding.action == "say":
                    active[key] = one._replace(enabled=False)
        return active

    def _listening(self) -> LiveRun:
        """The run under the cursor, if people can speak in it. Raises UsageError."""
        live = self._selected
        if live is None:
            raise not_ours()
        return listening(live, self.laboratory.services.kind(live.run.kind))

    def _look_who_listens(self) -> None:
        """Dim the key to speak, or light it."""
        try:
            is_deaf = self._list.selected is not None and not self._listening()
        except UsageError:
            is_deaf = True
        if is_deaf != self._is_deaf:
            self._is_deaf = is_deaf
            self.refresh_bindings()

    def action_say(self) -> None:
        """Open the bar for words."""
        with self.told():
            live = self._listening()
            allowed = live.plan.interjections
            agents = [agent.name for agent in live.run.agents if agent.number]
            speakers = [RESEARCHER, *(agents if allowed == "anyone" else [])]
            self.query_one(SpeechBar).open_for(live.run.id, speakers)

    @on(Said)
    def _say(self, event: Said) -> None:
        with self.told():
            self.laboratory.live.say(event.run_id, event.words, speaker=event.speaker)
            self.query_one(SpeechBar).taken(event.words)

    def action_choose(self) -> None:
        """Go to the question of the run in focus."""
        picker = self.query_one(AnswerPicker)
        if picker.display:
            picker.focus()
        else:
            self.tell("This run asks nothing now.")

    @on(Answered)
    def _answer(self, event: Answered) -> None:
        with self.told():
            self.laboratory.live.answer(event.run_id, event.option)

    @on(RowList.Chosen)
    def action_read(self) -> None:
        """Read the run under the cursor."""
        if self._list.selected is not None:
            self.post_message(OpenTranscript(self._list.selected))
