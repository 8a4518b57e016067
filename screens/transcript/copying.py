"""Transcripts as plain text, for the clipboard."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.domain.journal import Step
from simulator.presentation.ordering import Ordering

LARGE = 70_000
"""Characters from which many terminals refuse what they are given for the clipboard."""


def plain_text(steps: Iterable[Step], ordering: Ordering | None = None) -> str:
    """Messages one after another, each day, or each question and round, under a heading.

    Args:
        steps: In their order.
        ordering: How the run is read; None is by days.
    """
    ordering = ordering or Ordering()
    parts: list[str] = []
    before: tuple[str, int | None] | None = None
    for step in steps:
        heading = ordering.heading(step.scope, step.day, before)
        before = (step.scope, step.day)
        parts += [heading] if heading else []
        parts.append(f"{step.speaker}: {step.content}")
    return "\n\n".join(parts)


def told(what: str, text: str) -> str:
    """What to say once it is copied."""
    doubt = ", if your terminal takes that much; x writes a file" if len(text) > LARGE else ""
    return f"Copied {what} to the clipboard (OSC 52){doubt}."
