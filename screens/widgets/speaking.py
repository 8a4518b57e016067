"""What is being said in a run that this process plays, shown while it is said."""

from __future__ import annotations

from screens.widgets.transcript_view import TranscriptView
from simulator.live_run import LiveRun
from simulator.presentation.speaking import Speaking


class SpeakingFeed:
    """Keeps the turn in progress of a view up to date."""

    def __init__(self, view: TranscriptView) -> None:
        self._view = view
        self._speaking: Speaking | None = None
        self._pieces = 0

    def catch_up(self, live: LiveRun | None) -> None:
        """Show what is said now; None is nobody's run."""
        speaking = None if live is None or live.is_over else live.speaking
        if speaking is not self._speaking:
            self._speaking, self._pieces = speaking, 0
            if speaking is None:
                self._view.end_turn()
            else:
                self._view.begin_turn(speaking.speaker, speaking.role, speaking.day, speaking.scope)
        if speaking is not None and len(speaking.pieces) > self._pieces:
            self._view.stream("".join(speaking.pieces[self._pieces :]))
            self._pieces = len(speaking.pieces)
