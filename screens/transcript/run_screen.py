"""What the parts of the transcript screen share: the run and its messages."""

from __future__ import annotations

from screens.screen import LaboratoryScreen
from screens.transcript.reading import Reading
from screens.widgets.transcript_view import TranscriptView
from simulator.errors import UsageError


class RunScreen(LaboratoryScreen):
    """A screen on one run."""

    reading: Reading | None = None
    """The run; None until it is read."""

    @property
    def view(self) -> TranscriptView:
        """The messages."""
        return self.query_one(TranscriptView)

    def read_run(self) -> Reading:
        """The run. Raises UsageError while it is not read."""
        if self.reading is None:
            raise UsageError("The run is not read yet.", remedy="Wait for it, or go back.")
        return self.reading

    async def refresh_run(self) -> None:
        """See what has become of the run."""
        raise NotImplementedError
