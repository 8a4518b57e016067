"""The experiments of the store."""

from __future__ import annotations

from textual import on, work
from textual.widgets import DataTable

from screens.dialogs import AskText, Confirm
from screens.home.deeds import Deeds
from screens.messages import OpenMonitor, OpenTranscript
from screens.transcript.exporting import export_run
from simulator.domain.records import Run
from simulator.errors import UsageError
from simulator.presentation.notices import short_id


class HomeScreen(Deeds):
    """The list of experiments, one in detail, and its runs."""

    CSS_PATH = "screen.tcss"
    AREA = "experiments"
    HELP_PAGE = "home"

    async def _selected_run(self) -> Run:
        """The run under the cursor, read anew. Raises UsageError, NotFoundError."""
        return await self.laboratory.services.store.run(self._selected_run_id())

    def _selected_run_id(self) -> str:
        run_id = self.run_table.selected if self.pane.details else None
        if run_id is None:
            raise UsageError("There is no run under the cursor.", remedy="l launches some.")
        return run_id

    @on(DataTable.RowSelected, "#runs")
    def action_read_run(self) -> None:
        """Read the transcript."""
        with self.told():
            self.post_message(OpenTranscript(self._selected_run_id()))

    @work(exclusive=True, group="deed")
    async def action_resume_run(self) -> None:
        """Play the run on, and watch it."""
        with self.told():
            run, live = await self._selected_run(), self.laboratory.live
            known = live.runs.get(run.id)
            if known is None or known.is_over:
                player = await self.laboratory.services.player(run)
                if player is not None:
                    raise UsageError(
                        f"Run {short_id(run.id)} is being played by {player.player}.",
                        remedy="Watch it in the monitor (F3), or read it with Enter.",
                    )
                await live.start([run])
            self.post_message(OpenMonitor(run.id))

    @work(exclusive=True, group="deed")
    async def action_star_run(self) -> None:
        """Make the run a favourite, or no longer; the key again takes it back."""
        with self.told():
            run, services = await self._selected_run(), self.laboratory.services
            await services.star(run, off=services.settings.creator in run.starred_by)
            await self.show_selected()

    @work(exclusive=True, group="deed")
    async def action_note_run(self) -> None:
        """Write a note on the run in place of the one it has."""
        with self.told():
            run, services = await self._selected_run(), self.laboratory.services
            services.check_note(run)
            ask = AskText(f"Note on run {short_id(run.id)}", run.note, multiline=True, yes="Keep")
            note = await self.app.push_screen_wait(ask)
            if note is not None and note != run.note:
                await services.write_note(run, note)
                await self.show_selected()

    @work(exclusive=True, group="deed")
    async def action_export_run(self) -> None:
        """Write the transcript to a file."""
        with self.told():
            run = await self._selected_run()
            experiment, steps = await self.laboratory.services.transcript(run)
            if not steps:
                raise UsageError("There is nothing to export yet.", remedy="Resume the run first.")
            await export_run(self, run, experiment, steps)

    @work(exclusive=True, group="deed")
    async def action_delete_run(self) -> None:
        """Delete the run, once the user agrees."""
        with self.told():
            run, services = await self._selected_run(), self.laboratory.services
            services.check_deletion(run)
            question = f"Delete run {short_id(run.id)} with everything said in it?"
            if await self.app.push_screen_wait(Confirm(question, "This cannot be taken back.")):
                await services.delete_run(run)
                self.tell(f"Deleted run {short_id(run.id)}.")
                await self.changed(run.experiment_id)
