"""How the state of a run is shown: a mark, which never stands without the word for long."""

from __future__ import annotations

_MARKS = {
    "playing": "▶", "paused": "‖", "waiting": "…", "asks": "?", "queued": "…", "running": "▶",
    "completed": "✓", "failed": "✗", "cancelled": "■", "abandoned": "!", "elsewhere": "»",
}  # fmt: skip


def mark_of(state: str) -> str:
    """One character for a state."""
    return _MARKS.get(state, "?")


def state_text(state: str) -> str:
    """A state with its mark, such as `▶ playing`."""
    return f"{mark_of(state)} {state}"
