"""The first line: the areas of the app, and who works where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static

from screens.laboratory import Laboratory
from simulator.presentation.safe_text import one_line
from simulator.redaction import masked_address

AREAS = {"experiments": "F2", "monitor": "F3", "models": "F4", "settings": "F5"}
"""The areas with their usual keys."""
REFRESH_S = 1.0


@dataclass
class GoTo(Message):
    """Show an area."""

    area: str


class AreaLink(Static):
    """Name of an area; a click goes there."""

    def __init__(self, area: str, *, is_here: bool) -> None:
        super().__init__(markup=False, classes="-here" if is_here else "")
        self._area = area
        self._shown_name = ""
        self.show(0, {})

    def show(self, live: int, keys: Mapping[str, str]) -> None:
        """Show key and name, with how many runs are being played.

        Args:
            live: How many are.
            keys: By the ids of bindings.
        """
        count = f" {live}" if live and self._area == "monitor" else ""
        key = keys.get(f"app.{self._area}", AREAS[self._area])
        name = f"{key} {self._area.capitalize()}{count}"
        if name != self._shown_name:
            self._shown_name = name
            self.update(Text(name))

    def on_click(self) -> None:
        """Go there."""
        self.post_message(GoTo(self._area))


class TopBar(Horizontal):
    """The areas to the left; user and store to the right."""

    DEFAULT_CSS = """
    TopBar { height: 1; background: $panel; }
    TopBar AreaLink { width: auto; padding: 0 1; color: $text-muted; }
    TopBar AreaLink:hover { text-style: underline; }
    TopBar AreaLink.-here { color: $text; text-style: bold reverse; }
    TopBar #where {
        width: 1fr; text-align: right; padding-right: 1; color: $text-muted;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    def __init__(self, laboratory: Laboratory, area: str) -> None:
        super().__init__()
        self._laboratory = laboratory
        self._area = area

    def compose(self) -> ComposeResult:
        """The links and the place."""
        for area in AREAS:
            yield AreaLink(area, is_here=area == self._area)
        yield Static(self._where(), id="where", markup=False)

    def on_mount(self) -> None:
        """Keep the number of runs."""
        self.count()
        self.set_interval(REFRESH_S, self.count)

    def count(self) -> None:
        """Show how many runs are being played now."""
        if not self.is_attached or not self.app.is_running:  # it is being closed
            return
        keys = {
            active.binding.id: self.app.get_key_display(active.binding).upper()
            for active in self.screen.active_bindings.values()
            if active.binding.id is not None
        }
        for link in self.query(AreaLink):
            link.show(self._laboratory.live.playing, keys)

    def _where(self) -> Text:
        settings = self._laboratory.services.settings
        address = masked_address(settings.store_url)
        place = address.rpartition("/")[2].partition("?")[0] or address
        kind = address.partition("://")[0] if "://" in address else "sqlite"
        return Text(one_line(f"{settings.creator} · {kind} {place}"))
