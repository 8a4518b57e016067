"""The list, searched and sorted, and the experiment under the cursor beside it."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import OptionList, Static

from screens.dialogs import Pick
from screens.home.detail_pane import DetailPane
from screens.home.details import Details, read_details
from screens.home.empty_shelf import EmptyShelf
from screens.home.experiment_table import ExperimentTable
from screens.home.filter_bar import FilterBar
from screens.home.listing import ORDERS, Order, arranged
from screens.home.offers import read_offers
from screens.home.reading import Reading
from screens.home.run_table import RunTable
from screens.laboratory import Laboratory
from simulator.errors import NotFoundError, SimulatorError, UsageError
from simulator.presentation.safe_text import visible

REST_S = 0.08
"""How long the cursor rests on an experiment before it is read."""
NOTHING_LIKE_IT = "No experiment is like that. Escape clears the search and the filters."


class Browsing(Reading):
    """What is on the screen, without what is done with it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", key_display="/", id="home.search", show=False,
                tooltip="List those with these words in name, note, creator or id"),
        Binding("f", "filter", "Filter", id="home.filter", show=False,
                tooltip="List those of a kind, creator or model, favourites, with or without runs"),
        Binding("o", "starred", "Only favourites", id="home.starred", show=False,
                tooltip="List your favourites only, or all again"),
        Binding("s", "sort", "Sort", id="home.sort", show=False,
                tooltip="Choose the order; a click on a column's title does too"),
        Binding("v", "toggle_pane", "Details", id="home.pane",
                tooltip="Show the design and the runs, or the list again"),
        Binding("p,g", "parent", "Go to original", id="home.parent", show=False,
                tooltip="Go to what the experiment was copied from"),
        Binding("r", "refresh", "Refresh", id="home.refresh", show=False,
                tooltip="Read everything again"),
        Binding("escape", "back", "Back", id="home.back", show=False,
                tooltip="Back to the list; there, clear search and filters"),
    ]  # fmt: skip

    def __init__(self, laboratory: Laboratory) -> None:
        super().__init__(laboratory)
        self._order: Order = "newest"
        self._is_reversed = False
        self._resting: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """Filters, list and pane; or a word in their place."""
        yield Static("", id="note", classes="empty", markup=False)
        yield EmptyShelf()
        yield FilterBar()
        with Horizontal(id="panes"):
            with Vertical(id="listed"):
                yield ExperimentTable()
                yield Static(NOTHING_LIKE_IT, id="none", classes="empty", markup=False)
            yield DetailPane()

    def on_mount(self) -> None:
        """Show nothing yet."""
        self._say_instead("Reading …")
        self.query_one("#none").display = False

    def on_descendant_focus(self) -> None:
        """Remember what is in focus, which stays in view where there is no room for both."""
        if not self.has_class("-narrow"):
            self.query_one("#panes").set_class(self.pane.has_focus_within, "-reading")

    # ------------------------------------------------------------ what is on the screen

    @property
    def table(self) -> ExperimentTable:
        """The list."""
        return self.query_one(ExperimentTable)

    @property
    def pane(self) -> DetailPane:
        """The experiment under the cursor."""
        return self.query_one(DetailPane)

    @property
    def run_table(self) -> RunTable:
        """Its runs."""
        return self.query_one(RunTable)

    @property
    def bar(self) -> FilterBar:
        """What to list."""
        return self.query_one(FilterBar)

    def selected_id(self) -> str:
        """Id of the experiment under the cursor. Raises UsageError when there is none."""
        selected = self.table.selected
        if selected is None:
            raise UsageError("There is no experiment under the cursor.", remedy="n makes one.")
        return selected

    def _show_only(self, *places: str) -> None:
        for place in ("#note", "#empty", "#filters", "#panes"):
            self.query_one(place).display = place in places

    async def list_again(self) -> None:
        """See `Reading`."""
        if not self.shelf.entries:
            self.fill()
            shelf = self.query_one(EmptyShelf)
            if not shelf.display:
                shelf.offer(await read_offers(self.laboratory))
                self._show_only("#empty")
                shelf.query_one(OptionList).focus()
            return
        if not self.query_one("#panes").display:
            self._show_only("#filters", "#panes")
            self.table.focus()
        self.bar.offer(self.shelf.entries.values())
        self.fill()
        self._look_at_details()

    def show_problem(self, error: SimulatorError) -> None:
        """See `Reading`."""
        if self.is_read:
            self.log.warning(error.message)
            self.bar.say("not up to date: the store does not answer")
        else:
            self._say_instead(f"{error.message}\n\n{error.remedy or ''}\n\nr tries again.")

    def _say_instead(self, words: str) -> None:
        """Say something in the place of the list."""
        self.query_one("#note", Static).update(visible(words))
        self._show_only("#note")

    # ------------------------------------------------------------ the list

    def fill(self, *, is_other: bool = False) -> None:
        """List what is asked for, in its order.

        Args:
            is_other: Whether something else is asked for than before; then the cursor goes to the
                top, unless its experiment is among it.
        """
        entries = self.shelf.entries
        lines = arranged(
            entries.values(), self.bar.filters, self._order, is_reversed=self._is_reversed
        )
        if self.wanted in entries and all(line.entry.id != self.wanted for line in lines):
            self.bar.action_reset()
            return
        turned = ", turned around" if self._is_reversed else ""
        of = f"{len(entries):,}" if self.is_read else "…"
        self.bar.say(f"{len(lines):,} of {of} · {ORDERS[self._order]}{turned}")
        self.query_one("#none").display = not lines
        if not lines:
            self.pane.show_nothing()
        self.table.entitle(self._order, is_reversed=self._is_reversed)
        selected = self.table.selected
        self.table.show(lines, self.laboratory.now())
        if is_other and self.table.selected != selected:
            self.table.move_to(0)
        if self.wanted is not None and self.table.select(self.wanted):
            self.wanted = None

    @on(FilterBar.Changed)
    def _filters_changed(self) -> None:
        self.fill(is_other=True)

    @on(FilterBar.Left)
    def _filters_left(self) -> None:
        self.table.focus()

    def action_search(self) -> None:
        """Type words."""
        self.bar.search()

    def action_filter(self) -> None:
        """Choose what to list."""
        self.bar.choose()

    def action_starred(self) -> None:
        """List favourites only, or no longer."""
        self.bar.toggle_starred()

    @work(exclusive=True, group="deed")
    async def action_sort(self) -> None:
        """Choose the order."""
        offered = [(shown, name) for name, shown in ORDERS.items()]
        chosen: Any = await self.app.push_screen_wait(Pick("In which order?", offered))
        if chosen is not None:
            self.sort(chosen)

    @on(ExperimentTable.TitleClicked)
    def _title_clicked(self, event: ExperimentTable.TitleClicked) -> None:
        self.sort(event.order)

    def sort(self, order: Order) -> None:
        """List in an order; a second time, turned around."""
        self._is_reversed = order == self._order and not self._is_reversed
        self._order = order
        self.fill()

    def action_refresh(self) -> None:
        """Read everything."""
        if self.is_read:
            self.read_selected()
        else:
            self._say_instead("Reading …")
        self.read_again()

    # ------------------------------------------------------------ the experiment under the cursor

    @on(ExperimentTable.Moved)
    def _moved(self) -> None:
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST_S, self._rested)

    def _rested(self) -> None:
        details = self.pane.details
        if self.table.selected != (None if details is None else details.experiment.id):
            self.read_selected()

    def _look_at_details(self) -> None:
        """Read the experiment in the pane again where its runs go on."""
        details = self.pane.details
        if details is not None:
            entry = self.shelf.entries.get(details.experiment.id)
            if entry is None or entry.runs != details.runs_total or not details.is_at_rest:
                self.read_selected()

    @work(exclusive=True, group="details", exit_on_error=False)
    async def read_selected(self) -> None:
        """Read the experiment under the cursor, and show it."""
        await self.show_selected()

    async def show_selected(self) -> Details | None:
        """Read and show it; None when that cannot be done."""
        selected = self.table.selected
        if selected is None:
            self.pane.show_nothing()
            return None
        services = self.laboratory.services
        try:
            details = await read_details(services, selected)
        except NotFoundError:
            self.pane.show_nothing("It was deleted by somebody.")
            self.shelf.drop(selected)
            self.fill()
            return None
        except SimulatorError as error:
            self.pane.show_nothing(f"{error.message} {error.remedy or ''}")
            return None
        if self.table.selected == selected:
            self.pane.show(details, services.settings.creator, self.laboratory.now())
        return details

    @on(ExperimentTable.Chosen)
    @work(exclusive=True, group="deed")
    async def _opened(self) -> None:
        """Go to the runs of the experiment under the cursor, or to its design."""
        details = await self.show_selected()
        self._show_pane(True)
        has_runs = details is not None and bool(details.runs)
        (self.run_table if has_runs else self.query_one("#texts")).focus()

    def action_toggle_pane(self) -> None:
        """Show the pane, or the list again."""
        is_narrow = self.has_class("-narrow")
        self._show_pane(not self.pane.display)
        if self.pane.display and is_narrow:
            self.query_one("#texts").focus()

    def _show_pane(self, shown: bool) -> None:
        """Show the pane; where there is little room, in the place of the list."""
        if self.has_class("-narrow"):
            self.query_one("#panes").set_class(shown, "-reading")
        else:
            self.query_one("#panes").set_class(not shown, "-alone")
        if not shown:
            self.table.focus()

    def action_back(self) -> None:
        """Back to the list; there, list everything."""
        if self.pane.has_focus_within:
            if self.has_class("-narrow"):
                self._show_pane(False)
            self.table.focus()
        else:
            self.bar.action_reset()

    def action_parent(self) -> None:
        """Go to what the experiment was copied from."""
        with self.told():
            entry = self.shelf.entries[self.selected_id()]
            if entry.parent_id is None:
                raise UsageError("It was not copied from another one.", remedy="d makes a copy.")
            if entry.parent_id not in self.shelf.entries:
                raise NotFoundError(
                    "What it was copied from is not in this store any more.",
                    remedy="r reads everything again.",
                )
            self.wanted = entry.parent_id
            self.fill()
