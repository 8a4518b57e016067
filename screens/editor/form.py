"""The design as a form, generated from the model of its kind."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from screens.editor.building import built
from screens.editor.nodes import Node
from screens.editor.sheet import Sheet
from simulator.files.design_text import Place
from simulator.presentation.safe_text import visible


class Form(VerticalScroll, Node, can_focus=False):
    """The top of the design; disabled while the text cannot be read."""

    def __init__(self, sheet: Sheet, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.sheet, self.above, self.part = sheet, None, ""
        self._inner: dict[str | int, Node] = {}
        self._model: type | None = None
        self._reason = Static("", id="form-reason", markup=False)
        self._said: str | None = None
        """The reason that is shown."""

    @property
    def inner(self) -> Mapping[str | int, Node]:
        """The fields."""
        return self._inner

    def compose(self) -> ComposeResult:
        """The fields of the kind."""
        yield self._reason
        yield from self._built()

    def on_mount(self) -> None:
        """Show whether it can be used."""
        self._show_reason()

    def _built(self) -> list[Widget]:
        kind = self.sheet.session.kind
        self._inner.clear()
        self._model = kind.design_type if kind is not None else None
        return list(built(self.sheet, self, kind.design_type, self._inner)) if kind else []

    async def show(self) -> None:
        """Show what the sheet has now; all anew when the kind is another."""
        kind = self.sheet.session.kind
        if (kind.design_type if kind is not None else None) is not self._model:
            await self.remove_children("*")
            self._reason, self._said = Static("", id="form-reason", markup=False), None
            await self.mount(self._reason, *self._built())
        self._show_reason()
        self.update_from_sheet()
        while self.sheet.mounting:
            await self.sheet.mounting.pop()

    def update_from_sheet(self) -> None:
        """Every field."""
        for node in self._inner.values():
            node.update_from_sheet()

    def _show_reason(self) -> None:
        session = self.sheet.session
        reason = ""
        if not session.text.is_readable:
            fault = session.text.faults[0]
            reason = (
                f"The file cannot be read at line {fault.line}: {fault.message}. "
                "The form shows its last readable state; mend the file, or undo (ctrl+z)."
            )
        elif session.kind is None:
            reason = "The form appears when `kind` names a kind of design: " + ", ".join(
                session.kinds
            )
        if reason != self._said:
            self._said = reason
            self._reason.update(visible(reason))
            self._reason.display = bool(reason)
        for node in self._inner.values():
            assert isinstance(node, Widget)
            node.disabled = not session.text.is_readable

    async def reveal(self, place: Place) -> bool:
        """Open what is closed around a place and put the focus there; False if it has none."""
        node: Node = self
        for part in place:
            await node.unfold()
            found = node.inner.get(part)
            if found is None:
                break
            node = found
        if node is self:
            return False
        node.take_focus()
        return True

    def node_of(self, widget: Widget | None) -> Node | None:
        """The part of the form that a widget is in."""
        for ancestor in widget.ancestors_with_self if widget is not None else ():
            if isinstance(ancestor, Node):
                return ancestor
        return None

    def take_focus(self) -> None:
        """On the first field."""
        for node in self._inner.values():
            node.take_focus()
            return
