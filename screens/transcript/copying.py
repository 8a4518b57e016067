"""Transcripts as plain text, for the clipboard."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.domain.journal import Step

LARGE = 70_000
"""Characters from which many terminals refuse what they are given for the clipboard."""


def plain_text(steps: Iterable[Step]) -> str:
    """Messages one after another, each day under a heading."""
    parts: list[str] = []
    day: int | None = None
    for step in steps:
        if step.day is not None and step.day != day:
            day = step.day
            parts.append(f"Day {day}")
        parts.append(f"{step.speaker}: {step.content}")
    return "\n\n".join(parts)


def told(what: str, text: str) -> str:
    """What to say once it is copied."""
    doubt = ", if your terminal takes that much; x writes a file" if len(text) > LARGE else ""
    return f"Copied {what} to the clipboard (OSC 52){doubt}."
