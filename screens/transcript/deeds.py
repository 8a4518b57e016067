"""What is done with a run from its transcript."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from screens.dialogs import AskText, Confirm, Pick
from screens.messages import CompareRuns, OpenMonitor
from screens.transcript.exporting import export_run
from screens.transcript.fork_dialog import ForkDialog
from screens.transcript.partners import partners
from screens.transcript.run_screen import RunScreen
from screens.transcript.verify_dialog import VerifyDialog
from simulator.errors import UsageError
from simulator.presentation.notices import short_id


class RunDeeds(RunScreen):
    """Star, note, fork, resume, verify, export, compare, delete."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "fork", "Fork", id="transcript.fork",
                tooltip="Start a run that shares everything up to the message under the cursor"),
        Binding("equals_sign", "compare", "Compare", key_display="=", id="transcript.compare",
                tooltip="Set another run beside this one"),
        Binding("asterisk", "star", "Star", key_display="*", show=False, id="transcript.star",
                tooltip="Make the run a favourite, or no longer"),
        Binding("x", "export", "Export", id="transcript.export", tooltip="Write the run to a file"),
        Binding("m", "note", "Note", show=False, id="transcript.note",
                tooltip="Write something about the run"),
        Binding("r", "resume", "Resume", show=False, id="transcript.resume",
                tooltip="Go on with a run that is not completed"),
        Binding("v", "verify", "Verify", show=False, id="transcript.verify",
                tooltip="See whether the run still follows from its design"),
        Binding("delete", "delete", "Delete", show=False, id="transcript.delete",
                tooltip="Delete the run with everything said in it"),
    ]  # fmt: skip

    @work(exclusive=True, group="deed")
    async def action_star(self) -> None:
        """Make it a favourite, or no longer."""
        with self.told():
            run, services = self.read_run().run, self.laboratory.services
            is_starred = services.settings.creator in run.starred_by
            await services.star(run, off=is_starred)
            await self.refresh_run()
            self.tell("No favourite any more." if is_starred else "A favourite now.")

    @work(exclusive=True, group="deed")
    async def action_note(self) -> None:
        """Write a note in place of the one it has."""
        with self.told():
            run, services = self.read_run().run, self.laboratory.services
            services.check_note(run)
            ask = AskText(f"Note on run {short_id(run.id)}", run.note, multiline=True, yes="Keep")
            note = await self.app.push_screen_wait(ask)
            if note is not None and note != run.note:
                await services.write_note(run, note)
                await self.refresh_run()

    @work(exclusive=True, group="deed")
    async def action_fork(self) -> None:
        """Go on otherwise from the message under the cursor."""
        with self.told():
            run, services = self.read_run().run, self.laboratory.services
            services.must_be_ours(run)
            step = self.view.current
            if step is None:
                raise UsageError(
                    "There is no complete message under the cursor.",
                    remedy="Put it on one; a turn in progress can be forked once it is over.",
                )
            fork = await self.app.push_screen_wait(ForkDialog(step))
            if fork is None:
                return
            forked = await services.fork(
                run, at=step.position, replace=fork.replace, seed=fork.seed
            )
            await self.laboratory.live.start([forked])
            self.tell(f"Forked: run {short_id(forked.id)} is played now.")
            self.post_message(OpenMonitor(forked.id))

    @work(exclusive=True, group="deed")
    async def action_resume(self) -> None:
        """Play it on; its messages appear here."""
        with self.told():
            reading = self.read_run()
            if reading.is_played:
                raise UsageError(
                    "The run is being played already.", remedy="Steer it in the monitor (F3)."
                )
            await self.laboratory.live.start([reading.run])
            await self.refresh_run()

    @work(exclusive=True, group="deed")
    async def action_verify(self) -> None:
        """Replay it against its record."""
        with self.told():
            run, services = self.read_run().run, self.laboratory.services
            services.must_be_ours(run)
            await self.app.push_screen_wait(VerifyDialog(services, run))

    @work(exclusive=True, group="deed")
    async def action_export(self) -> None:
        """Write it to a file."""
        with self.told():
            run = self.read_run().run
            experiment, steps = await self.laboratory.services.transcript(run)
            if not steps:
                raise UsageError("There is nothing to export yet.", remedy="Resume the run first.")
            await export_run(self, run, experiment, steps)

    @work(exclusive=True, group="deed")
    async def action_compare(self) -> None:
        """Choose a run to set beside this one."""
        with self.told():
            run = self.read_run().run
            offered = await partners(self.laboratory.services, run)
            if not offered:
                raise UsageError(
                    "There is no other run of this experiment.",
                    remedy="Fork this one with f, or launch more.",
                )
            other = await self.app.push_screen_wait(Pick("Compare with which run?", offered))
            if other is not None:
                self.post_message(CompareRuns(run.id, other))

    @work(exclusive=True, group="deed")
    async def action_delete(self) -> None:
        """Delete it, once the user agrees."""
        with self.told():
            run, services = self.read_run().run, self.laboratory.services
            services.check_deletion(run)
            question = f"Delete run {short_id(run.id)} with everything said in it?"
            if await self.app.push_screen_wait(Confirm(question, "This cannot be taken back.")):
                await services.delete_run(run)
                self.app.notify(f"Deleted run {short_id(run.id)}.", markup=False)
                self.dismiss()
