"""The command palette: every action of the screen in front, and every place to go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from textual.app import App
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.screen import Screen

from screens.preferences import load_preferences, save_preferences
from screens.themes import THEMES
from screens.widgets.top_bar import AREAS, GoTo
from simulator.errors import SimulatorError
from simulator.presentation.safe_text import visible

Act = Callable[[], object]


class LaboratoryCommands(Provider):
    """Finds actions by words."""

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for title, help_text, act in self._commands():
            yield DiscoveryHit(title, act, help=help_text)

    async def search(self, query: str) -> Hits:
        """What fits the words."""
        matcher = self.matcher(query)
        for title, help_text, act in self._commands():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), act, help=help_text)

    def _commands(self) -> Iterator[tuple[str, str, Act]]:
        for active in self.screen.active_bindings.values():
            binding = active.binding
            is_of_place = binding.show or isinstance(active.node, (Screen, App))
            if binding.description and active.enabled and not binding.system and is_of_place:
                run = partial(self.app.run_action, binding.action, default_namespace=active.node)
                key = self.app.get_key_display(binding)
                yield f"{binding.description} ({key})", binding.tooltip or "", run
        for area in AREAS:
            yield f"Go to {area}", "", partial(self.app.post_message, GoTo(area))
        for theme, name in THEMES.items():
            yield f"Theme: {name}", "", partial(self._prefer_theme, theme)

    def _prefer_theme(self, theme: str) -> None:
        """Look like that from now on."""
        self.app.theme = theme
        preferences, _ = load_preferences()
        try:
            save_preferences(replace(preferences, theme=theme))
        except SimulatorError as error:
            told = visible(f"{error.message} {error.remedy or ''}")
            self.app.notify(told, severity="error", markup=False)
