"""Compare two runs, message by message."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from screens.compare.copying import comparison_text, pair_text
from screens.compare.pair_list import PairList
from screens.compare.pairing import Pair, kinship, pairs
from screens.laboratory import Laboratory
from screens.messages import OpenTranscript
from screens.screen import LaboratoryScreen
from screens.transcript.copying import told
from simulator.domain.records import Run
from simulator.errors import SimulatorError
from simulator.presentation.notices import short_id
from simulator.presentation.orderings import ordering_of
from simulator.presentation.plans import models_text
from simulator.presentation.safe_text import one_line, visible
from simulator.presentation.wording import counted

NOTHING = "Nothing was said in either run yet.\n\nctrl+r reads them again."
ALIKE = "The runs say the same."


class CompareScreen(LaboratoryScreen):
    """Two runs side by side, at their first difference."""

    CSS_PATH = "screen.tcss"
    AREA = "experiments"
    HELP_PAGE = "compare"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "only_differences", "Only ≠", id="compare.only",
                tooltip="Show only what differs, or everything"),
        Binding("1", "open(0)", "Left", id="compare.left", tooltip="Read the left run"),
        Binding("2", "open(1)", "Right", id="compare.right", tooltip="Read the right run"),
        Binding("y", "copy", "Copy", id="compare.copy", tooltip="Copy both messages"),
        Binding("Y", "copy_all", "Copy all", show=False, id="compare.copy_all",
                tooltip="Copy what is shown of both runs"),
        Binding("ctrl+r", "read_again", "Read again", show=False, id="compare.read",
                tooltip="See what has come to the runs since"),
        Binding("escape", "back", "Back", show=False, id="compare.back"),
    ]  # fmt: skip

    def __init__(self, laboratory: Laboratory, left_id: str, right_id: str) -> None:
        super().__init__(laboratory)
        self._ids = (left_id, right_id)
        self._runs: tuple[Run, Run] | None = None
        self._pairs: list[Pair] = []
        self._has_only_differences = False

    def compose_body(self) -> ComposeResult:
        """Facts of both, how they belong together, the pairs."""
        yield Static("Reading …", id="sides", markup=False)
        yield Static("", id="kinship", markup=False)
        yield PairList()

    def on_mount(self) -> None:
        """Read at once."""
        self._list.focus()
        self.read()

    @property
    def _list(self) -> PairList:
        return self.query_one(PairList)

    # ------------------------------------------------------------ reading

    @work(exclusive=True, group="read", exit_on_error=False)
    async def read(self) -> None:
        """Read both runs."""
        store = self.laboratory.services.store
        with self.told():
            try:
                left, right = [await store.run(run_id) for run_id in self._ids]
                await self._show_sides(left, right)
                self._pairs = pairs(
                    await store.steps(left.id), await store.steps(right.id),
                    ordering_of(left.kind, None),
                )  # fmt: skip
            except SimulatorError as error:
                self._list.empty = visible(
                    f"{error.message}\n{error.remedy or ''}\nctrl+r tries again."
                )
                self._list.show([], (), ())
                self.query_one("#sides", Static).update("The runs could not be read.")
                raise
            self._runs = (left, right)
            self._show_pairs()

    async def _show_sides(self, left: Run, right: Run) -> None:
        ids = (left.experiment_id, right.experiment_id)
        names = await self.laboratory.services.experiment_names(ids)
        lines: list[str] = []
        for side, run in (("left", left), ("right", right)):
            facts = [names[run.experiment_id], short_id(run.id), run.status]
            facts += [models_text(run.agents), f"seed {run.seed}", run.creator]
            lines.append(one_line(f"{side}: {' · '.join(facts)}"))
        self.query_one("#sides", Static).update(Text("\n".join(lines)))

    def _show_pairs(self) -> None:
        assert self._runs is not None
        left, right = self._runs
        shown = [pair for pair in self._pairs if not (self._has_only_differences and pair.is_same)]
        self._list.empty = ALIKE if self._pairs else NOTHING
        self._list.show(shown, left.agents, right.agents, ordering_of(left.kind, None))
        self._tell_place()

    @on(PairList.Moved)
    def _tell_place(self) -> None:
        if self._runs is None:
            return
        view, found = self._list, [pair for pair in self._pairs if not pair.is_same]
        parts = [kinship(*self._runs, self._pairs)]
        if not found:
            parts.append("= the same throughout" if self._pairs else "")
        else:
            place = f"{view.difference} of " if view.difference else ""
            first = found[0].either.position
            parts.append(f"≠ {place}{counted(len(found), 'difference')}, the first at {first}")
        self.query_one("#kinship", Static).update(one_line(" · ".join(filter(None, parts))))

    # ------------------------------------------------------------ actions

    def action_only_differences(self) -> None:
        """Show only what differs, or everything."""
        self._has_only_differences = not self._has_only_differences
        if self._runs is not None:
            self._show_pairs()

    def action_read_again(self) -> None:
        """Read both runs anew."""
        self.read()

    def action_open(self, side: int) -> None:
        """Read one of the runs."""
        self.post_message(OpenTranscript(self._ids[side]))

    def action_copy(self) -> None:
        """Copy the pair under the cursor."""
        view = self._list
        if not view.rows:
            self.tell("There is no message to copy.", severity="warning")
            return
        pair = view.rows[view.cursor].pair
        self._copy(f"message {pair.either.position} of both runs", pair_text(pair))

    @work(exclusive=True, group="copy")
    async def action_copy_all(self) -> None:
        """Copy all pairs that are shown."""
        shown = [row.pair for row in self._list.rows]
        text = await asyncio.to_thread(comparison_text, shown)
        self._copy(counted(len(shown), "pair"), text)

    def _copy(self, what: str, text: str) -> None:
        self.app.copy_to_clipboard(text)
        self.tell(told(what, text))

    def action_back(self) -> None:
        """Leave."""
        if len(self.app.screen_stack) > 1:
            self.dismiss()
