"""An app that shows one screen, and notes where it asks to go instead of going there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from textual.message import Message
from textual.screen import Screen

from screens import messages
from screens.app import SimulatorApp
from screens.laboratory import Laboratory

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)

NAVIGATION = (
    messages.OpenExperiment, messages.NewDesign, messages.EditDesign, messages.DuplicateDesign,
    messages.ResumeDraft, messages.LaunchExperiment, messages.OpenMonitor,
    messages.OpenTranscript, messages.CompareRuns, messages.OpenAnalysis,
)  # fmt: skip


class Host(SimulatorApp):
    """The app with nothing in it but one screen."""

    def __init__(self, laboratory: Laboratory, screen: Screen[None]) -> None:
        super().__init__(laboratory)
        self._shown = screen
        self.asked: list[Message] = []

    def _areas(self) -> dict[str, Callable[[], Screen[None]]]:
        return dict.fromkeys(("experiments", "monitor", "models", "settings"), Screen)

    def on_mount(self) -> None:
        super().on_mount()
        self.push_screen(self._shown)

    async def _dispatch_message(self, message: Message) -> None:
        if isinstance(message, NAVIGATION):
            self.asked.append(message)
        else:
            await super()._dispatch_message(message)
