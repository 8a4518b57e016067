"""Stop strings, applied to a stream."""

from __future__ import annotations

from collections.abc import Sequence


class StopCutter:
    """Ends a reply before the first stop string in it, however the stream is cut into pieces."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stops)
        self._longest = max(map(len, self._stops), default=0)
        self._held = ""
        self.stopped = False
        """Whether a stop string was met; nothing follows."""

    def feed(self, piece: str) -> str:
        """What can be said now: all but the characters that may begin a stop string."""
        if self.stopped:
            return ""
        if not self._stops:
            return piece
        text = self._held + piece
        return self._cut(text, self._open(text))

    def rest(self) -> str:
        """What was held back and can be said once nothing more comes."""
        return self._cut(self._held, len(self._held))

    def _cut(self, text: str, safe: int) -> str:
        """The text before its first stop string, or else its safe beginning."""
        places = [place for stop in self._stops if (place := text.find(stop)) >= 0]
        if places and min(places) <= safe:
            self.stopped = True
            self._held = ""
            return text[: min(places)]
        self._held = text[safe:]
        return text[:safe]

    def _open(self, text: str) -> int:
        """Where the longest ending of the text begins that may be a stop string's beginning."""
        for place in range(max(0, len(text) - self._longest + 1), len(text)):
            if any(stop.startswith(text[place:]) for stop in self._stops):
                return place
        return len(text)
