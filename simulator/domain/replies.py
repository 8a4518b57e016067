"""A reply after parsing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ParsedReply:
    """What an agent is taken to have said."""

    content: str
    notes: tuple[str, ...] = ()
    """What was done to the raw reply, in order, for the record."""
    is_wanted: bool = True
    """Whether it is what was asked for; else it is asked for again, as empty ones are."""


ReplyParser = Callable[[str], ParsedReply]
"""A pure function from a raw reply to what is taken of it."""
