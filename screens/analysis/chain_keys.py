"""What keys do where chains are shown."""

from __future__ import annotations

from textual import on
from textual.binding import Binding

from screens.analysis.chain_filters import ChainFilters
from screens.analysis.chain_tables import ChainTables
from screens.analysis.chains import ChainPane
from screens.screen import LaboratoryScreen

CHAIN_KEYS = (
    Binding("f", "filter", "Filter", id="analysis.filter",
            tooltip="Choose chains by model, task and text"),
    Binding("a", "all_chains", "All", id="analysis.all_chains",
            tooltip="Show chains of all models, tasks and texts"),
    Binding("t", "tables", "Tables", id="analysis.tables", show=False,
            tooltip="Hide the tables of chains, or show them again"),
)  # fmt: skip
CHAIN_ACTIONS = frozenset(binding.action for binding in CHAIN_KEYS)


class ChainKeys(LaboratoryScreen):
    """A screen with a pane of chains."""

    def offers(self, action: str) -> bool:
        """Whether one of the keys of chains does anything now."""
        filters = self.query_one(ChainPane).filters
        if action == "all_chains":
            return not filters.sieve.is_open
        return action != "filter" or filters.display

    def action_filter(self) -> None:
        """Open the next list of models, tasks or texts."""
        self.query_one(ChainPane).filters.next()

    def action_all_chains(self) -> None:
        """Show all chains."""
        self.query_one(ChainPane).filters.clear()

    def action_tables(self) -> None:
        """Leave the room to the plot, or not."""
        tables = self.query_one(ChainTables)
        tables.display = not tables.display

    @on(ChainFilters.Offered)
    def _filters_offered(self) -> None:
        self.refresh_bindings()
