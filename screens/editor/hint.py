"""The line at the bottom of the editor: a word on what is in focus."""

from __future__ import annotations

from textual.widget import Widget
from textual.widgets import Static

from screens.editor.entries import Entries
from screens.editor.groups import Group
from screens.editor.panes import Panes
from screens.editor.rows import Row
from screens.editor.session import Session
from simulator.presentation.safe_text import visible

_USUAL = {
    "form": "Enter opens and closes; alt+up and alt+down move an entry; F8 shows a field's line.",
    "yaml": "The form follows as you type; F8 goes to the field of this line; Tab indents.",
    "preview": "Left and right change how many agents there are, and the levels of factors.",
    "diff": "[-words-] are gone, {+words+} are new.",
    "problems": "Enter goes to the field, y to the line.",
}


class Hint(Static):
    """What a field means, or what is wrong with a line."""

    def __init__(self) -> None:
        super().__init__("", id="editor-hint", markup=False)

    def show(self, panes: Panes, session: Session, focused: Widget | None) -> None:
        """Say something on what is in focus."""
        words = ""
        if panes.at == "yaml":
            line = panes.file.cursor_location[0] + 1
            words = "  ".join(f"✗ {one.message}" for one in session.faults if one.line == line)
        elif isinstance(node := panes.form.node_of(focused), (Row, Group, Entries)):
            words = node.field.help or (node.field.label if isinstance(node, Row) else "")
        self.update(visible(words or _USUAL[panes.at]), layout=False)
