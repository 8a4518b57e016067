"""The screen at the bottom of each area, made when the area is first shown."""

from __future__ import annotations

from collections.abc import Callable

from textual.screen import Screen

from screens.laboratory import Laboratory


def load_screens() -> None:
    """Import every screen, so that none is slow to open the first time; for a thread."""
    import screens.analysis.screen
    import screens.compare.screen
    import screens.editor.screen
    import screens.launch.screen
    import screens.models.screen
    import screens.monitor.screen
    import screens.settings.screen
    import screens.transcript.screen  # noqa: F401


def area_screens(laboratory: Laboratory) -> dict[str, Callable[[], Screen[None]]]:
    """What makes the screen of each area, by the areas' names."""

    def experiments() -> Screen[None]:
        from screens.home.screen import HomeScreen

        return HomeScreen(laboratory)

    def monitor() -> Screen[None]:
        from screens.monitor.screen import MonitorScreen

        return MonitorScreen(laboratory)

    def models() -> Screen[None]:
        from screens.models.screen import ModelsScreen

        return ModelsScreen(laboratory)

    def settings() -> Screen[None]:
        from screens.settings.screen import SettingsScreen

        return SettingsScreen(laboratory)

    return {
        "experiments": experiments, "monitor": monitor, "models": models, "settings": settings,
    }  # fmt: skip
