"""The command palette: every action of the screen in front, and every place to go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from screens.themes import THEMES
from screens.widgets.top_bar import AREAS, GoTo

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
            if binding.description and active.enabled and not binding.system:
                run = partial(self.app.run_action, binding.action, default_namespace=active.node)
                key = self.app.get_key_display(binding)
                yield f"{binding.description} ({key})", binding.tooltip or "", run
        for area in AREAS:
            yield f"Go to {area}", "", partial(self.app.post_message, GoTo(area))
        for theme, name in THEMES.items():
            yield f"Theme: {name}", "", partial(setattr, self.app, "theme", theme)
