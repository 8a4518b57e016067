"""The runs, a line for each; lines change in place while the runs go on."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widgets import DataTable

from screens.monitor.rows import COLUMNS, RunRow, levels_in_all


class RunList(DataTable[object]):
    """A table whose rows are runs."""

    def __init__(self) -> None:
        super().__init__(id="runs", cursor_type="row", zebra_stripes=False)
        self.border_title = "Runs"
        self.add_class("pane")
        self._shown: dict[str, RunRow] = {}
        self._same: set[str] = set()
        """Levels of factors that all runs have, so that no line needs them."""

    def on_mount(self) -> None:
        """Name the columns."""
        for title in COLUMNS:
            self.add_column(title, key=title or "state")

    @property
    def selected(self) -> str | None:
        """The run under the cursor."""
        if not self.row_count:
            return None
        return self.coordinate_to_cell_key(self.cursor_coordinate).row_key.value

    def select(self, run_id: str) -> bool:
        """Put the cursor on a run; whether it is there."""
        if run_id not in self._shown:
            return False
        self.move_cursor(row=self.get_row_index(run_id))
        return True

    def show(self, rows: Sequence[RunRow]) -> None:
        """Show these runs; only what changed is drawn again."""
        same = levels_in_all(rows)
        if [row.run_id for row in rows] != list(self._shown) or same != self._same:
            self._same = same
            self._rebuild(rows)
            return
        keys = [title or "state" for title in COLUMNS]
        for row in rows:
            before = self._shown[row.run_id]
            if row == before:
                continue
            for key, cell, old in zip(keys, row.cells(same), before.cells(same), strict=True):
                if cell != old:
                    self.update_cell(row.run_id, key, cell, update_width=True)
            self._shown[row.run_id] = row

    def _rebuild(self, rows: Sequence[RunRow]) -> None:
        selected = self.selected
        self._shown = {row.run_id: row for row in rows}
        with self.prevent(DataTable.RowHighlighted):
            self.clear()
            for row in rows:
                self.add_row(*row.cells(self._same), key=row.run_id)
            if selected is not None and selected in self._shown:
                self.move_cursor(row=self.get_row_index(selected), animate=False)
        if selected not in self._shown and rows:
            self.move_cursor(row=0, animate=False)
            self.post_message(DataTable.RowHighlighted(self, 0, self.ordered_rows[0].key))
