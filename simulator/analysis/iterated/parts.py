"""What hypotheses consist of, so that they can be right or biased in part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from simulator.analysis.iterated.worlds.base import World
from simulator.analysis.iterated.worlds.language import Language

Parts = Mapping[str, str]
"""What a hypothesis says of each part, such as the status of each object, or the word for each
meaning."""
WHOLE = ""
"""Name of the one part of a hypothesis that has no parts."""


@runtime_checkable
class PartedWorld(Protocol):
    """A world whose hypotheses say something of each of several things."""

    def statuses(self, hypothesis: str) -> dict[str, str]:
        """What a hypothesis says of each."""
        ...


def parts_of(world: World, hypothesis: str) -> Parts:
    """The parts of a hypothesis by their names; one part with an empty name where it has none."""
    if isinstance(world, Language):
        return world.words(hypothesis)
    if isinstance(world, PartedWorld):
        return world.statuses(hypothesis)
    return {WHOLE: hypothesis}


def parts_text(parts: Parts) -> str:
    """Such as `B on, screen off`; of a hypothesis without parts itself."""
    return ", ".join(f"{name} {part}".strip() for name, part in parts.items())
