"""Write a design: as a form and as text at once, with its prompts, its changes and its problems."""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widgets import Input, TextArea

from screens.dialogs import Confirm
from screens.editor.areas import ProseArea
from screens.editor.drafting import Drafting
from screens.editor.drafts_dialog import DraftsDialog
from screens.editor.hint import Hint
from screens.editor.nodes import Edited
from screens.editor.pane_tabs import PANES, PaneChosen, PaneTabs
from screens.editor.panes import Panes
from screens.editor.problems import ProblemList
from screens.editor.saving import save
from screens.editor.session import Edit, Session
from screens.exporting import file_stem, write_where_asked
from screens.laboratory import Laboratory
from screens.messages import OpenExperiment
from screens.screen import LaboratoryScreen
from simulator.domain.designs import Design
from simulator.domain.placeholders import OffersPlaceholders
from simulator.domain.records import Experiment
from simulator.drafts import Drafts
from simulator.errors import SimulatorError
from simulator.files.design_text import DesignText
from simulator.presentation.wording import counted
from simulator.settings import default_drafts

TYPING_PAUSE_S = 0.12
"""Seconds after the last key until what is typed is worked into the text."""
DRAFT_PAUSE_S = 0.35
"""Seconds after the first key that no draft has until a draft is written."""


class EditorScreen(LaboratoryScreen):
    """A new design, an experiment edited in place, or a copy of one."""

    CSS_PATH = "screen.tcss"
    AREA = "experiments"
    HELP_PAGE = "editor"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="editor.save", priority=True,
                tooltip="Save in place, or as a new experiment"),
        Binding("f6", "next_pane(1)", "Pane", id="editor.next_pane", priority=True,
                tooltip="Go to the next pane: form, YAML, preview, diff, problems"),
        Binding("shift+f6", "next_pane(-1)", "Pane before", id="editor.pane_before", show=False,
                priority=True),
        Binding("f7", "next_problem", "Problem", id="editor.next_problem", priority=True,
                tooltip="Go to the next problem"),
        Binding("f8", "other_side", "Form/YAML", id="editor.other_side", priority=True,
                tooltip="Go from a field to its line, or from a line to its field"),
        Binding("ctrl+z", "undo", "Undo", id="editor.undo", priority=True),
        Binding("ctrl+y", "redo", "Redo", id="editor.redo", priority=True),
        Binding("alt+s", "save_copy", "Save a copy", id="editor.save_copy", show=False,
                priority=True, tooltip="Save as a new experiment, a copy of this one"),
        Binding("f9", "export", "Export", id="editor.export", show=False, priority=True,
                tooltip="Write the text to a file, comments and all"),
        Binding("escape", "leave", "Back", id="editor.leave",
                tooltip="Leave; what is not saved is kept as a draft"),
    ]  # fmt: skip

    def __init__(
        self,
        laboratory: Laboratory,
        text: str,
        *,
        experiment_id: str | None = None,
        parent_id: str | None = None,
        draft_id: str | None = None,
        drafts: Drafts | None = None,
        is_template: bool = False,
    ) -> None:
        """Edit a text.

        Args:
            laboratory: What it works with.
            text: YAML, sound or not.
            experiment_id: What is edited in place.
            parent_id: What it is to be a copy of.
            draft_id: The draft that the text comes from.
            drafts: Where drafts are kept; None is the user's own place.
            is_template: Whether its name is to be replaced by the first word that is typed.
        """
        super().__init__(laboratory)
        text = text.replace("\r\n", "\n")
        services = laboratory.services
        self.session = Session(text, services.kinds, time.monotonic)
        self._drafting = Drafting(
            laboratory, drafts or Drafts(default_drafts()), experiment_id, parent_id,
            None if draft_id else text, **({"draft_id": draft_id} if draft_id else {}),
        )  # fmt: skip
        self._is_draft = draft_id is not None
        self._is_template = is_template
        self._opened: Experiment | None = None
        self._began = asyncio.Event()
        """Set once it is known what is edited in place."""
        self._typing: Timer | None = None
        self._keeping: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """Tabs, panes, and a word on what is in focus."""
        yield PaneTabs()
        yield Panes(self.session, self.laboratory.services)
        yield Hint()

    def on_mount(self) -> None:
        """Begin in the form."""
        self._show_state()
        self.panes.go("form")
        self.query_one(PaneTabs).light("form")
        if self._is_template:
            self.call_after_refresh(self._select_name)
        self.begin()

    def _select_name(self) -> None:
        if isinstance(self.focused, Input):
            self.focused.select_all()

    @property
    def panes(self) -> Panes:
        """Form, text, and what is made of them."""
        return self.query_one(Panes)

    @work(group="beginning")
    async def begin(self) -> None:
        """Find what there is to compare with, and drafts that were left."""
        with self.told():
            self._opened = await self.laboratory.services.experiment_or_none(
                self._drafting.experiment_id
            )
            self._began.set()
            await self.panes.diff.offer(await self._origins())
            await self._offer_drafts()
        await asyncio.to_thread(self._warm_up)

    async def _origins(self) -> dict[str, Design]:
        services, drafting = self.laboratory.services, self._drafting
        found: dict[str, Design] = {}
        parent_id = self._opened.parent_id if self._opened else drafting.parent_id
        parent = await services.experiment_or_none(parent_id)
        for name, experiment in (("it was saved", self._opened), ("it was copied", parent)):
            if experiment is not None:
                found[name] = services.design_of(experiment)
        if not found and self.session.text.design is not None:
            found["it was opened"] = self.session.text.design
        return found

    async def _offer_drafts(self) -> None:
        left = [] if self._is_draft else self._drafting.others()
        if not left:
            return
        dialog = DraftsDialog(self._drafting.drafts, left, self.laboratory.now())
        draft = await self.app.push_screen_wait(dialog)
        if draft is not None:
            kinds, text = self.session.kinds, draft.text
            self._drafting.draft_id = draft.id
            await self._make(Edit((), lambda _: DesignText(text, kinds), "the draft"))

    def _warm_up(self) -> None:
        """The first list of placeholders takes seconds, as it loads a grammar."""
        kind = self.session.kind
        if isinstance(kind, OffersPlaceholders):
            placeholders = kind.placeholders(self.panes.sheet.written, ())
            if placeholders is not None:
                placeholders.completions("<")

    # ------------------------------------------------------------ edits

    @on(Edited)
    def _edited(self, event: Edited) -> None:
        event.stop()
        self._soon(event.edit)

    @on(ProseArea.Typed, "#yaml")
    def _typed(self, event: ProseArea.Typed) -> None:
        event.stop()
        self._add(self.panes.typed())

    def _add(self, edit: Edit) -> None:
        self.session.add(edit)
        self._soon(edit)

    def _soon(self, edit: Edit) -> None:
        if self._typing is not None:
            self._typing.stop()
        if edit.is_typed:
            self._typing = self.set_timer(TYPING_PAUSE_S, self.settle_soon)
        else:
            self.settle_soon()
        if self._keeping is None:
            self._keeping = self.set_timer(DRAFT_PAUSE_S, self._keep_draft)

    @work(group="settling")
    async def settle_soon(self) -> None:
        """Work in what waits, and show it."""
        await self.settle()

    async def settle(self) -> None:
        """Work in what waits, and show it; all of it is in the text when this returns."""
        with self.told():
            await self.session.settle(self._heard)

    async def _make(self, edit: Edit) -> None:
        self._add(edit)
        await self.settle()

    async def _heard(self, edit: Edit, error: SimulatorError | None) -> None:
        if error is not None and not edit.is_typed:
            self.tell_error(error)
            return
        before = self.panes.file.text
        await self.panes.show()
        self._show_state()
        self._show_hint()
        if edit.focus is not None:
            await self.panes.form.reveal(edit.focus)
        elif edit.step:
            await self.panes.go_to_change(before)

    def _keep_draft(self) -> None:
        self._keeping = None
        with self.told():
            self._drafting.keep(self.panes.newest_text)

    def action_undo(self) -> None:
        """Back to what was before the last edit, in the form or in the text."""
        self._add(Edit((), _unchanged, step=-1))

    def action_redo(self) -> None:
        """Forth again."""
        self._add(Edit((), _unchanged, step=1))

    # ------------------------------------------------------------ what is shown

    def _show_state(self) -> None:
        name = self.session.readable.value(("name",))
        changed = self._drafting.is_changed(self.session.text.text)
        self.query_one(PaneTabs).show(
            name if isinstance(name, str) else "without a name",
            "not saved" if changed else "saved" if self._drafting.experiment_id else "new",
            len(self.session.faults),
        )

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say what the focus is on, and mark its pane."""
        pane = self.panes.pane_of(event.widget)
        if pane is None:
            return
        if pane != self.panes.at:
            self.panes.go(pane, with_focus=False)
        self.query_one(PaneTabs).light(pane)
        self._show_hint()

    @on(TextArea.SelectionChanged, "#yaml")
    def _show_hint(self) -> None:
        self.query_one(Hint).show(self.panes, self.session, self.focused)

    # ------------------------------------------------------------ going about

    @on(PaneChosen)
    def _pane_chosen(self, event: PaneChosen) -> None:
        self.panes.go(event.pane)

    def action_next_pane(self, by: int) -> None:
        """Go to another pane, round and round."""
        names = list(PANES)
        self.panes.go(names[(names.index(self.panes.at) + by) % len(names)])

    @on(ProblemList.Chosen)
    async def _problem_chosen(self, event: ProblemList.Chosen) -> None:
        await self.panes.go_to_problem(event.fault, in_file=event.in_file)

    async def action_next_problem(self) -> None:
        """Go to the first problem after the line that the text's cursor is on, or to the first."""
        if not await self.panes.go_to_next_problem():
            self.tell("There are no problems.")

    async def action_other_side(self) -> None:
        """From a field to its line, or from a line to its field."""
        await self.panes.go_to_other_side(self.focused)

    # ------------------------------------------------------------ keeping

    def action_save(self) -> None:
        """Save in place, or as a new experiment."""
        self.save()

    def action_save_copy(self) -> None:
        """Save as a new experiment, a copy of this one."""
        self.save(as_copy=True)

    @work(exclusive=True, group="saving")
    async def save(self, *, as_copy: bool = False) -> None:
        """Save, once everything that was typed is worked in and nothing is wrong with it."""
        with self.told():
            await self._began.wait()
            await self.settle()
            design, text = self.session.design, self.session.text.text
            if design is None:
                problems = counted(len(self.session.faults), "problem")
                self.tell(f"{problems} to mend before it can be saved.", severity="warning")
                await self.panes.go_to_next_problem()
                return
            experiment = await save(
                self.laboratory.services, design, self._opened,
                parent_id=self._drafting.parent_id, as_copy=as_copy, agrees=self._agrees,
            )  # fmt: skip
            if experiment is None:
                return
            self._opened = experiment
            self._drafting.saved(text, experiment.id)
            self._show_state()
            self.tell(f"Saved {experiment.name!r}.")
            self.post_message(OpenExperiment(experiment.id))

    async def _agrees(self, question: str, detail: str) -> bool:
        asked = Confirm(question, detail, yes="Save", is_dangerous=False)
        return await self.app.push_screen_wait(asked) is True

    @work(exclusive=True, group="exporting")
    async def action_export(self) -> None:
        """Write the text to a file, as it stands, comments and all."""
        with self.told():
            await self.settle()
            text, name = self.session.text.text, self.session.readable.value(("name",))
            file = f"{file_stem(name if isinstance(name, str) else '')}.yaml"
            await write_where_asked(self, "Write the text to which file?", file, lambda: text)

    def action_leave(self) -> None:
        """Leave; what is not saved stays as a draft."""
        with self.told():
            if self._finish():
                self.app.notify(
                    "What is not saved is kept as a draft; open the editor again to go on.",
                    markup=False,
                )
            self.dismiss(None)

    def on_unmount(self) -> None:
        """Whatever closes the screen, nothing typed is lost."""
        with self.told():
            self._finish()

    def _finish(self) -> bool:
        """Work in and keep what is typed; whether that is a draft now."""
        for timer in (self._typing, self._keeping):
            if timer is not None:
                timer.stop()
        self.session.settle_now()
        return self._drafting.keep(self.session.text.text) is not None


def _unchanged(text: DesignText) -> DesignText:
    return text
