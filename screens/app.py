"""The app: opens screens, answers where they ask to go, and puts runs in order when it ends."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segments
from rich.text import Text
from textual import on, work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Input, TextArea

from screens import editing, messages
from screens.areas import area_screens
from screens.commands import LaboratoryCommands
from screens.dialogs.confirm import Confirm
from screens.laboratory import Laboratory
from screens.screen import LaboratoryScreen
from screens.themes import HIGH_CONTRAST
from screens.widgets.top_bar import AREAS, GoTo
from simulator.domain.notices import StoreAway, StoreBack
from simulator.errors import SimulatorError
from simulator.presentation.safe_text import visible
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from screens.preferences import Preferences

_log = logging.getLogger("simulator.screens")

WARNING_SHOWN_S = 8.0


class SimulatorApp(App[int]):
    """The laboratory on the whole terminal."""

    TITLE = "LLM Interaction Simulator"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    COMMANDS: ClassVar = {LaboratoryCommands}
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as Textual has it
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (12, "-short"), (30, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help", id="app.help"),
        *(
            Binding(key.lower(), f"go('{area}')", area.capitalize(), show=False, id=f"app.{area}")
            for area, key in AREAS.items()
        ),
        Binding("ctrl+p", "command_palette", "Commands", False, priority=True, id="app.commands"),
        Binding("ctrl+q", "leave", "Quit", id="app.quit"),
        Binding("ctrl+c", "interrupt", "Quit", show=False, priority=True, system=True),
    ]

    outage: reactive[str] = reactive("")
    """What is wrong with the store; empty while all is well."""

    def __init__(
        self,
        laboratory: Laboratory,
        preferences: Preferences | None = None,
        told: Sequence[str] = (),
    ) -> None:
        """Make the app.

        Args:
            laboratory: What it works with.
            preferences: The user's theme and keys.
            told: Warnings from before it could show any.
        """
        super().__init__()
        self.laboratory = laboratory
        self._told = told
        self._preferences = preferences
        self._is_leaving = False
        for area, base in self._areas().items():
            self.add_mode(area, base)

    def _areas(self) -> dict[str, Callable[[], Screen[None]]]:
        return area_screens(self.laboratory)

    def on_mount(self) -> None:
        """Look as the user likes it, and begin with the experiments."""
        self.register_theme(HIGH_CONTRAST)
        if self._preferences is not None:
            if self._preferences.theme in self.available_themes:
                self.theme = self._preferences.theme
            self.set_keymap(self._preferences.keymap)
        self.switch_mode("experiments")
        for sentence in self._told:
            self.warn(sentence)

    def warn(self, sentence: str) -> None:
        """Hear what stops nothing: outages go to the banner, the rest is told in passing."""
        _log.warning("%s", sentence)
        if isinstance(sentence, StoreAway):
            self.outage = sentence
            return
        if isinstance(sentence, StoreBack):
            self.outage = ""
        self.notify(visible(sentence), severity="warning", timeout=WARNING_SHOWN_S, markup=False)

    # ------------------------------------------------------------ where to go

    @on(GoTo)
    def _go_to(self, event: GoTo) -> None:
        self.switch_mode(event.area)

    async def action_go(self, area: str) -> None:
        """Show an area as it was left."""
        await self.switch_mode(area)

    @on(messages.OpenExperiment)
    async def _open_experiment(self, event: messages.OpenExperiment) -> None:
        from screens.home.screen import HomeScreen

        await self.switch_mode("experiments")
        await self._back_to(HomeScreen)
        if isinstance(self.screen, HomeScreen):
            self.screen.show_experiment(event.experiment_id)

    @on(messages.OpenMonitor)
    async def _open_monitor(self, event: messages.OpenMonitor) -> None:
        from screens.monitor.screen import MonitorScreen

        await self.switch_mode("monitor")
        await self._back_to(MonitorScreen)
        if event.run_id is not None and isinstance(self.screen, MonitorScreen):
            self.screen.focus_run(event.run_id)

    async def _back_to(self, screen_type: type[Screen[None]]) -> None:
        while not isinstance(self.screen, screen_type) and len(self.screen_stack) > 1:
            await self.pop_screen()

    @on(messages.OpenTranscript)
    def _open_transcript(self, event: messages.OpenTranscript) -> None:
        from screens.transcript.screen import TranscriptScreen

        self.push_screen(TranscriptScreen(self.laboratory, event.run_id))

    @on(messages.CompareRuns)
    def _compare(self, event: messages.CompareRuns) -> None:
        from screens.compare.screen import CompareScreen

        self.push_screen(CompareScreen(self.laboratory, event.left_id, event.right_id))

    @on(messages.OpenAnalysis)
    def _analyse(self, event: messages.OpenAnalysis) -> None:
        from screens.analysis.screen import AnalysisScreen

        self.push_screen(AnalysisScreen(self.laboratory, event.experiment_id))

    @on(messages.LaunchExperiment)
    def _launch(self, event: messages.LaunchExperiment) -> None:
        from screens.launch.screen import LaunchScreen

        self.push_screen(LaunchScreen(self.laboratory, event.experiment_id))

    @on(messages.NewDesign)
    async def _new_design(self, event: messages.NewDesign) -> None:
        await self._edit(editing.new_design(self.laboratory, event.kind))

    @on(messages.EditDesign)
    async def _edit_design(self, event: messages.EditDesign) -> None:
        await self._edit(editing.edited_experiment(self.laboratory, event.experiment_id))

    @on(messages.DuplicateDesign)
    async def _edit_copy(self, event: messages.DuplicateDesign) -> None:
        await self._edit(editing.edited_copy(self.laboratory, event.experiment_id))

    @on(messages.ResumeDraft)
    @work(exclusive=True, group="draft")
    async def _resume_draft(self) -> None:
        await self._edit(editing.resumed_draft(self.laboratory, self.push_screen_wait))

    async def _edit(self, opening: Awaitable[Screen[None] | None]) -> None:
        try:
            if (editor := await opening) is not None:
                self.push_screen(editor)
        except SimulatorError as error:
            self.tell_error(error)

    # ------------------------------------------------------------ help and leaving

    def action_help(self) -> None:
        """Help on the screen in front."""
        from screens.help.dialog import HelpDialog

        screen = self.screen
        if isinstance(screen, HelpDialog):
            return
        page = screen.HELP_PAGE if isinstance(screen, LaboratoryScreen) else ""
        keys = [
            (self.get_key_display(active.binding), active.binding.description, active.tooltip)
            for active in screen.active_bindings.values()
            if active.binding.description and not active.binding.system
        ]
        self.push_screen(HelpDialog(page, keys))

    async def action_interrupt(self) -> None:
        """Ctrl-C copies what is selected, and leaves when nothing is."""
        focused = self.focused
        if isinstance(focused, (Input, TextArea)) and focused.selected_text:
            focused.action_copy()
        elif selected := self.screen.get_selected_text():
            self.copy_to_clipboard(selected)
        elif self._is_leaving:
            self.exit(130)
        else:
            self.action_leave()

    @work(exclusive=True, group="leaving")
    async def action_leave(self) -> None:
        """Leave the app; what is being played is paused, once the user agrees."""
        unfinished = self.laboratory.live.unfinished
        self._is_leaving = True
        if unfinished:
            question = f"{counted(unfinished, 'run')} of yours would stop here. Leave?"
            detail = "Everything said is kept. `resume` goes on with them, here or elsewhere."
            if not await self.push_screen_wait(Confirm(question, detail, yes="Leave")):
                self._is_leaving = False
                return
        self.exit(0)

    def _fatal_error(self) -> None:
        """Leave with a sentence: Textual's own traceback would show values, secrets among them."""
        fault = self._exception
        _log.critical("the app met a fault", exc_info=fault)
        self._exit_renderables.append(
            Segments(
                self.console.render(
                    Text(
                        f"Error: The program met a fault of its own: {type(fault).__name__}.\n"
                        "The log has the details. Everything said is kept: start the app again."
                    )
                )
            )
        )
        self._close_messages_no_wait()

    def tell_error(self, error: SimulatorError) -> None:
        """Tell an error that belongs to no screen."""
        text = visible(f"{error.message}\n{error.remedy or ''}".strip())
        self.notify(text, severity="error", timeout=WARNING_SHOWN_S, markup=False)
