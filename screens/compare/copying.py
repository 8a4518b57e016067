"""Comparisons as plain text, for the clipboard."""

from __future__ import annotations

from collections.abc import Iterable

from screens.compare.pairing import Pair
from simulator.domain.journal import Step


def pair_text(pair: Pair) -> str:
    """Both messages, or the one that both are."""
    if pair.is_same:
        return f"= {_said(pair.left)}"
    return f"≠ left   {_said(pair.left)}\n≠ right  {_said(pair.right)}"


def comparison_text(pairs: Iterable[Pair]) -> str:
    """All of them."""
    return "\n\n".join(map(pair_text, pairs))


def _said(step: Step | None) -> str:
    return "(no such message)" if step is None else f"{step.speaker}: {step.content}"
