"""All settings, group by group."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from screens.env_variables import env_file_shown
from screens.settings.variable_row import VariableRow
from screens.settings.variables import Variable

Groups = Sequence[tuple[str, Sequence[Variable]]]


class VariableList(VerticalScroll, can_focus=False):
    """Shows one group after another, once it is looked at, so that the first are there at once."""

    def __init__(self, groups: Callable[[], Groups], *, id: str) -> None:  # noqa: A002
        """Make one.

        Args:
            groups: Reads the settings as they are.
            id: Of the widget.
        """
        super().__init__(id=id, classes="variables")
        self._groups = groups
        self._is_filled = False

    def compose(self) -> ComposeResult:
        """Where they are kept."""
        yield Static(
            f"Saved settings go to {env_file_shown()} and hold from the next start on. "
            "Variables of the environment go before them.",
            classes="variable-about", markup=False,
        )  # fmt: skip

    def on_show(self) -> None:
        """Begin with the first group."""
        if not self._is_filled:
            self._is_filled = True
            self._fill()

    @work(exclusive=True, group="rows")
    async def _fill(self) -> None:
        for title, group in self._groups():
            rows = [VariableRow(variable) for variable in group]
            await self.mount(Static(title, classes="group"), *rows)

    def renew(self) -> None:
        """Show everything as it is set now."""
        now = {one.variable: one for _, group in self._groups() for one in group}
        for row in self.query(VariableRow):
            row.renew(now[row.variable.variable])
