"""Stop strings, applied to a stream."""

from __future__ import annotations

from collections.abc import Sequence


class StopCutter:
    """Ends a reply before the first stop string in it, however the stream is cut into pieces."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._longest = max(map(len, self._stops), default=0)
        self._held = ""
        self.stopped = False
        """Whether a stop string was met; nothing follows."""

    def feed(self, piece: str) -> str:
        """What can be said now: all but the characters that may begin a stop string."""
        if self.stopped or not self._stops:
            return "" if self.stopped else piece
        text = self._held + piece
        places = [place for stop in self._stops if (place := text.find(stop)) >= 0]
        if places:
            self.stopped = True
            self._held = ""
            return text[: min(places)]
        kept = self._beginning(text)
        self._held = text[len(text) - kept :]
        return text[: len(text) - kept]

    def rest(self) -> str:
        """What was held back, once nothing more comes."""
        held, self._held = self._held, ""
        return held

    def _beginning(self, text: str) -> int:
        """How many characters at the end may begin a stop string, at most."""
        for length in range(min(self._longest - 1, len(text)), 0, -1):
            end = text[-length:]
            if any(stop.startswith(end) for stop in self._stops):
                return length
        return 0
