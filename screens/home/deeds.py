"""What is done with the experiment under the cursor, and how new ones come."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from screens.dialogs import AskText, Confirm, Pick
from screens.home.browsing import Browsing
from screens.home.empty_shelf import EmptyShelf
from screens.home.exporting import export_design
from screens.home.offers import DRAFTS, count_drafts, read_offers
from screens.home.path_dialog import PathDialog
from screens.messages import (
    DuplicateDesign,
    EditDesign,
    LaunchExperiment,
    NewDesign,
    OpenAnalysis,
    ResumeDraft,
)
from simulator.domain.records import Experiment, ExperimentQuery
from simulator.errors import ConflictError, PermissionDeniedError, SimulatorError
from simulator.presentation.safe_text import one_line, shortened
from simulator.presentation.wording import counted

SHOWN_NAME = 60
"""Characters of a name in a question."""
IMPORT_HINT = (
    "A YAML design, a folder of them, exports of the original program (JSON or BSON files, or "
    "their folder), or its database, mongodb://HOST/NAME. Tab completes."
)


class Deeds(Browsing):
    """New, duplicate, edit, launch, star, note, delete, import, export, analyse."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New", id="home.new", tooltip="Begin with an empty design, or a seed"),
        Binding("d", "duplicate", "Duplicate", id="home.duplicate",
                tooltip="Copy the design under another name, without its runs"),
        Binding("D", "duplicate_edited", "Duplicate and edit", id="home.duplicate_edited",
                show=False, tooltip="Edit a copy of the design"),
        Binding("e", "edit", "Edit", id="home.edit", tooltip="Edit a design that has no runs"),
        Binding("l", "launch", "Launch", id="home.launch", tooltip="Choose what to run of it"),
        Binding("asterisk", "star", "Star", key_display="*", id="home.star", show=False,
                tooltip="Make the experiment a favourite, or no longer"),
        Binding("m", "note", "Note", id="home.note", show=False,
                tooltip="Write something about the experiment"),
        Binding("delete", "delete", "Delete", id="home.delete", show=False,
                tooltip="Delete the experiment with its runs"),
        Binding("i", "import", "Import", id="home.import", show=False,
                tooltip="Take over designs, or what the original program stored"),
        Binding("x", "export", "Export", id="home.export", show=False,
                tooltip="Write the design to a file"),
        Binding("a", "analyse", "Analysis", id="home.analyse", show=False,
                tooltip="Count and plot its runs"),
    ]  # fmt: skip

    async def selected_experiment(self) -> Experiment:
        """The experiment under the cursor, read anew. Raises UsageError, NotFoundError."""
        return await self.laboratory.services.store.experiment(self.selected_id())

    async def changed(self, experiment_id: str) -> None:
        """Show an experiment as it is by now."""
        await self.shelf.reread(experiment_id)
        await self.list_again()
        self.read_selected()

    # ------------------------------------------------------------ new ones

    def on_mount(self) -> None:
        """Tell of designs that were left without being saved."""
        self._tell_drafts()

    @work(exclusive=True, group="drafts")
    async def _tell_drafts(self) -> None:
        left = await asyncio.to_thread(count_drafts, self.laboratory)
        if left:
            self.tell(f"{counted(left, 'draft')} not saved: press n to go on.")

    @work(exclusive=True, group="deed")
    async def action_new(self) -> None:
        """Begin with an empty design, or a seed."""
        with self.told():
            offers = await read_offers(self.laboratory)
            offer = await self.app.push_screen_wait(Pick("Begin with what?", offers))
            if offer is not None:
                await self._begin(offer)

    @on(EmptyShelf.Chosen)
    @work(exclusive=True, group="deed")
    async def _offer_chosen(self, event: EmptyShelf.Chosen) -> None:
        with self.told():
            await self._begin(event.offer)

    async def _begin(self, offer: str) -> None:
        if offer == DRAFTS:
            self.post_message(ResumeDraft())
            return
        what, _, name = offer.partition(":")
        if what == "kind":
            self.post_message(NewDesign(name))
            return
        services = self.laboratory.services
        design, _ = await services.design_named(name)
        experiment = await services.save_design(design)
        self.tell(f"{_short(experiment.name)} is on the list: l launches it, e edits it.")
        await self._show_new(experiment)

    async def _show_new(self, experiment: Experiment) -> None:
        """Put the cursor on an experiment that the list may not have yet."""
        self.wanted = experiment.id
        await self.changed(experiment.id)

    @work(exclusive=True, group="deed")
    async def action_import(self) -> None:
        """Take over designs, or what the original program stored."""
        from screens.home.importing import design_files, import_designs

        with self.told():
            ask = PathDialog("Import what?", IMPORT_HINT, yes="Import")
            place = await self.app.push_screen_wait(ask)
            if place is None:
                return
            paths = await asyncio.to_thread(design_files, place)
            if paths:
                taken = await import_designs(self.laboratory.services, paths)
                new = sum(one.is_new for one in taken)
                self.tell(f"{counted(new, 'new experiment')}, {len(taken) - new} known already.")
                await self._show_new(taken[-1].experiment)
            else:
                await self._import_originals(place)

    async def _import_originals(self, place: str) -> None:
        from screens.home.importing import ImportDialog, report_text

        done = await self.app.push_screen_wait(ImportDialog(self.laboratory.services, place))
        self.read_again()
        if isinstance(done, SimulatorError):
            raise done
        self.tell("Stopped. What was stored is kept." if done is None else report_text(done))

    # ------------------------------------------------------------ copies

    @work(exclusive=True, group="deed")
    async def action_duplicate(self) -> None:
        """Copy the design, without its runs."""
        with self.told():
            experiment = await self.selected_experiment()
            ask = AskText(
                f"Duplicate {_short(experiment.name)} as", await self._free_name(experiment.name),
                "Without its runs. D edits the copy before it is stored.", _fault, yes="Duplicate",
            )  # fmt: skip
            name = await self.app.push_screen_wait(ask)
            if name is not None:
                copy = await self.laboratory.services.duplicate(experiment, name.strip())
                await self._show_new(copy)

    async def _free_name(self, name: str) -> str:
        number = 1
        while True:
            copy = f"{name} copy" if number == 1 else f"{name} copy {number}"
            if not await self.laboratory.services.store.experiments(ExperimentQuery(name=copy)):
                return copy
            number += 1

    def action_duplicate_edited(self) -> None:
        """Edit a copy of the design."""
        with self.told():
            self.post_message(DuplicateDesign(self.selected_id()))

    @work(exclusive=True, group="deed")
    async def action_edit(self) -> None:
        """Edit the design, if that may be; else offer a copy."""
        with self.told():
            experiment = await self.selected_experiment()
            try:
                await self.laboratory.services.check_revision(experiment)
            except (PermissionDeniedError, ConflictError) as error:
                ask = Confirm(
                    error.message, "Edit a copy instead?", "Edit a copy", is_dangerous=False
                )
                if await self.app.push_screen_wait(ask):
                    self.post_message(DuplicateDesign(experiment.id))
            else:
                self.post_message(EditDesign(experiment.id))

    # ------------------------------------------------------------ the experiment as it is

    def action_launch(self) -> None:
        """Choose what to run of it."""
        with self.told():
            self.post_message(LaunchExperiment(self.selected_id()))

    def action_analyse(self) -> None:
        """Count and plot its runs."""
        with self.told():
            self.post_message(OpenAnalysis(self.selected_id()))

    @work(exclusive=True, group="deed")
    async def action_star(self) -> None:
        """Make it a favourite, or no longer; the key again takes it back."""
        with self.told():
            experiment, services = await self.selected_experiment(), self.laboratory.services
            is_starred = services.settings.creator in experiment.starred_by
            await services.star(experiment, off=is_starred)
            await self.changed(experiment.id)

    @work(exclusive=True, group="deed")
    async def action_note(self) -> None:
        """Write a note in place of the one it has."""
        with self.told():
            experiment, services = await self.selected_experiment(), self.laboratory.services
            services.check_note(experiment)
            title = f"Note on {_short(experiment.name)}"
            ask = AskText(title, experiment.note, multiline=True, yes="Keep")
            note = await self.app.push_screen_wait(ask)
            if note is not None and note != experiment.note:
                await services.write_note(experiment, note)
                await self.changed(experiment.id)

    @work(exclusive=True, group="deed")
    async def action_export(self) -> None:
        """Write the design to a file."""
        with self.told():
            experiment = await self.selected_experiment()
            await export_design(self, self.laboratory.services.design_of(experiment))

    @work(exclusive=True, group="deed")
    async def action_delete(self) -> None:
        """Delete it with its runs, once the user agrees."""
        with self.told():
            experiment, services = await self.selected_experiment(), self.laboratory.services
            creators = await services.runs_to_delete(experiment, with_runs_of_others=True)
            runs = creators.total()
            others = ", ".join(
                f"{number} of {creator}"
                for creator, number in creators.most_common()
                if creator != services.settings.creator
            )
            loss = f"Others would lose runs: {others}. Ask them first. " if others else ""
            ask = Confirm(
                f"Delete {_short(experiment.name)} with {counted(runs, 'run')}?",
                f"{loss}This cannot be taken back.",
                "Delete theirs too" if others else "Delete",
            )
            if await self.app.push_screen_wait(ask):
                gone = await services.delete_experiment(
                    experiment, with_runs_of_others=bool(others)
                )
                self.tell(f"Deleted {_short(experiment.name)} and {counted(gone, 'run')}.")
                await self.changed(experiment.id)


def _short(name: str) -> str:
    return f"“{shortened(one_line(name), SHOWN_NAME)}”"


def _fault(name: str) -> str | None:
    return None if name.strip() else "An experiment needs a name."
