"""Read a run, and follow it while it is played."""

from __future__ import annotations

import asyncio
from itertools import groupby
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import Static

from screens.laboratory import Laboratory
from screens.transcript.copying import plain_text, told
from screens.transcript.deeds import RunDeeds
from screens.transcript.details import Details
from screens.transcript.header import Header
from screens.transcript.prompt_shelf import PromptShelf
from screens.transcript.reading import Reading
from screens.transcript.search_bar import SearchBar
from screens.transcript.sifting import Sifting
from screens.widgets.speaking import SpeakingFeed
from screens.widgets.transcript_view import TranscriptView
from simulator.errors import NotFoundError, SimulatorError
from simulator.presentation.safe_text import visible
from simulator.presentation.wording import counted

FRAME_S = 0.06
"""Between two looks at what arrived."""
LOOK_S = 2.0
"""Between two looks at what others have made of a run that may go on."""


class TranscriptScreen(Sifting, RunDeeds):
    """The messages of a run, with what led to each."""

    CSS_PATH = "screen.tcss"
    AREA = "experiments"
    HELP_PAGE = "transcript"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "details", "Prompt", id="transcript.prompt",
                tooltip="Show the prompt, the raw reply and the usage of the message"),
        Binding("y", "copy", "Copy", show=False, id="transcript.copy",
                tooltip="Copy the message, or what is shown of its prompt"),
        Binding("Y", "copy_all", "Copy all", show=False, id="transcript.copy_all",
                tooltip="Copy the messages that are shown"),
        Binding("ctrl+r", "read_again", "Read again", show=False, id="transcript.read"),
        Binding("escape", "back", "Back", show=False, id="transcript.back",
                tooltip="End the search, close the pane, show everybody, then leave"),
    ]  # fmt: skip

    def __init__(self, laboratory: Laboratory, run_id: str) -> None:
        super().__init__(laboratory)
        self._run_id = run_id
        self._shelf = PromptShelf(laboratory.services)
        self._was_live = False

    def compose_body(self) -> ComposeResult:
        """Facts, search, messages, details."""
        yield Header()
        yield SearchBar()
        yield Static("", id="filters", markup=False)
        with Container(id="panes"):
            yield TranscriptView(id="messages", empty="Reading …")
            yield Details()

    def on_mount(self) -> None:
        """Read at once."""
        self.query_one("#filters").display = self._details.display = False
        self.view.focus()
        self._feed = SpeakingFeed(self.view)
        self.read()
        self.set_interval(FRAME_S, self._draw)
        self.set_interval(LOOK_S, self._look_again)

    @property
    def _details(self) -> Details:
        return self.query_one(Details)

    def on_screen_resume(self) -> None:
        """See what has become of the run meanwhile."""
        if self.reading is not None:
            self._look()

    # ------------------------------------------------------------ reading

    @work(exclusive=True, group="read", exit_on_error=False)
    async def read(self) -> None:
        """Read the run from the beginning."""
        self.reading = None
        with self.told():
            try:
                reading = await Reading.begin(self.laboratory, self._run_id)
            except SimulatorError as error:
                self._fail(error)
                raise
            self.reading = reading
            self.view.empty = "Reading …" if reading.total else "Nothing was said yet."
            # Where parts are played side by side, what is said next may stand in any of them.
            at_end = reading.is_played and not reading.ordering.part
            self.view.show([], reading.run.agents, at_end=at_end, ordering=reading.ordering)
            self.refresh_bindings()
            self._show_header()
            await reading.follow()
            await self._draw_all()

    @work(exclusive=True, group="read", exit_on_error=False)
    async def _follow(self, reading: Reading) -> None:
        with self.told():
            await reading.follow()
            await self._draw_all()

    def _fail(self, error: SimulatorError) -> None:
        self.view.empty = visible(f"{error.message}\n{error.remedy or ''}\nctrl+r tries again.")
        self.view.show([])
        self.query_one(Header).update("The run could not be read.")

    def action_read_again(self) -> None:
        """Read everything anew."""
        self.read()

    async def _draw_all(self) -> None:
        is_more = True
        while is_more:
            is_more = self._draw()
            await asyncio.sleep(0)

    def _draw(self) -> bool:
        """Show some of what arrived, and what is being said; whether there was any."""
        if self.reading is None:
            return False
        arrived = self.reading.arrived()
        if arrived:
            shown = [step for step in arrived if self.has_all or step.in_transcript]
            for are_new, some in groupby(shown, self.reading.is_new):
                self.view.extend(list(some), are_new=are_new)
            self.view.head_again(self.reading.changed)
            self.reading.changed.clear()
            self._show_header()
        live = self.reading.live
        self._feed.catch_up(live)
        if self._was_live != (live is not None):
            self._was_live = live is not None
            self._look()
        return bool(arrived)

    def _look_again(self) -> None:
        # A question that the store has not answered would never be told that the store is away.
        if (
            self.reading is not None
            and self.is_current
            and self.reading.run.status != "completed"
            and not self._is_busy("look")
        ):
            self._look()

    def _is_busy(self, group: str) -> bool:
        return any(worker.group == group and not worker.is_finished for worker in self.workers)

    @work(exclusive=True, group="look", exit_on_error=False)
    async def _look(self) -> None:
        try:
            await self.refresh_run()
        except NotFoundError as error:
            self.reading = None
            self._fail(error)
        except SimulatorError as error:
            self.log.warning(error.message)

    async def refresh_run(self) -> None:
        """See `RunScreen`."""
        reading = self.reading
        if reading is None:
            return
        await reading.look()
        self._show_header()
        if reading.is_whole:
            self.workers.cancel_group(self, "read")
            await self._draw_all()
        elif not self._is_busy("read"):
            self._follow(reading)

    def _show_header(self) -> None:
        if self.reading is not None:
            user = self.laboratory.services.settings.creator
            self.query_one(Header).show(self.reading, user, self.laboratory.now())

    # ------------------------------------------------------------ details

    def action_details(self) -> None:
        """Show or hide what led to the message under the cursor."""
        details = self._details
        details.display = not details.display
        if details.display:
            self._show_details()
        else:
            self.view.focus()

    @on(TranscriptView.Chosen)
    def _chosen(self) -> None:
        if not self._details.display:
            self.action_details()
        self._details.focus()

    @on(TranscriptView.Moved)
    def _moved(self) -> None:
        if self._details.display:
            self._show_details()

    @work(exclusive=True, group="details", exit_on_error=False)
    async def _show_details(self) -> None:
        step = self.view.current
        if step is None or self.reading is None:
            self._details.show(None, None, "")
            return
        if not self._shelf.has(step):
            self._details.show(step, None, "Made again from the record …", self._day_word)
        prompt, without = await self._shelf.prompt(self.reading.run, step)
        self._details.show(step, prompt, without, self._day_word)

    # ------------------------------------------------------------ copying and leaving

    def action_copy(self) -> None:
        """Copy the message, or the details where they are in focus."""
        step = self.view.current
        if self._details.has_focus:
            self._copy("the prompt and the reply", self._details.text)
        elif step is not None:
            self._copy(f"message {step.position}", step.content)
        else:
            self.tell("There is no message to copy.", severity="warning")

    @work(exclusive=True, group="copy")
    async def action_copy_all(self) -> None:
        """Copy the messages that are shown."""
        steps = [row.step for row in self.view.rows if row.step is not None]
        if not steps:
            self.tell("There is no message to copy.", severity="warning")
            return
        text = await asyncio.to_thread(plain_text, steps, self.view.ordering)
        self._copy(counted(len(steps), "message"), text)

    def _copy(self, what: str, text: str) -> None:
        self.app.copy_to_clipboard(text)
        self.tell(told(what, text))

    def action_back(self) -> None:
        """Undo what was opened last, else leave."""
        view = self.view
        if view.search is not None or self.query_one(SearchBar).display:
            self.query_one(SearchBar).action_close()
        elif self._details.display:
            self.action_details()
        elif view.is_filtered or self.has_all:
            self.has_all = False
            view.filter()
            self.show_again()
        elif len(self.app.screen_stack) > 1:
            self.dismiss()
