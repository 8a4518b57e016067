"""The last line: the keys of the screen, drawn anew only when others are to be shown."""

from __future__ import annotations

from textual.screen import Screen
from textual.widgets import Footer


class KeyLine(Footer):
    """A footer that costs nothing while the cursor goes from field to field."""

    def __init__(self) -> None:
        super().__init__(compact=True)
        self._shown: list[tuple[object, ...]] | None = None

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Show the keys that can be pressed now."""
        shown: list[tuple[object, ...]] = [
            (active.binding.key, active.binding.action, active.binding.description,
             active.enabled, active.tooltip)
            for active in screen.active_bindings.values()
            if active.binding.show
        ]  # fmt: skip
        if shown != self._shown or not self._bindings_ready:
            if screen.app.app_focus:
                self._shown = shown
            super().bindings_changed(screen)
