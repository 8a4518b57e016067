"""Choose what to run of an experiment, with what it takes in view, and start it."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Button, Input, Static

from screens.dialogs import Confirm
from screens.laboratory import Laboratory
from screens.launch.conditions import ConditionList
from screens.launch.draft import Draft
from screens.launch.forecast import ForecastPane
from screens.launch.form import LaunchForm
from screens.launch.model_choice import ModelChoice
from screens.launch.run_options import run_parameters
from screens.launch.words import LaunchWords
from screens.messages import OpenMonitor
from screens.screen import LaboratoryScreen
from simulator.domain.grids import MOST_RUNS
from simulator.domain.records import Experiment, Run
from simulator.errors import SimulatorError, UsageError
from simulator.estimating import Estimator
from simulator.presentation.estimates import Line, estimate_lines, product_text
from simulator.presentation.launches import Launch
from simulator.presentation.safe_text import one_line
from simulator.presentation.wording import counted
from simulator.services import Limits

DEBOUNCE_S = 0.3
"""Without a change, before the launch is estimated."""
PROGRESS_S = 0.25
"""Between two words on how far the estimate, or the launch, has come."""


class LaunchScreen(LaboratoryScreen):
    """The form, the conditions that it makes, and what they take."""

    CSS_PATH = "screen.tcss"
    AREA = "experiments"
    HELP_PAGE = "launch"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "start", "Start", id="launch.start",
                tooltip="Store all runs and play them"),
        Binding("ctrl+o,q", "queue", "Queue", id="launch.queue",
                tooltip="Store all runs; the monitor starts them when you say so"),
        Binding("ctrl+y,y", "words", "As commands", id="launch.words",
                tooltip="The same on the command line, and as YAML"),
        Binding("ctrl+l,c", "conditions", "Conditions", id="launch.conditions",
                tooltip="Look at the list of conditions, or back at the form"),
        Binding("ctrl+r,r", "again", "Ask again", id="launch.again", show=False,
                tooltip="Ask all providers again, and measure the runs that ended meanwhile"),
        Binding("escape", "back", "Back", id="launch.back"),
    ]  # fmt: skip

    form = getters.query_one(LaunchForm)
    forecast = getters.query_one(ForecastPane)
    conditions = getters.query_one(ConditionList)

    def __init__(self, laboratory: Laboratory, experiment_id: str) -> None:
        super().__init__(laboratory)
        self._experiment_id = experiment_id
        self._experiment: Experiment | None = None
        self._design: Any = None
        self._estimator: Estimator | None = None
        self._usual: Draft | None = None
        """What the form says before anything is chosen."""
        self._draft: Draft | None = None
        self._waiting: Timer | None = None
        self._is_launching = False
        self.looks = 0
        """How often the form was read."""

    def compose_body(self) -> ComposeResult:
        """A word until the experiment is read."""
        yield Static("Reading the experiment …", id="reading", classes="empty", markup=False)

    def on_mount(self) -> None:
        """Read the experiment."""
        self.load()

    @work(exclusive=True, group="load")
    async def load(self) -> None:
        """Read the experiment and put up the form for its design."""
        services = self.laboratory.services
        with self.told():
            try:
                experiment = await services.store.experiment(self._experiment_id)
                self._design = services.design_of(experiment)
            except SimulatorError as error:
                remedy = one_line(error.remedy or "")
                self.query_one("#reading", Static).update(
                    f"{one_line(error.message)}\n{remedy}\n\nEscape leads back."
                )
                return
            self._experiment = experiment
            self._estimator = Estimator(services, self._design)
            await self._put_up(experiment)

    async def _put_up(self, experiment: Experiment) -> None:
        services = self.laboratory.services
        parameters = services.kind(experiment.kind).parameters(self._design)
        options = run_parameters(services.settings)
        form = LaunchForm(parameters, options, self.laboratory.catalogue)
        form.border_title = Content(f"Launch · {one_line(experiment.name)}")
        await self.query_one("#reading").remove()
        await self.query_one("#body").mount(
            Horizontal(form, ConditionList(), id="launch-panes"), ForecastPane()
        )
        form.field(parameters[0].name).go_to()
        self._look()
        self._usual = self._draft

    # ------------------------------------------------------------ the estimate

    @on(LaunchForm.Changed)
    def _look(self) -> None:
        """Show at once how many runs there are, and shortly what they take."""
        self.looks += 1
        self._draft = self.form.read()
        if self._waiting is not None:
            self._waiting.stop()
        self.workers.cancel_group(self, "estimate")
        if self._draft is None:
            faulty = len(self.form.faulty)
            self.forecast.show_product(f"{counted(faulty, 'field')} to mend")
            self.forecast.show_lines([])
            self.conditions.clear()
            return
        grid, repeat = self._draft.grid, self._draft.options.repetitions
        self.forecast.show_product(product_text(grid, repeat))
        try:
            grid.check_size(repeat)
        except UsageError as error:
            text = f"✗ {error.message} {error.remedy or ''}"
            self.forecast.show_lines([Line(text, "fault")])
            self.conditions.clear()
            return
        self.conditions.show(grid)
        self.forecast.show_lines([Line("Working out what that takes …", "muted")])
        self._waiting = self.set_timer(DEBOUNCE_S, self._estimate)

    @work(exclusive=True, group="estimate", exit_on_error=False)
    async def _estimate(self) -> None:
        draft, estimator = self._draft, self._estimator
        if draft is None or estimator is None:
            return
        total = draft.grid.size
        progress = _Pace()

        def hear(reckoned: int) -> None:
            if progress.is_due():
                text = f"Working out what that takes … {reckoned:,} of {total:,} conditions"
                self.forecast.show_lines([Line(text, "muted")])

        with self.told():
            estimate = await estimator.estimate(draft.grid, draft.options.repetitions, hear)
            self.conditions.show(draft.grid, estimate.bad_cells)
            self.forecast.show_lines(estimate_lines(estimate))

    def action_again(self) -> None:
        """Ask providers and earlier runs anew."""
        if self._estimator is not None:
            self._estimator.forget()
            for choice in self.query(ModelChoice):
                choice.look()
            self._look()

    def _leave(self) -> None:
        """Go away, and let nothing that still reckons speak to a form that is gone."""
        if self._waiting is not None:
            self._waiting.stop()
        self.workers.cancel_group(self, "estimate")
        self.dismiss(None)

    # ------------------------------------------------------------ starting

    @on(Button.Pressed, "#start")
    def action_start(self) -> None:
        """Store all runs and play them."""
        self._begin(is_held=False)

    @on(Button.Pressed, "#queue")
    def action_queue(self) -> None:
        """Store all runs, to be started in the monitor."""
        self._begin(is_held=True)

    def _begin(self, *, is_held: bool) -> None:
        draft = self._ready()
        if draft is not None and not self._is_launching:
            self._launch(draft, is_held)

    def _ready(self) -> Draft | None:
        """The draft as it is now; None, with the cursor where something is wrong."""
        if self._experiment is None:
            return None
        self._draft = self.form.read()
        if self._draft is None:
            for field in self.form.faulty[:1]:
                field.go_to()
                field.scroll_visible()
            self.tell("Something in the form must be mended first.", severity="warning")
        return self._draft

    @work(exclusive=True, group="launch")
    async def _launch(self, draft: Draft, is_held: bool) -> None:
        self._is_launching = True
        self.forecast.hold(True)
        try:
            with self.told():
                runs = await self._store(draft)
                options = draft.options
                await self.laboratory.live.start(
                    runs, cost_usd=options.cost_limit, tokens=options.token_limit, paused=is_held
                )
                if is_held:
                    self.tell(f"{counted(len(runs), 'run')} queued; the monitor starts them.")
                self.app.post_message(OpenMonitor(runs[0].id))
                self._leave()
        finally:
            self._is_launching = False
            if self.is_attached:
                self.forecast.hold(False)
                self.forecast.show_product(product_text(draft.grid, draft.options.repetitions))

    async def _store(self, draft: Draft) -> list[Run]:
        options, settings = draft.options, self.laboratory.services.settings
        total = draft.grid.size * options.repetitions
        progress = _Pace()

        def hear(stored: int) -> None:
            if progress.is_due() or stored == total:
                self.forecast.show_product(f"Storing runs … {stored:,} of {total:,}")

        self.forecast.show_product(f"Checking models and conditions of {counted(total, 'run')} …")
        return await self.laboratory.services.launch_grid(
            self._design, draft.grid, seed=options.seed, repeat=options.repetitions,
            experiment=self._experiment, hear=hear,
            limits=Limits(
                settings.token_limit if options.token_limit is None else options.token_limit,
                settings.cost_limit if options.cost_limit is None else options.cost_limit,
            ),
        )  # fmt: skip

    # ------------------------------------------------------------ looking around

    @on(Button.Pressed, "#words")
    def action_words(self) -> None:
        """Show commands that do the same."""
        draft = self._ready()
        if draft is None or self._experiment is None:
            return
        options = draft.options
        if draft.grid.size > MOST_RUNS:
            self.tell("These are too many runs.", severity="warning")
            return
        self.app.push_screen(
            LaunchWords(
                Launch(
                    self._experiment.id, self._experiment.name, draft.grid, options.repetitions,
                    options.seed, options.cost_limit, options.token_limit,
                )
            )
        )  # fmt: skip

    def action_conditions(self) -> None:
        """Where there is no room for both, the conditions instead of the form, or back."""
        if self._experiment is None:
            return
        is_shown = self.toggle_class("-conditions").has_class("-conditions")
        if is_shown:
            self.set_focus(self.conditions)
        else:
            self.set_focus(self.form.query(Input).first())

    @on(LaunchForm.Done)
    def _to_the_buttons(self) -> None:
        self.set_focus(self.query_one("#start"))

    def action_back(self) -> None:
        """Out of a field first, then out of the screen."""
        if self._is_launching:
            self.workers.cancel_group(self, "launch")
            self.tell("Given up; runs that were stored already wait to be resumed.")
        elif isinstance(self.focused, Input):
            self._to_the_buttons()
        elif self._experiment is None or self.form.read() == self._usual:
            self._leave()
        else:
            self._ask_to_leave()

    @work(exclusive=True, group="leave")
    async def _ask_to_leave(self) -> None:
        ask = Confirm("Leave the form?", "What was chosen is forgotten.", "Leave")
        if await self.app.push_screen_wait(ask):
            self._leave()


class _Pace:
    """Lets news through that come too fast."""

    def __init__(self) -> None:
        self._due = time.monotonic() + PROGRESS_S

    def is_due(self) -> bool:
        """Whether it is time for another."""
        now = time.monotonic()
        if now < self._due:
            return False
        self._due = now + PROGRESS_S
        return True
