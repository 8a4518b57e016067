"""The panes of the editor, each showing the same session in its own way."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget

from screens.editor.diff_pane import DiffPane
from screens.editor.differences import difference, rebased
from screens.editor.form import Form
from screens.editor.pane_tabs import PANES
from screens.editor.preview_pane import PreviewPane
from screens.editor.problems import ProblemList
from screens.editor.session import Edit, Session
from screens.editor.sheet import Sheet
from screens.editor.stepper import Stepper
from screens.editor.yaml_area import YamlArea
from simulator.files.design_text import DesignFault, Place
from simulator.services import Services


class Panes(Horizontal):
    """On wide screens the form stands beside one of the others, on narrow ones one is seen.

    The classes `-at-…` and `-beside-…` say which; the style sheet does the rest.
    """

    def __init__(self, session: Session, services: Services) -> None:
        super().__init__(id="panes", classes="-at-form -beside-yaml")
        self._session = session
        self._services = services
        self.sheet = Sheet(session)
        self.at = "form"
        """The pane that has the keys."""
        self._beside = "yaml"
        """The one beside the form, where there is room."""
        self._base = session.text.text
        """The text that the file's pane goes on from."""
        self._taken = self._base
        """What the file's pane had when it was last set or read."""

    def compose(self) -> ComposeResult:
        """All of them."""
        made = {
            "form": Form(self.sheet, id="form"),
            "yaml": YamlArea(self._base, id="yaml"),
            "preview": PreviewPane(self._services, id="preview"),
            "diff": DiffPane(id="diff"),
            "problems": ProblemList(id="problems"),
        }
        for name, pane in made.items():
            pane.border_title = PANES[name]
            pane.set_classes("pane")
            yield pane

    def on_mount(self) -> None:
        """Show what is there."""
        self._show_others()

    @property
    def form(self) -> Form:
        """The design as a form."""
        return self.query_one(Form)

    @property
    def file(self) -> YamlArea:
        """The design as text."""
        return self.query_one(YamlArea)

    @property
    def preview(self) -> PreviewPane:
        """The prompts."""
        return self.query_one(PreviewPane)

    @property
    def diff(self) -> DiffPane:
        """The changes."""
        return self.query_one(DiffPane)

    # ------------------------------------------------------------ the text

    def typed(self) -> Edit:
        """The edit that takes over what is typed in the file's pane."""
        self._taken = self.file.text
        return self._session.typed(self._base, self._taken)

    @property
    def newest_text(self) -> str:
        """The text with what is typed in the file's pane and not worked in yet."""
        current = self._session.text.text
        if self._session.waits_at(()) or self.file.text != self._taken:
            return rebased(self._base, self.file.text, current)
        return current

    async def show(self) -> None:
        """Show the session as it is now, everywhere."""
        text = self.newest_text
        self._base = self._session.text.text
        self.file.show_text(text)
        if text == self._base:
            self._taken = text
        self.sheet.update()
        self._show_others()
        await self.form.show()

    def _show_others(self) -> None:
        session = self._session
        self.file.show_placeholders(self.sheet.placeholders(()))
        self.file.show_faults({fault.line for fault in session.faults})
        self.query_one(ProblemList).show(session.faults)
        self.preview.show(session.sound, is_current=session.design is not None)
        self.diff.show(session.sound)

    # ------------------------------------------------------------ going about

    def go(self, pane: str, *, with_focus: bool = True) -> None:
        """Show a pane, and give it the keys."""
        self.at = pane
        if pane != "form":
            self._beside = pane
        self.set_classes(f"-at-{pane} -beside-{self._beside}")
        if with_focus:
            self.call_after_refresh(self._focus_pane, pane)

    def _focus_pane(self, pane: str) -> None:
        widget = self.query_one(f"#{pane}")
        if widget.has_focus_within:
            return
        if pane == "form":
            self.form.take_focus()
        elif widget.focusable:
            widget.focus()
        else:
            inside: list[Widget] = [*widget.query(Stepper), *widget.query("VerticalScroll")]
            inside[0].focus()

    def pane_of(self, widget: Widget) -> str | None:
        """The pane that a widget is in."""
        for ancestor in widget.ancestors_with_self:
            if ancestor.parent is self and ancestor.id in PANES:
                return ancestor.id
        return None

    async def reveal(self, place: Place, line: int | None) -> None:
        """Go to a place in the form, or to its line where the form has none or cannot be used."""
        if self._session.text.is_readable and place:
            self.go("form", with_focus=False)
            if await self.form.reveal(place):
                return
        self.go("yaml")
        self.file.go_to(line or 1)

    async def go_to_next_problem(self) -> bool:
        """Go to the first problem after the text's cursor, or to the first; False without any."""
        faults = self._session.faults
        if not faults:
            return False
        line = self.file.cursor_location[0] + 1
        fault = next((one for one in faults if one.line > line), faults[0])
        await self.go_to_problem(fault)
        return True

    async def go_to_problem(self, fault: DesignFault, *, in_file: bool = False) -> None:
        """Go to the field of a problem, or to its line."""
        await self.reveal(() if in_file else fault.place, fault.line)
        self.file.go_to(fault.line, fault.column)

    async def go_to_other_side(self, focused: Widget | None) -> None:
        """From a field to its line, or from the text's line to its field."""
        text = self._session.text
        if self.at == "yaml":
            line = self.file.cursor_location[0] + 1
            await self.reveal(text.place_at(line), line)
            return
        node = self.form.node_of(focused)
        place = node.place if node is not None else ()
        while place and text.line(place) is None:
            place = place[:-1]
        self.go("yaml")
        self.file.go_to(text.line(place) or 1)

    async def go_to_change(self, before: str) -> None:
        """Show where the text differs from what it was."""
        text = self._session.text
        change = difference(before, text.text)
        if change is None:
            return
        line = text.text.count("\n", 0, change.start) + 1
        self.file.go_to(line)
        if self.at == "form":
            await self.reveal(text.place_at(line), line)
