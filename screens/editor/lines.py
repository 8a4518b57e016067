"""A document whose lines end with a newline and with nothing else."""

from __future__ import annotations

from textual.document._document import Document, EditResult, Location


class Lines(Document):
    """Textual's own document ends lines at any of ten characters, and loses which one it was."""

    def __init__(self, text: str) -> None:
        super().__init__("")
        self._newline = "\n"
        self._lines = text.split("\n")

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Replace what stands between two locations."""
        top, bottom = sorted((start, end))
        replaced = self.get_text_range(top, bottom)
        before = self._piece(top[0])[: top[1]]
        after = self._piece(bottom[0])[bottom[1] :]
        lines = text.split("\n")
        lines[0] = before + lines[0]
        column = len(lines[-1])
        lines[-1] += after
        self._lines[top[0] : bottom[0] + 1] = lines
        return EditResult((top[0] + len(lines) - 1, column), replaced)

    def _piece(self, row: int) -> str:
        return self._lines[row] if row < len(self._lines) else ""
